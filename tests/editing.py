"""The owner at the editor, as the browser sends it."""

from typing import Any

from flask import Flask

from iki_portal.indicators.forms import SheetForm
from iki_portal.indicators.papers import papers, rows_on
from iki_portal.indicators.sight import SeenSheet, sheets_where
from iki_portal.models import Sheet
from tests import office


def form_of(sheet: SeenSheet) -> dict[str, Any]:
    """The editor's form as the browser sends it untouched."""
    form = SheetForm.of_rows(rows_on(papers([sheet.id])[sheet.id]), sheet.version)
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
            self.sheet_id = sheet.id
            self.fields = form_of(sheet)
        self.url = f"/lembar/{sheet.id}/ubah"
        self.rows = [key for statement in self.fields["statement"] for key in self.fields[f"statement-{statement}-indicator"]]

    def cell(self, name: str, row: int = 0) -> str:
        return f"indicator-{self.rows[row]}-{name}"

    def save(self, *, headers: dict[str, str] | None = None, **changed: Any) -> Any:
        return office.post(self.client, self.url, {**self.fields, **changed}, headers=headers)

    def stored(self) -> dict[str, Any]:
        with self.app.app_context():
            return form_of(sheets_where(Sheet.id == self.sheet_id, on=office.today_in_office())[0])
