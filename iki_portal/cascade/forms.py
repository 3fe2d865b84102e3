"""What the page "Mendukung apa?" sends: links by the words that it showed, and links to be taken back by their numbers."""

import re

from wtforms import StringField
from wtforms.validators import Length

from iki_portal.cascade.operations import Wanted
from iki_portal.domain.cascade import LINK_NOTE_LIMIT
from iki_portal.domain.errors import Invalid
from iki_portal.web.forms import PortalForm, mandate_field

NOTHING_CHOSEN = "Pilih dulu yang didukung indikator ini."
UNREADABLE = "Halaman ini tidak lengkap. Muat ulang, lalu coba lagi."
#: As many links as one page can offer at once: a full sheet.
MOST_LINKS = 1800
_VALUE = re.compile(r"([0-9a-f]{16})\.(?:baris\.([0-9a-f]{16})|iku\.([0-9]{1,9})\.([0-9]{1,9}))")
_NUMBER = re.compile(r"[0-9]{1,9}")


class LinkForm(PortalForm):
    mandate = mandate_field()
    note = StringField(
        "Keterangan", [Length(max=LINK_NOTE_LIMIT, message=f"Keterangan paling panjang {LINK_NOTE_LIMIT} huruf.")]
    )


class UnlinkForm(PortalForm):
    mandate = mandate_field()


def wanted_links(values: list[str]) -> list[Wanted]:
    """Raises `Invalid` for what no page of the portal offers, and where nothing was chosen."""
    chosen = [value for value in dict.fromkeys(values) if value][: MOST_LINKS + 1]
    if not chosen:
        raise Invalid(NOTHING_CHOSEN)
    found = [_VALUE.fullmatch(value) for value in chosen]
    if len(chosen) > MOST_LINKS or None in found:
        raise Invalid(UNREADABLE)
    return [
        Wanted(words, parent or "", int(iku or 0), int(version or 0))
        for words, parent, iku, version in (match.groups() for match in found if match)
    ]


def link_numbers(values: list[str]) -> list[int]:
    """Raises `Invalid` for what is no number of a link."""
    if not values or len(values) > MOST_LINKS or not all(_NUMBER.fullmatch(value) for value in values):
        raise Invalid(UNREADABLE)
    return sorted({int(value) for value in values})
