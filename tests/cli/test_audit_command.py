"""`iki audit` as an operator and a cron job type it."""

from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text

from iki_portal.cli import serve
from iki_portal.extensions import db
from iki_portal.models import AuditCheck, guards
from tests import office
from tests.shell import Shell


@pytest.fixture
def shell(tmp_path: Path, sqlite_url: str) -> Shell:
    """The office with one approved sheet."""
    shell = Shell(tmp_path, sqlite_url)
    with office.portal(sqlite_url).app_context():
        office.bring_to("approved")
        db.engine.dispose()
    return shell


def checks(shell: Shell) -> list[tuple[str, int]]:
    with office.portal(shell.environment["IKI_DATABASE_URL"]).app_context():
        found = [(row.scope.value, row.problems) for row in db.session.scalars(select(AuditCheck).order_by(AuditCheck.id))]
        db.engine.dispose()
    return found


def tamper(shell: Shell) -> None:
    with office.portal(shell.environment["IKI_DATABASE_URL"]).app_context():
        with office.transaction():
            guards.remove(db.session.connection())
            db.session.execute(text("UPDATE history_entry SET note = 'lain' WHERE number = 3"))
            guards.install(db.session.connection())
        db.engine.dispose()


def test_an_anchor_is_taken_down_and_checked_later(shell: Shell, tmp_path: Path) -> None:
    history, trail = shell.good("audit", "anchor").split()
    assert trail.startswith("A1:")
    said = shell.good("audit", "verify", "--anchor", history, "--anchor", trail)
    assert " ".join(said.split()).count("1 jangkar dan tanda pemeriksaan") == 2
    kept = tmp_path / "mail.txt"
    kept.write_text(f"Jangkar hari ini: {history}, {trail}.")
    assert "UTUH." in shell.good("audit", "verify", "--anchors", kept)
    number = history.split(":")[0]
    said = shell.refused("audit", "verify", "--anchor", f"{number}:{'0' * 16}")
    assert f"jangkar {number}:{'0' * 16} tidak cocok" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--anchor", "812"), "bukan jangkar"),
        (("--anchor", "812:xyz"), "bukan jangkar"),
        (("--anchors", "tidak-ada.txt"), "No such file"),
        (("--report", "laporan.docx"), "must end in .txt or .pdf"),
        (("--report", "/tidak/ada/laporan.txt"), "No such file"),
    ],
)
def test_what_was_typed_wrong_is_one_sentence(shell: Shell, words: tuple[str, ...], said: str) -> None:
    assert said in shell.refused("audit", "verify", *words)


def test_the_report_says_what_holds_what_does_not_and_what_it_proves(shell: Shell, tmp_path: Path) -> None:
    key = shell.environment["IKI_SECRET_KEY"]
    for name in ("laporan.txt", "laporan.pdf"):
        shell.good("audit", "verify", "--report", tmp_path / name)
    tamper(shell)
    shell.refused("audit", "verify", "--report", tmp_path / "rusak.txt")
    broken = (tmp_path / "rusak.txt").read_text()
    for words in ("TIDAK UTUH. Ditemukan 1 masalah.", "baris 3 diubah", "Baris 1 sampai 2 utuh", "Yang tidak dibuktikan"):
        assert words in broken
    whole = (tmp_path / "laporan.txt").read_text()
    printed = " ".join(page.extract_text() for page in PdfReader(tmp_path / "laporan.pdf").pages)
    for words in ("UTUH. Tidak ditemukan perubahan.", "Cetakan resmi: 1 dibandingkan.", "bukan tanda tangan elektronik"):
        assert words in " ".join(whole.split())
        assert words.split()[0] in printed
    assert key not in whole + broken + printed


def test_the_nightly_run_keeps_its_result_and_a_plain_run_keeps_nothing(shell: Shell) -> None:
    shell.good("audit", "verify")
    assert checks(shell) == []
    shell.good("audit", "verify", "--mark")
    tamper(shell)
    shell.refused("audit", "verify", "--mark")
    assert checks(shell) == [("full", 0), ("full", 1)]


def test_a_start_checks_the_newest_rows_and_serves_in_any_case(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[object] = []
    monkeypatch.setattr(serve, "run_gunicorn", served.append)
    shell.good("serve")
    tamper(shell)
    assert '"event": "records broken"' in shell.good("serve")
    assert len(served) == 2
    assert checks(shell) == [("tail", 0), ("tail", 1)]
