"""Row 33 of the bar: the commands of docs/operations.md lead from a bare Debian to a portal behind TLS, as they stand there.

A clean root file system is made with debootstrap and started with systemd as its first process. What needs the internet is
done before, on this machine's network; the rest in a network of its own. certbot, which needs the internet's names, is left
out for a certificate of the office's own, as the page says for an intranet.
"""

import os
import re
import shutil
import subprocess
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from iki_portal.paths import PROJECT
from tests.faults.bar import Figure

pytestmark = [pytest.mark.fault, pytest.mark.bar]

HOST = "iki.example.go.id"
MOST_COMMANDS = 15
#: What debootstrap must bring so that the root file system can start; the portal's packages come with the commands.
INIT = "systemd,systemd-sysv,dbus,ca-certificates"
CERTIFICATE = f"""
install -d /etc/letsencrypt/live/{HOST}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN={HOST} \\
  -addext subjectAltName=DNS:{HOST} -keyout /etc/letsencrypt/live/{HOST}/privkey.pem \\
  -out /etc/letsencrypt/live/{HOST}/fullchain.pem
"""
ASKED = f"""
curl() {{ /usr/bin/curl --silent --show-error --max-time 30 --cacert /etc/letsencrypt/live/{HOST}/fullchain.pem \\
  --resolve {HOST}:443:127.0.0.1 "$@"; }}
for each in masuk healthz readyz metrics; do
  echo "SAID $each $(curl -o /dev/null -w '%{{http_code}}' https://{HOST}/$each)"
done
systemctl reload iki && echo "SAID reload $(curl -o /dev/null -w '%{{http_code}}' https://{HOST}/masuk)"
systemctl start iki-audit iki-mail && echo "SAID services 0"
echo "SAID failed $(systemctl --failed --plain --no-legend | wc -l)"
"""


def commands() -> list[str]:
    """The block of commands under "From bare Debian to TLS"."""
    manual = (PROJECT / "docs/operations.md").read_text()
    block = re.search(r"## From bare Debian to TLS\n.*?```\n(.*?)```", manual, re.DOTALL)
    assert block is not None
    return [line.replace("REPOSITORY", "/root/repository") for line in block[1].strip().splitlines()]


def on_this_network(lines: list[str]) -> tuple[list[str], list[str]]:
    """The commands that fetch from the internet, and those after them."""
    last = max(number for number, line in enumerate(lines) if line.startswith("python3 -m venv"))
    return lines[: last + 1], lines[last + 1 :]


def inside(root: Path, *words: str, within: int) -> str:
    """What systemd-nspawn says."""
    command = [
        "systemd-nspawn",
        "--quiet",
        "--directory",
        str(root),
        "--register=no",
        "--keep-unit",
        "--resolv-conf=off",
        *words,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=within, check=False)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A clean root file system in which the commands that need the internet have been given."""
    missing = [
        each for each in ("debootstrap", "systemd-nspawn") if not shutil.which(each, path=os.environ["PATH"] + ":/usr/sbin")
    ]
    if missing or os.geteuid() != 0:
        pytest.skip(f"needs root and {' and '.join(missing) or 'nothing more'}")
    found = tmp_path_factory.mktemp("newcomer") / "root"
    subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={INIT}", "bookworm", str(found)], check=True, capture_output=True
    )
    # this machine's way to the package registries
    shutil.copy("/etc/resolv.conf", found / "etc/resolv.conf")
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", found / "etc/ssl/certs/ca-certificates.crt")
    subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(found / "root/repository")], check=True)
    fetching, _ = on_this_network(commands())
    first = written(found, "fetch.sh", ["apt-get update -qq", *fetching, "apt-get install -y curl"])
    said = inside(found, "/bin/bash", first, within=900)
    assert (found / "opt/iki/.venv/bin/iki").exists(), textwrap.shorten(said, 3000)
    # the installer looked for a free port on this machine, where a server may be running
    settings = next((found / "etc/postgresql").glob("*/main/postgresql.conf"))
    settings.write_text(re.sub(r"(?m)^port = \d+", "port = 5432", settings.read_text()))
    yield found
    shutil.rmtree(found)


@pytest.fixture
def root(fetched: Path, tmp_path: Path) -> Iterator[Path]:
    """Such a file system of this test's own."""
    copy = tmp_path / "root"
    subprocess.run(["cp", "-a", "--reflink=auto", str(fetched), str(copy)], check=True)
    yield copy
    shutil.rmtree(copy)


def written(root: Path, name: str, lines: list[str]) -> str:
    script = "\n".join(["set -e", "export DEBIAN_FRONTEND=noninteractive", *lines])
    (root / name).write_text(script + "\n")
    return f"/{name}"


def booted(root: Path, lines: list[str]) -> str:
    """What the commands say in the started system, which ends after the last one."""
    written(root, "walk.sh", lines)
    walk = "/bin/bash -x /walk.sh > /walk.log 2>&1; poweroff"
    unit = f"[Unit]\nAfter=multi-user.target\n[Service]\nExecStart=/bin/bash -c '{walk}'\n"
    (root / "etc/systemd/system/walk.service").write_text(unit)
    (root / "etc/systemd/system/multi-user.target.wants/walk.service").symlink_to("../walk.service")
    inside(root, "--private-network", "--boot", within=300)
    return (root / "walk.log").read_text()


def walked(root: Path, lines: list[str]) -> str:
    """What the commands after those that fetch say, and then the portal."""
    ready = "until su postgres -c 'pg_isready -q -h 127.0.0.1'; do sleep 0.2; done; cd /opt/iki"
    return booted(root, [ready, *(CERTIFICATE if line.startswith("certbot") else line for line in lines), ASKED])


def wrong_with(said: str) -> list[str]:
    """What the portal should have answered and has not, and what `iki check-deploy` finds wrong."""
    answers = dict(re.findall(r"(?m)^SAID (\S+) (\d+)$", said))
    expected = {
        "masuk": "200",
        "healthz": "200",
        "readyz": "200",
        "metrics": "404",
        "reload": "200",
        "services": "0",
        "failed": "0",
    }
    differing = [f"{name}: {answers.get(name)}" for name, wanted in expected.items() if answers.get(name) != wanted]
    return differing + re.findall(r"(?m)^SALAH.*$", said)


def test_the_manual_leads_a_newcomer_from_bare_debian_to_tls(root: Path, figure: Figure) -> None:
    lines, begun = commands(), time.monotonic()
    assert len(lines) <= MOST_COMMANDS
    _, rest = on_this_network(lines)
    said = walked(root, rest)
    assert wrong_with(said) == [], said
    figure(f"{len(lines)} commands, the later ones in {time.monotonic() - begun:.0f} s, checked by `iki check-deploy`")


def test_a_manual_that_forgets_a_command_is_found(root: Path) -> None:
    """Nobody makes the role that serves."""
    _, rest = on_this_network(commands())
    forgetful = [line for line in rest if "iki database prepare" not in line]
    assert len(forgetful) == len(rest) - 1
    assert wrong_with(walked(root, forgetful))
