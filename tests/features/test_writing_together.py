"""The editor when more than one page writes, and its buttons: nothing typed is lost, and an act can be taken back."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from iki_portal.approvals import operations
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import db
from iki_portal.indicators import draft_versions
from iki_portal.indicators.papers import papers
from iki_portal.models import DraftVersion, Sheet
from iki_portal.organisation.operations import add_year
from tests import office
from tests.editing import Editor, form_of

AUTOSAVE = {"X-Autosave": "1"}


@pytest.fixture
def editor(each_app: Flask) -> Editor:
    return Editor(each_app)


def text_of(answer: Any) -> str:
    text: str = answer.get_data(as_text=True)
    return text


# Two tabs


def test_two_tabs_that_write_different_cells_keep_both(editor: Editor) -> None:
    assert editor.save(**{editor.cell("source"): "Buku agenda"}).status_code == 302
    answer = editor.save(**{editor.cell("unit_of_measure"): "dokumen"})  # a page opened before that
    assert answer.status_code == 302
    stored = editor.stored()
    assert (stored[editor.cell("source")], stored[editor.cell("unit_of_measure")]) == ("Buku agenda", "dokumen")
    assert "ikut tersimpan" in text_of(editor.client.get(editor.url))


def test_two_tabs_that_write_the_same_cell_are_asked(editor: Editor) -> None:
    assert editor.save(**{editor.cell("source"): "Yang pertama", editor.cell("target"): "5"}).status_code == 302
    answer = editor.save(**{editor.cell("source"): "Yang kedua"})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "juga diubah Anda sendiri di halaman lain" in page
    assert "tersimpan sekarang “Yang pertama”" in page
    assert "Yang kedua" in page
    assert f'href="#{editor.cell("source")}"' in page
    assert re.search(rf'name="{editor.cell("target")}"\s+value="5"', page)  # the other tab's, merged
    assert editor.stored()[editor.cell("source")] == "Yang pertama"


def test_autosave_brings_what_another_tab_wrote(editor: Editor) -> None:
    first = editor.save(headers=AUTOSAVE, **{editor.cell("source"): "Buku agenda"}).get_json()
    second = editor.save(headers=AUTOSAVE, **{editor.cell("unit_of_measure"): "dokumen"}).get_json()
    assert first["cells"] == {}
    assert second["cells"] == {editor.cell("source"): "Buku agenda"}
    assert second["version"] == first["version"] + 1
    assert not second["rows_differ"]


def test_autosave_says_when_another_tab_added_or_removed_rows(editor: Editor) -> None:
    assert editor.save(action="add-statement").status_code == 302
    answer = editor.save(headers=AUTOSAVE, **{editor.cell("source"): "Buku"}).get_json()
    assert answer["rows_differ"]
    assert len(editor.stored()["statement"]) == 4
    assert editor.stored()[editor.cell("source")] == "Buku"


def test_a_row_removed_in_one_tab_and_written_in_the_other_stays(editor: Editor) -> None:
    first = editor.fields["statement"][0]
    assert editor.save(action=f"remove-statement:{first}").status_code == 302
    assert editor.save(**{editor.cell("source"): "Ditulis di halaman lama"}).status_code == 302
    sources = [value for name, value in editor.stored().items() if name.endswith("-source")]
    assert "Ditulis di halaman lama" in sources


def test_a_page_older_than_what_is_kept_is_told_so(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft_versions, "KEPT", 1)
    old = dict(editor.fields)
    for number in range(4):
        assert editor.save(**{editor.cell("source"): f"Buku {number}"}).status_code == 302
        editor.fields = editor.stored()
    editor.fields = old
    answer = editor.save(**{editor.cell("unit_of_measure"): "dokumen"})
    assert answer.status_code == 409
    assert "sudah diubah" in text_of(answer)
    assert "dokumen" in text_of(answer)
    with editor.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(DraftVersion)) == 2


def test_a_version_from_the_future_is_refused(editor: Editor) -> None:
    assert editor.save(version="999").status_code == 409


# Taking back


def undo_button(page: str) -> str:
    return page.split('value="undo:')[1].split('"', maxsplit=1)[0]


@pytest.mark.parametrize("what", ["statement", "indicator"])
def test_a_deletion_is_taken_back_and_what_was_written_since_stays(editor: Editor, what: str) -> None:
    key = editor.fields["statement"][0] if what == "statement" else editor.rows[0]
    before = editor.stored()
    assert editor.save(action=f"remove-{what}:{key}").status_code == 302
    editor.fields = editor.stored()
    assert editor.save(**{editor.cell("source", 1): "Ditulis sesudahnya"}).status_code == 302
    editor.fields = editor.stored()
    page = text_of(editor.client.get(editor.url))
    assert f"Urungkan: hapus {'kinerja 1' if what == 'statement' else 'baris 1.1'}" in page
    assert editor.save(action=f"undo:{undo_button(page)}").status_code == 302
    stored = editor.stored()
    assert stored[editor.cell("source", 1)] == "Ditulis sesudahnya"
    texts = lambda fields: [value for name, value in fields.items() if name.endswith("-text")]  # noqa: E731
    assert texts(stored) == texts(before)
    assert "Urungkan" not in text_of(editor.client.get(editor.url))


def test_an_act_is_taken_back_once(editor: Editor) -> None:
    assert editor.save(action=f"remove-indicator:{editor.rows[0]}").status_code == 302
    number = undo_button(text_of(editor.client.get(editor.url)))
    editor.fields = editor.stored()
    assert editor.save(action=f"undo:{number}").status_code == 302
    editor.fields = editor.stored()
    assert editor.save(action=f"undo:{number}").status_code == 409
    assert editor.stored() == editor.fields


@pytest.mark.parametrize("number", ["", "x", "1e3", "-1", "9" * 30, "٣"])
def test_a_broken_undo_changes_nothing(editor: Editor, number: str) -> None:
    before = editor.stored()
    assert editor.save(action=f"undo:{number}", **{editor.cell("source"): "Buku"}).status_code in (409, 422)
    assert editor.stored() == before


def test_another_sheets_acts_cannot_be_taken_back(editor: Editor) -> None:
    assert editor.save(action=f"remove-indicator:{editor.rows[0]}").status_code == 302
    number = undo_button(text_of(editor.client.get(editor.url)))
    with editor.app.app_context():
        outsider = office.sheet_of(office.OUTSIDER)
        before = form_of(outsider)
    client = office.sign_in(editor.app, office.OUTSIDER)
    answer = office.post(client, f"/lembar/{outsider.id}/ubah", {**before, "action": f"undo:{number}"})
    assert answer.status_code == 409


# The formula in fields


def test_a_formula_is_proposed_composed_and_followed(editor: Editor) -> None:
    row = editor.rows[0]
    text = "Persentase ASN yang menerima SK pensiun"
    editor.save(**{editor.cell("text"): text, editor.cell("formula"): text})
    editor.fields = editor.stored()
    answer = editor.save(action=f"propose-formula:{row}")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"#{editor.cell('numerator')}")
    editor.fields = editor.stored()
    assert editor.fields[editor.cell("denominator")] == "jumlah ASN yang mencapai batas usia pensiun …"
    page = text_of(editor.client.get(editor.url))
    assert "menurut aturan “SK pensiun dibandingkan" in page
    assert "Urungkan: usulan rumus baris 1.1" in page
    filled = {
        editor.cell("denominator"): "jumlah ASN yang mencapai batas usia pensiun",
        editor.cell("record"): "register SK pensiun",
    }
    saved = editor.save(headers=AUTOSAVE, **filled).get_json()
    formula = saved["cells"][editor.cell("formula")]
    assert formula.startswith("Jumlah ASN yang menerima SK pensiun dibagi jumlah ASN yang mencapai batas usia pensiun × 100%")
    editor.fields = editor.stored()
    editor.save(**{editor.cell("formula"): "Rumus kami sendiri", editor.cell("record"): "SIASN"})
    assert editor.stored()[editor.cell("formula")] == "Rumus kami sendiri"
    editor.fields = editor.stored()
    assert editor.save(action=f"follow-fields:{row}").status_code == 302
    assert "menurut SIASN" in editor.stored()[editor.cell("formula")]


def test_a_proposal_keeps_what_was_written(editor: Editor) -> None:
    mine = {editor.cell("text"): "Persentase ASN yang hadir", editor.cell("record"): "daftar hadir"}
    assert editor.save(action=f"propose-formula:{editor.rows[0]}", **mine).status_code == 302
    assert editor.stored()[editor.cell("record")] == "daftar hadir"
    assert editor.stored()[editor.cell("numerator")] == "jumlah ASN yang hadir"


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("propose-formula", "Belum ada aturan usulan"),
        ("follow-fields", "Isi dahulu yang dihitung"),
        ("spread-quarter", "Isi dahulu target TW I"),
    ],
)
def test_a_button_that_cannot_act_says_why_and_keeps_what_was_typed(editor: Editor, action: str, said: str) -> None:
    before = editor.stored()
    typed = {editor.cell("text"): "Indeks kepuasan", editor.cell("quarter_1"): "", editor.cell("numerator"): ""}
    answer = editor.save(action=f"{action}:{editor.rows[0]}", **typed)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert "Indeks kepuasan" in text_of(answer)
    assert editor.stored() == before


# Copying and pasting


def test_a_row_is_copied_below_itself(editor: Editor) -> None:
    first = editor.fields["statement"][0]
    editor.save(action=f"copy-indicator:{editor.rows[0]}", **{editor.cell("source"): "Buku", editor.cell("target"): "5"})
    stored = editor.stored()
    old, new = stored[f"statement-{first}-indicator"]
    same = [cell for cell in ("text", "formula", "source", "target") if stored[f"indicator-{old}-{cell}"]]
    assert {"source", "target"} <= set(same)
    assert all(stored[f"indicator-{old}-{cell}"] == stored[f"indicator-{new}-{cell}"] for cell in same)


def test_the_first_quarter_is_copied_to_all(editor: Editor) -> None:
    editor.save(action=f"spread-quarter:{editor.rows[0]}", **{editor.cell("quarter_1"): "2,5", editor.cell("quarter_3"): "9"})
    stored = editor.stored()
    assert [stored[editor.cell(f"quarter_{number}")] for number in (1, 2, 3, 4)] == ["2,5"] * 4


def test_pasted_rows_stand_at_the_end_and_are_taken_back_at_once(editor: Editor) -> None:
    before = editor.stored()
    pasted = "Kinerja X\tJumlah dokumen\tMenurut agenda\tBidang\tdokumen\t4\r\n\tJumlah laporan\t\t\tlaporan\t1.234,5"
    answer = editor.save(action="paste", pasted=pasted)
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("#baru")
    stored = editor.stored()
    last = stored["statement"][-1]
    one, two = stored[f"statement-{last}-indicator"]
    assert stored[f"statement-{last}-text"] == "Kinerja X"
    assert (stored[f"indicator-{one}-target"], stored[f"indicator-{two}-target"]) == ("4", "1234,5")
    editor.fields = stored
    page = text_of(editor.client.get(editor.url))
    assert "2 baris ditempel di akhir lembar" in page
    assert editor.save(action=f"undo:{undo_button(page)}").status_code == 302
    assert editor.stored() == {**before, "version": editor.stored()["version"]}


def test_a_wrong_figure_in_a_paste_is_shown_at_its_cell_and_nothing_is_lost(editor: Editor) -> None:
    before = editor.stored()
    answer = editor.save(action="paste", pasted="Kinerja X\tJumlah dokumen\t\t\tdokumen\tbanyak")
    page = text_of(answer)
    assert answer.status_code == 422
    assert "error-summary" in page
    assert 'value="banyak"' in page
    assert editor.stored() == before


def test_a_refused_paste_comes_back_as_it_was_pasted(editor: Editor) -> None:
    answer = editor.save(action="paste", pasted="<b>satu</b>\t" + "\t".join("x" * 12))
    page = text_of(answer)
    assert answer.status_code == 422
    assert "tidak dikenal" in page
    assert "&lt;b&gt;satu&lt;/b&gt;" in page


@pytest.fixture
def next_year(editor: Editor) -> int:
    """The id of the owner's draft of the year after."""
    with editor.app.app_context(), office.transaction():
        sheet = office.sheet_of(office.OWNER)
        add_year(sheet.year + 1, deadline=None)
        facts = {name: getattr(sheet, name) for name in ("position_id", "heading", "order", "reviewer_id", "approver_id")}
        draft = Sheet(year=sheet.year + 1, changed_at=office.now(), **facts)
        db.session.add(draft)
        db.session.flush()
        return draft.id


