"""Pengukuran Kinerja of a unit or the office, and the figures for the LKjIP: who may ask for them, and what goes into them.

Composed as books are (approvals/books.py): asked for in a request, set by a process of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import current_app
from sqlalchemy import ColumnElement, exists, or_, select

from iki_portal.approvals.book_queue import queue
from iki_portal.config import Settings
from iki_portal.documents.compositions import Composition, composition_name
from iki_portal.documents.measured import MeasuredReport, scale_facts
from iki_portal.documents.measured_year import MeasuredYear
from iki_portal.domain.codes import new_code
from iki_portal.domain.errors import Invalid, NotAllowed, WrongState
from iki_portal.domain.office import LEADING, post_name
from iki_portal.domain.policy import WHO_MAY, Actor, Permission, Role, demand_permission
from iki_portal.domain.quarters import QUARTERS
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.indicators.queries import unit_choices
from iki_portal.indicators.sight import sheets_where
from iki_portal.models import Book, BookForm, BookState, BookSubject, Position, Sheet, Unit
from iki_portal.organisation.queries import office, signer_of_unit, unit_and_below
from iki_portal.realisation import copies
from iki_portal.realisation.measured_posts import years_of
from iki_portal.realisation.windows import measuring_of

NOTHING = "Belum ada lembar yang ditetapkan di unit itu, jadi belum ada yang disusun."
WHOLE_OFFICE = "Seluruh Badan"
FORMS = {
    BookSubject.MEASUREMENT: (BookForm.PDF, BookForm.DOCX, BookForm.XLSX),
    BookSubject.LKJIP: (BookForm.XLSX, BookForm.DOCX),
}
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants composed; `unit_id` is None for the whole office, `quarter` for the whole year."""

    subject: BookSubject
    form: BookForm
    quarter: int | None = None
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """For which units somebody may have it composed."""

    units: tuple[tuple[int, str], ...]
    #: The whole office, and the figures of the LKjIP.
    has_office: bool

    def covers(self, unit_id: int | None) -> bool:
        return self.has_office if unit_id is None else unit_id in {each for each, _ in self.units}


def reach_of(actor: Actor) -> Reach:
    """Sekretaris and Kepala Badan: everything. Who heads a unit, also as Plt. or Plh.: that unit and those below it."""
    if not actor.roles.isdisjoint({Role.SECRETARY, Role.HEAD}):
        return Reach(tuple(unit_choices()), has_office=True)
    leads = [each.position_id for each in actor.mandates if each.position_kind in LEADING]
    if not leads:
        return Reach((), has_office=False)
    below = unit_and_below(select(Position.unit_id).where(Position.id.in_(leads)))
    known = set(db.session.scalars(below))
    return Reach(tuple(each for each in unit_choices() if each[0] in known), has_office=False)


def demand_reach(actor: Actor) -> Reach:
    demand_permission(actor, Permission.PERFORMANCE_COMPOSE)
    reach = reach_of(actor)
    if not reach.units:
        raise NotAllowed(WHO_MAY[Permission.PERFORMANCE_COMPOSE])
    return reach


def ask(year: int, asked: Asked, *, actor: Actor, now: datetime) -> int:
    """Put it in the queue and return its id; the caller starts a composer after the commit.

    Raises `NotAllowed` for somebody else's unit, `Invalid` for a form that there is not, `WrongState` while there is nothing.
    """
    reach = demand_reach(actor)
    office_only = asked.subject is BookSubject.LKJIP
    if not reach.covers(asked.unit_id) or (office_only and not reach.has_office):
        raise NotAllowed(WHO_MAY[Permission.PERFORMANCE_COMPOSE])
    if asked.form not in FORMS.get(asked.subject, ()) or asked.quarter not in (None, *QUARTERS):
        raise Invalid("Pilih isi dan bentuk dokumen dari daftar.")
    total = len(db.session.scalars(select(Sheet.id).where(*_in_force(year, asked.unit_id))).all())
    if total == 0:
        raise WrongState(NOTHING)
    return queue(
        Book(
            year=year,
            unit_id=asked.unit_id,
            form=asked.form,
            subject=asked.subject,
            quarter=None if office_only else asked.quarter,
            code=new_code(),
            state=BookState.QUEUED,
            total=total,
            asked_by=actor.name,
            asked_at=now,
            touched_at=now,
        )
    )


def _in_force(year: int, unit_id: int | None) -> tuple[ColumnElement[bool], ...]:
    """Sheets in force; of one unit and those below it."""
    conditions: tuple[ColumnElement[bool], ...] = (Sheet.year == year, Sheet.state == State.APPROVED)
    if unit_id is None:
        return conditions
    posts = select(Position.id).where(Position.unit_id.in_(unit_and_below(select(Unit.id).where(Unit.id == unit_id))))
    return (*conditions, Sheet.position_id.in_(posts))


