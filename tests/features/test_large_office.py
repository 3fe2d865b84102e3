"""A large office is shown by parts: the way to one unit, and that unit's posts; a small one as a whole."""

import pytest
from flask import Flask
from sqlalchemy import select

from benchmarks.generate import POSTS_IN_A_UNIT, hire
from iki_portal.models import Position, Unit
from iki_portal.organisation.chart import MOST_POSTS
from tests import office

PAGE = "/organisasi"


@pytest.fixture
def large(app: Flask) -> Flask:
    hire(app, 400)
    return app


def unit_called(app: Flask, name: str) -> int:
    with app.app_context():
        return office.db.session.scalars(select(Unit.id).where(Unit.name == name)).one()


def page(app: Flask, url: str, reader: str = office.OWNER) -> str:
    return str(office.sign_in(app, reader).get(url).get_data(as_text=True))


def test_a_small_office_is_shown_whole(app: Flask) -> None:
    text = page(app, PAGE)
    assert text.count('class="org-post') == 21
    assert "Lihat jabatan" not in text


def test_a_large_office_opens_at_the_readers_own_unit(large: Flask) -> None:
    text = page(large, PAGE)
    assert text.count('class="org-post') == 4, "the Kabid and three Analis of the reader's bidang"
    assert "Pegawai Contoh 07" in text
    assert "Bidang Contoh 1" in text
    assert "Contoh 399" not in text
    assert "Sub Bagian Keuangan" not in text, "what lies below a unit beside the way is left out"
    assert page(large, PAGE, office.OPERATOR).count('class="org-post') == 1, "who has no post begins at the top"


def test_another_unit_is_opened_by_its_address_and_paged(large: Flask) -> None:
    unit = unit_called(large, "Bidang Contoh 0")
    first = page(large, f"{PAGE}?unit={unit}")
    assert first.count('class="org-post') == MOST_POSTS
    assert f"unit={unit}&amp;halaman=2" in first
    last = page(large, f"{PAGE}?unit={unit}&halaman={POSTS_IN_A_UNIT // MOST_POSTS + 1}")
    assert last.count('class="org-post') == POSTS_IN_A_UNIT % MOST_POSTS
    assert "Berikutnya" not in last


def test_the_way_to_a_unit_below_another_is_open(large: Flask) -> None:
    unit = unit_called(large, "Sub Bagian Keuangan")
    text = page(large, f"{PAGE}?unit={unit}")
    assert "Kepala Sub Bagian Keuangan" in text
    assert "Sub Bagian Perencanaan" in text, "its neighbours are named"
    with large.app_context():
        sekretariat = office.db.session.scalars(select(Position.unit_id).where(Position.code == office.APPROVER)).one()
    assert f"?unit={sekretariat}" in text


@pytest.mark.parametrize("unit", ["999999", "0", "-1", "x", "9" * 30])
def test_a_unit_that_is_none_shows_the_readers_own(large: Flask, unit: str) -> None:
    assert "Pegawai Contoh 07" in page(large, f"{PAGE}?unit={unit}")