def test_a_row_is_copied_to_the_draft_of_another_year(editor: Editor, next_year: int) -> None:
    row, statement = editor.rows[0], editor.fields["statement"][0]
    assert "Ke 2028" in text_of(editor.client.get(editor.url))
    for _ in range(2):
        answer = editor.save(action=f"copy-to:{row}:{next_year}", **{editor.cell("source"): "Buku"})
        assert answer.status_code == 302
        editor.fields = editor.stored()
    with editor.app.app_context():
        (copied,) = papers([next_year])[next_year].statements
    assert copied.text == editor.fields[f"statement-{statement}-text"]
    assert [each.source for each in copied.indicators] == ["Buku", "Buku"]
    page = text_of(editor.client.get(f"/lembar/{next_year}/ubah"))
    assert "Urungkan: salin baris dari 2027" in page


@pytest.mark.parametrize("broken", ["copy-to:{row}", "copy-to:{row}:x", "copy-to:b1:{next}", "copy-to:{row}:{next}:1"])
def test_a_broken_copy_changes_nothing(editor: Editor, next_year: int, broken: str) -> None:
    before = editor.stored()
    action = broken.format(row=editor.rows[0], next=next_year)
    assert editor.save(action=action, **{editor.cell("source"): "Buku"}).status_code == 422
    assert editor.stored() == before


