"""Official prints: of sheets issued once and kept byte for byte; all found again by the code on the paper or by the file."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import structlog
from flask import current_app
from sqlalchemy import select

from iki_portal.approvals.content import printed_copies
from iki_portal.approvals.performance_books import CheckedBook, book_by_code
from iki_portal.config import Settings
from iki_portal.documents.pdf import KEYWORD, sheet_pdf
from iki_portal.documents.printed import PrintedSheet, reason_text
from iki_portal.documents.signing import SigningFailed, signed_pdf
from iki_portal.domain.codes import read_code
from iki_portal.domain.dates import office_day, today_in_office
from iki_portal.domain.errors import WrongState
from iki_portal.domain.trail import TrailAction
from iki_portal.domain.workflow import FINAL, State
from iki_portal.extensions import db
from iki_portal.history.trail import Event, handed_out_as, note
from iki_portal.indicators.papers import papers
from iki_portal.indicators.sight import SeenSheet
from iki_portal.models import FrozenCopy, IssuedPrint, Sheet
from iki_portal.organisation.queries import office
from iki_portal.realisation.copies import CheckedReport, report_by_code

#: Our own mark in the metadata of a PDF, which PDF/A leaves readable.
_MARK = re.compile(re.escape(KEYWORD.encode()) + rb", ([0-9A-Z-]{12,20})")
_log = structlog.get_logger()
NOT_ISSUED = "Cetakan lembar ini belum terbit: sertifikat penanda tangan tidak dapat dipakai. Hubungi operator portal."


def issue(sheet_id: int, *, now: datetime) -> bool:
    """Make and keep the official PDF of an approved revision; False when the certificate fails and it must wait.

    An approval does not depend on a certificate: `iki issue-prints` makes up for prints that had to wait.
    """
    settings: Settings = current_app.config["IKI"]
    copy = printed_copies([sheet_id])[sheet_id]
    body = sheet_pdf(copy, printed_on=office_day(now))
    if settings.signing_key is not None:
        try:
            body = signed_pdf(body, settings.signing_key, settings.signing_password)
        except SigningFailed as problem:
            _log.error("print not signed", sheet_id=sheet_id, problem=str(problem))
            return False
    is_signed = settings.signing_key is not None
    row = IssuedPrint(
        sheet_id=sheet_id, sha256=sha256(body).hexdigest(), body=body, is_signed=is_signed, issued_at=now.astimezone(UTC)
    )
    db.session.add(row)
    db.session.flush()
    place = copy.proof.register if copy.proof else ""
    note(Event(action=TrailAction.PRINT, at=now, place=place, sheet_id=sheet_id, content_hash=row.sha256), None)
    return True


def waiting_prints() -> list[int]:
    """Approved revisions whose print was never issued."""
    query = select(FrozenCopy.sheet_id).outerjoin(IssuedPrint).where(IssuedPrint.sheet_id.is_(None))
    return list(db.session.scalars(query.order_by(FrozenCopy.sheet_id)))


def official_pdf(sheet: SeenSheet) -> bytes:
    """The print as it was issued; raises `WrongState` while it waits for its certificate."""
    body = db.session.scalar(select(IssuedPrint.body).where(IssuedPrint.sheet_id == sheet.id))
    if body is None:
        raise WrongState(NOT_ISSUED)
    return body


def draft_pdf(sheet: SeenSheet) -> bytes:
    """What the paper would look like, marked as a draft on every page."""
    return sheet_pdf(printed(sheet), printed_on=today_in_office())


def printed(sheet: SeenSheet) -> PrintedSheet:
    """What documents print of this sheet: its frozen copy, or its draft as it stands."""
    if sheet.state in FINAL:
        return printed_copies([sheet.id])[sheet.id]
    return PrintedSheet(papers([sheet.id])[sheet.id], office(), reason=reason_text(sheet.reason_class, sheet.reason_note))


@dataclass(frozen=True, slots=True)
class Checked:
    """A sheet's official print and what has become of it: shows no more than the paper does."""

    printed: PrintedSheet
    state: State
    is_signed: bool
    #: The revision in force now, when that is another one.
    in_force_revision: int | None
    file_hash: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a code stands on: the print of a sheet, of a report, or of a composition."""

    sheet: Checked | None = None
    report: CheckedReport | None = None
    book: CheckedBook | None = None

    @property
    def is_standing(self) -> bool:
        """Whether nothing that is printed there was replaced since."""
        if self.sheet is not None:
            return self.sheet.state is State.APPROVED
        return self.report.is_standing if self.report is not None else self.book is not None and not self.book.replaced


def by_code(typed: str) -> Found | None:
    """The print with this code; None for a code that no print carries, whatever the reason."""
    code = read_code(typed)
    if code is None:
        return None
    sheet_id = db.session.scalar(select(FrozenCopy.sheet_id).where(FrozenCopy.code == code))
    if sheet_id is not None:
        return Found(sheet=_checked(sheet_id))
    if (report := report_by_code(code)) is not None:
        return Found(report=report)
    book = book_by_code(code)
    return Found(book=book) if book is not None else None


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What a file is: genuine, or altered (it carries the mark of a print, and is not its file), or unknown."""

    found: Found | None
    is_genuine: bool = False
    #: As which the portal handed it out, where it keeps no bytes of it.
    name: str = ""


def by_file(content: bytes) -> CheckedFile:
    """By its hash: a sheet's print is kept byte for byte; of the others the trail knows what was handed out."""
    key = sha256(content).hexdigest()
    known = db.session.scalar(select(IssuedPrint.sheet_id).where(IssuedPrint.sha256 == key))
    if known:
        return CheckedFile(Found(sheet=_checked(known)), is_genuine=True)
    mark = _MARK.search(content)
    found = by_code(mark[1].decode()) if mark else None
    name = handed_out_as(key) if found is not None else None
    return CheckedFile(found, is_genuine=name is not None, name=name or "")


def _checked(sheet_id: int) -> Checked:
    sheet = db.session.execute(select(Sheet.state, Sheet.position_id, Sheet.year).where(Sheet.id == sheet_id)).one()
    same_post = (Sheet.position_id == sheet.position_id, Sheet.year == sheet.year)
    other = select(Sheet.revision).where(*same_post, Sheet.state == State.APPROVED, Sheet.id != sheet_id)
    issued = db.session.execute(
        select(IssuedPrint.sha256, IssuedPrint.is_signed).where(IssuedPrint.sheet_id == sheet_id)
    ).one_or_none()
    return Checked(
        printed=printed_copies([sheet_id])[sheet_id],
        state=sheet.state,
        is_signed=bool(issued and issued.is_signed),
        in_force_revision=db.session.scalar(other),
        file_hash=issued.sha256 if issued else None,
    )
