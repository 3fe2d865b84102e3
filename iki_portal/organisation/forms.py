"""Shape of what the operator writes about the office."""

from wtforms import SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from iki_portal.web.forms import PortalForm, version_field


def _line(label: str, longest: int) -> StringField:
    return StringField(label, [Length(max=longest, message=f"Paling panjang {longest} huruf.")])


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
