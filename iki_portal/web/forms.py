"""The portal's own base form: WTForms speaks Indonesian, and no English leaks from it."""

from decimal import Decimal
from typing import Any, ClassVar, Protocol

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional

from iki_portal.domain.dates import format_date, parse_date
from iki_portal.domain.errors import Invalid, Outdated
from iki_portal.domain.numbers import parse_number
from iki_portal.web.logs import log_refusal
from iki_portal.web.transaction import abandon

_MESSAGES = {
    "This field is required.": "Isian ini wajib diisi.",
    "Not a valid choice.": "Pilihan ini tidak ada dalam daftar.",
    "Not a valid integer value.": "Isi dengan angka bulat.",
    "Invalid Choice: could not coerce.": "Pilihan ini tidak ada dalam daftar.",
    "Invalid input.": "Isian ini tidak dapat dibaca.",
}

AMBIGUOUS = "Tadi tertulis “{typed}”; dimengerti sebagai {understood}. Betulkan bila keliru, lalu simpan lagi."


class Cells(Protocol):
    """Cells of a row that a form draws itself: what was typed into each, and what is wrong with it."""

    values: dict[str, str]
    errors: dict[str, str]


def read_figure(cells: Cells, cell: str, typed: str) -> Decimal | None:
    """The figure in a cell, None for an empty one; a wrong one is marked, an ambiguous one shown as it was understood."""
    if not typed:
        return None
    try:
        number = parse_number(typed)
    except Invalid as refusal:
        cells.errors[cell] = str(refusal)
        return None
    if number.ambiguous:  # never guess silently: show what was understood, save when it is sent again
        cells.errors[cell] = AMBIGUOUS.format(typed=typed, understood=number.understood)
        cells.values[cell] = number.understood
    return number.value


class _Indonesian:
    def gettext(self, text: str) -> str:
        return _MESSAGES.get(text, "Isian ini tidak dapat diterima.")

    def ngettext(self, _singular: str, _plural: str, _n: int) -> str:
        return "Isian ini tidak dapat diterima."


class PortalForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """The form token is checked once, for every writing request (`extensions.csrf`); forms only carry it."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False
        locales: ClassVar[list[str]] = ["id"]

        def wrap_formdata(self, _form: Any, formdata: Any) -> MultiDict[str, str] | None:
            """What was typed, and no files; without NUL, which PostgreSQL refuses. None where nothing was sent."""
            if formdata is None:
                return None
            pairs = request.form.items(multi=True)
            return MultiDict((name, text.replace("\x00", "")) for name, text in pairs) or None

        def get_translations(self, _form: Any) -> _Indonesian:
            return _Indonesian()


class DayField(StringField):  # type: ignore[misc]  # WTForms is untyped
    """A day as the office writes it; a wrong one comes back as it was typed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data: Any = None
        if typed:
            try:
                self.data = parse_date(typed)
            except Invalid as problem:
                raise ValueError(str(problem)) from problem

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return format_date(self.data) if self.data else ""


VERSION_MISSING = "Halaman ini tidak lengkap. Muat ulang, lalu coba lagi."


def version_field(lowest: int = 1) -> IntegerField:
    """The version that a page was drawn from; `lowest=0` for what may not have been written yet."""
    return IntegerField(validators=[InputRequired(VERSION_MISSING), NumberRange(lowest, 10**9, VERSION_MISSING)])


def mandate_field() -> IntegerField:
    """By which mandate of theirs somebody acts, as the page showed it; without one the portal proposes."""
    return IntegerField(validators=[Optional(), NumberRange(1, 10**9, VERSION_MISSING)])


def refused_as_outdated(refusal: Outdated) -> list[dict[str, str]]:
    """Undo the request, and what the error summary says over a form that keeps what was typed.

    The caller gives the form the version that stands now, so that it can be sent again.
    """
    log_refusal(str(refusal), status=409)
    abandon()
    return [{"field_id": "", "message": f"{refusal} Isian Anda masih di bawah; periksa, lalu simpan lagi."}]


def problems(form: PortalForm) -> list[dict[str, str]]:
    """What the error summary lists: each message with the field it belongs to."""
    return [
        {"field_id": field.id if field.type != "HiddenField" else "", "message": str(message)}
        for field in form
        for message in field.errors
    ]
