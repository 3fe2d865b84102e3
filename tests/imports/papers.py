"""Papers behind what was read, and what was read without the places where it stood."""

from dataclasses import replace

from iki_portal.documents.paper import Paper, PaperIndicator, PaperStatement
from iki_portal.imports.sheets import ReadIndicator, ReadSheet, ReadStatement


def paper_behind(sheet: ReadSheet) -> Paper:
    return Paper(
        year=2026,
        revision=1,
        heading=sheet.heading,
        position=sheet.position,
        unit=sheet.unit or "",
        main_duty=sheet.main_duty,
        duties=sheet.duties,
        functions=sheet.functions,
        statements=tuple(_statement(statement) for statement in sheet.statements),
    )


def _statement(statement: ReadStatement) -> PaperStatement:
    assert statement.number is not None
    return PaperStatement(None, statement.number, statement.text, tuple(_indicator(one) for one in statement.indicators))


def _indicator(one: ReadIndicator) -> PaperIndicator:
    return PaperIndicator(None, one.text, one.formula, one.source, "", None, None, None, None, ())


def without_lines(sheet: ReadSheet) -> ReadSheet:
    statements = tuple(
        replace(each, line=0, indicators=tuple(replace(one, line=0) for one in each.indicators)) for each in sheet.statements
    )
    return replace(sheet, line=0, last_line=0, statements=statements)
