"""The `iki` command as an operator types it: its own process settings, one sentence for each refusal."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from iki_portal.auth.operations import SignedIn
from iki_portal.documents.paper import digest
from iki_portal.extensions import db
from iki_portal.indicators import uploads
from iki_portal.models import FrozenCopy, guards
from tests import office
from tests.shell import Shell, contents


def test_the_help_is_a_good_page(empty_url: str, tmp_path: Path) -> None:
    page = Shell(tmp_path, empty_url).good("--help")
    for word in ("IKI_", "database", "import", "export", "account", "audit", "serve", "demo", "reference", "send-mail"):
        assert word in page


def test_upgrading_twice_changes_nothing(shell: Shell) -> None:
    assert shell.good("database", "upgrade") == "Database is up to date.\n"
    assert "every guard stands" in shell.good("database", "check")


def test_an_upgrade_counts_anew_what_the_rules_of_this_version_see(shell: Shell) -> None:
    shell.good("import", "document", office.DOCUMENT, "--year", office.YEAR, "--apply")
    counts = text("SELECT * FROM finding_count ORDER BY sheet_id, rule")
    with shell.raw() as connection:
        counted = connection.execute(counts).all()
        assert sum(found for _, rule, found, _ in counted if rule == 1) == 69
        connection.execute(text("DELETE FROM finding_count"))
    shell.good("database", "upgrade")
    with shell.raw() as connection:
        assert connection.execute(counts).all() == counted


def test_without_a_database_a_command_says_what_to_run(empty_url: str, tmp_path: Path) -> None:
    assert "iki database upgrade" in Shell(tmp_path, empty_url).refused("export", "sheets", "--year", 2027)


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
    assert "Riwayat: 1 baris dihitung ulang" in shell.good("audit", "verify")


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


def test_an_upload_is_read_by_a_hidden_command(shell: Shell) -> None:
    app = office.portal(shell.environment["IKI_DATABASE_URL"])
    with app.app_context():
        office.furnish()
        with office.transaction():
            content, operator = office.DOCUMENT.read_bytes(), office.actor(office.OPERATOR)
            uploads.take_upload("iki.md", content, year=office.YEAR, actor=operator, now=office.now())
        db.session.remove()
        assert shell.good("read-upload", 1) == ""
        assert "Analis Kepegawaian Muda" in uploads.understood_text(1)
        assert shell.good("read-upload", 99) == "", "an upload that is gone is nobody's fault"
        db.session.remove()
        db.engine.dispose()
    assert "read-upload" not in shell.good("--help")


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
    assert "tidak menyala" in shell.refused("account", "reset-otp", "operator")
    assert "tidak ada" in shell.refused("account", "reset-otp", "hantu")


def test_the_reference_list_is_loaded_once(shell: Shell) -> None:
    assert "65 baris dibaca, 65 baru" in shell.good("reference", "load")
    before = contents(shell)
    assert "65 baris dibaca, 0 baru" in shell.good("reference", "load")
    assert contents(shell) == before
    assert "tidak dapat dibuka" in shell.refused("reference", "load", "tidak-ada.tsv")


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
    assert "baris 3 diubah" in shell.refused("audit", "verify")


SHEET_KEYS = [
    "heading", "position", "unit", "main_duty", "duties", "functions", "statements", "state", "revision", "owner", "reviewer",
    "approver", "history",
]  # fmt: skip
INDICATOR_KEYS = [
    "text", "formula", "source", "unit_of_measure", "polarity", "aggregation", "target", "target_upper", "quarters",
    "baseline", "justification", "sub_kegiatan_code", "numerator", "denominator", "population", "record", "cut_off",
]  # fmt: skip


def test_a_dry_run_writes_to_no_table(shell: Shell) -> None:
    before = contents(shell)
    shell.good("import", "document", office.DOCUMENT, "--year", office.YEAR)
    assert contents(shell) == before


def test_satuan_targets_and_quarters_of_a_document_come_into_the_drafts(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "iki.md"
    path.write_text(
        "INDIKATOR KINERJA INDIVIDU (IKI)\nSEKRETARIS\nUnit Kerja : Sekretaris\nTugas Pokok : membantu.\n"
        "NO\tKINERJA\tINDIKATOR KINERJA\tSATUAN\tTARGET\tTW I\tTW IV\tPOLARITAS\tCARA HITUNG TAHUNAN\n"
        "1\tMeningkatnya A\tNilai A\tnilai\t80-90\t12,5\t85\tDalam rentang\tNilai akhir\nMengetahui,\n"
    )
    said = shell.good("import", "document", path, "--year", office.YEAR, "--apply")
    assert "Tidak ditempatkan (baris 7, di bawah tabel): Mengetahui," in said
    (sheet,) = shell.sheets()
    (indicator,) = sheet["statements"][0]["indicators"]
    assert (indicator["unit_of_measure"], indicator["polarity"], indicator["aggregation"]) == ("nilai", "range", "last")
    assert (indicator["target"], indicator["target_upper"]) == (80, 90)
    assert indicator["quarters"] == [12.5, None, None, 85]


def test_importing_again_writes_to_no_table(shell: Shell) -> None:
    words = ("import", "document", office.DOCUMENT, "--year", office.YEAR, "--apply")
    shell.good(*words)
    before = contents(shell)
    shell.good(*words)
    assert contents(shell) == before


def test_another_year_gets_sheets_of_its_own(shell: Shell) -> None:
    for year in (office.YEAR, office.YEAR + 1):
        shell.good("import", "document", office.DOCUMENT, "--year", year, "--apply")
    assert len(shell.sheets()) == 20
    other = shell.good("export", "sheets", "--year", office.YEAR + 1)
    assert json.loads(other) == shell.sheets()


def test_the_export_has_every_key_in_order_and_the_sheets_in_the_order_of_the_document(shell: Shell) -> None:
    shell.good("import", "document", office.DOCUMENT, "--year", office.YEAR, "--apply")
    sheets = shell.sheets()
    for sheet in sheets:
        assert list(sheet) == SHEET_KEYS
        assert [each["number"] for each in sheet["statements"]] == list(range(1, len(sheet["statements"]) + 1))
        for statement in sheet["statements"]:
            assert list(statement) == ["number", "text", "indicators"]
            assert all(list(indicator) == INDICATOR_KEYS for indicator in statement["indicators"])
    printed = office.DOCUMENT.read_text()
    places = [printed.index(sheet["statements"][0]["text"][:30]) for sheet in sheets[:3]]
    assert places == sorted(places)
    assert shell.good("export", "sheets", "--year", office.YEAR) == shell.good("export", "sheets", "--year", office.YEAR)


def test_a_year_without_sheets_is_an_empty_list(shell: Shell) -> None:
    assert json.loads(shell.good("export", "sheets", "--year", 2050)) == []


@pytest.mark.parametrize(
    "words",
    [
        ("export", "sheets"),
        ("export", "sheets", "--year", "1999"),
        ("export", "sheets", "--year", "dua ribu"),
        ("export", "sheets", "--year", "2027", "--format", "xml"),
        ("import", "document"),
        ("import", "document", "x.md", "--year", "9" * 30),
        ("audit",),
        ("terbang",),
    ],
)
def test_a_command_typed_wrong_shows_how_it_is_typed(shell: Shell, words: tuple[str, ...]) -> None:
    before = contents(shell)
    result = shell.run(*words)
    assert result.exit_code == 2
    assert "Usage: " in result.output
    assert contents(shell) == before


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_a_document_whose_end_is_missing_is_read_or_refused_but_never_half_written(
    shell: Shell, tmp_path: Path, cut: float
) -> None:
    whole = office.DOCUMENT.read_text()
    path = tmp_path / "terpotong.md"
    path.write_text(whole[: int(len(whole) * cut)])
    before = contents(shell)
    result = shell.run("import", "document", path, "--year", office.YEAR, "--apply")
    assert result.exit_code in (0, 1)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    if result.exit_code == 1:
        assert contents(shell) == before
    else:
        assert f"{len(shell.sheets())} lembar dibuat" in result.output


def test_the_first_password_opens_the_door_once_and_a_reset_ends_what_was_open(shell: Shell) -> None:
    shell.good("import", "document", office.DOCUMENT, "--year", office.YEAR, "--apply")
    printed = shell.good("account", "create", "siti", "--employee", "Siti", "--position", "kabid.mutasi")
    password = printed.rsplit(": ", 1)[1].strip()
    app = office.portal(shell.environment["IKI_DATABASE_URL"])
    with app.app_context():
        with office.transaction():
            signed = office.auth.sign_in("siti", password, now=office.now())
        assert isinstance(signed, SignedIn)
        assert signed.must_change_password
        db.session.remove()
        fresh = shell.good("account", "reset-password", "siti").rsplit(": ", 1)[1].strip()
        assert fresh != password
        with office.transaction():
            assert not isinstance(office.auth.sign_in("siti", password, now=office.now()), SignedIn)
        open_sessions = db.session.scalar(text("SELECT count(*) FROM sign_in_session WHERE ended_at IS NULL"))
        assert open_sessions == 0
        db.session.remove()
        db.engine.dispose()


def test_no_password_is_kept_in_the_clear(shell: Shell) -> None:
    password = shell.good("account", "create", "operator", "--operator").rsplit(": ", 1)[1].strip()
    assert password not in str(contents(shell))


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE history_entry SET actor_name = 'Bupati' WHERE number = 3",
        "DELETE FROM history_entry WHERE number = 3",
        "DELETE FROM issued_print; DELETE FROM frozen_copy",
        "UPDATE issued_print SET body = substr(body, 2)",
        "UPDATE history_entry SET at = '2020-01-01 00:00:00' WHERE number = 2",
        "UPDATE frozen_copy SET body = replace(body, 'Pegawai', 'Pejabat')",
    ],
)
def test_whatever_is_changed_behind_the_portal_is_found(shell: Shell, tampering: str) -> None:
    app = office.portal(shell.environment["IKI_DATABASE_URL"])
    with app.app_context():
        office.furnish()
        office.bring_to("approved")
        db.session.remove()
        assert "UTUH. Tidak ditemukan perubahan." in shell.good("audit", "verify")
        with office.transaction():
            guards.remove(db.session.connection())
            for statement in tampering.split(";"):
                db.session.execute(text(statement))
            guards.install(db.session.connection())
        db.session.remove()
        db.engine.dispose()
    said = shell.refused("audit", "verify")
    assert "TIDAK UTUH" in said
    assert "iki: the records are broken" in said


def test_a_frozen_copy_rewritten_together_with_its_hash_is_found(shell: Shell) -> None:
    app = office.portal(shell.environment["IKI_DATABASE_URL"])
    with app.app_context():
        office.furnish()
        office.bring_to("approved")
        with office.transaction():
            guards.remove(db.session.connection())
            copy = db.session.scalars(select(FrozenCopy)).one()
            copy.body = copy.body.replace("Pegawai", "Pejabat")
            copy.sha256 = digest(copy.body)
            db.session.flush()
            guards.install(db.session.connection())
        db.engine.dispose()
    assert "bukan yang ditetapkan" in shell.refused("audit", "verify")


def test_a_server_that_is_not_there_is_one_sentence(shell: Shell) -> None:
    shell.environment["IKI_DATABASE_URL"] = "postgresql+psycopg://nobody@127.0.0.1:1/iki"
    said = shell.refused("database", "upgrade")
    assert said.startswith("iki: the database does not answer: ")
    assert "Traceback" not in said


def test_a_busy_database_is_one_sentence(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_words: object, **_more: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr("iki_portal.cli.documents.import_document", busy)
    before = contents(shell)
    said = shell.refused("import", "document", office.DOCUMENT, "--year", office.YEAR, "--apply")
    assert said == "iki: the database does not answer: database is locked\n"
    assert contents(shell) == before
