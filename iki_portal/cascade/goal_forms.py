"""Shape of what the operator writes about the office's goals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from iki_portal.domain.dates import FIRST_YEAR, LAST_YEAR
from iki_portal.domain.goals import IKU_POLARITIES, NAME_LIMIT
from iki_portal.domain.numbers import plain_number
from iki_portal.domain.targets import POLARITY_WORDS, TEXT_LIMIT, UNIT_LIMIT
from iki_portal.web.forms import PortalForm, read_figure, version_field

_YEAR_WRONG = f"Isi tahun antara {FIRST_YEAR} dan {LAST_YEAR}, misalnya 2029."
#: In the list of tujuan: none, so that what is written is itself one.
IS_PURPOSE = 0


def _year(label: str) -> IntegerField:
    return IntegerField(label, [InputRequired(_YEAR_WRONG), NumberRange(FIRST_YEAR, LAST_YEAR, _YEAR_WRONG)])


def _order() -> IntegerField:
    return IntegerField(
        "Urutan", [InputRequired("Urutan wajib diisi."), NumberRange(1, 10**6, "Isi dengan angka 1 atau lebih.")]
    )


def _text(label: str) -> TextAreaField:
    longest = Length(max=TEXT_LIMIT, message=f"Paling panjang {TEXT_LIMIT} huruf.")
    return TextAreaField(label, [DataRequired(f"{label} wajib diisi."), longest])


class PeriodForm(PortalForm):
    version = version_field(lowest=0)
    name = StringField(
        "Nama periode",
        [DataRequired("Nama periode wajib diisi."), Length(max=NAME_LIMIT, message=f"Paling panjang {NAME_LIMIT} huruf.")],
    )
    first_year = _year("Tahun pertama")
    last_year = _year("Tahun terakhir")


class GoalForm(PortalForm):
    version = version_field(lowest=0)
    text = _text("Bunyinya")
    order = _order()


class NewGoalForm(GoalForm):
    superior = SelectField("Di bawah", coerce=int)


class WithdrawForm(PortalForm):
    version = version_field()


class IkuForm(PortalForm):
    version = version_field(lowest=0)
    text = _text("IKU")
    unit_of_measure = StringField(
        "Satuan",
        [DataRequired("Satuan wajib diisi."), Length(max=UNIT_LIMIT, message=f"Paling panjang {UNIT_LIMIT} huruf.")],
    )
    polarity = SelectField("Polaritas", choices=[SelectChoice(each.value, POLARITY_WORDS[each]) for each in IKU_POLARITIES])
    order = _order()


@dataclass
class TargetFields:
    """The targets of an IKU, one field a year: `target-2026`."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_targets(cls, years: Iterable[int], targets: Mapping[int, Decimal | None]) -> "TargetFields":
        figures = {year: targets.get(year) for year in years}
        return cls({f"target-{year}": plain_number(figure) if figure is not None else "" for year, figure in figures.items()})

    @classmethod
    def of_post(cls, years: Iterable[int], sent: Mapping[str, str]) -> "TargetFields":
        return cls({f"target-{year}": sent.get(f"target-{year}", "").replace("\x00", "")[:40] for year in years})

    def targets(self) -> dict[int, Decimal | None]:
        """Year → target; a wrong one is marked and comes out empty."""
        return {int(name.removeprefix("target-")): read_figure(self, name, text.strip()) for name, text in self.values.items()}

    @property
    def problems(self) -> list[dict[str, str]]:
        return [
            {"field_id": name, "message": f"Target {name.removeprefix('target-')}: {said}"}
            for name, said in self.errors.items()
        ]
