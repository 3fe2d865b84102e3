"""What a document prints of one sheet: read from its frozen copy alone, or put together from a draft.

The writers beside this module (PDF, DOCX, XLSX, CSV) know nothing else, so the same frozen copy gives the same document
in every year, whatever has become of its people, posts and settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from iki_portal.documents.paper import Paper, PaperIndicator, paper_of
from iki_portal.domain.dates import format_date
from iki_portal.domain.numbers import format_number
from iki_portal.domain.people import EmployeeKind, format_identifier, format_rank
from iki_portal.domain.workflow import REASON_WORDS, ReasonClass, revision_name


@dataclass(frozen=True, slots=True)
class Office:
    """What the office says of itself on paper; an empty field prints nothing."""

    government: str = ""
    agency: str = ""
    address: str = ""
    contact: str = ""
    #: Where documents are signed ("Ditetapkan di …").
    place: str = ""
    #: "a4" or "f4" (215 by 330 mm).
    page_size: str = "a4"

    @property
    def letterhead(self) -> tuple[str, ...]:
        return tuple(line for line in (self.government, self.agency, self.address, self.contact) if line)

    def at_place(self, on: date | None, done: str = "Ditetapkan") -> list[str]:
        """What stands above a signature; without a place the day says by itself what was done on it."""
        day = [format_date(on)] if on else []
        if not self.place:
            return [f"{done} pada tanggal {each}" for each in day]
        return [f"{done} di {self.place}", *(f"pada tanggal {each}" for each in day)]


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody under a sheet, as they were that day."""

    full_name: str
    title: str
    #: "NIP 19850101 201001 1 001", or empty.
    identifier: str = ""
    #: "Pembina, IV/a", or empty.
    rank: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What lets somebody check an approved print: nothing of it stands on a draft."""

    register: str
    code: str
    copy_hash: str
    #: Number and hash of the history row that approved: a paper anchor of the chain.
    history_number: int
    history_hash: str
    #: Where to check; empty while the office has not said where its portal stands.
    address: str = ""


@dataclass(frozen=True, slots=True)
class PrintedSheet:
    paper: Paper
    office: Office = field(default_factory=Office)
    proposed: Signer | None = None
    reviewed: Signer | None = None
    approved: Signer | None = None
    proof: Proof | None = None
    #: Why there is a revision: the class of the reason, and what was written of it; empty for the first.
    reason: str = ""

    @property
    def is_draft(self) -> bool:
        return self.approved is None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What stands under the table: why there is a revision, and what of a row has no column of its own."""
        paper = self.paper
        rows = (
            f"Baris {statement.number}.{place}: {'; '.join(words)}."
            for statement in paper.statements
            for place, indicator in enumerate(statement.indicators, start=1)
            if (words := row_remarks(indicator))
        )
        return (*([f"{revision_name(paper.revision)}. {self.reason}"] if self.reason else []), *rows)


def row_remarks(indicator: PaperIndicator) -> list[str]:
    """What of a row has no column of its own: "kondisi awal 95", "kode sub-kegiatan 5.03.02"."""
    words = []
    if indicator.baseline is not None:
        words.append(f"kondisi awal {format_number(indicator.baseline)}")
    if indicator.sub_kegiatan_code:
        words.append(f"kode sub-kegiatan {indicator.sub_kegiatan_code}")
    if indicator.justification:
        words.append(f"alasan target nol: {indicator.justification.rstrip('.')}")
    return words


def reason_text(reason_class: str | None, note: str) -> str:
    """ "Koreksi: kekeliruan penulisan. Salah ketik pada baris 2."; empty for a first revision."""
    return f"{REASON_WORDS[ReasonClass(reason_class)]}. {' '.join(note.split())}" if reason_class else ""


def printed_copy(copy: Mapping[str, Any], *, copy_hash: str, history_number: int, history_hash: str) -> PrintedSheet:
    """The document behind a frozen copy; copies made before documents existed have no office and no code."""
    proof, reason = None, copy.get("reason")
    if "code" in copy:
        proof = Proof(
            register=copy["register"],
            code=copy["code"],
            copy_hash=copy_hash,
            history_number=history_number,
            history_hash=history_hash,
            address=copy["portal_address"],
        )
    return PrintedSheet(
        paper=paper_of(copy),
        office=Office(**copy.get("office", {})),
        proposed=read_signer(copy["proposed"]) if copy["proposed"] else None,
        reviewed=read_signer(copy["reviewed"]) if copy["reviewed"] else None,
        approved=read_signer(copy["approved"]) if copy["approved"] else None,
        proof=proof,
        reason=reason_text(reason["class"], reason["note"]) if reason else "",
    )


def read_signer(data: Mapping[str, Any]) -> Signer:
    """Somebody's signature as a frozen copy keeps it (history/signatures.py)."""
    kind = EmployeeKind(data["kind"])
    return Signer(
        full_name=data["full_name"],
        title=data["title"],
        identifier=identifier_line(kind, data["identifier"]),
        rank=format_rank(kind, data["rank"]),
        on=date.fromisoformat(data["on"]),
    )


IDENTIFIER_WORDS = {EmployeeKind.PNS: "NIP", EmployeeKind.PPPK: "NI PPPK", EmployeeKind.OTHER: "Nomor induk"}


def identifier_line(kind: EmployeeKind, identifier: str | None) -> str:
    """ "NIP 19850101 201001 1 001"; empty while the number is not known."""
    number = format_identifier(identifier or "")
    return f"{IDENTIFIER_WORDS[kind]} {number}" if number else ""


def target_text(target: Decimal | None, upper: Decimal | None = None) -> str:
    """A target as the paper shows it: "4", "12,5", a range with a dash; empty while there is none."""
    if target is None:
        return ""
    return f"{format_number(target)}–{format_number(upper)}" if upper is not None else format_number(target)
