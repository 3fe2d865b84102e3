"""The buttons inside the sheet editor: each changes the rows of the form, and says what it did.

A button posts the whole form with its own value, "verb" or "verb:key": so it works without JavaScript, and nothing typed
is lost.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from iki_portal.domain.errors import Invalid
from iki_portal.domain.formulas import proposal
from iki_portal.domain.targets import QUARTER_FIELDS
from iki_portal.indicators.forms import IndicatorFields, SheetForm, StatementFields
from iki_portal.indicators.pasting import PastedRow, pasted_rows
from iki_portal.indicators.suggesting import Suggestion

UNKNOWN = "Tombol ini tidak dikenal. Muat ulang halaman, lalu coba lagi."


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button did: where to go on, what can be taken back ("hapus baris 2.1"), and what to say."""

    place: str = ""
    act: str = ""
    said: str = ""


def press(form: SheetForm, action: str, *, year: int, pasted: str = "") -> Pressed:
    """Carry out a button of the editor on the form. Raises `Invalid` for one that does not exist, or cannot be carried out."""
    verb, _, rest = action.partition(":")
    key, _, value = rest.partition(":")
    if verb == "add-statement":
        return Pressed(_add_statement(form).name)
    if verb == "paste":
        return _paste(form, pasted_rows(pasted))
    if verb in _ON_INDICATORS:
        statement, place = _found(form, key)
        return _ON_INDICATORS[verb](_Row(form, statement, place, year, value))
    if verb == "add-indicator":
        return _add_indicator(form, key)
    for rows in (form.statements, *(statement.indicators for statement in form.statements)):
        name = _shift(form, rows, verb, key)
        if name is not None:
            return Pressed(act=f"hapus {name}" if verb.startswith("remove") else "")
    raise Invalid(UNKNOWN)


# Rows


def _add_statement(form: SheetForm, text: str = "") -> StatementFields:
    new = StatementFields(form.new_key(), text)
    form.statements.append(new)
    new.indicators.append(IndicatorFields(form.new_key()))
    return new


def _add_indicator(form: SheetForm, key: str) -> Pressed:
    statement = next((each for each in form.statements if each.key == key), None)
    if statement is None:
        raise Invalid(UNKNOWN)
    statement.indicators.append(IndicatorFields(form.new_key()))
    return Pressed(statement.indicators[-1].name("text"))


def _shift(form: SheetForm, rows: Any, verb: str, key: str) -> str | None:
    """Move or remove the row of `key` in its list, and return its name; None when it is not there."""
    kind = "statement" if rows and isinstance(rows[0], StatementFields) else "indicator"
    place = next((index for index, row in enumerate(rows) if row.key == key), None)
    if place is None or verb not in (f"up-{kind}", f"down-{kind}", f"remove-{kind}"):
        return None
    name = f"kinerja {place + 1}" if kind == "statement" else f"baris {_number(form, key)}"
    row = rows.pop(place)
    if verb.startswith("up"):
        rows.insert(max(place - 1, 0), row)
    elif verb.startswith("down"):
        rows.insert(place + 1, row)
    return name


def _paste(form: SheetForm, rows: list[PastedRow]) -> Pressed:
    """The rows at the end of the sheet; those without a statement of their own under the last one."""
    for row in rows:
        if row.statement or not form.statements:
            form.statements.append(StatementFields(form.new_key(), row.statement))
        if row.cells.get("text") or any(row.cells.values()):
            fields = IndicatorFields(form.new_key())
            fields.values |= row.cells
            form.statements[-1].indicators.append(fields)
    return Pressed("baru", f"tempel {len(rows)} baris", f"{len(rows)} baris ditempel di akhir lembar.")


# One indicator


@dataclass(frozen=True, slots=True)
class _Row:
    """The indicator on which a button stands."""

    form: SheetForm
    statement: StatementFields
    place: int
    year: int
    value: str

    @property
    def fields(self) -> IndicatorFields:
        return self.statement.indicators[self.place]

    @property
    def name(self) -> str:
        return f"baris {_number(self.form, self.fields.key)}"


def _found(form: SheetForm, key: str) -> tuple[StatementFields, int]:
    for statement in form.statements:
        for place, fields in enumerate(statement.indicators):
            if fields.key == key:
                return statement, place
    raise Invalid(UNKNOWN)


