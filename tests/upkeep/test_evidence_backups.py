"""Evidence goes along with backups, comes back with a restore, and is part of every check of the records."""

import tarfile
from pathlib import Path

import pytest
from sqlalchemy import text

from iki_portal.approvals.auditing import check_everything
from iki_portal.domain.realisation import ReportState, ReportStep
from iki_portal.extensions import db
from iki_portal.models import guards
from iki_portal.realisation.attachments import Sent
from iki_portal.realisation.store import Store
from iki_portal.upkeep.sealing import new_key
from iki_portal.web.transaction import transaction
from tests import office
from tests.office import PDF
from tests.restoring import Operator, empty_target, looking_at

PUBLIC, SECRET = new_key()


@pytest.fixture
def operator(database_url: str, tmp_path: Path) -> Operator:
    return Operator(database_url, tmp_path)


def report_with_evidence(operator: Operator, place: str) -> str:
    """A verified report with a file, kept at `place`; the hash of the file."""
    with looking_at(operator.url) as app:
        app.config["IKI"] = app.config["IKI"].model_copy(update={"evidence_url": place})
        sheet = office.bring_to("approved")
        office.open_quarter()
        office.write_report(files=[Sent(office.first_indicator(sheet), "a.pdf", PDF)])
        office.step_report(ReportStep.SUBMIT, by=office.OWNER)
        office.step_report(ReportStep.VERIFY, by=office.REVIEWER)
        return str(db.session.scalar(text("SELECT sha256 FROM attachment")))


@pytest.mark.parametrize("is_encrypted", [True, False])
def test_evidence_comes_back_with_a_restore(operator: Operator, tmp_path: Path, is_encrypted: bool) -> None:
    here, there = ((tmp_path / name).as_uri() for name in ("bukti", "bukti-pulih"))
    key = report_with_evidence(operator, here)
    given = {"IKI_EVIDENCE_URL": here, "IKI_BACKUP_KEY": PUBLIC if is_encrypted else ""}
    backup = operator.back_up(**given)
    with tarfile.open(backup) as tar:
        assert tar.getnames()[2] == ("evidence.tar.age" if is_encrypted else "evidence.tar")
    with empty_target(operator.url, operator.folder) as target:
        operator.at(target).good("restore", backup, IKI_BACKUP_KEY=SECRET, IKI_EVIDENCE_URL=there)
        assert Store(there).read(key) == PDF
        said = operator.at(target).good("audit", "verify", IKI_EVIDENCE_URL=there)
        assert "UTUH" in said
        assert "Berkas bukti dukung" in said


def test_evidence_that_was_lost_already_is_said_and_does_not_stop_a_restore(operator: Operator, tmp_path: Path) -> None:
    here, there = ((tmp_path / name).as_uri() for name in ("bukti", "bukti-pulih"))
    key = report_with_evidence(operator, here)
    (tmp_path / "bukti" / key[:2] / key).write_bytes(b"x")
    assert f"berkas {key[:16]}" in operator.run("audit", "verify", IKI_EVIDENCE_URL=here).output
    said = operator.good("backup", tmp_path / "cadangan", IKI_EVIDENCE_URL=here)
    assert "WARNING: 1 evidence files are missing or damaged" in said
    backup = Path(said.split(": ")[0])
    with empty_target(operator.url, operator.folder) as target:
        operator.at(target).good("restore", backup, IKI_EVIDENCE_URL=there)
        assert "hilang atau diubah" in operator.at(target).run("audit", "verify", IKI_EVIDENCE_URL=there).output


def test_while_the_store_is_away_there_is_no_backup_that_looks_whole(operator: Operator, tmp_path: Path) -> None:
    report_with_evidence(operator, (tmp_path / "bukti").as_uri())
    in_the_way = tmp_path / "berkas"
    in_the_way.write_text("x")
    said = operator.refused("backup", tmp_path / "cadangan", IKI_EVIDENCE_URL=in_the_way.as_uri())
    assert "evidence" in said


ATTACKS = {
    "a figure": ("UPDATE realisation_entry SET value = 20000", "berbeda dari yang dikirim"),
    "a figure added behind": (
        "INSERT INTO realisation_entry (report_id, indicator_id, value, note, obstacle, follow_up, reason, author_id,"
        " author_name, author_title, written_at) SELECT report_id, indicator_id, 50000, '', '', '', '', author_id, 'x', 'x',"
        " written_at FROM realisation_entry",
        "berbeda dari yang dikirim",
    ),
    "evidence taken away": ("DELETE FROM attachment", "berbeda dari yang dikirim"),
    "a verification that nobody made": (
        "UPDATE realisation_report SET state = 'verified', verified_by_id = 1, verified_at = submitted_at",
        "verifikasinya tidak tercatat",
    ),
    "the content that was sent": ("DELETE FROM sheet_content WHERE body LIKE '%quarter%'", "tidak ada"),
    "a hash": ("UPDATE realisation_report SET content_hash = 'x'", "berbeda dari yang dikirim"),
    "evidence of another file": (
        "UPDATE attachment SET sha256 = replace(sha256, substr(sha256, 1, 8), '00000000')",
        "hilang atau diubah",
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_what_the_owner_of_the_database_does_to_a_report_is_detected(owned_app: object, name: str) -> None:
    attack, said = ATTACKS[name]
    with owned_app.app_context():  # type: ignore[attr-defined]
        office.bring_report_to(ReportState.DRAFT)
        sheet = office.sheet_of(office.OWNER)
        office.write_report(rows={}, files=[Sent(office.first_indicator(sheet), "a.pdf", PDF)])
        office.step_report(ReportStep.SUBMIT, by=office.OWNER)
        assert check_everything(now=office.now()).problems == ()
        with transaction():
            guards.remove(db.session.connection())
            db.session.execute(text(attack))
        assert any(said in problem for problem in check_everything(now=office.now()).problems)
