"""The demo's story, told through the real operations: one year approved, the next one opened and under way.

The office's document has no figures and no goals. Those of the demo are made up, and say so wherever they are printed: in the
letterhead, and in the formula beside each of them (docs/decisions/0024-the-demo-plays-with-marked-examples.md).
"""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from iki_portal.approvals import commenting, operations
from iki_portal.approvals.year_opening import open_year
from iki_portal.auth.demo import OPERATOR
from iki_portal.auth.queries import actor_of
from iki_portal.cascade import demo as cascade
from iki_portal.dialogue.demo import talk_twice
from iki_portal.domain.comments import Cell
from iki_portal.domain.dates import OFFICE_ZONE, office_day
from iki_portal.domain.drafts import IndicatorProposal, Rows
from iki_portal.domain.formulas import BLANK, lower_first, printed_formula, proposal
from iki_portal.domain.policy import Actor, Post
from iki_portal.domain.targets import QUARTER_FIELDS, Aggregation, Polarity
from iki_portal.domain.units_of_measure import suggest_unit
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import db
from iki_portal.imports.sheets import ReadDocument
from iki_portal.indicators.comments import row_key
from iki_portal.indicators.importing import import_document
from iki_portal.indicators.operations import save_sheet
from iki_portal.indicators.papers import papers, rows_on
from iki_portal.indicators.sight import SeenSheet, sheets_where
from iki_portal.models import Position, Sheet
from iki_portal.organisation.operations import OfficeProposal, add_year, change_office
from iki_portal.organisation.queries import office, office_version
from iki_portal.realisation.demo import Story, report_quarters

#: What no office's letterhead says, in place of the government and the address; agency, town and paper stay the office's.
_MARKED = {
    "government": "CONTOH – BUKAN DOKUMEN RESMI",
    "address": "Nama dan angka pada dokumen ini rekaan, untuk mencoba portal",
}
#: Printed in the formula of every row, beside its figures.
EXAMPLE_RECORD = "angka CONTOH, bukan data kantor"
#: Four quarters for each satuan; a share grows towards the year's, anything else adds up to it.
_SHARE = (25, 50, 75, 95)
_SATURDAY = 5
_COUNTS = {"laporan": 3, "orang": 15, "orang/bulan": 60, "unit": 2}


@dataclass(frozen=True, slots=True)
class _Calendar:
    """When the story happens: the running year is planned before it begins, the next one these weeks."""

    now: datetime

    @property
    def year(self) -> int:
        return office_day(self.now).year

    def december(self, day: int, minute: int = 0) -> datetime:
        """A working morning before the running year; all of them lie before what `ago` is asked for."""
        morning = datetime.combine(date(self.year - 1, 12, day), time(8, 30), OFFICE_ZONE)
        return (morning + timedelta(minutes=minute)).astimezone(self.now.tzinfo)

    def ago(self, working_days: int, minute: int = 0) -> datetime:
        """The morning of an office day so many before this one: nobody signs at night or on a Sunday."""
        day = office_day(self.now)
        while working_days:
            day -= timedelta(days=1)
            working_days -= day.weekday() < _SATURDAY
        return (datetime.combine(day, time(9), OFFICE_ZONE) + timedelta(minutes=minute)).astimezone(self.now.tzinfo)


def first_day(now: datetime) -> date:
    """From when the people of the demo hold their posts: before anything in the story is done."""
    return date(office_day(now).year - 1, 1, 1)


def tell_story(document: ReadDocument, *, now: datetime) -> None:
    """Approve the running year from the document, report its quarters so far, and open the next.

    Needs the organisation, the accounts, and no year yet.
    """
    when = _Calendar(now)
    add_year(when.year, deadline=date(when.year - 1, 12, 31))
    import_document(document, year=when.year, now=when.december(1))
    _mark_letterhead(when.december(1, 30))
    _approve_the_year(when)
    operations.close_planning(when.year, actor=_player("sekretaris", when.december(10)), now=when.december(10))
    cascade.play(_story(when), operator=OPERATOR, now=when.december(11))
    report_quarters(_story(when), until=when.ago(14))
    deadline = date(when.year, 12, 31)
    open_year(when.year + 1, deadline=deadline, actor=_player(OPERATOR, when.ago(14)), now=when.ago(14))
    _move_on(when)


def _mark_letterhead(now: datetime) -> None:
    proposal = OfficeProposal(**asdict(office()) | _MARKED)
    change_office(proposal, actor=_player(OPERATOR, now), seen=office_version(), now=now)


def _approve_the_year(when: _Calendar) -> None:
    codes = list(db.session.scalars(select(Position.code).where(Position.approver_id.is_not(None)).order_by(Position.order)))
    for minute, code in enumerate(codes):
        _complete(code, when.year, when.december(3, 5 * minute))
        _submit(code, when.year, when.december(3, 5 * minute + 4))
    for minute, code in enumerate(codes):
        _review(code, when.year, when.december(4, 6 * minute))
    for minute, code in enumerate(codes):
        _approve(code, when.year, when.december(8, 4 * minute))


def _story(when: _Calendar) -> Story:
    """What is in force, for the quarters that are reported on it."""
    codes = db.session.execute(
        select(Position.code, Position.id).where(Position.approver_id.is_not(None)).order_by(Position.order)
    ).all()
    sheets = [(row.code, _sheet(row.code, when.year, when.now)) for row in codes]
    return Story(when.year, sheets, _player, _code_of)


def _code_of(post_id: int) -> str:
    return db.session.scalar(select(Position.code).where(Position.id == post_id)) or ""


