"""Linking indicators, and letting go again: acts of the sheet's history, and no change of the sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update

from iki_portal.cascade.goals import IkuLine, goals_of, ikus_in, period_of
from iki_portal.cascade.queries import LinkLine, PostLine, RowLine, link_line, links_up, places_of, post_lines, rows_of
from iki_portal.domain import cascade
from iki_portal.domain.cascade import LINK_NOTE_LIMIT, GoalKey, Link, RowKey, Target
from iki_portal.domain.dates import office_day
from iki_portal.domain.errors import Invalid, NotAllowed, NotFound, Outdated, WrongState
from iki_portal.domain.policy import Actor, Mandate, Post
from iki_portal.extensions import db
from iki_portal.history.operations import Act, Author, author, lock_head, record
from iki_portal.indicators.sight import SeenSheet
from iki_portal.models import CascadeLink
from iki_portal.organisation.queries import posts

LINK_ACTION, UNLINK_ACTION = "link_rows", "unlink_rows"
CHANGED = "Indikator itu sudah berubah bunyinya, atau IKU-nya sudah diubah. Muat ulang halaman, lalu pilih lagi."
NO_LINK = "Kaitan ini tidak ada, atau sudah dilepas."


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A sheet's indicators, and everything that they may support."""

    sheet: SeenSheet
    rows: dict[RowKey, RowLine]
    #: The nearest post above that has a sheet, with its holders.
    superior: Post | None
    parents: dict[RowKey, RowLine]
    ikus: dict[GoalKey, IkuLine]
    #: Standing links of the sheet's indicators and of everything above them.
    links: list[LinkLine]
    posts: dict[int, PostLine] = field(default_factory=dict)

    @property
    def own_links(self) -> list[LinkLine]:
        return [each for each in self.links if each.link.child.post_id == self.sheet.position_id]

    def words_of(self, target: Target) -> str:
        """Of what may be supported; empty where it is not there."""
        if isinstance(target, GoalKey):
            return self.ikus[target].text if target in self.ikus else ""
        return self.parents[target].text if target in self.parents else ""


