"""Row 29 of the bar: scanners find nothing of medium or high weight here, and each is first seen to find a planted flaw.

They find little of what matters in this portal (the matrices of rows 2 to 5 do); what they do find is cheap to know.
"""

import json
import os
import re
import shutil
import site
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from iki_portal.extensions import db
from tests import office
from tests.doors import addresses
from tests.faults import scanners
from tests.faults.bar import Figure
from tests.faults.portals import ROOT, Portal
from tests.faults.scanners import PINS, Cage, Scanner, scanner

pytestmark = [pytest.mark.fault, pytest.mark.bar]

CODE = ROOT / "iki_portal"
#: Seconds that one scanner of a running portal may take.
LONGEST_SCAN = 240

#: A few lines for each rule, which must be found in them.
FLAWED: dict[str, str] = {
    "B602": "import subprocess\n\n\ndef run(words):\n    subprocess.run(words, shell=True)\n",
    "B608": 'def find(words):\n    return "SELECT * FROM sheet WHERE id = " + words\n',
    "B324": "import hashlib\n\nhashlib.md5(b'x')\n",
    "B301": "import pickle\n\n\ndef read(words):\n    return pickle.loads(words)\n",
    "what-came-in-reaches-raw-sql": (
        "from flask import request\nfrom sqlalchemy import text\n\n\ndef find(session):\n"
        "    words = request.args.get('cari', '').strip()\n    session.execute(text(f'SELECT {words}'))\n"
    ),
    "what-came-in-reaches-a-command-or-a-path": (
        "import subprocess\nfrom flask import request\n\n\ndef read():\n"
        "    name = request.form['nama']\n    subprocess.run(['cat', name])\n"
    ),
    "what-came-in-reaches-a-redirect": (
        "from flask import redirect, request\n\n\ndef onward():\n    return redirect(request.args['next'])\n"
    ),
    "words-taken-for-markup": "from markupsafe import Markup\n\n\ndef show(words):\n    return Markup(words)\n",
    "a-template-made-of-words": (
        "from flask import render_template_string\n\n\ndef show(words):\n    return render_template_string(words)\n"
    ),
    "a-view-that-asks-the-database": (
        "from iki_portal.extensions import db\n\n\n@bp.get('/<int:sheet_id>')\n@requires(1)\n"
        "def sheet(sheet_id):\n    return db.session.get(Sheet, sheet_id)\n"
    ),
    "a-view-without-a-mark": "@bp.get('/rahasia')\ndef secret():\n    return ''\n",
}


@pytest.mark.parametrize("scan", [scanners.bandit, scanners.semgrep])
def test_each_rule_finds_a_planted_flaw(scan: Scanner, tmp_path: Path) -> None:
    planted = {rule: code for rule, code in FLAWED.items() if rule.startswith("B") == (scan is scanners.bandit)}
    for rule, code in planted.items():
        (tmp_path / f"{rule}_views.py").write_text(code)
    found = {(Path(place).name.partition("_views.py")[0], rule) for place, rule, _ in scan(tmp_path)}
    assert {(rule, rule) for rule in planted} <= found
    if scan is scanners.semgrep:
        rules = re.findall(r"- id: (\S+)", (ROOT / "tests" / "faults" / "semgrep.yml").read_text())
        assert set(rules) == planted.keys(), "plant a flaw for each rule"


@pytest.mark.parametrize("scan", [scanners.bandit, scanners.semgrep])
def test_the_code_holds_nothing_that_they_find(scan: Scanner, figure: Figure) -> None:
    found = scan(CODE)
    name = scan.__name__
    figure(f"{name} {PINS[name]}: {len(found)} findings of medium or high weight")
    assert found == []


