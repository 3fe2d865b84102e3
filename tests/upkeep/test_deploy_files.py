"""What lies in deploy/ is no prose: units, nginx, container and settings are read by the programs that will read them."""

import re
import runpy
import subprocess
from pathlib import Path

import click
import pytest
from flask import Flask

from iki_portal.app import LARGEST_REQUEST
from iki_portal.cli import main
from iki_portal.config import Settings, is_real_key, read_settings
from iki_portal.paths import PROJECT
from iki_portal.upkeep.deployment import CHECKS, Deployment, Verdict
from iki_portal.web.sizes import ENVELOPE
from tests.nginx import HOST, SITE, configured, program

DEPLOY = PROJECT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".pyc")
UNITS = sorted((DEPLOY / "systemd").iterdir())
MANUAL = (PROJECT / "docs/operations.md").read_text()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_variable_that_is_named_is_a_setting(path: Path) -> None:
    known = {f"IKI_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"\bIKI_[A-Z_]+[A-Z]\b", path.read_text())) <= known


def test_every_command_that_is_named_is_one() -> None:
    text = "\n".join([*(path.read_text() for path in FILES), MANUAL])
    named = re.findall(r"(?:bin[/\\]|`|; )iki ((?:[a-z-]+ ?)+)", text)
    assert len(named) > 20
    assert [words for words in named if not _is_command(words.split())] == []


def _is_command(words: list[str]) -> bool:
    command: click.Command | None = main
    for word in words:
        if not isinstance(command, click.Group):
            return True  # what follows are its arguments
        command = command.commands.get(word)
        if command is None:
            return False
    return True


def test_new_settings_are_complete_and_their_keys_are_fresh(tmp_path: Path) -> None:
    new_env = runpy.run_path(str(DEPLOY / "new_env.py"))["new_env"]
    (tmp_path / "iki.env").write_text(new_env(HOST))
    # as the shell reads it, where an operator types `iki`
    said = subprocess.run(
        ["env", "-i", "bash", "-c", "set -a; . ./iki.env; env"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    given = {name[4:].lower(): value for name, _, value in (line.partition("=") for line in said.splitlines())}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            if name in Settings.model_fields:
                patch.setenv(f"IKI_{name.upper()}", value)
        settings = read_settings()
    keys = {settings.secret_key, settings.csrf_key, settings.history_key, settings.metrics_token}
    assert len(keys) == 4
    assert all(map(is_real_key, keys))
    assert settings.trusted_hosts == (HOST, "127.0.0.1")
    found = [finding for check in CHECKS for finding in check(Deployment(settings, workers=2))]
    wrong = {finding.subject for finding in found if finding.verdict is Verdict.WRONG}
    assert wrong <= {"data folder", "backups", "pg_dump"}, "what only the machine itself can have"
    assert new_env(HOST) != new_env(HOST)


def test_a_host_that_is_none_gets_no_settings() -> None:
    with pytest.raises(SystemExit, match="host name"):
        runpy.run_path(str(DEPLOY / "new_env.py"))["new_env"]("https://iki.example.go.id/")


def test_the_units_are_what_systemd_accepts(tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    binary = tmp_path / "opt" / ".venv/bin/iki"
    binary.parent.mkdir(parents=True)
    binary.write_text("#!/bin/sh\n")
    binary.chmod(0o755)
    for unit in UNITS:
        text = unit.read_text().replace("/opt/iki", str(tmp_path / "opt"))
        (tmp_path / unit.name).write_text(text)
    said = subprocess.run(
        [analyze, "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in said.stderr.splitlines() if str(tmp_path) in line or "iki" in line]
    assert (said.returncode, ours) == (0, []), said.stderr


def test_every_service_is_closed_in_and_every_timer_has_its_service() -> None:
    services = {unit.stem: unit.read_text() for unit in UNITS if unit.suffix == ".service"}
    for name, text in services.items():
        for line in (
            "User=iki",
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
            "EnvironmentFile=/etc/iki/iki.env",
            "UMask=0077",
        ):
            assert line in text.splitlines(), name
    timers = {unit.stem for unit in UNITS if unit.suffix == ".timer"}
    assert timers == services.keys() - {"iki"}


def test_nginx_takes_what_the_portal_takes_and_not_much_more(app: Flask) -> None:
    size = re.search(r"client_max_body_size (\d+)m;", SITE.read_text())
    assert size
    files = [getattr(view, "largest_file", 0) + ENVELOPE for view in app.view_functions.values()]
    largest = max(LARGEST_REQUEST, *files)
    assert largest <= int(size[1]) * 2**20 <= 1.2 * largest


def test_nginx_overwrites_whatever_a_client_says_of_itself() -> None:
    text = SITE.read_text()
    for header in (
        "X-Forwarded-For $remote_addr",
        "X-Forwarded-Proto $scheme",
        "X-Forwarded-Host $host",
        "X-Request-ID $request_id",
    ):
        assert f"proxy_set_header {header};" in text
    assert "$proxy_add_x_forwarded_for" not in text


def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    nginx = program("nginx")
    path = configured(tmp_path, plain_port=58443, tls_port=59443, servers=("10.0.0.1:5000", "10.0.0.2:5000"))
    said = subprocess.run(
        [nginx, "-t", "-p", str(tmp_path), "-c", path.name], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert said.returncode == 0, said.stderr
    assert "[warn]" not in said.stderr, said.stderr


def test_what_nginx_gives_more_time_is_there(app: Flask) -> None:
    pattern = re.search(r"location ~ \^/\((.+)\)\$ \{", SITE.read_text())
    assert pattern
    paths = {rule.rule.lstrip("/") for rule in app.url_map.iter_rules()}
    filled = {re.sub(r"<int:[a-z_]+>", "7", path) for path in paths}
    patient = [path for path in filled if re.fullmatch(pattern[1], path)]
    assert len(patient) == 7, "each of them leads to a page: see docs/decisions/0037"
    assert "tahun/7/rekapitulasi" in patient


INSTRUCTIONS = {"FROM", "RUN", "WORKDIR", "COPY", "USER", "ENV", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD"}


def test_the_container_runs_as_nobody_important_from_files_that_are_there() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    lines = [line for line in re.sub(r"\\\n", " ", text).splitlines() if line and not line.startswith("#")]
    steps = [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]
    assert {name for name, _ in steps} == INSTRUCTIONS
    assert steps[0] == ("FROM", "docker.io/library/python:3.11-slim-bookworm")
    users = [rest for name, rest in steps if name == "USER"]
    assert users == ["10001"]
    assert [name for name, _ in steps].index("USER") < [name for name, _ in steps].index("CMD")
    sources = [source for name, rest in steps if name == "COPY" for source in rest.split()[:-1]]
    assert [source for source in sources if not (PROJECT / source).exists()] == []
    # whatever the portal is made of, as wsgi.py and pyproject.toml name it
    assert {"iki_portal", "migrations", "seeds", "wsgi.py", "gunicorn.conf.py", "requirements.txt"} <= set(sources)


def test_from_bare_debian_to_tls_takes_fifteen_commands_at_most() -> None:
    block = MANUAL.split("## From bare Debian to TLS", 1)[1].split("```", 2)[1]
    commands = [line for line in block.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]
    assert 5 < len(commands) <= 15, commands
