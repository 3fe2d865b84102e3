"""Writing a draft: the owner changes texts, figures, order and rows of a sheet in one act, and may take some acts back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from iki_portal.domain import policy
from iki_portal.domain.dates import format_datetime
from iki_portal.domain.drafts import IndicatorProposal, Merged, Rows, StatementProposal, cells_of, merged, same_but_new
from iki_portal.domain.errors import Invalid, NotFound, Outdated
from iki_portal.domain.formulas import printed_formula
from iki_portal.domain.policy import Actor
from iki_portal.domain.targets import (
    CODE_LIMIT,
    MAX_INDICATORS_PER_STATEMENT,
    MAX_STATEMENTS,
    TEXT_LIMIT,
    UNIT_LIMIT,
)
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.indicators import draft_versions
from iki_portal.indicators.answering import follow_rows
from iki_portal.indicators.draft_versions import rows_of
from iki_portal.indicators.sight import NOT_FOUND, SeenSheet
from iki_portal.models import Indicator, Sheet, Statement

LONG_TEXTS = ("text", "formula", "source", "justification", "numerator", "denominator", "population", "record", "cut_off")
ROW_TWICE = "Satu baris tercantum dua kali dalam kiriman ini. Muat ulang halaman, lalu coba lagi."


class Disagreed(Outdated):
    """Somebody else wrote some of the same cells meanwhile: nothing was saved; `merged` is what both make together."""

    def __init__(self, message: str, merged: Merged) -> None:
        super().__init__(message)
        self.merged = merged


@dataclass(frozen=True, slots=True)
class Saved:
    """The version that stands now and its rows. `with_others`: somebody else's changes are among them."""

    version: int
    rows: Rows
    with_others: bool = False


def save_sheet(sheet: SeenSheet, rows: Rows, *, actor: Actor, seen: int, now: datetime, act: str = "") -> Saved:
    """Make the draft's rows equal to `rows`; the version stays when nothing changed. `act` names what can be taken back.

    Raises `WrongState` or `NotAllowed` when this person may not write now, `Outdated` when somebody has changed the sheet
    since version `seen`, `Invalid` beyond the limits, `NotFound` for a row of another sheet.
    """
    policy.demand_writing(actor, sheet, sheet.route)
    return write_rows(sheet, rows, actor=actor, seen=seen, now=now, act=act)


def write_rows(sheet: SeenSheet, rows: Rows, *, actor: Actor, seen: int, now: datetime, act: str = "") -> Saved:
    """What `save_sheet` does once it is known that this person may; an import asks `policy.may_import` instead."""
    check_limits(rows)
    if sheet.version != seen:
        raise outdated(sheet)
    statements = _statements(sheet.id)
    standing = rows_of(statements)
    rows = _with_formulas(standing, rows)
    if standing == tuple(rows):
        return Saved(seen, standing)
    if not draft_versions.is_kept(sheet.id):
        draft_versions.keep(sheet.id, seen, standing, by=sheet.changed_by, at=sheet.changed_at)
    _take_version(sheet, seen=seen, actor=actor, now=now)
    _apply(sheet.id, statements, rows)
    db.session.flush()
    stored = rows_of(_statements(sheet.id))
    draft_versions.keep(sheet.id, seen + 1, stored, by=actor.name, at=now, act=act)
    follow_rows(sheet.id)
    return Saved(seen + 1, stored)


def save_beside_others(sheet: SeenSheet, rows: Rows, *, actor: Actor, seen: int, now: datetime, act: str = "") -> Saved:
    """Like `save_sheet`, from a page that may be older than what stands: changes of other cells and rows become one.

    Raises `Disagreed` where the same cell was written by both, `Outdated` when the page is too old to know what it changed.
    """
    policy.demand_writing(actor, sheet, sheet.route)
    sheet = _locked(sheet)
    if sheet.version == seen:
        return save_sheet(sheet, rows, actor=actor, seen=seen, now=now, act=act)
    base = draft_versions.rows_at(sheet.id, seen)
    if base is None or seen > sheet.version:
        raise outdated(sheet)
    _demand_own_rows(rows, base)
    rows, standing = _with_formulas(base, rows), rows_of(_statements(sheet.id))
    if same_but_new(rows, draft_versions.rows_at(sheet.id, seen + 1) or ()):
        return Saved(sheet.version, standing)  # the same form sent again, by a second click or a patient browser
    both = merged(base, rows, standing)
    if both.disagreements:
        raise Disagreed(_disagreed(sheet, actor), both)
    saved = save_sheet(sheet, both.rows, actor=actor, seen=sheet.version, now=now, act=act)
    return replace(saved, with_others=base != standing)