def test_nothing_is_copied_into_or_out_of_a_strangers_draft(editor: Editor, next_year: int) -> None:
    with editor.app.app_context():
        foreign = office.sheet_of(office.OUTSIDER)
        before = form_of(foreign)
        row = before[f"statement-{before['statement'][0]}-indicator"][0]
    assert editor.save(action=f"copy-to:{editor.rows[0]}:{foreign.id}").status_code == 404
    assert editor.save(action=f"copy-to:{row}:{next_year}").status_code == 404
    with editor.app.app_context():
        assert form_of(office.sheet_of(office.OUTSIDER)) == before
        assert papers([next_year])[next_year].statements == ()


# What goes on


def test_a_new_revision_begins_with_every_cell(app: Flask) -> None:
    cells = {
        "baseline": "3,5",
        "sub_kegiatan_code": "5.03.02.2.01.0006",
        "numerator": "jumlah A",
        "denominator": "jumlah B",
        "population": "semua",
        "record": "register",
        "cut_off": "akhir tahun",
        "justification": "alasan",
    }
    with app.app_context():
        office.fill_in()
    editor = Editor(app)
    assert editor.save(**{editor.cell(name): value for name, value in cells.items()}).status_code == 302
    with app.app_context():
        office.submit()
        office.review()
        old = office.approve()
        with office.transaction():
            reason = {"reason": ReasonClass.CORRECTION, "note": "Koreksi"}
            operations.revise(old, actor=office.actor(office.OWNER), now=office.now(), **reason)
        fields = form_of(office.sheet_of(office.OWNER, revision=2))
    row = fields[f"statement-{fields['statement'][0]}-indicator"][0]
    assert {name: fields[f"indicator-{row}-{name}"] for name in cells} == cells