def _move_on(when: _Calendar) -> None:
    """A few sheets on the way, one of them back at its owner, and a change of the running year that waits for its reviewer."""
    year = when.year + 1
    for minute, code in enumerate(("kabid.mutasi", "analis.profesi", "analis.mutasi", "analis.promosi", "perencana")):
        _complete(code, year, when.ago(7, 10 * minute))
        _submit(code, year, when.ago(7, 10 * minute + 6))
    _review("analis.mutasi", year, when.ago(4))
    _review("perencana", year, when.ago(4, 40))
    _return("analis.promosi", year, when.ago(3))
    _change("analis.standar", when.year, when.ago(2))
    talked = _sheet("analis.pengadaan", when.year, when.ago(2, 60))
    talk_twice(talked, "analis.pengadaan", "kabid.pengadaan", person=_player, now=when.ago(2, 60), later=when.ago(1))


def _complete(code: str, year: int, now: datetime) -> None:
    sheet = _sheet(code, year, now)
    rows = [
        replace(row, indicators=tuple(_example(each, year) for each in row.indicators))
        for row in rows_on(papers([sheet.id])[sheet.id])
    ]
    save_sheet(sheet, rows, actor=_player(code, now), seen=sheet.version, now=now)


def _example(row: IndicatorProposal, year: int) -> IndicatorProposal:
    """The row with every cell filled: words proposed from its own, figures made up, and said to be."""
    unit = row.unit_of_measure or suggest_unit(row.text) or "dokumen"
    is_share = unit == "%"
    quarters = [Decimal(each) for each in (_SHARE if is_share else (_COUNTS.get(unit, 1),) * 4)]
    figures: dict[str, Any] = dict(zip(QUARTER_FIELDS, quarters, strict=True))
    words = proposal(row.text, year=year)
    filled = replace(
        row,
        formula="",
        unit_of_measure=unit,
        polarity=Polarity.MAXIMIZE,
        aggregation=Aggregation.LAST if is_share else Aggregation.SUM,
        target=quarters[-1] if is_share else sum(quarters, Decimal()),
        **figures,
        numerator=_named(words.numerator if words else f"jumlah {lower_first(row.text)}"),
        denominator=_named(words.denominator) if words else "",
        record=EXAMPLE_RECORD,
        cut_off=f"31 Desember {year}",
    )
    return replace(filled, formula=printed_formula(filled))


def _named(counted: str) -> str:
    """A proposal leaves open what the indicator's words do not say; here it is said, for the sentence's sake."""
    for open_place, said in ((f"yang {BLANK}", "yang selesai"), (f" {BLANK} ", " kegiatan "), (BLANK, "dalam setahun")):
        counted = counted.replace(open_place, said)
    return counted


def _submit(code: str, year: int, now: datetime) -> None:
    sheet = _sheet(code, year, now)
    operations.submit(sheet, actor=_player(code, now), seen=sheet.version, now=now)


def _review(code: str, year: int, now: datetime) -> None:
    sheet = _sheet(code, year, now)
    if sheet.route.reviewer is not None:  # the Sekretaris' own goes straight to the approver
        operations.review(sheet, actor=_holder(sheet.route.reviewer, now), seen=sheet.version, now=now)


def _approve(code: str, year: int, now: datetime) -> None:
    sheet = _sheet(code, year, now)
    operations.approve(sheet, actor=_holder(sheet.route.approver, now), seen=sheet.version, now=now)


def _return(code: str, year: int, now: datetime) -> None:
    """Back to the owner, with a comment on the row that is meant."""
    sheet = _sheet(code, year, now)
    reviewer = _holder(sheet.route.reviewer, now)
    row = rows_on(papers([sheet.id])[sheet.id])[0].indicators[0]
    text = "Targetnya sama dengan tahun lalu. Mohon disesuaikan dengan rencana kerja."
    commenting.write_comment(
        sheet, actor=reviewer, row=row_key(indicator_id=row.id), cell=Cell.TARGET, text=text, now=now - timedelta(minutes=3)
    )
    pointed = [row.id] if row.id is not None else []
    note = "Satu target perlu dilihat lagi; lihat komentar pada barisnya."
    operations.return_sheet(sheet, actor=reviewer, seen=sheet.version, now=now, note=note, indicator_ids=pointed)


def _change(code: str, year: int, now: datetime) -> None:
    """A revision of an approved sheet, with one more in its first target, handed in."""
    owner, note = _player(code, now), "Contoh perubahan: anggaran bertambah, sehingga target baris pertama naik."
    operations.revise(_sheet(code, year, now), actor=owner, reason=ReasonClass.BUDGET, note=note, now=now)
    sheet = _sheet(code, year, now)
    save_sheet(sheet, _raised(rows_on(papers([sheet.id])[sheet.id])), actor=owner, seen=sheet.version, now=now)
    _submit(code, year, now + timedelta(minutes=20))


def _raised(rows: Rows) -> Rows:
    statement, *others = rows
    row, *more = statement.indicators
    raised = replace(row, target=(row.target or Decimal()) + 1, quarter_4=(row.quarter_4 or Decimal()) + 1)
    return [replace(statement, indicators=(raised, *more)), *others]


def _sheet(code: str, year: int, now: datetime) -> SeenSheet:
    """The newest revision of the post's sheet."""
    post = select(Position.id).where(Position.code == code).scalar_subquery()
    return sheets_where(Sheet.position_id == post, Sheet.year == year, on=office_day(now))[-1]


def _holder(post: Post | None, now: datetime) -> Actor:
    return _player(_code_of(post.id) if post else "", now)


def _player(name: str, now: datetime) -> Actor:
    """The demo's person of that sign-in name, with the mandates of that day."""
    found = actor_of(name, on=office_day(now))
    if found is None:
        raise LookupError(name)
    return found
