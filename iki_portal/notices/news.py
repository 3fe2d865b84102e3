"""One thing to tell one person."""

from collections.abc import Iterable
from dataclasses import dataclass

from iki_portal.domain.notices import About, NoticeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Equal `key` for one person: the same thing, told once however often it is said."""

    employee_id: int
    kind: NoticeKind
    key: str
    about: About
    sheet_id: int | None = None
    position_id: int | None = None


def news_for(
    people: Iterable[int],
    kind: NoticeKind,
    key: str,
    about: About,
    *,
    sheet_id: int | None = None,
    position_id: int | None = None,
) -> list[News]:
    """The same for several people, each of them once."""
    return [
        News(employee_id=each, kind=kind, key=key, about=about, sheet_id=sheet_id, position_id=position_id)
        for each in sorted(set(people))
    ]
