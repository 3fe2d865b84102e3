"""Shape of what the operator writes about units and posts; `previewed` is the seal of what the operator was shown to follow."""

from typing import Any

from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from iki_portal.domain.office import POSITION_KIND_WORDS, UNIT_KIND_WORDS, lettered_lines
from iki_portal.web.forms import DayField, PortalForm, version_field

LONGEST_TEXT = 20_000
LONGEST_LINE = 1_000
#: In the list of superiors, reviewers and approvers: none.
NONE = 0
DEFAULT_ROUTE, OWN_ROUTE = "default", "own"


def _line(label: str, longest: int, *validators: Any) -> StringField:
    return StringField(label, [*validators, Length(max=longest, message=f"Paling panjang {longest} huruf.")])


def _text(label: str) -> TextAreaField:
    return TextAreaField(label, [Length(max=LONGEST_TEXT, message=f"Paling panjang {LONGEST_TEXT} huruf.")])


def _order() -> IntegerField:
    return IntegerField(
        "Urutan", [InputRequired("Urutan wajib diisi."), NumberRange(1, 10**6, "Isi dengan angka 1 atau lebih.")]
    )


def _chosen(label: str) -> SelectField:
    return SelectField(label, coerce=int)


class PreviewedForm(PortalForm):
    #: 0 for what has not been written down yet.
    version = version_field(lowest=0)
    previewed = StringField(validators=[Length(max=64)])


class UnitNameForm(PreviewedForm):
    name = _line("Nama unit kerja", 200, DataRequired("Nama wajib diisi."))
    short_name = _line("Nama singkat", 60, DataRequired("Nama singkat wajib diisi."))
    starts_on = DayField("Berlaku mulai", [InputRequired("Tanggal mulai berlaku wajib diisi.")])


class PostNameForm(PreviewedForm):
    name = _line("Nama jabatan", 200, DataRequired("Nama wajib diisi."))
    short_name = _line("Bidang tugas", 60)
    starts_on = DayField("Berlaku mulai", [InputRequired("Tanggal mulai berlaku wajib diisi.")])


class KeepNameForm(PortalForm):
    version = version_field()


class ClosingForm(PreviewedForm):
    closed_on = DayField("Ditutup mulai")


class UnitForm(PreviewedForm):
    kind = SelectField("Jenis", choices=[SelectChoice(value, word) for value, word in UNIT_KIND_WORDS.items()])
    superior = _chosen("Unit di atasnya")
    order = _order()


class NewUnitForm(UnitForm):
    name = _line("Nama unit kerja", 200, DataRequired("Nama wajib diisi."))
    short_name = _line("Nama singkat", 60, DataRequired("Nama singkat wajib diisi."))


class PostForm(PreviewedForm):
    kind = SelectField("Jenis jabatan", choices=[SelectChoice(value, word) for value, word in POSITION_KIND_WORDS.items()])
    unit = _chosen("Unit kerja")
    superior = _chosen("Atasan")
    route = RadioField(
        "Jalur lembar",
        choices=[
            SelectChoice(DEFAULT_ROUTE, "Jalur baku menurut jenis jabatan dan atasannya"),
            SelectChoice(OWN_ROUTE, "Jalur sendiri, seperti dipilih di bawah"),
        ],
        validators=[InputRequired("Pilih jalur lembar.")],
    )
    reviewer = _chosen("Pereviu")
    approver = _chosen("Yang menetapkan")
    order = _order()
    main_duty = _text("Tugas pokok")
    duties = _text("Uraian tugas")
    functions = _text("Fungsi")

    def validate_duties(self, field: TextAreaField) -> None:
        if any(len(line) > LONGEST_LINE for line in lettered_lines(field.data or "")):
            raise ValidationError(f"Satu baris paling panjang {LONGEST_LINE} huruf.")

    validate_functions = validate_duties


class NewPostForm(PostForm):
    title = _line("Nama jabatan", 200, DataRequired("Nama wajib diisi."))
    area = _line("Bidang tugas", 60)
