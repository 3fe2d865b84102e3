"""What axe is spared: pages that differ in words alone. A page built otherwise is judged, however little differs."""

import pytest

from tests.shapes import shape_of

PAGE = '<ul><li><a href="/a">Satu</a></li></ul><label for="x">Nama</label><input id="x" value="Siti" aria-describedby="x-hint">'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Satu", "Dua puluh satu"),
        ('href="/a"', 'href="/b?c=1"'),
        ('value="Siti"', 'value="Rina"'),
        ("</a></li>", '</a></li> <li><a href="/b">Dua</a></li>'),
    ],
)
def test_words_addresses_and_equal_rows_make_no_other_shape(before: str, after: str) -> None:
    assert shape_of(PAGE.replace(before, after)) == shape_of(PAGE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Satu", ""),
        ("Satu", '<svg aria-hidden="true"></svg>'),
        ('<label for="x">Nama</label>', ""),
        ('for="x"', 'for="y"'),
        ('id="x"', ""),
        (' value="Siti"', ' value=""'),
        ("x-hint", "x-error"),
        ("<li>", '<li class="quiet">'),
        ("<ul>", '<ul role="list">'),
    ],
)
def test_what_is_built_otherwise_is_judged(before: str, after: str) -> None:
    assert shape_of(PAGE.replace(before, after)) != shape_of(PAGE)