# Suggestions


def test_a_suggestion_is_taken_all_are_accepted_and_all_are_taken_back(editor: Editor) -> None:
    before = editor.stored()
    page = text_of(editor.client.get(editor.url))
    assert "Satuan: dokumen" in page
    assert "Kode: 5.03.02.2.01.0003" in page
    assert "omenklatur sub-kegiatan nasional" in page
    assert editor.save(action=f"take-code:{editor.rows[1]}:5.03.02.2.01.0003").status_code == 302
    editor.fields = editor.stored()
    assert editor.fields[editor.cell("sub_kegiatan_code", 1)] == "5.03.02.2.01.0003"
    assert editor.save(action="accept-all", **{editor.cell("unit_of_measure", 1): "berkas"}).status_code == 302
    editor.fields = editor.stored()
    units = [editor.fields[editor.cell("unit_of_measure", row)] for row in range(3)]
    assert units == ["dokumen", "berkas", "dokumen"]  # what was typed stays
    page = text_of(editor.client.get(editor.url))
    assert "isian diisi menurut usulan" in page
    for _ in range(2):
        assert editor.save(action=f"undo:{undo_button(text_of(editor.client.get(editor.url)))}").status_code == 302
        editor.fields = editor.stored()
    typed = {"version": editor.fields["version"], editor.cell("unit_of_measure", 1): ""}
    assert {**editor.fields, **typed} == {**before, **typed}


def test_nothing_to_accept_is_said(editor: Editor) -> None:
    filled = {editor.cell(cell, row): "x" for row in range(3) for cell in ("unit_of_measure", "sub_kegiatan_code")}
    answer = editor.save(action="accept-all", **filled)
    assert answer.status_code == 422
    assert "Tidak ada usulan" in text_of(answer)
