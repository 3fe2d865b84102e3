"""The `iki` command as an operator types it: its own process settings, one sentence for each refusal."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from iki_portal.cli import main
from iki_portal.extensions import db
from iki_portal.models import guards
from tests import office


class Shell:
    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        key = "k" * 20 + "0123456789abcdefghij"
        self.environment = {
            "IKI_ENV": "test", "IKI_SECRET_KEY": key, "IKI_DATABASE_URL": f"sqlite:///{folder / 'iki.db'}",
            "IKI_INSTANCE_DIR": str(folder), **environment,
        }  # fmt: skip

    def run(self, *words: object) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], env=self.environment)

    def good(self, *words: object) -> str:
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return result.output

    def refused(self, *words: object) -> str:
        result = self.run(*words)
        assert result.exit_code == 1, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.output

    def sheets(self) -> list[dict[str, Any]]:
        read: list[dict[str, Any]] = json.loads(self.good("export", "sheets", "--year", office.YEAR, "--format", "json"))
        return read


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    shell.good("database", "upgrade")
    return shell


def test_the_help_is_a_good_page(tmp_path: Path) -> None:
    page = Shell(tmp_path).good("--help")
    for word in ("IKI_", "database", "import", "export", "account", "history", "serve", "demo"):
        assert word in page


def test_upgrading_twice_changes_nothing(shell: Shell) -> None:
    assert shell.good("database", "upgrade") == "Database is up to date.\n"
    assert "every guard stands" in shell.good("database", "check")


def test_without_a_database_a_command_says_what_to_run(tmp_path: Path) -> None:
    assert "iki database upgrade" in Shell(tmp_path).refused("export", "sheets", "--year", 2027)


def test_the_office_document_is_imported_exactly_and_once(shell: Shell) -> None:
    dry = shell.good("import", "document", office.DOCUMENT, "--year", office.YEAR)
    assert "20 lembar, 63 kinerja, 69 indikator, 233 uraian tugas dan fungsi" in dry
    assert "20 lembar akan dibuat" in dry
    assert "Temuan 1 (baris " in dry
    assert shell.sheets() == []
    assert "20 lembar dibuat" in shell.good("import", "document", office.DOCUMENT, "--year", office.YEAR, "--apply")
    first = shell.sheets()
    again = shell.good("import", "document", office.DOCUMENT, "--year", office.YEAR, "--apply")
    assert "0 lembar dibuat, 20 sudah ada" in again
    assert shell.sheets() == first
    assert "1 rows" in shell.good("history", "verify")


def test_the_export_holds_the_document_and_invents_nothing(shell: Shell) -> None:
    shell.good("import", "document", office.DOCUMENT, "--year", office.YEAR, "--apply")
    sheets = shell.sheets()
    statements = [each for sheet in sheets for each in sheet["statements"]]
    indicators = [each for statement in statements for each in statement["indicators"]]
    lettered = [each for sheet in sheets for each in sheet["duties"] + sheet["functions"]]
    assert (len(sheets), len(statements), len(indicators), len(lettered)) == (20, 63, 69, 233)
    assert sheets[0]["heading"] == "BIDANG PENGADAAN, PEMBERHENTIAN DAN INFORMASI"
    assert sheets[1]["main_duty"] == ""
    assert [sheet["unit"] for sheet in sheets[-4:]] == [
        "Sekretariat", "Sub Bagian Perencanaan", "Sub Bagian Keuangan", "Sub Bagian Umum dan Kepegawaian",
    ]  # fmt: skip
    for indicator in indicators:
        missing = ("unit_of_measure", "polarity", "aggregation", "target")
        assert [indicator[name] for name in missing] == [None] * 4
        assert indicator["quarters"] == [None] * 4
    routes = {(sheet["position"], sheet["reviewer"], sheet["approver"]) for sheet in sheets}
    head = "Kepala Badan Kepegawaian Daerah"
    assert ("Sekretaris", None, head) in routes
    assert ("Kepala Bidang Mutasi dan Promosi", "Sekretaris", head) in routes
    assert ("Analis Kepegawaian Muda", "Kepala Bidang Mutasi dan Promosi", "Sekretaris") in routes
    assert ("Perencana Muda", "Sekretaris", head) in routes
    assert all(sheet["state"] == "draft" and sheet["revision"] == 1 and sheet["history"] == [] for sheet in sheets)


@pytest.mark.parametrize("kind", ["empty", "binary", "huge", "prose", "missing", "folder"])
def test_a_file_that_is_no_such_document_changes_nothing(shell: Shell, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "berkas.md"
    match kind:
        case "empty":
            path.touch()
        case "binary":
            path.write_bytes(bytes(range(256)) * 40)
        case "huge":
            with path.open("wb") as file:
                file.truncate(50 * 2**20)
        case "prose":
            path.write_text("Bukan dokumen IKI.\n" * 20)
        case "folder":
            path.mkdir()
    said = shell.refused("import", "document", path, "--year", office.YEAR, "--apply")
    assert said.startswith("iki: ")
    assert said.count("\n") == 1
    assert shell.sheets() == []


def test_accounts_are_made_and_given_new_passwords(shell: Shell) -> None:
    shell.good("import", "document", office.DOCUMENT, "--year", office.YEAR, "--apply")
    assert "First password" in shell.good("account", "create", "operator", "--operator")
    assert "First password" in shell.good("account", "create", "siti", "--employee", "Siti", "--position", "kabid.mutasi")
    assert "sudah dijabat" in shell.refused("account", "create", "budi", "--employee", "Budi", "--position", "kabid.mutasi")
    assert "sudah dipakai" in shell.refused("account", "create", "siti", "--employee", "Siti")
    assert "tidak ada" in shell.refused("account", "create", "ana", "--employee", "Ana", "--position", "x")
    assert "New password" in shell.good("account", "reset-password", "siti")
    assert "tidak ada" in shell.refused("account", "reset-password", "hantu")
    assert shell.run("account", "create", "x").exit_code == 2


def test_the_demo_keeps_what_is_there_and_never_runs_in_production(tmp_path: Path) -> None:
    shell = Shell(tmp_path, IKI_ENV="demo")
    shell.good("database", "upgrade")
    first = shell.good("demo")
    assert first.count("\n") == 23
    assert shell.good("demo") == first
    real = Shell(tmp_path, IKI_ENV="production", IKI_SECRET_KEY="q8Zt1-Vw7Rk3_Lm5Xc9Bn2Jh6Gf4Ds0Pa")
    assert "production" in real.refused("demo")
    assert "demo accounts" in real.refused("serve")


def test_a_tampered_history_is_found(shell: Shell) -> None:
    shell.good("import", "document", office.DOCUMENT, "--year", office.YEAR, "--apply")
    app = office.portal(shell.environment["IKI_DATABASE_URL"])
    with app.app_context():
        office.furnish()
        office.bring_to("approved")
        with office.transaction():
            guards.remove(db.session.connection())
            db.session.execute(text("UPDATE history_entry SET note = 'lain' WHERE number = 3"))
            guards.install(db.session.connection())
        db.engine.dispose()
    assert "row 3 was changed" in shell.refused("history", "verify")
