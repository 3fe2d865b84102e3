"""The report's form: one for the whole quarter, so that saving is one act and nothing typed is lost.

Fields are `indicator-<id>-<name>`: figures and words, `file` (as many as one likes) and `link`; `withdraw` names evidence that
is taken back. Shape only: what the figures must be is asked in domain/realised.py.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, Optional

from iki_portal.domain.errors import Invalid
from iki_portal.domain.numbers import plain_number
from iki_portal.domain.realisation import ReportStep
from iki_portal.domain.realised import FIGURES, REMARK_LIMIT, REMARKS, ROW_WORDS, ReportedRow, RowProblem
from iki_portal.domain.scales import SCALES
from iki_portal.domain.workflow import NOTE_LIMIT
from iki_portal.realisation.attachments import Linked, Sent
from iki_portal.web.forms import VERSION_MISSING, DayField, PortalForm, mandate_field, read_figure, version_field

BROKEN = "Halaman ini tidak lengkap. Muat ulang, lalu coba lagi."
CELLS = (*FIGURES, *REMARKS)
LARGEST_ID = 2**31 - 1
_FIELD = re.compile(r"indicator-([0-9]{1,9})-([a-z_]+)")
NOTE_TOO_LONG = f"Catatan paling panjang {NOTE_LIMIT} huruf."


@dataclass
class RowFields:
    """What stands in the fields of one indicator."""

    indicator_id: int
    values: dict[str, str] = field(default_factory=lambda: dict.fromkeys((*CELLS, "link"), ""))
    errors: dict[str, str] = field(default_factory=dict)

    def name(self, cell: str) -> str:
        return f"indicator-{self.indicator_id}-{cell}"

    @classmethod
    def of_row(cls, indicator_id: int, row: ReportedRow) -> "RowFields":
        texts = {cell: plain_number(figure) for cell in FIGURES if (figure := getattr(row, cell)) is not None}
        texts |= {cell: getattr(row, cell) for cell in REMARKS}
        return cls(indicator_id, dict.fromkeys((*CELLS, "link"), "") | texts)

    def row(self) -> ReportedRow:
        """The row as it shall stand; a wrong cell is marked and comes out empty."""
        cells: dict[str, Any] = {cell: read_figure(self, cell, self.values[cell].strip()) for cell in FIGURES}
        return ReportedRow(**cells | {cell: self._text(cell) for cell in REMARKS})

    def _text(self, cell: str) -> str:
        text = self.values[cell].replace("\r\n", "\n").strip()
        if len(text) > REMARK_LIMIT:
            self.errors[cell] = f"Paling panjang {REMARK_LIMIT} huruf; ini {len(text)} huruf."
        return text


@dataclass(frozen=True, slots=True)
class Problem:
    field_id: str
    message: str


@dataclass
class ReportForm:
    """What was sent of a quarter."""

    version: int
    rows: dict[int, RowFields]
    files: list[Sent]
    #: Ids of evidence that is taken back.
    withdrawn: frozenset[int] = frozenset()
    reason: str = ""
    mandate: int | None = None
    reason_error: str = ""

    @classmethod
    def of_post(cls, data: MultiDict[str, str], files: MultiDict[str, FileStorage]) -> "ReportForm":
        """Raises `Invalid` when the form itself is broken (no version, no end)."""
        version = data.get("version", type=int)
        if version is None or not 0 <= version < 2**31 or "whole" not in data:
            raise Invalid(BROKEN)
        rows: dict[int, RowFields] = {}
        for indicator_id, cell, text in _cells(data):
            if cell in CELLS or cell == "link":
                rows.setdefault(indicator_id, RowFields(indicator_id)).values[cell] = text.replace("\x00", "")
        reason, mandate = data.get("reason", "").replace("\x00", "").replace("\r\n", "\n"), data.get("mandate", type=int)
        withdrawn = frozenset(each for each in data.getlist("withdraw", type=int) if 0 < each <= LARGEST_ID)
        return cls(version, rows, list(_sent(files)), withdrawn, reason, mandate)

    def proposal(self) -> dict[int, ReportedRow]:
        """Indicator → the row as it shall stand. Wrong cells are marked (see `problems`)."""
        return {key: each.row() for key, each in self.rows.items()}

    @property
    def links(self) -> list[Linked]:
        return [Linked(key, each.values["link"]) for key, each in self.rows.items() if each.values["link"].strip()]

    def mark(self, problems: Mapping[int, Iterable[RowProblem]]) -> None:
        for key, found in problems.items():
            errors = self.rows.setdefault(key, RowFields(key)).errors
            for each in found:
                errors[each.field] = f"{errors.get(each.field, '')} {each.message}".strip()

    def problems(self, numbers: Mapping[int, str]) -> list[Problem]:
        """Every message with the field it belongs to; `numbers`: indicator → its printed number."""
        found = [
            Problem(each.name(cell), f"Baris {numbers.get(key, '?')}, {_word(cell)}: {message}")
            for key, each in self.rows.items()
            for cell, message in each.errors.items()
        ]
        return [*found, *([Problem("reason", self.reason_error)] if self.reason_error else [])]

    @property
    def is_wrong(self) -> bool:
        return bool(self.reason_error) or any(each.errors for each in self.rows.values())


def _word(cell: str) -> str:
    return {"file": "Bukti dukung", "link": "Tautan bukti"}.get(cell) or ROW_WORDS[cell]


def _cells(data: MultiDict[str, str]) -> Iterator[tuple[int, str, str]]:
    for name, text in data.items():
        if match := _FIELD.fullmatch(name):
            yield int(match[1]), match[2], text


def _sent(files: MultiDict[str, FileStorage]) -> Iterator[Sent]:
    """Browsers send an empty part for a field without a file."""
    for name, each in files.items(multi=True):
        match = _FIELD.fullmatch(name)
        if match and match[2] == "file" and each.filename:
            yield Sent(int(match[1]), each.filename, each.read())
        each.close()  # a large one lies in a temporary file


def names_of(files: Sequence[Sent]) -> str:
    return ", ".join(f"“{each.name}”" for each in files)


class StepForm(PortalForm):
    """A step on a report: the version that was seen, the mandate that the page showed, and a note."""

    version = version_field()
    mandate = mandate_field()
    note = TextAreaField("Catatan", [Optional(), Length(max=NOTE_LIMIT, message=NOTE_TOO_LONG)])


class VerificationForm(StepForm):
    step = StringField(validators=[AnyOf([ReportStep.VERIFY, ReportStep.RETURN], "Pilih salah satu keputusan.")])


class WindowForm(PortalForm):
    version = version_field(lowest=0)
    opens_on = DayField("Dibuka mulai", [InputRequired("Isi hari pembukaan.")])
    deadline_on = DayField("Tenggat", [InputRequired("Isi tenggat.")])
    reopened_until = DayField("Dibuka kembali sampai")


class MeasuringForm(PortalForm):
    """The scale and the cap of a year; `seen_*`: those that the page was drawn with."""

    seen_scale = StringField(validators=[InputRequired(VERSION_MISSING)])
    seen_cap = StringField(validators=[InputRequired(VERSION_MISSING)])
    scale = SelectField("Skala", choices=[SelectChoice(key, scale.name) for key, scale in SCALES.items()])
    cap = StringField("Capaian dihitung paling tinggi (%)", [InputRequired("Isi batas capaian, misalnya 120.")])