def copy_to(target: SeenSheet, source: SeenSheet, indicator_id: int, *, actor: Actor, now: datetime) -> Saved:
    """Add one row of `source` to another draft, under the statement of the same text or a new one at the end.

    Raises what `save_sheet` raises, and `NotFound` for a row that `source` does not have.
    """
    rows = rows_of(_statements(source.id))
    found = next(((row, each) for row in rows for each in row.indicators if each.id == indicator_id), None)
    if found is None:
        raise NotFound(NOT_FOUND)
    policy.demand_writing(actor, target, target.route)
    target = _locked(target)
    statement, copy = found[0], replace(found[1], id=None)
    standing = list(rows_of(_statements(target.id)))
    place = next((index for index, row in enumerate(standing) if row.text == statement.text), None)
    if place is None:
        standing.append(replace(statement, id=None, indicators=(copy,)))
    else:
        standing[place] = replace(standing[place], indicators=(*standing[place].indicators, copy))
    return save_sheet(target, standing, actor=actor, seen=target.version, now=now, act=f"salin baris dari {source.year}")


def undo(sheet: SeenSheet, version: int, *, actor: Actor, now: datetime) -> str:
    """Take back the act that made `version`, and nothing that was written since; returns its name.

    Raises `Outdated` when it was taken back already, or lies too far back.
    """
    policy.demand_writing(actor, sheet, sheet.route)
    sheet = _locked(sheet)
    act = next((each for each in draft_versions.undoable(sheet.id) if each.version == version), None)
    before, after = (draft_versions.rows_at(sheet.id, each) for each in (version - 1, version))
    if act is None or before is None or after is None:
        raise Outdated("Perubahan itu sudah diurungkan, atau sudah terlalu lama.")
    back = merged(after, before, rows_of(_statements(sheet.id)), second_wins=True)
    save_sheet(sheet, back.rows, actor=actor, seen=sheet.version, now=now)
    draft_versions.mark_undone(sheet.id, version)
    return act.name


def _locked(sheet: SeenSheet) -> SeenSheet:
    """The sheet at the version that stands now; two saves at once take turns."""
    query = select(Sheet.version, Sheet.changed_at, Sheet.changed_by).where(Sheet.id == sheet.id).with_for_update()
    row = db.session.execute(query).one()
    return replace(sheet, version=row.version, changed_at=row.changed_at, changed_by=row.changed_by)


def _statements(sheet_id: int) -> list[Statement]:
    query = (
        select(Statement)
        .where(Statement.sheet_id == sheet_id)
        .options(selectinload(Statement.indicators))
        .order_by(Statement.number)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(query))


def _with_formulas(standing: Rows, rows: Rows) -> tuple[StatementProposal, ...]:
    """Each row with the formula that it prints, composed from its fields unless somebody wrote their own."""
    before = {each.id: each for row in standing for each in row.indicators}
    return tuple(
        replace(
            row,
            indicators=tuple(replace(each, formula=printed_formula(each, before.get(each.id))) for each in row.indicators),
        )
        for row in rows
    )


def _disagreed(sheet: SeenSheet, actor: Actor) -> str:
    who = "Anda sendiri di halaman lain" if sheet.changed_by == actor.name else sheet.changed_by or "orang lain"
    when = format_datetime(sheet.changed_at)
    return f"Isian yang sama juga diubah {who} pada {when}. Pilih mana yang berlaku, lalu simpan lagi."


