"""Backups of a portal, and what a restore takes and refuses. Under load and kills: tests/faults/test_backups_at_once.py."""

import io
import json
import os
import re
import tarfile
import time
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import func, select, text

from iki_portal.extensions import db
from iki_portal.models import Account, HistoryEntry, SignInSession, guards
from iki_portal.upkeep.archive import archives, prune, workplace
from iki_portal.upkeep.sealing import new_key
from tests import office
from tests.postgres import as_owner
from tests.restoring import Operator, empty_target, looking_at, tables_at
from tests.rows import all_rows

PUBLIC, SECRET = new_key()
#: Differ from the backup: a session that was open is ended, and the restore stands in the history.
CHANGED = frozenset({"sign_in_session", "history_entry", "history_head"})


@pytest.fixture
def operator(database_url: str, tmp_path: Path) -> Operator:
    return Operator(database_url, tmp_path)


@pytest.fixture
def sqlite_operator(sqlite_url: str, tmp_path: Path) -> Operator:
    return Operator(sqlite_url, tmp_path)


@pytest.mark.parametrize("is_encrypted", [True, False])
def test_a_restored_portal_is_the_one_that_was_backed_up(operator: Operator, is_encrypted: bool) -> None:
    with looking_at(operator.url) as app:
        office.bring_to("approved")
        office.sign_in(app, office.OWNER)
        db.session.rollback()  # to see what the signing in wrote
        before = all_rows()
        head = db.session.scalar(select(func.max(HistoryEntry.number)))
    backup = operator.back_up(IKI_BACKUP_KEY=PUBLIC if is_encrypted else "")
    with empty_target(operator.url, operator.folder) as target:
        said = operator.at(target).good("restore", backup, IKI_BACKUP_KEY=SECRET)
        assert f"up to row {head} of the history" in said
        with looking_at(target):
            after = all_rows()
            assert {name for name in before if before[name] != after[name]} == CHANGED
            assert set(before["history_entry"]) < set(after["history_entry"])
            newest = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc()).limit(1)).one()
            assert (newest.action, newest.number) == ("restore", head + 1)
            assert newest.note.startswith("Dipulihkan dari cadangan ")
            assert newest.note.endswith(f"sampai baris riwayat {head}.")
            assert db.session.scalar(select(func.count()).where(SignInSession.ended_at.is_(None))) == 0
            with db.engine.connect() as connection:
                assert guards.missing(connection) == set()
        assert "UTUH" in operator.at(target).good("audit", "verify")


def test_the_name_of_a_backup_carries_the_anchor_and_its_manifest_tells_the_rest(sqlite_operator: Operator) -> None:
    with looking_at(sqlite_operator.url):
        number, head = db.session.execute(text("SELECT number, hash FROM history_head")).one()
        accounts = db.session.scalar(select(func.count()).select_from(Account))
    backup = sqlite_operator.back_up()
    assert backup.name.endswith(f"-n{number}-{head[:16]}.tar")
    assert backup.stat().st_mode & 0o077 == 0
    with tarfile.open(backup) as tar:
        manifest = json.load(tar.extractfile("manifest.json") or io.BytesIO())
    assert manifest["counts"]["account"] == accounts
    assert manifest["dialect"] in ("sqlite", "postgresql")


def test_a_target_that_holds_a_portal_is_not_touched(operator: Operator) -> None:
    backup = operator.back_up()
    with looking_at(operator.url):
        before = all_rows()
        assert "the target is not empty" in operator.refused("restore", backup)
        assert all_rows() == before


def cut(backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])


def touch_a_byte(backup: Path) -> None:
    content = bytearray(backup.read_bytes())
    content[len(content) // 2] ^= 1
    backup.write_bytes(content)


def rewrite(backup: Path, **changes: object) -> None:
    """The archive of somebody who can write tar files: the manifest says something else."""
    with tarfile.open(backup) as tar:
        parts = {each.name: (tar.extractfile(each) or io.BytesIO()).read() for each in tar.getmembers()}
    parts["manifest.json"] = json.dumps({**json.loads(parts["manifest.json"]), **changes}).encode()
    with tarfile.open(backup, "w") as tar:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


SPOILED = {
    "cut off": (cut, "is damaged or was changed|is cut off"),
    "one bit": (touch_a_byte, "is damaged or was changed"),
    "empty": (lambda path: path.write_bytes(b""), "is no backup of the portal"),
    "another file": (lambda path: path.write_bytes(b"PK" * 9000), "is no backup of the portal"),
    "of a newer portal": (lambda path: rewrite(path, revision="9999"), "is of a newer portal"),
    "counted otherwise": (lambda path: rewrite(path, counts={"account": 1}), "counted other rows"),
    "another format": (lambda path: rewrite(path, format=2), "is not of this version of the format"),
    "another head": (lambda path: rewrite(path, history_number=7), "holds another backup than its name says"),
}


def demand_refused(operator: Operator, backup: Path, reason: str, **more: str) -> None:
    """One sentence, and the target is as empty as before."""
    with empty_target(operator.url, operator.folder) as target:
        said = operator.at(target).refused("restore", backup, **more)
        assert re.search(reason, said), said
        assert tables_at(target) == set()
        assert not [path for path in operator.folder.iterdir() if "restoring" in path.name]


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_backup_is_refused_and_the_target_stays_empty(sqlite_operator: Operator, how: str) -> None:
    spoil, reason = SPOILED[how]
    backup = sqlite_operator.back_up(IKI_BACKUP_KEY=PUBLIC)
    spoil(backup)
    demand_refused(sqlite_operator, backup, reason, IKI_BACKUP_KEY=SECRET)


def test_a_refused_restore_leaves_nothing_on_postgresql_either(owner_url: str, tmp_path: Path) -> None:
    operator = Operator(owner_url, tmp_path)
    backup = operator.back_up()
    rewrite(backup, counts={"account": 1})  # seen only when everything is in place
    demand_refused(operator, backup, "counted other rows")


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("", "its secret key is needed"),
        (PUBLIC, "its secret key is needed"),
        (new_key()[1], "encrypted with another key"),
    ],
    ids=["none", "public", "another"],  # the keys themselves differ from process to process
)
def test_a_wrong_key_is_refused_and_the_target_stays_empty(sqlite_operator: Operator, key: str, reason: str) -> None:
    backup = sqlite_operator.back_up(IKI_BACKUP_KEY=PUBLIC)
    demand_refused(sqlite_operator, backup, reason, IKI_BACKUP_KEY=key)