def surroundings(sheet: SeenSheet, *, actor: Actor, on: date) -> Surroundings:
    """Eight statements at most, whatever the size of the office."""
    places = post_lines([sheet.position_id])
    above = next(iter(cascade.posts_above(sheet.position_id, places_of(places))), None)
    both = [each for each in (sheet.position_id, above) if each is not None]
    rows = rows_of(sheet.year, both, actor=actor, on=on, chosen=sheet.id)
    period = period_of(sheet.year)
    ikus = ikus_in(goals_of(period.id)) if period else ()
    return Surroundings(
        sheet=sheet,
        rows={key: row for key, row in rows.items() if row.sheet_id == sheet.id},
        superior=posts([above], on=on)[above] if above is not None else None,
        parents={key: row for key, row in rows.items() if key.post_id == above},
        ikus={GoalKey(each.id): each for each in ikus},
        links=links_up(sheet.year, both),
        posts=places,
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A link as a page offered it: the words of both ends, or the version of the IKU."""

    words: str
    parent_words: str = ""
    iku_id: int = 0
    iku_version: int = 0


def link(sheet: SeenSheet, wanted: Sequence[Wanted], *, actor: Actor, now: datetime, note: str = "") -> int:
    """Say what indicators of the sheet support; returns how many links are new (what is linked already stays so).

    Raises `Outdated` when one of the texts is another one now, `Invalid` for a link that may not be.
    """
    on = office_day(now)
    lock_head()  # one at a time: what two do at once could close a circle
    around = surroundings(sheet, actor=actor, on=on)
    mandate = _demand_linking(around, actor)
    note = " ".join(note.split())
    if len(note) > LINK_NOTE_LIMIT:
        raise Invalid(f"Keterangan paling panjang {LINK_NOTE_LIMIT} huruf; ini {len(note)} huruf.")
    new = _new_links(around, wanted)
    if not new:
        return 0
    by = author(actor, mandate)
    db.session.execute(insert(CascadeLink), [_columns(each, around, by, note=note, now=now) for each in new])
    _record(LINK_ACTION, around, [(each, around.words_of(each.parent)) for each in new], by, now=now)
    return len(new)


def _demand_linking(around: Surroundings, actor: Actor) -> Mandate:
    sheet = around.sheet
    if reason := cascade.not_linkable_because(sheet, sheet.route):
        raise WrongState(reason)
    verdict = cascade.may_link(actor, sheet, sheet.route, around.superior)
    if verdict.mandate is None:
        raise NotAllowed(verdict.reason)
    return verdict.mandate


def _new_links(around: Surroundings, wanted: Sequence[Wanted]) -> list[Link]:
    standing = [each.link for each in around.links]
    above = around.superior.id if around.superior else None
    new: list[Link] = []
    for each in wanted:
        found = _found(around, each)
        if found in standing or found in new:
            continue
        if reason := cascade.not_to_link_because(found, post_above=above, links=[*standing, *new]):
            raise Invalid(reason)
        new.append(found)
    return new


def _found(around: Surroundings, wanted: Wanted) -> Link:
    """The link between what stands now; raises `Outdated` where one end is not what the page showed."""
    child = RowKey(around.sheet.position_id, wanted.words)
    parent: Target = GoalKey(wanted.iku_id)
    if wanted.parent_words and around.superior is not None:
        parent = RowKey(around.superior.id, wanted.parent_words)
    iku = around.ikus.get(parent) if isinstance(parent, GoalKey) else None
    is_another = iku is not None and iku.version != wanted.iku_version
    if child not in around.rows or not around.words_of(parent) or is_another:
        raise Outdated(CHANGED)
    return Link(child, parent)


def _columns(new: Link, around: Surroundings, by: Author, *, note: str, now: datetime) -> dict[str, Any]:
    parent = new.parent
    to_a_row = (parent.post_id, parent.words) if isinstance(parent, RowKey) else (None, None)
    return {
        "year": around.sheet.year,
        "position_id": new.child.post_id,
        "text_key": new.child.words,
        "text": around.rows[new.child].text,
        "parent_id": to_a_row[0],
        "parent_key": to_a_row[1],
        "key_indicator_id": parent.iku_id if isinstance(parent, GoalKey) else None,
        "parent_text": around.words_of(parent),
        "note": note,
        "author_id": by.actor_id,
        "author_name": by.actor_name,
        "author_title": by.acting_title,
        "linked_at": now,
    }


def unlink(sheet: SeenSheet, link_ids: Sequence[int], *, actor: Actor, now: datetime) -> int:
    """Take links of the sheet's indicators back; returns how many. Raises `NotFound` for links that are none of theirs."""
    around = surroundings(sheet, actor=actor, on=office_day(now))
    mandate = _demand_linking(around, actor)
    ending = _standing(sheet, link_ids)
    by = author(actor, mandate)
    ended = db.session.execute(
        update(CascadeLink)
        .where(CascadeLink.id.in_(list(ending)), CascadeLink.ended_at.is_(None))
        .values(ended_at=now, ended_by=by.actor_name)
        .execution_options(synchronize_session=False)
    )
    if ended.rowcount != len(ending):  # type: ignore[attr-defined]  # an UPDATE's result has a row count
        raise Outdated(NO_LINK)
    _record(UNLINK_ACTION, around, [(each.link, each.parent_text) for each in ending.values()], by, now=now)
    return len(ending)


def _standing(sheet: SeenSheet, link_ids: Sequence[int]) -> Mapping[int, LinkLine]:
    query = select(CascadeLink.__table__).where(
        CascadeLink.id.in_(link_ids),
        CascadeLink.position_id == sheet.position_id,
        CascadeLink.year == sheet.year,
        CascadeLink.ended_at.is_(None),
    )
    found = {row.id: link_line(row) for row in db.session.execute(query)}
    if not link_ids or found.keys() != set(link_ids):
        raise NotFound(NO_LINK)
    return found


def _record(action: str, around: Surroundings, links: Sequence[tuple[Link, str]], by: Author, *, now: datetime) -> None:
    """One row of history, however many links: which row, and what it supports."""
    sheet = around.sheet
    numbers = [around.rows[each.child].number if each.child in around.rows else "" for each, _ in links]
    lines = (f"{number or '–'} → {words}" for number, (_, words) in zip(numbers, links, strict=True))
    act = Act(
        action=action,
        year=sheet.year,
        at=now,
        sheet_id=sheet.id,
        revision=sheet.revision,
        note="\n".join(lines),
        rows=" ".join(dict.fromkeys(number for number in numbers if number)),
        sheet_version=sheet.version,
    )
    record(act, by)
