"""The office's document becomes drafts of one year: all of it or nothing, and nothing the second time."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from iki_portal.domain.dates import office_day
from iki_portal.domain.drafts import IndicatorProposal, StatementProposal
from iki_portal.domain.errors import Invalid
from iki_portal.domain.office import DutyKind, PositionKind, UnitKind
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.history.operations import COMMAND_LINE, Act, record
from iki_portal.imports.sheets import ReadDocument, ReadIndicator, ReadSheet
from iki_portal.indicators.answering import recount
from iki_portal.indicators.operations import new_statements
from iki_portal.models import Position, PositionDuty, Sheet, Unit
from iki_portal.organisation.operations import add_year, set_default_routes

IMPORT_ACTION = "import"
NO_UNIT = "Unit kerja belum diketahui"


@dataclass
class ImportReport:
    """What the import did, or would do."""

    created: int = 0
    #: Posts that already have a sheet in that year: left untouched.
    standing: int = 0
    #: Posts that the organisation did not know, made from the document.
    new_posts: list[str] = field(default_factory=list)

    @property
    def changes_anything(self) -> bool:
        return bool(self.created or self.new_posts)


def import_document(document: ReadDocument, *, year: int, now: datetime) -> ImportReport:
    """Create a draft for every sheet whose post has none in `year`; raises `Invalid` where a post cannot have one."""
    if not 2000 <= year <= 2100:
        raise Invalid("Tahun kinerja ditulis empat angka, antara 2000 dan 2100.")
    report = ImportReport()
    posts = _Posts(report)
    drafts: list[Sheet] = []
    taken = set(db.session.scalars(select(Sheet.position_id).where(Sheet.year == year)))
    for order, sheet in enumerate(document.sheets, start=1):
        post = posts.find(sheet)
        if post.id in taken:
            report.standing += 1
            continue
        if post.approver_id is None:
            raise Invalid(f"Baris {sheet.line}: jabatan {post.title} tidak memiliki jalur persetujuan.")
        if report.created == 0:
            add_year(year, deadline=None)
        keep_duties(post, sheet)
        drafts.append(new_draft(sheet, post, year=year, order=order, changed_by="Dokumen kantor", now=now))
        db.session.add(drafts[-1])
        taken.add(post.id)
        report.created += 1
    db.session.flush()
    recount([draft.id for draft in drafts])
    if report.changes_anything:
        note = f"{report.created} lembar dibuat dari dokumen kantor; {len(document.findings)} temuan."
        record(Act(action=IMPORT_ACTION, year=year, at=now, note=note), COMMAND_LINE)
    return report


def new_draft(sheet: ReadSheet, post: Position, *, year: int, order: int, changed_by: str, now: datetime) -> Sheet:
    """The first sheet of a post in a year, with what the document says; the post must have a route."""
    if post.approver_id is None:
        raise Invalid(f"Jabatan {post.title} tidak memiliki jalur persetujuan.")
    if post.is_closed:
        raise Invalid(f"Jabatan {post.title} sudah ditutup.")
    return Sheet(
        year=year,
        position_id=post.id,
        revision=1,
        state=State.DRAFT,
        heading=sheet.heading,
        order=order,
        reviewer_id=post.reviewer_id,
        approver_id=post.approver_id,
        begun_on=office_day(now),
        changed_at=now,
        changed_by=changed_by,
        statements=new_statements(rows_of(sheet)),
    )


def rows_of(sheet: ReadSheet) -> list[StatementProposal]:
    """The rows of a sheet as the document has them, all of them new."""
    return [
        StatementProposal(id=None, text=row.text, indicators=tuple(_proposal(each) for each in row.indicators))
        for row in sheet.statements
    ]


def _proposal(read: ReadIndicator) -> IndicatorProposal:
    """The adapter to the reader: which cells of a row it reads."""
    first, second, third, fourth = read.quarters
    return IndicatorProposal(
        id=None,
        text=read.text,
        formula=read.formula,
        source=read.source,
        unit_of_measure=read.unit_of_measure,
        polarity=read.polarity,
        aggregation=read.aggregation,
        target=read.target,
        target_upper=read.target_upper,
        quarter_1=first,
        quarter_2=second,
        quarter_3=third,
        quarter_4=fourth,
    )


def keep_duties(post: Position, sheet: ReadSheet) -> bool:
    """Main duty, duties and functions belong to the post; the document fills them in once. Says whether it did."""
    has_lines = db.session.scalar(select(func.count()).where(PositionDuty.position_id == post.id))
    if post.main_duty or has_lines:
        return False
    post.main_duty = sheet.main_duty
    for kind, lines in ((DutyKind.DUTY, sheet.duties), (DutyKind.FUNCTION, sheet.functions)):
        for order, line in enumerate(lines, start=1):
            db.session.add(PositionDuty(position_id=post.id, kind=kind, order=order, text=line))
    return True


class _Posts:
    """Finds the post behind a sheet: by unit and title, and among equal titles by their order in both."""

    def __init__(self, report: ImportReport) -> None:
        self.report = report
        self.units = {unit.name: unit for unit in db.session.scalars(select(Unit))}
        self.posts = list(db.session.scalars(select(Position).order_by(Position.order)))
        self.met: Counter[tuple[str, str]] = Counter()

    def find(self, sheet: ReadSheet) -> Position:
        unit = self._unit(sheet.unit or NO_UNIT)
        key = (unit.name, sheet.position)
        equal = [post for post in self.posts if post.unit_id == unit.id and post.title == sheet.position]
        place = self.met[key]
        self.met[key] += 1
        return equal[place] if place < len(equal) else self._add(sheet, unit, place + 1)

    def _unit(self, name: str) -> Unit:
        if name not in self.units:
            top = next((unit for unit in self.units.values() if unit.kind is UnitKind.AGENCY), None)
            unit = Unit(
                code=f"dokumen.{len(self.units) + 1}",
                given_name=name,
                given_short_name=name.removeprefix("Bidang ")[:60],
                kind=UnitKind.DIVISION,
                superior_id=top.id if top else None,
                order=len(self.units) + 1,
            )
            db.session.add(unit)
            db.session.flush()
            self.units[name] = unit
        return self.units[name]

    def _add(self, sheet: ReadSheet, unit: Unit, place: int) -> Position:
        kind = PositionKind.DIVISION_HEAD if sheet.position.startswith("Kepala Bidang") else PositionKind.STAFF
        superior = self._superior(kind, unit, sheet)
        post = Position(
            code=f"dokumen.{len(self.posts) + 1}",
            given_title=sheet.position,
            given_area=f"{place}" if place > 1 else "",
            kind=kind,
            unit_id=unit.id,
            superior_id=superior.id,
            order=len(self.posts) + 1,
        )
        db.session.add(post)
        db.session.flush()
        self.posts.append(post)
        set_default_routes([post], self.posts)
        self.report.new_posts.append(f"baris {sheet.line}: {post.title}, {unit.name}")
        return post

    def _superior(self, kind: PositionKind, unit: Unit, sheet: ReadSheet) -> Position:
        if kind is PositionKind.STAFF:
            candidates = [post for post in self.posts if post.unit_id == unit.id and post.kind is PositionKind.DIVISION_HEAD]
            candidates += [post for post in self.posts if post.kind is PositionKind.SECRETARY]
        else:
            candidates = [post for post in self.posts if post.kind is PositionKind.HEAD]
        if not candidates:
            raise Invalid(f"Baris {sheet.line}: atasan jabatan {sheet.position} tidak dikenal di organisasi.")
        return candidates[0]