def test_a_history_that_does_not_verify_is_not_restored(sqlite_operator: Operator) -> None:
    backup = sqlite_operator.back_up()
    demand_refused(sqlite_operator, backup, "tidak dikenal", IKI_SECRET_KEY="another key altogether 0123456789")


def test_the_backup_of_an_older_version_is_upgraded(sqlite_operator: Operator) -> None:
    with looking_at(sqlite_operator.url):
        flask_migrate.downgrade(revision="0014")
    backup = sqlite_operator.back_up()
    with empty_target(sqlite_operator.url, sqlite_operator.folder) as target:
        sqlite_operator.at(target).good("restore", backup)
        assert "every guard stands" in sqlite_operator.at(target).good("database", "check")


def test_a_key_in_a_file_does_as_well_as_a_setting(sqlite_operator: Operator, tmp_path: Path) -> None:
    kept = tmp_path / "key"
    kept.write_text(sqlite_operator.good("backup-key"))
    backup = sqlite_operator.back_up("--key-file", kept)
    with tarfile.open(backup) as tar:
        assert tar.getnames() == ["manifest.json", "database.sqlite.age"]
    with empty_target(sqlite_operator.url, sqlite_operator.folder) as target:
        sqlite_operator.at(target).good("restore", backup, "--key-file", kept)


def test_old_backups_go_only_after_a_new_one_stands(sqlite_operator: Operator) -> None:
    cabinet = sqlite_operator.folder / "cadangan"
    cabinet.mkdir()
    for day in ("01", "02", "03"):
        (cabinet / f"iki-2026-11-{day}T000000-n1-0123456789abcdef.tar").touch()
    (cabinet / "catatan.txt").touch()
    nowhere = sqlite_operator.at(f"sqlite:///{sqlite_operator.folder / 'tidak-ada.db'}")
    assert "there is no database" in nowhere.refused("backup", cabinet, "--keep", 2)
    assert len(archives(cabinet)) == 3
    assert "2 old ones removed" in sqlite_operator.good("backup", cabinet, "--keep", 2)
    assert archives(cabinet)[0].name.startswith("iki-2026-11-03")
    assert {path.name for path in cabinet.iterdir()} >= {"catatan.txt"}
    assert len(list(cabinet.iterdir())) == 3


def test_what_a_killed_backup_left_is_swept_away_a_day_later(tmp_path: Path) -> None:
    with workplace(tmp_path) as made:
        assert made.stat().st_mode & 0o077 == 0
    left = tmp_path / ".iki-backup-killed"
    left.mkdir()
    with workplace(tmp_path):
        assert left.exists(), "it may belong to a backup that is running"
    os.utime(left, (time.time() - 100_000,) * 2)
    with workplace(tmp_path):
        assert not left.exists()
    assert prune(tmp_path, keep=1) == 0


def test_without_pg_dump_a_backup_says_what_to_install(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "pg_dump is not installed here" in Operator(postgres_url, tmp_path).refused("backup", tmp_path / "cadangan")
    assert archives(tmp_path / "cadangan") == []


def test_a_full_or_missing_place_is_one_sentence(sqlite_operator: Operator) -> None:
    said = sqlite_operator.refused("backup", "/proc/iki")
    assert said.startswith("iki: /proc/iki")
    assert sqlite_operator.run("backup").exit_code == 2, "no folder was said"


def test_a_portal_beside_an_unfinished_restore_refuses_to_serve(operator: Operator) -> None:
    if operator.url.startswith("sqlite"):
        (operator.folder / ".iki.db.restoring").touch()
    else:
        with looking_at(operator.url), as_owner() as connection:
            connection.execute(text("CREATE TABLE unfinished_restore (begun_at timestamptz)"))
    assert "run `iki restore` again" in operator.refused("database", "check")
    assert "run `iki restore` again" in operator.refused("database", "upgrade")
