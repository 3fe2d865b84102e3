"""Writing a sheet where it is printed: what is typed is understood, shown, or given back, and never half-written."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from iki_portal.extensions import db
from iki_portal.indicators.papers import papers
from iki_portal.models import Statement
from tests import office
from tests.editing import Editor, form_of


@pytest.fixture
def editor(app: Flask) -> Editor:
    return Editor(app)


def test_texts_and_figures_are_stored_as_the_office_writes_them(editor: Editor) -> None:
    changed = {
        editor.cell("formula"): "  Jumlah   dokumen\n yang disahkan ",
        editor.cell("unit_of_measure"): "dokumen",
        editor.cell("polarity"): "maximize",
        editor.cell("aggregation"): "sum",
        editor.cell("target"): "1.234,5",
        editor.cell("quarter_1"): "1234,5",
    }
    assert editor.save(**changed).status_code == 302
    stored = editor.stored()
    assert stored[editor.cell("formula")] == "Jumlah dokumen yang disahkan"
    assert stored[editor.cell("target")] == "1234,5"
    assert stored[editor.cell("quarter_1")] == "1234,5"
    with editor.app.app_context():
        paper = next(iter(papers([office.sheet_of(office.OWNER).id]).values()))
        assert paper.statements[0].indicators[0].target == Decimal("1234.5")


@pytest.mark.parametrize(("typed", "understood"), [("4.25", "4,25"), ("1.234", "1234")])
def test_one_dot_is_never_guessed_silently(editor: Editor, typed: str, understood: str) -> None:
    before = editor.stored()
    answer = editor.save(**{editor.cell("target"): typed})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f"dimengerti sebagai {understood}" in page
    assert f'value="{understood}"' in page
    assert editor.stored() == before
    assert editor.save(**{editor.cell("target"): understood}).status_code == 302
    assert editor.stored()[editor.cell("target")] == understood


@pytest.mark.parametrize(
    ("cell", "typed"),
    [
        ("target", "banyak"),
        ("target", "1e9"),
        ("target", "NaN"),
        ("target", "1,23456"),
        ("target", "12.34.5"),
        ("quarter_4", "--1"),
        ("target", "9" * 40),
        ("polarity", "sideways"),
        ("aggregation", "1"),
        ("unit_of_measure", "x" * 61),
        ("text", "x" * 2001),
        ("formula", "x" * 100_000),
    ],
)
def test_a_wrong_cell_saves_nothing_and_keeps_everything_typed(editor: Editor, cell: str, typed: str) -> None:
    before = editor.stored()
    answer = editor.save(**{editor.cell(cell): typed, editor.cell("source", 1): "Buku agenda surat"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "error-summary" in page
    assert f'href="#{editor.cell(cell)}"' in page
    assert "Buku agenda surat" in page
    assert editor.stored() == before


def test_rows_are_added_moved_and_removed(editor: Editor) -> None:
    first, second, third = editor.fields["statement"]
    assert editor.save(action=f"down-statement:{first}").status_code == 302
    assert editor.stored()["statement"] == [second, first, third]
    editor.fields = editor.stored()
    assert editor.save(action="add-statement").status_code == 302
    assert len(editor.stored()["statement"]) == 4
    editor.fields = editor.stored()
    assert editor.save(action=f"remove-statement:{second}").status_code == 302
    assert editor.stored()["statement"][:2] == [first, third]
    editor.fields = editor.stored()
    assert editor.save(action=f"add-indicator:{first}").status_code == 302
    assert len(editor.stored()[f"statement-{first}-indicator"]) == 2
    with editor.app.app_context():
        numbers = db.session.scalars(
            select(Statement.number).where(Statement.sheet_id == office.sheet_of(office.OWNER).id).order_by(Statement.number)
        ).all()
        assert numbers == [1, 2, 3]


@pytest.mark.parametrize(
    "broken",
    [
        {"version": ""},
        {"version": "satu"},
        {"version": "-1"},
        {"version": str(10**30)},
        {"statement": ["1; DROP TABLE"]},
        {"statement": ["../1"]},
        {"action": "destroy"},
        {"action": "up-statement:999999"},
    ],
)
def test_a_broken_form_is_refused_in_one_sentence(editor: Editor, broken: dict[str, Any]) -> None:
    before = editor.stored()
    answer = editor.save(**broken)
    assert answer.status_code == 422
    assert editor.stored() == before


def test_a_form_whose_end_did_not_arrive_removes_nothing(editor: Editor) -> None:
    before = editor.stored()
    del editor.fields["whole"]
    editor.fields["statement"] = editor.fields["statement"][:1]
    assert editor.save().status_code == 422
    assert editor.stored() == before


def test_rows_of_another_sheet_cannot_be_taken_over(editor: Editor) -> None:
    with editor.app.app_context():
        other = office.sheet_of(office.OUTSIDER)
        foreign = form_of(other)
    before = editor.stored()
    key = foreign["statement"][0]
    answer = editor.save(statement=[*editor.fields["statement"], key], **{f"statement-{key}-text": "curi"})
    assert answer.status_code == 404
    assert editor.stored() == before
    with editor.app.app_context():
        assert form_of(office.sheet_of(office.OUTSIDER)) == foreign


def test_a_row_listed_twice_is_refused(editor: Editor) -> None:
    first = editor.fields["statement"][0]
    assert editor.save(statement=[first, first]).status_code == 422


def test_an_outdated_page_gives_back_what_was_typed_and_says_who_was_faster(editor: Editor) -> None:
    assert editor.save(**{editor.cell("source"): "Yang pertama"}).status_code == 302
    answer = editor.save(**{editor.cell("source"): "Ketikan saya"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Ketikan saya" in page
    assert "Pegawai Contoh 07" in page
    assert editor.stored()[editor.cell("source")] == "Yang pertama"


def test_saving_the_same_again_is_no_new_version(editor: Editor) -> None:
    assert editor.save().status_code == 302
    assert editor.stored()["version"] == editor.fields["version"]


def test_autosave_answers_with_version_and_time_or_a_sentence(editor: Editor) -> None:
    headers = {"X-Autosave": "1"}
    saved = editor.save(headers=headers, **{editor.cell("source"): "Buku"})
    assert saved.status_code == 200
    assert saved.get_json()["version"] == int(editor.fields["version"]) + 1
    assert len(saved.get_json()["saved_at"]) == 5
    late = editor.save(headers=headers, **{editor.cell("source"): "Lain"})
    assert late.status_code == 409
    assert "juga diubah" in late.get_json()["message"]
    editor.fields = editor.stored()
    wrong = editor.save(headers=headers, **{editor.cell("target"): "x"})
    assert wrong.status_code == 422
    assert wrong.get_json()["message"].startswith("Belum tersimpan")


@pytest.mark.parametrize(
    ("aggregation", "quarters", "complete"),
    [
        ("sum", ("1", "1", "1", "1"), True),
        ("sum", ("1", "1", "1", "2"), False),
        ("last", ("1", "2", "3", "4"), True),
        ("last", ("1", "2", "3", "3"), False),
        ("average", ("4", "4", "4", "4"), True),
        ("average", ("1", "1", "1", "1"), False),
    ],
)
def test_quarters_must_agree_with_the_year(app: Flask, aggregation: str, quarters: tuple[str, ...], complete: bool) -> None:
    with app.app_context():
        office.fill_in()
    editor = Editor(app)
    changed = {editor.cell("aggregation", row): aggregation for row in range(len(editor.rows))}
    for row in range(len(editor.rows)):
        changed |= {editor.cell(f"quarter_{number}", row): value for number, value in enumerate(quarters, start=1)}
    assert editor.save(**changed).status_code == 302
    page = editor.client.get(editor.url.removesuffix("/ubah")).get_data(as_text=True)
    assert ("Ajukan untuk reviu" in page) is complete
    assert (f"{len(editor.rows)} dari {len(editor.rows)} indikator lengkap" in page) is complete


def test_an_editor_whose_sheet_was_submitted_elsewhere_gives_back_what_was_typed(app: Flask) -> None:
    with app.app_context():
        office.fill_in()
    editor = Editor(app)
    with app.app_context():
        office.submit()
    answer = editor.save(**{editor.cell("source"): "Ketikan yang belum tersimpan"})
    assert answer.status_code == 409
    assert "Ketikan yang belum tersimpan" in answer.get_data(as_text=True)


def test_statements_and_indicators_move_up_and_stay_at_the_edge(editor: Editor) -> None:
    first, second, third = editor.fields["statement"]
    assert editor.save(action=f"up-statement:{third}").status_code == 302
    assert editor.stored()["statement"] == [first, third, second]
    for action in (f"up-statement:{first}", f"down-statement:{second}"):
        editor.fields = editor.stored()
        assert editor.save(action=action).status_code == 302
        assert editor.stored()["statement"] == [first, third, second]
    editor.fields = editor.stored()
    assert editor.save(action=f"add-indicator:{first}").status_code == 302
    editor.fields = editor.stored()
    one, two = editor.fields[f"statement-{first}-indicator"]
    assert editor.save(action=f"up-indicator:{two}").status_code == 302
    assert editor.stored()[f"statement-{first}-indicator"] == [two, one]
    editor.fields = editor.stored()
    assert editor.save(action=f"down-indicator:{two}").status_code == 302
    editor.fields = editor.stored()
    assert editor.save(action=f"remove-indicator:{two}").status_code == 302
    assert editor.stored()[f"statement-{first}-indicator"] == [one]


def test_a_button_of_the_editor_saves_what_was_typed_beside_it(editor: Editor) -> None:
    first = editor.fields["statement"][0]
    assert editor.save(action=f"down-statement:{first}", **{editor.cell("source"): "Buku agenda"}).status_code == 302
    assert editor.stored()[editor.cell("source")] == "Buku agenda"


def test_an_upper_bound_belongs_to_a_range_and_to_nothing_else(editor: Editor) -> None:
    bounds = {editor.cell("polarity"): "range", editor.cell("target"): "80", editor.cell("target_upper"): "90"}
    assert editor.save(**bounds).status_code == 302
    assert editor.stored()[editor.cell("target_upper")] == "90"
    editor.fields = editor.stored()
    for polarity in ("minimize", "maximize"):
        assert editor.save(**{editor.cell("polarity"): polarity}).status_code == 302
        editor.fields = editor.stored()
        assert editor.fields[editor.cell("polarity")] == polarity
        assert editor.fields[editor.cell("target_upper")] == ""
        assert editor.fields[editor.cell("target")] == "80"


def test_an_emptied_cell_is_empty_and_the_page_counts_it(app: Flask) -> None:
    with app.app_context():
        office.fill_in()
    editor = Editor(app)
    number = len(editor.rows)
    assert editor.save(**{editor.cell("target"): "", editor.cell("unit_of_measure"): "   "}).status_code == 302
    assert editor.stored()[editor.cell("target")] == ""
    page = editor.client.get(editor.url.removesuffix("/ubah")).get_data(as_text=True)
    assert f"{number - 1} dari {number} indikator lengkap" in page
    assert "Ajukan untuk reviu" not in page


def test_an_indicator_of_another_sheet_cannot_be_taken_over(editor: Editor) -> None:
    with editor.app.app_context():
        foreign = form_of(office.sheet_of(office.OUTSIDER))
    key = foreign[f"statement-{foreign['statement'][0]}-indicator"][0]
    first = editor.fields["statement"][0]
    before = editor.stored()
    for stolen in (key, "999999999", "0"):
        own = editor.fields[f"statement-{first}-indicator"]
        answer = editor.save(**{f"statement-{first}-indicator": [*own, stolen], f"indicator-{stolen}-text": "curi"})
        assert answer.status_code == 404, stolen
    assert editor.stored() == before
    with editor.app.app_context():
        assert form_of(office.sheet_of(office.OUTSIDER)) == foreign


def test_an_indicator_moves_with_its_figures_to_another_statement(editor: Editor) -> None:
    first, second, _ = editor.fields["statement"]
    row = editor.rows[0]
    moved = {f"statement-{first}-indicator": [], f"statement-{second}-indicator": [editor.rows[1], row]}
    assert editor.save(**moved, **{editor.cell("source"): "Ikut pindah"}).status_code == 302
    stored = editor.stored()
    assert stored[f"statement-{second}-indicator"] == [editor.rows[1], row]
    assert stored[editor.cell("source")] == "Ikut pindah"


@pytest.mark.parametrize("twice", ["indicator", "new statement", "new indicator"])
def test_whatever_is_listed_twice_is_refused(editor: Editor, twice: str) -> None:
    first, second, third = editor.fields["statement"]
    changed: dict[str, Any] = {
        "indicator": {f"statement-{second}-indicator": [editor.rows[1], editor.rows[0]]},
        "new statement": {"statement": [first, second, third, "b1", "b1"], "statement-b1-text": "Baru"},
        "new indicator": {f"statement-{first}-indicator": [editor.rows[0], "b1", "b1"], "indicator-b1-text": "Baru"},
    }[twice]
    before = editor.stored()
    answer = editor.save(**changed)
    assert answer.status_code == 422
    assert "dua kali" in answer.get_data(as_text=True)
    assert editor.stored() == before


def test_more_rows_than_a_sheet_can_hold_are_refused(editor: Editor) -> None:
    before = editor.stored()
    keys = [f"b{number}" for number in range(1, 2600)]
    assert editor.save(statement=[*editor.fields["statement"], *keys[:61]]).status_code == 422
    assert editor.save(statement=[*editor.fields["statement"], *keys]).status_code == 422
    first = editor.fields["statement"][0]
    assert editor.save(**{f"statement-{first}-indicator": keys[:31]}).status_code == 422
    assert editor.stored() == before


def test_a_new_row_that_is_saved_twice_in_the_background_is_one_row(editor: Editor) -> None:
    """The page knows the new row as "b1" until it is loaded again; each autosave sends it under that name."""
    row = {"statement": [*editor.fields["statement"], "b1"], "statement-b1-text": "Baru", "statement-b1-indicator": ["b2"]}
    for text in ("Baru", "Baru sekali"):
        row["statement-b1-text"] = text
        saved = editor.save(headers={"X-Autosave": "1"}, **row)
        assert saved.status_code == 200
        editor.fields["version"] = str(saved.get_json()["version"])
    stored = editor.stored()
    assert len(stored["statement"]) == 4
    assert stored[f"statement-{stored['statement'][3]}-text"] == "Baru sekali"


def test_autosave_without_a_session_or_a_token_answers_a_sentence(editor: Editor) -> None:
    headers = {"X-Autosave": "1"}
    stranger = editor.app.test_client().post(editor.url, data=editor.fields, headers=headers)
    assert stranger.status_code == 401
    assert "Masuk lagi" in stranger.get_json()["message"]
    stale = editor.client.post(editor.url, data=editor.fields, headers=headers)
    assert stale.status_code == 400
    assert "kedaluwarsa" in stale.get_json()["message"]
    broken = editor.save(headers=headers, version="")
    assert broken.status_code == 422
    assert "tidak lengkap" in broken.get_json()["message"]


def test_forged_columns_of_the_sheet_are_not_written(editor: Editor) -> None:
    forged = {"state": "approved", "revision": "9", "owner_id": "1", "approver_id": "1", "year": "2000", "sheet_id": "1"}
    with editor.app.app_context():
        before = office.sheet_of(office.OWNER)
    assert editor.save(**forged, **{editor.cell("source"): "Buku"}).status_code == 302
    with editor.app.app_context():
        after = office.sheet_of(office.OWNER)
    assert (after.state, after.revision, after.year, after.route) == (before.state, 1, before.year, before.route)
    assert after.version == before.version + 1


@pytest.mark.parametrize("name", [office.REVIEWER, office.APPROVER, office.HEAD])
def test_who_reads_a_draft_cannot_write_it(editor: Editor, name: str) -> None:
    before = editor.stored()
    answer = office.post(office.sign_in(editor.app, name), editor.url, {**editor.fields, editor.cell("source"): "Lain"})
    assert answer.status_code == 403
    assert "Pegawai Contoh 07" in answer.get_data(as_text=True)
    assert editor.stored() == before
