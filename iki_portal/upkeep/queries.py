"""What monitoring reads of the office: two small questions, no names."""

from functools import cache

from sqlalchemy import Select, func, select

from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.models import HistoryHead, Sheet


@cache
def _sheets() -> Select[State, int]:
    return select(Sheet.state, func.count()).group_by(Sheet.state)


def sheets_by_state() -> dict[State, int]:
    counted: dict[State, int] = dict(db.session.execute(_sheets()).all())
    return {state: counted.get(state, 0) for state in State}


def newest_number() -> int:
    """The number of the newest row of history."""
    return db.session.scalar(select(HistoryHead.number)) or 0