@dataclass(frozen=True, slots=True)
class Work:
    """Everything that a composer needs to write the file, read in one transaction."""

    subject: BookSubject
    form: BookForm
    made: Composition
    #: Of the LKjIP: the year before of the same posts.
    before: Sequence[MeasuredYear | None]

    @property
    def title(self) -> str:
        """Its name that day, which it keeps."""
        word = "Bahan LKjIP" if self.subject is BookSubject.LKJIP else "Pengukuran Kinerja"
        return composition_name(word, self.made.unit, self.made.year, self.made.quarter)

    @property
    def sources(self) -> str:
        """History numbers of the copies that it holds, as the table keeps them."""
        return " ".join(str(each) for each in self.made.sources)

    def written(self, progress: Progress) -> bytes:
        # here and not above: what composes books takes memory that no web worker needs
        from iki_portal.documents.composed_files import lkjip_file, measurement_file  # noqa: PLC0415

        if self.subject is BookSubject.LKJIP:
            return lkjip_file(self.made, self.before, self.form.value)
        return measurement_file(self.made, self.form.value, progress)


def work_of(book: Book, *, on: date) -> Work:
    """What a queued composition holds on that day."""
    settings: Settings = current_app.config["IKI"]
    posts = years_of(sheets_where(*_in_force(book.year, book.unit_id), on=on), on=on)
    measuring = measuring_of(book.year)
    made = Composition(
        year=book.year,
        quarter=book.quarter,
        unit=_unit_name(book.unit_id),
        posts=posts,
        scale=scale_facts(measuring.scale, measuring.cap),
        signer=signer_of_unit(book.unit_id, on=on),
        office=office(),
        on=on,
        code=book.code or "",
        address=settings.print_address,
        without_sheet=_without_sheet(book.year, book.unit_id),
        sources=[report.proof.history_number for post in posts for report in _within(post, book.quarter)],
    )
    before = _years_before(posts, book, on=on) if book.subject is BookSubject.LKJIP else ()
    return Work(book.subject, book.form, made, before)


def _without_sheet(year: int, unit_id: int | None) -> list[str]:
    """Posts that ought to have a sheet of the year in force, and have none."""
    has_one = exists().where(Sheet.position_id == Position.id, Sheet.year == year, Sheet.state == State.APPROVED)
    query = select(Position.title, Position.area).where(Position.approver_id.is_not(None), ~Position.is_closed, ~has_one)
    if unit_id is not None:
        query = query.where(Position.unit_id.in_(unit_and_below(select(Unit.id).where(Unit.id == unit_id))))
    return [post_name(row.title, row.area) for row in db.session.execute(query.order_by(Position.order, Position.id))]


def _within(post: MeasuredYear, quarter: int | None) -> list[MeasuredReport]:
    return [report for each, report in post.reports.items() if quarter is None or each == quarter]


def _unit_name(unit_id: int | None) -> str:
    """The office itself is the unit that none stands above."""
    query = select(Unit.name).where(Unit.superior_id.is_(None) if unit_id is None else Unit.id == unit_id)
    return db.session.scalar(query.order_by(Unit.order).limit(1)) or WHOLE_OFFICE


def _years_before(posts: Sequence[MeasuredYear], book: Book, *, on: date) -> list[MeasuredYear | None]:
    former = years_of(sheets_where(*_in_force(book.year - 1, book.unit_id), on=on), on=on)
    by_code = {each.code: each for each in former}
    return [by_code.get(each.code) for each in posts]


def listed(reach: Reach) -> ColumnElement[bool]:
    """Which compositions somebody of that reach sees and takes away."""
    about = Book.subject != BookSubject.SHEETS
    if reach.has_office:
        return about
    return about & Book.unit_id.in_([each for each, _ in reach.units])


@dataclass(frozen=True, slots=True)
class CheckedBook:
    """A printed composition and what has become of it: shows no more than the paper does."""

    name: str
    code: str
    composed_at: datetime
    reports: int
    #: How many of them count no more.
    replaced: int


def book_by_code(code: str) -> CheckedBook | None:
    """The composition with this code, once it is composed."""
    found = or_(Book.subject == BookSubject.MEASUREMENT, Book.subject == BookSubject.LKJIP)
    book = db.session.scalars(select(Book).where(Book.code == code, Book.state == BookState.DONE, found)).one_or_none()
    if book is None:
        return None
    numbers = [int(each) for each in book.sources.split()]
    return CheckedBook(book.title, code, book.touched_at, len(numbers), copies.replaced_among(numbers))
