"""Evidence: added with the figures, taken back while the report is open, handed out to those who may see the figures."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select, update

from iki_portal.domain import realisation
from iki_portal.domain.attachments import MOST_ON_A_ROW, AttachmentKind, checked_link
from iki_portal.domain.errors import Invalid, NotFound, Outdated
from iki_portal.domain.file_names import shown_name
from iki_portal.domain.policy import Actor
from iki_portal.extensions import db
from iki_portal.imports.evidence import kind_of
from iki_portal.indicators.sight import SeenSheet
from iki_portal.models import Attachment, RealisationReport
from iki_portal.models.columns import LARGEST_ID
from iki_portal.realisation.queries import AttachmentLine, Written, attachment_line, reports_of
from iki_portal.realisation.store import the_store

NOT_FOUND = "Bukti ini tidak ada, atau bukan untuk Anda."


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that somebody chose for an indicator."""

    indicator_id: int
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Linked:
    indicator_id: int
    url: str


@dataclass(frozen=True, slots=True)
class EvidenceProblem:
    indicator_id: int
    #: "file" or "link".
    field: str
    message: str


class EvidenceRefused(Invalid):
    """Evidence that cannot be taken, each with its reason."""

    def __init__(self, problems: Sequence[EvidenceProblem]) -> None:
        super().__init__(problems[0].message)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Taken:
    """Evidence that was looked at and can be added."""

    indicator_id: int
    kind: AttachmentKind
    name: str = ""
    content: bytes = b""
    url: str | None = None

    #: SHA-256 of the content: seconds of work for twenty large files, so it is done once.
    sha256: str = ""

    @property
    def key(self) -> str:
        return self.url or self.sha256


def keep_beforehand(files: Sequence[Sent]) -> None:
    """Put what will be taken into the store before the database is asked for anything that others wait for.

    A file that nobody names in the end does no harm. Raises `StoreError` when one cannot be kept.
    """
    for sent in files:
        with suppress(Invalid):  # said when everything is looked at
            kind_of(shown_name(sent.name), sent.content)
            the_store().keep(sent.content)


def looked_at(files: Sequence[Sent], links: Sequence[Linked], standing: Written) -> list[Taken]:
    """Every file and link, checked; raises `EvidenceRefused` with all that is wrong. Nothing is kept yet."""
    taken: list[Taken] = []
    problems: list[EvidenceProblem] = []
    for sent in files:
        name = shown_name(sent.name)
        try:
            kind, key = kind_of(name, sent.content), sha256(sent.content).hexdigest()
            taken.append(_once(Taken(sent.indicator_id, kind, name, sent.content, sha256=key), taken, standing))
        except Invalid as refusal:
            problems.append(EvidenceProblem(sent.indicator_id, "file", f"“{name}”: {refusal}"))
    for link in links:
        try:
            found = Taken(link.indicator_id, AttachmentKind.LINK, url=checked_link(link.url))
            taken.append(_once(found, taken, standing))
        except Invalid as refusal:
            problems.append(EvidenceProblem(link.indicator_id, "link", str(refusal)))
    if problems:
        raise EvidenceRefused(problems)
    return taken


def _once(found: Taken, taken: Sequence[Taken], standing: Written) -> Taken:
    """Neither the same thing twice on a row, nor more than anybody reads."""
    there = standing.evidence(found.indicator_id)
    for each in there:
        if (each.sha256 or each.url) == found.key:
            said = f"dengan nama “{each.name}”" if each.name else "sebagai tautan"
            raise Invalid(f"Bukti yang sama sudah ada pada baris ini {said}.")
    same_row = [each for each in taken if each.indicator_id == found.indicator_id]
    if any(each.key == found.key for each in same_row):
        raise Invalid("Bukti yang sama dikirim dua kali.")
    if len(there) + len(same_row) >= MOST_ON_A_ROW:
        raise Invalid(f"Paling banyak {MOST_ON_A_ROW} bukti pada satu baris.")
    return found


def add(report_id: int, taken: Sequence[Taken], *, said_by: dict[str, Any], now: datetime) -> None:
    """Write the files to the store, and then the rows that name them. Raises `StoreError` when a file cannot be kept."""
    kept = the_store()
    for each in taken:
        is_file = each.url is None
        db.session.add(
            Attachment(
                report_id=report_id,
                indicator_id=each.indicator_id,
                kind=each.kind,
                name=each.name,
                sha256=kept.keep(each.content) if is_file else None,
                size=len(each.content) if is_file else None,
                url=each.url,
                **said_by,
                added_at=now,
            )
        )
    db.session.flush()


def withdraw(report_id: int, attachment_ids: Collection[int], *, by: Actor, now: datetime) -> None:
    """Let evidence count no more that was added by mistake. The rows and the files stay."""
    if not attachment_ids:
        return
    taken_back = db.session.execute(
        update(Attachment)
        .where(Attachment.id.in_(attachment_ids), Attachment.report_id == report_id, Attachment.withdrawn_at.is_(None))
        .values(withdrawn_at=now, withdrawn_by=by.full_name or by.name)
        .execution_options(synchronize_session=False)
    )
    if taken_back.rowcount != len(attachment_ids):  # type: ignore[attr-defined]  # an UPDATE's result has a row count
        raise Outdated("Bukti yang ditarik sudah tidak ada pada laporan ini.")


def attachment_in_sight(sheet: SeenSheet, attachment_id: int, *, actor: Actor) -> tuple[AttachmentLine, int]:
    """A standing piece of evidence of this sheet, and its quarter; `NotFound` for whoever may not see its report."""
    query = (
        select(Attachment.__table__, RealisationReport.quarter)
        .join(RealisationReport, RealisationReport.id == Attachment.report_id)
        .where(Attachment.id == attachment_id, RealisationReport.sheet_id == sheet.id, Attachment.withdrawn_at.is_(None))
    )
    row = db.session.execute(query).one_or_none() if 0 < attachment_id <= LARGEST_ID else None
    if row is None or not realisation.sees_report(actor, reports_of(sheet)[row.quarter], sheet, sheet.route):
        raise NotFound(NOT_FOUND)
    return attachment_line(row), row.quarter