def new_statements(rows: Iterable[StatementProposal]) -> list[Statement]:
    """The statements of a sheet that begins with these rows: all of them new, whatever ids they had elsewhere."""
    return [
        Statement(
            number=number,
            text=row.text,
            indicators=[Indicator(order=place, **cells_of(each)) for place, each in enumerate(row.indicators, start=1)],
        )
        for number, row in enumerate(rows, start=1)
    ]


def outdated(sheet: SeenSheet) -> Outdated:
    who = sheet.changed_by or "orang lain"
    return Outdated(f"Lembar ini sudah diubah {who} pada {format_datetime(sheet.changed_at)}, sesudah halaman Anda dibuka.")


def check_limits(rows: Rows) -> None:
    """Raise `Invalid` for more rows, or longer texts, than a sheet can hold."""
    if len(rows) > MAX_STATEMENTS:
        raise Invalid(f"Satu lembar memuat paling banyak {MAX_STATEMENTS} kinerja.")
    for row in rows:
        if len(row.indicators) > MAX_INDICATORS_PER_STATEMENT:
            raise Invalid(f"Satu kinerja memuat paling banyak {MAX_INDICATORS_PER_STATEMENT} indikator.")
        texts = [row.text, *(getattr(each, name) for each in row.indicators for name in LONG_TEXTS)]
        if any(len(text) > TEXT_LIMIT for text in texts):
            raise Invalid(f"Teks paling panjang {TEXT_LIMIT} huruf.")
        for each in row.indicators:
            if len(each.unit_of_measure) > UNIT_LIMIT or len(each.sub_kegiatan_code) > CODE_LIMIT:
                raise Invalid(f"Satuan paling panjang {UNIT_LIMIT} huruf, kode sub-kegiatan {CODE_LIMIT} huruf.")


def _take_version(sheet: SeenSheet, *, seen: int, actor: Actor, now: datetime) -> None:
    """One UPDATE decides who was first."""
    result = db.session.execute(
        update(Sheet)
        .where(Sheet.id == sheet.id, Sheet.state == State.DRAFT, Sheet.version == seen)
        .values(version=seen + 1, changed_at=now, changed_by=actor.name)
        .execution_options(synchronize_session=False)
    )
    if result.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has a row count
        raise Outdated("Lembar ini baru saja diubah orang lain.")


def _apply(sheet_id: int, statements: Sequence[Statement], rows: Rows) -> None:
    known = {statement.id: statement for statement in statements}
    indicators = {each.id: each for statement in statements for each in statement.indicators}
    _demand_own_rows(rows, rows_of(statements))
    kept = {row.id for row in rows}
    for number, row in enumerate(rows, start=1):
        statement = known[row.id] if row.id is not None else Statement(sheet_id=sheet_id, indicators=[])
        statement.number, statement.text = number, row.text
        db.session.add(statement)
        statement.indicators = [_indicator(each, order, indicators) for order, each in enumerate(row.indicators, start=1)]
    for statement in statements:
        if statement.id not in kept:
            db.session.delete(statement)


def _indicator(row: IndicatorProposal, order: int, known: dict[int, Indicator]) -> Indicator:
    indicator = known[row.id] if row.id is not None else Indicator()
    indicator.order = order
    for name, value in cells_of(row).items():
        setattr(indicator, name, value)
    return indicator


def _demand_own_rows(rows: Rows, known: Rows) -> None:
    """Row ids come from a form: each must be a row of this sheet, and none twice."""
    for given, own in ((_statement_ids(rows), _statement_ids(known)), (_indicator_ids(rows), _indicator_ids(known))):
        if not set(given) <= set(own):
            raise NotFound(NOT_FOUND)
        if len(set(given)) != len(given):
            raise Invalid(ROW_TWICE)


def _statement_ids(rows: Rows) -> list[int]:
    return [row.id for row in rows if row.id is not None]


def _indicator_ids(rows: Rows) -> list[int]:
    return [each.id for row in rows for each in row.indicators if each.id is not None]