def _number(form: SheetForm, key: str) -> str:
    statement, place = _found(form, key)
    return f"{form.statements.index(statement) + 1}.{place + 1}"


def _copy(row: _Row) -> Pressed:
    twin = IndicatorFields(row.form.new_key(), dict(row.fields.values))
    row.statement.indicators.insert(row.place + 1, twin)
    return Pressed(twin.name("text"), said=f"Salinan {row.name} dibuat di bawahnya.")


def _spread_quarter(row: _Row) -> Pressed:
    """The first quarter's target for all four."""
    first = row.fields.values["quarter_1"]
    if not first:
        raise Invalid(f"Isi dahulu target TW I pada {row.name}.")
    row.fields.values |= dict.fromkeys(QUARTER_FIELDS, first)
    said = f"Target TW I pada {row.name} disalin ke semua triwulan."
    return Pressed(row.fields.name("quarter_1"), f"salin TW I pada {row.name}", said)


def _propose_formula(row: _Row) -> Pressed:
    """Fill the fields that are empty; what somebody wrote stays."""
    found = proposal(row.fields.values["text"], year=row.year)
    if found is None:
        raise Invalid(
            f"Belum ada aturan usulan untuk {row.name}: indikatornya tidak dimulai dengan “Persentase” atau “Jumlah”. "
            "Isi sendiri pembilang dan penyebutnya."
        )
    for cell in ("numerator", "denominator", "population", "record", "cut_off"):
        row.fields.values[cell] = row.fields.values[cell] or getattr(found, cell)
    return Pressed(
        row.fields.name("numerator"),
        f"usulan rumus {row.name}",
        f"Rumus {row.name} diusulkan menurut aturan “{found.rule}”. Ganti setiap “…” dengan isian yang benar, atau urungkan.",
    )


def _follow_fields(row: _Row) -> Pressed:
    """Give up a formula of one's own: the printed text follows the fields again."""
    if not row.fields.values["numerator"]:
        raise Invalid(f"Isi dahulu yang dihitung (pembilang) pada {row.name}.")
    row.fields.values["formula"] = ""
    return Pressed(row.fields.name("formula"), f"susun ulang rumus {row.name}")


def _take_unit(row: _Row) -> Pressed:
    row.fields.values["unit_of_measure"] = row.value
    return Pressed(row.fields.name("unit_of_measure"), f"usulan satuan {row.name}")


def _take_code(row: _Row) -> Pressed:
    row.fields.values["sub_kegiatan_code"] = row.value
    return Pressed(row.fields.name("sub_kegiatan_code"), f"usulan kode {row.name}")


# Suggestions


def acceptable(form: SheetForm, suggested: Mapping[str, Suggestion]) -> int:
    """How many empty cells would be filled by accepting everything that is suggested."""
    return sum(len(_best(row, suggested)) for statement in form.statements for row in statement.indicators)


def accept_all(form: SheetForm, suggested: Mapping[str, Suggestion]) -> Pressed:
    """The best suggestion into every empty satuan and code; what somebody wrote stays."""
    number = acceptable(form, suggested)
    if not number:
        raise Invalid("Tidak ada usulan untuk isian yang masih kosong.")
    for statement in form.statements:
        for row in statement.indicators:
            row.values |= _best(row, suggested)
    said = f"{number} isian diisi menurut usulan. Periksa kembali, atau urungkan."
    return Pressed(act=f"{number} usulan diterima", said=said)


def _best(row: IndicatorFields, suggested: Mapping[str, Suggestion]) -> dict[str, str]:
    found = suggested.get(row.key, Suggestion())
    best = {
        "unit_of_measure": next((each.unit for each in found.units), ""),
        "sub_kegiatan_code": next((each.code for each in found.codes), ""),
    }
    return {cell: text for cell, text in best.items() if text and not row.values[cell]}


_ON_INDICATORS: dict[str, Callable[[_Row], Pressed]] = {
    "copy-indicator": _copy,
    "spread-quarter": _spread_quarter,
    "propose-formula": _propose_formula,
    "follow-fields": _follow_fields,
    "take-unit": _take_unit,
    "take-code": _take_code,
}
