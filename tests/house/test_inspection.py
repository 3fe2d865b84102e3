"""The inspector of pages finds what it is there to find: a good page with one fault planted at a time."""

import pytest

from tests.inspection import faults, shape

GOOD = """<!doctype html>
<html lang="id"><head><title>Beranda · Portal IKI</title></head>
<body><h1>Beranda</h1>
<form method="post" action="/x"><input type="hidden" name="csrf_token" value="t">
<label for="note">Catatan</label><textarea id="note" name="note"></textarea>
<label>Pilih <input type="radio" name="step" value="a"></label>
<input name="cari" aria-label="Cari"><button>Kirim</button></form>
<a href="#note">Catatan</a></body></html>"""

PLANTED = {
    "HTML": ("</h1>", "</h2>"),
    "lang": ('lang="id"', 'lang="en"'),
    "do not agree": ("<h1>Beranda</h1>", "<h1>Rumah</h1>"),
    "used twice": ('name="step"', 'name="step" id="note"'),
    "leads nowhere": ('href="#note"', 'href="#hilang"'),
    "note has no label": ('for="note"', 'for="lain"'),
    "cari has no label": ('aria-label="Cari"', ""),
    "has no token": ('name="csrf_token"', 'name="token"'),
    "English": ("Kirim", "This field is required."),
    "None": ("Kirim", "None"),
    "inline style": ("<h1>", '<h1 style="x">'),
    "inline script": ("</body>", "<script>1</script></body>"),
    "onclick": ("<button>", '<button onclick="x">'),
}


def test_a_good_page_has_no_faults() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize("found", PLANTED)
def test_a_planted_fault_is_found(found: str) -> None:
    good, bad = PLANTED[found]
    assert GOOD.count(good) >= 1
    assert any(found in each for each in faults(GOOD.replace(good, bad, 1))), faults(GOOD.replace(good, bad, 1))


def test_two_headings_are_one_too_many() -> None:
    assert faults(GOOD.replace("<form", "<h1>Beranda</h1><form")) != []


def test_a_control_without_any_id_is_not_labelled_by_somebody_elses_label() -> None:
    assert "input cari has no label" in faults(GOOD.replace(' aria-label="Cari"', ""))


def test_a_page_is_the_same_page_with_another_token_and_no_other() -> None:
    token = "IjJmOTk0ZTE2ZDIyM2M3YzE5.aSx-Zw.Nq1zYfM0kq4m8B2eVw3rT5uXy7A"
    drawn = GOOD.replace('value="t"', f'value="{token}"')
    assert shape(drawn) == shape(GOOD.replace('value="t"', f'value="{token[::-1]}"'))
    assert len({shape(page) for page in (GOOD, *(GOOD.replace(*pair, 1) for pair in PLANTED.values()))}) == len(PLANTED) + 1
