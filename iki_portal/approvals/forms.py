"""Shape of the decisions: which version was seen, what was chosen, what was noted. Rules are asked in the operations."""

from typing import Any

from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from iki_portal.domain.comments import CELL_WORDS, COMMENT_LIMIT, Cell
from iki_portal.domain.quality import REASON_LIMIT, SEVERITY_WORDS
from iki_portal.domain.workflow import NOTE_LIMIT, REASON_WORDS, Step
from iki_portal.web.forms import VERSION_MISSING, DayField, PortalForm, mandate_field, version_field

TEXT_LIMIT = 20_000
NOTE_TOO_LONG = f"Catatan paling panjang {NOTE_LIMIT} huruf."
REASON_TOO_LONG = f"Alasan paling panjang {REASON_LIMIT} huruf."


class VersionForm(PortalForm):
    """A step that needs nothing but the version its page was drawn from, and the mandate that the page showed."""

    version = version_field()
    mandate = mandate_field()


class DecisionForm(VersionForm):
    step = StringField(validators=[AnyOf([Step.REVIEW, Step.APPROVE, Step.RETURN], "Pilih salah satu keputusan.")])
    note = TextAreaField("Catatan", [Optional(), Length(max=NOTE_LIMIT, message=NOTE_TOO_LONG)])


class AnswerForm(PortalForm):
    """What the owner says to a finding, or that it is taken back."""

    finding = StringField(validators=[InputRequired(VERSION_MISSING), Length(max=100, message=VERSION_MISSING)])
    action = StringField(validators=[AnyOf(["answer", "withdraw"], VERSION_MISSING)])
    reason = TextAreaField("Alasan", [Length(max=REASON_LIMIT, message=REASON_TOO_LONG)])


class RuleForm(PortalForm):
    """How severe a rule of the quality check is in a year, and why."""

    version = version_field(lowest=0)
    severity = RadioField(
        "Ketegasan",
        choices=[SelectChoice(value, word) for value, word in SEVERITY_WORDS.items()],
        validators=[InputRequired("Pilih ketegasan.")],
    )
    reason = TextAreaField("Alasan", [InputRequired("Alasan wajib diisi."), Length(max=REASON_LIMIT, message=REASON_TOO_LONG)])


def _text(label: str) -> TextAreaField:
    return TextAreaField(label, [Length(max=TEXT_LIMIT, message=f"Paling panjang {TEXT_LIMIT} huruf.")])


class DecreeForm(PortalForm):
    version = version_field(lowest=0)
    number = StringField("Nomor keputusan", [Length(max=100, message="Paling panjang 100 huruf.")])
    decided_on = DayField("Tanggal penetapan")
    subject = StringField("Tentang", [Length(max=300, message="Paling panjang 300 huruf.")])
    considering = _text("Menimbang")
    recalling = _text("Mengingat")
    deciding = _text("Memutuskan")


class OpeningForm(PortalForm):
    year = IntegerField(validators=[InputRequired(VERSION_MISSING), NumberRange(1, 9999, VERSION_MISSING)])
    deadline = DayField("Tenggat penetapan")


class DeadlineForm(PortalForm):
    """Another last day of planning; `seen` is the one that the page was drawn with."""

    seen = DayField()
    deadline = DayField("Tenggat penetapan")


class RevisionForm(PortalForm):
    mandate = mandate_field()
    reason = RadioField(
        "Alasan perubahan",
        choices=[SelectChoice(value, word) for value, word in REASON_WORDS.items()],
        validators=[InputRequired("Pilih alasan perubahan.")],
        validate_choice=True,
    )
    note = TextAreaField(
        "Penjelasan", [InputRequired("Alasan perubahan wajib diisi."), Length(max=NOTE_LIMIT, message=NOTE_TOO_LONG)]
    )


def _typed(label: str, *validators: Any) -> TextAreaField:
    """What somebody says; a browser sends each end of line as two letters, and only one is counted."""
    limit = Length(max=COMMENT_LIMIT, message=f"Paling panjang {COMMENT_LIMIT} huruf.")
    return TextAreaField(label, [*validators, limit], filters=[lambda text: text and text.replace("\r\n", "\n")])


class CommentForm(PortalForm):
    #: Key of a row: "statement-12" or "indicator-34".
    row = StringField(validators=[Regexp(r"(statement|indicator)-\d{1,9}\Z", message="Baris ini tidak dikenal.")])
    cell = SelectField("Tentang", choices=[SelectChoice(value, word) for value, word in CELL_WORDS.items()], default=Cell.ROW)
    text = _typed("Komentar", DataRequired("Tuliskan dulu komentar Anda."))


class ReplyForm(VersionForm):
    text = _typed("Tanggapan", Optional())
