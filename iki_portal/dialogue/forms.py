"""The form of a talk: its common cells, and the part of whoever writes. Shape only; the rules are domain/dialogue.py."""

from typing import Any

from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from iki_portal.domain.dialogue import CELL_WORDS, PART_OF, TEXT_LIMIT, TOPIC_LIMIT, Side, TalkText, TextProblem
from iki_portal.domain.policy import Holder
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.targets import QUARTER_WORDS
from iki_portal.web.forms import DayField, PortalForm, mandate_field, version_field

_TOO_LONG = f"Paling panjang {TEXT_LIMIT} huruf."
_WHOLE_YEAR = SelectChoice("0", "Tidak tentang satu triwulan")


def _text(cell: str) -> TextAreaField:
    return TextAreaField(CELL_WORDS[cell], [Length(max=TEXT_LIMIT, message=_TOO_LONG)])


class ConfirmForm(PortalForm):
    version = version_field()
    mandate = mandate_field()


class TalkForm(PortalForm):
    """`version`: of the talk's text; of a new talk, how many this person had begun on the sheet."""

    version = version_field(lowest=0)
    mandate = mandate_field()
    partner = SelectField("Dengan siapa", choices=[], validate_choice=False)
    held_on = DayField(CELL_WORDS["held_on"], [InputRequired("Tanggal dialog wajib diisi.")])
    quarter = SelectField(
        CELL_WORDS["quarter"],
        choices=[_WHOLE_YEAR, *(SelectChoice(str(each), QUARTER_WORDS[each - 1]) for each in QUARTERS)],
        default="0",
    )
    topic = StringField(
        CELL_WORDS["topic"],
        [InputRequired("Topik wajib diisi."), Length(max=TOPIC_LIMIT, message=f"Paling panjang {TOPIC_LIMIT} huruf.")],
    )
    #: Of whoever writes; the other's part is no field.
    part = _text("owner_part")
    agreed = _text("agreed")
    follow_up = _text("follow_up")
    follow_up_on = DayField(CELL_WORDS["follow_up_on"], [Optional()])

    def __init__(self, *args: Any, side: Side | None = None, partners: tuple[Holder, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partner.choices = [SelectChoice(str(each.employee_id), each.name) for each in partners]
        self.side = side or Side.OWNER
        self.part.label.text = f"{CELL_WORDS[PART_OF[self.side]]} (bagian Anda)"

    @classmethod
    def of_text(cls, text: TalkText, side: Side, *, version: int) -> "TalkForm":
        """The fields as the talk stands."""
        cells = {name: getattr(text, name) for name in ("held_on", "topic", "agreed", "follow_up", "follow_up_on")}
        part = getattr(text, PART_OF[side])
        return cls(formdata=None, side=side, version=version, quarter=str(text.quarter or 0), part=part, **cells)

    @property
    def partner_id(self) -> int | None:
        chosen = str(self.partner.data or "")
        return None if not chosen else int(chosen) if chosen.isdecimal() and len(chosen) < 10 else 0

    def text(self) -> TalkText:
        """What was typed; the other's part is empty here."""
        cells = {name: getattr(self, name).data or "" for name in ("topic", "agreed", "follow_up")}
        part = {PART_OF[self.side]: self.part.data or ""}
        quarter = int(self.quarter.data or 0) or None
        return TalkText(held_on=self.held_on.data, quarter=quarter, follow_up_on=self.follow_up_on.data, **cells, **part)

    def mark(self, problems: tuple[TextProblem, ...]) -> None:
        """Each message at its field."""
        for problem in problems:
            field = self.part if problem.cell in PART_OF.values() else getattr(self, problem.cell)
            field.errors = [*field.errors, problem.message]

    def typed(self) -> list[tuple[str, str]]:
        """Label and text of whatever was typed, for a page that has no fields any more."""
        named = (self.held_on, self.topic, self.part, self.agreed, self.follow_up, self.follow_up_on)
        return [(field.label.text, str((field.raw_data or [""])[0])) for field in named if field.raw_data and field.raw_data[0]]