def audited(requirements: Path) -> subprocess.CompletedProcess[str]:
    """`pip-audit --strict`; skips where no source of advisories answers, because silence is not a good word."""
    command = [scanner("pip-audit"), "--strict", "--disable-pip", "--no-deps", "--progress-spinner", "off"]
    done = subprocess.run(
        [*command, "-r", str(requirements)], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    if "could not be audited" in done.stderr or "ServiceError" in done.stderr or "ConnectionError" in done.stderr:
        pytest.skip(f"no source of advisories answers here, so nothing is known: {done.stderr.strip().splitlines()[-1]}")
    return done


def test_no_advisory_is_known_of_what_the_portal_runs_on(tmp_path: Path, figure: Figure) -> None:
    (tmp_path / "old.txt").write_text("jinja2==2.4.1\n")
    assert audited(tmp_path / "old.txt").returncode == 1, "an old library has advisories"
    done = audited(ROOT / "requirements.txt")
    figure(f"pip-audit {PINS['pip-audit']}: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stdout


@pytest.fixture
def cage() -> Iterator[Cage]:
    with scanners.cage() as found:
        yield found


@pytest.fixture
def served(cage: Cage, sqlite_template: Path) -> Iterator[tuple[Portal, Flask]]:
    """A portal that nobody needs afterwards, served by `nobody`, with sheets in every state."""
    path = cage.file("iki.db")
    shutil.copy(sqlite_template, path)
    app = office.portal(f"sqlite:///{path}")
    with app.app_context():
        office.bring_to("approved")
        office.bring_to("submitted", "analis.teknis")
        db.session.remove()
        db.engine.dispose()
    for each in cage.folder.iterdir():
        shutil.chown(each, "nobody", "nogroup")
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT), *site.getsitepackages()]), "HOME": str(cage.folder)}
    portal = Portal(
        f"sqlite:///{path}",
        host=cage.place.officers,
        under=cage.under,
        program=(scanners.python(), "-m", "gunicorn"),
        more={**paths, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        yield portal.wait(), app
    finally:
        portal.stop()


def browser_of(app: Flask, name: str) -> tuple[str, str]:
    """Cookie and form token of somebody who is signed in."""
    client = office.sign_in(app, name)
    token, cookie = office.csrf_token(client), client.get_cookie("iki")
    assert cookie is not None
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return cookie.value, token


def answered(portal: Portal) -> Counter[tuple[str, int]]:
    """How often which page has answered how to people who are signed in."""
    lines = [json.loads(line) for line in portal.log.read_text().splitlines() if line.startswith("{")]
    return Counter((line["endpoint"], line["status"]) for line in lines if line["event"] == "request" and line["account"])


#: Modules that need no word from outside.
MODULES = "sql,xss,permanentxss,file,exec,redirect,crlf,csrf,cookieflags,http_headers,csp,htaccess,methods,upload,xxe"
#: Whoever sends this ends the scan.
NOT_ASKED = ("/keluar*", "/sandi*", "/akun-saya/*", "/bertindak-sebagai*", "/masuk*", "/aktivasi*")


#: What it says of the portal and what is so.
MISTAKEN = {
    (
        "Secure Flag cookie",
        "GET / ",
    ): "in this cage the portal speaks http; in production it does not (tests/house/test_headers.py)",
    ("Cross Site Request Forgery", "POST /periksa "): "after thirty tries a minute a good and a bad token meet the same 429; "
    "this form changes nothing, and a bad token is refused there too (tests/house/test_form_tokens.py)",
}


def cookie_file(cage: Cage, cookie: str) -> Path:
    """As a browser keeps it, so that what the portal sets anew takes its place."""
    kept = {"value": cookie, "expires": None, "secure": False, "port": None, "version": 0}
    path = cage.file("cookies.json")
    path.write_text(json.dumps({cage.place.officers: {"/": {"iki": kept}}}))
    shutil.chown(path, "nobody", "nogroup")
    return path


def wapiti(cage: Cage, address: str, cookie: str = "", *, start: list[str] | None = None) -> tuple[dict[str, list[str]], int]:
    """Which kinds of flaw it reports, with the requests, and how many pages it saw."""
    report = cage.file("wapiti.json")
    command = [scanner("wapiti3", "wapiti"), "-u", f"{address}/", "-m", MODULES, "-f", "json", "-o", str(report)]
    command += [
        "--flush-session",
        "--no-bugreport",
        "--max-scan-time",
        "60",
        "--max-attack-time",
        "15",
        "-d",
        "4",
        "-S",
        "normal",
    ]
    command += ["--store-session", str(cage.file("session")), "--store-config", str(cage.file("config"))]
    command += [word for each in start or [] for word in ("-s", f"{address}{each}")]
    command += [word for each in NOT_ASKED for word in ("-x", f"{address}{each}")]
    command += ["--cookie", str(cookie_file(cage, cookie))] if cookie else []
    said = cage.scan(command, within=LONGEST_SCAN)
    assert report.exists(), said[-3000:]
    told = json.loads(report.read_text())
    kinds = {**told["vulnerabilities"], **told["anomalies"]}
    found = {
        kind: [f"{each['method']} {each['path']} {each['parameter']}" for each in said] for kind, said in kinds.items() if said
    }
    return found, told["infos"]["crawled_pages_nbr"]


def test_wapiti_finds_the_flaws_of_a_flawed_page(cage: Cage) -> None:
    with cage.flawed_page() as address:
        found, _ = wapiti(cage, address)
    assert {"SQL Injection", "Reflected Cross Site Scripting"} <= found.keys(), found


def test_wapiti_finds_nothing_in_the_portal(cage: Cage, served: tuple[Portal, Flask], figure: Figure) -> None:
    portal, app = served
    start = [url for url in addresses(app, "GET") if "berkas" not in url]
    found, pages = wapiti(cage, f"http://{portal.host}:{portal.port}", browser_of(app, office.OWNER)[0], start=start)
    said = {(kind, each) for kind, many in found.items() for each in many} - MISTAKEN.keys()
    answers = answered(portal)
    kinds = {endpoint for endpoint, status in answers if status == 200}
    figure(
        f"wapiti {PINS['wapiti3']}: {len(said)} findings on {pages} pages of {len(kinds)} kinds,"
        f" in {answers.total()} answers to somebody signed in"
    )
    assert len(kinds) > 15, f"it was not let in: {answers}"
    assert answers.total() > 500, f"it was not let in for long: {answers}"
    assert said == set()


TRAIL_OF_A_SHEET = "orang=1&lembar=1&tindakan=approve&dari=1-1-2026&sampai=1-1-2027&sesudah=9.9"
COMMENTER = "analis.teknis"
#: Who asks for which page or sends which form, and how it answers in peace: wherever a query is made of words that come in.
ASKED = (
    (office.OPERATOR, "/pegawai?cari=a&halaman=1", "", ("organisation.employees", 200)),
    (office.APPROVER, f"/jejak-audit?{TRAIL_OF_A_SHEET}", "", ("history.trail", 200)),
    (office.OWNER, "/lembar?tahun=2027&status=draft&halaman=1&cari=a", "", ("indicators.sheets", 200)),
    (
        COMMENTER,
        "/lembar/{sheet}/komentar",
        "csrf_token={token}&row={row}&cell=target&text=Ya.",
        ("approvals.comment", 302),
    ),
)


def sqlmap(cage: Cage, address: str, *, data: str = "", cookie: str = "") -> tuple[bool, str]:
    """Whether it says that something is injectable, and all it said."""
    command = [scanner("sqlmap"), "-u", address, "--batch", "--disable-coloring", "--flush-session", "--threads", "2"]
    command += ["--level", "1", "--risk", "1", "--technique", "BEU", "--timeout", "10", "--retries", "1", "--skip-waf"]
    command += ["--output-dir", str(cage.file("sqlmap")), "--dbms", "SQLite", "--ignore-code", "*"]
    command += ["--data", data, "--skip", "csrf_token"] if data else []
    command += ["--cookie", f"iki={cookie}"] if cookie else []
    said = cage.scan(command, within=LONGEST_SCAN)
    return "sqlmap identified the following injection point" in said, said


def test_sqlmap_finds_the_flaw_of_a_flawed_page(cage: Cage) -> None:
    with cage.flawed_page() as address:
        is_found, said = sqlmap(cage, f"{address}/?cari=1")
    assert is_found, said


def test_sqlmap_finds_nothing_in_the_portal(cage: Cage, served: tuple[Portal, Flask], figure: Figure) -> None:
    portal, app = served
    with app.app_context():
        sheet = office.sheet_of(COMMENTER)
        ids = {"sheet": sheet.id, "row": office.row_of(sheet, 1, 1)}
    told = []
    for person, path, data, _ in ASKED:
        cookie, token = browser_of(app, person)
        address = f"http://{portal.host}:{portal.port}{path.format(**ids)}"
        is_found, said = sqlmap(cage, address, data=data.format(token=token, **ids), cookie=cookie)
        assert is_found or "all tested parameters do not appear to be injectable" in said, said[-2000:]
        if is_found:
            told.append((path, said[-2000:]))
    answers = answered(portal)
    assert min(answers[peaceful] for *_, peaceful in ASKED) > 20, answers
    figure(f"sqlmap {PINS['sqlmap']}: {len(told)} findings in {len(ASKED)} pages and forms")
    assert told == []
