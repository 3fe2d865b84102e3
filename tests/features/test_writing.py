"""Writing a sheet where it is printed: what is typed is understood, shown, or given back, and never half-written."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from iki_portal.extensions import db
from iki_portal.indicators.forms import SheetForm
from iki_portal.indicators.papers import papers
from iki_portal.indicators.sight import SeenSheet
from iki_portal.models import Statement
from tests import office


def form_of(sheet: SeenSheet) -> dict[str, Any]:
    """The editor's form as the browser sends it untouched."""
    form = SheetForm.of_paper(papers([sheet.id])[sheet.id], sheet.version)
    fields: dict[str, Any] = {"version": str(sheet.version), "whole": "1", "statement": [each.key for each in form.statements]}
    for statement in form.statements:
        fields[statement.name] = statement.text
        fields[f"statement-{statement.key}-indicator"] = [each.key for each in statement.indicators]
        for row in statement.indicators:
            fields |= {row.name(cell): value for cell, value in row.values.items()}
    return fields


class Editor:
    """The owner at the editor of the sheet."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = office.sign_in(app, office.OWNER)
        with app.app_context():
            sheet = office.sheet_of(office.OWNER)
            self.fields = form_of(sheet)
        self.url = f"/lembar/{sheet.id}/ubah"
        self.rows = [key for statement in self.fields["statement"] for key in self.fields[f"statement-{statement}-indicator"]]

    def cell(self, name: str, row: int = 0) -> str:
        return f"indicator-{self.rows[row]}-{name}"

    def save(self, *, headers: dict[str, str] | None = None, **changed: Any) -> Any:
        return office.post(self.client, self.url, {**self.fields, **changed}, headers=headers)

    def stored(self) -> dict[str, Any]:
        with self.app.app_context():
            sheet = office.sheet_of(office.OWNER)
            return form_of(sheet)


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
    assert "sudah diubah" in late.get_json()["message"]
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
