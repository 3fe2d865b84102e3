"""Shape of what the operator writes about the office."""

from typing import Any

from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from iki_portal.domain.errors import Invalid
from iki_portal.domain.people import (
    ASSIGNMENT_KIND_WORDS,
    EMAIL_SHAPE,
    EMPLOYEE_KIND_WORDS,
    IDENTIFIER_LENGTH,
    PPPK_GRADES,
    RANKS,
    EmployeeKind,
    bare_identifier,
    format_rank,
    parse_rank,
)
from iki_portal.web.forms import DayField, PortalForm, version_field


def _line(label: str, longest: int, *validators: Any) -> StringField:
    return StringField(label, [*validators, Length(max=longest, message=f"Paling panjang {longest} huruf.")])


class OfficeForm(PortalForm):
    version = version_field(lowest=0)
    government = _line("Pemerintah daerah", 200)
    agency = _line("Nama instansi", 200)
    address = _line("Alamat", 300)
    contact = _line("Telepon, surel, laman", 300)
    place = _line("Tempat penetapan", 60)
    page_size = SelectField(
        "Ukuran kertas", choices=[SelectChoice("a4", "A4 (210 x 297 mm)"), SelectChoice("f4", "F4 (215 x 330 mm)")]
    )


_RANK_CHOICES = (
    SelectChoice("", "Belum diketahui"),
    *(SelectChoice(code, format_rank(EmployeeKind.PNS, code)) for code in RANKS),
    *(SelectChoice(code, f"{format_rank(EmployeeKind.PPPK, code)} (PPPK)") for code in PPPK_GRADES),
)


class EmployeeForm(PortalForm):
    #: 0 for somebody who has not been written down yet.
    version = version_field(lowest=0)
    name = _line("Nama tanpa gelar", 200, DataRequired("Nama wajib diisi."))
    degrees_before = _line("Gelar di depan nama", 60)
    degrees_after = _line("Gelar di belakang nama", 120)
    kind = RadioField(
        "Jenis kepegawaian",
        choices=[SelectChoice(value, word) for value, word in EMPLOYEE_KIND_WORDS.items()],
        validators=[InputRequired("Pilih jenis kepegawaian.")],
    )
    identifier = _line("NIP atau NI PPPK", 60)
    rank = SelectField("Pangkat, golongan", choices=list(_RANK_CHOICES))
    email = _line("Surel", 254, Optional(), Regexp(EMAIL_SHAPE, message="Tulis seperti nama@kantor.go.id."))
    #: The button that goes on to the account of whoever was just written down.
    with_account = BooleanField()
    #: Ticked when the operator has read what looks wrong in the number, and means it.
    despite = BooleanField("Simpan walaupun demikian: nomor sudah dicocokkan dengan surat keputusannya")

    def validate_identifier(self, field: StringField) -> None:
        if len(bare_identifier(field.data or "")) > IDENTIFIER_LENGTH:
            raise ValidationError(f"Nomor paling panjang {IDENTIFIER_LENGTH} angka.")

    def validate_rank(self, field: SelectField) -> None:
        if not field.data or self.kind.data not in EMPLOYEE_KIND_WORDS:
            return
        try:
            parse_rank(EmployeeKind(self.kind.data), field.data)
        except Invalid as problem:
            raise ValidationError(str(problem)) from problem


class SpanForm(PortalForm):
    """How, from when to when, and by which decree; `previewed` is the seal of what the operator was shown to follow."""

    kind = RadioField(
        "Sebagai",
        choices=[SelectChoice(value, word) for value, word in ASSIGNMENT_KIND_WORDS.items()],
        validators=[InputRequired("Pilih cara memegang jabatan.")],
    )
    starts_on = DayField("Mulai", [InputRequired("Tanggal mulai wajib diisi.")])
    ends_on = DayField("Sampai dengan")
    decree = _line("Nomor keputusan atau surat perintah", 200)
    decree_on = DayField("Tanggal keputusan")
    previewed = StringField(validators=[Length(max=64)])


class AppointForm(SpanForm):
    #: 0 while none is chosen: the first post of the office is nobody's wish by default.
    position = SelectField("Jabatan", coerce=int, validators=[NumberRange(1, message="Pilih jabatannya.")])


class CorrectionForm(SpanForm):
    version = version_field()


class CancelForm(PortalForm):
    version = version_field()
