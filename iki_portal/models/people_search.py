"""Finding employees by what somebody typed, in lists and filters."""

from typing import Any

from sqlalchemy import ColumnElement, and_, collate, or_

from iki_portal.domain.people import PPPK_GRADES, RANKS, EmployeeKind, bare_identifier, format_rank
from iki_portal.extensions import db
from iki_portal.models.organisation import Employee

#: Golongan → how lists write it.
_RANK_WORDS = {code: format_rank(EmployeeKind.PNS, code) for code in RANKS} | {
    code: format_rank(EmployeeKind.PPPK, code) for code in PPPK_GRADES
}


def matching(text: str) -> ColumnElement[bool]:
    """Every word is in the name, a degree, the number, golongan and pangkat, or the e-mail; % and _ are what they are.

    A number with its spaces and a pangkat of several words are one thing to look for.
    """
    words = [word for word in (each.strip(",;") for each in text.split()) if word]
    if len(words) < 2 or bare_identifier(text).isdigit() or _rank_codes(text):
        return or_(*_asked(text))
    return and_(*(or_(*_asked(word)) for word in words))


def _asked(text: str) -> list[ColumnElement[bool]]:
    """Only what the text can be: every employee's entry in the index of the list is read until a page is full."""
    asked = [_contains(Employee.name, text)]
    few = [Employee.degrees_before, Employee.degrees_after, *([Employee.email] if "@" in text or "." in text else [])]
    asked += [and_(column != "", _contains(column, text)) for column in few]
    if (number := bare_identifier(text)).isdigit():
        asked.append(_contains(Employee.identifier, number))
    if codes := _rank_codes(text):
        asked.append(Employee.rank.in_(codes))
    return asked


def _rank_codes(text: str) -> list[str]:
    """Every golongan of whose words the text is a part: "iii/c", "Penata", "Penata, III/c", "Golongan IX"."""
    sought = text.casefold()
    return [code for code, words in _RANK_WORDS.items() if sought in words.casefold()]


def _contains(column: Any, text: str) -> ColumnElement[bool]:
    """Whatever the case of the letters A to Z: SQLite's LIKE folds no others, and PostgreSQL folds these alone much faster."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    look = column.contains if is_sqlite else collate(column, "C").icontains
    found: ColumnElement[bool] = look(text, autoescape=True)
    return found
