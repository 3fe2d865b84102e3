"""The decree's words, and books: asked for in a request, composed by a process of their own, downloaded when ready."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import undefer

from iki_portal.approvals import performance_books
from iki_portal.approvals.book_queue import STALE, queue
from iki_portal.approvals.content import printed_copies
from iki_portal.documents.decree import TITLE_LINES, Decree, decree_paragraphs, decree_subject
from iki_portal.documents.printed import PrintedSheet
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import NotFound, Outdated, WrongState
from iki_portal.domain.office import PositionKind
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.history.operations import Act, author, record
from iki_portal.models import Book, BookForm, BookState, BookSubject, DecreeText, Position, Sheet, Unit
from iki_portal.models.columns import LARGEST_ID
from iki_portal.organisation.queries import head_of_office, office, unit_and_below
from iki_portal.web.background import start_command
from iki_portal.web.transaction import abandon, transaction

SHOWN = 20
NOTHING = "Belum ada lembar yang ditetapkan untuk disusun menjadi buku."


@dataclass(frozen=True, slots=True)
class DecreeProposal:
    subject: str
    number: str
    decided_on: date | None
    considering: str
    recalling: str
    deciding: str


def change_decree(year: int, proposal: DecreeProposal, *, actor: Actor, seen: int, now: datetime) -> None:
    """Write the words of the year's decree. Books composed before keep theirs. Raises `Outdated` for an old page."""
    demand_permission(actor, Permission.DECREE_WRITE)
    row = db.session.get(DecreeText, year, with_for_update=True)
    if (row.version if row else 0) != seen:
        who = row.changed_by if row else "orang lain"
        raise Outdated(f"Naskah keputusan sudah diubah {who} sesudah halaman Anda dibuka.")
    if row is None:
        row = DecreeText(year=year, version=0)
        db.session.add(row)
    for name in DecreeProposal.__slots__:
        setattr(row, name, getattr(proposal, name))
    row.version, row.changed_at, row.changed_by = seen + 1, now, actor.name
    db.session.flush()
    act = Act(action="decree_text", year=year, at=now, note=f"Naskah keputusan {proposal.number}".strip())
    record(act, author(actor, actor.mandate_as(PositionKind.SECRETARY)))


def decree_text(year: int) -> DecreeText | None:
    return db.session.get(DecreeText, year)


def decree(year: int) -> Decree:
    """The decree as it would be printed now."""
    row = decree_text(year)
    signer = head_of_office(on=today_in_office())
    if row is None:
        return Decree(year=year, signer=signer, office=office())
    return Decree(
        year=year,
        subject=row.subject,
        number=row.number,
        decided_on=row.decided_on,
        considering=row.considering,
        recalling=row.recalling,
        deciding=row.deciding,
        signer=signer,
        office=office(),
    )


def in_force(year: int, unit_id: int | None) -> list[int]:
    """Ids of the year's sheets in force, in the order of the office; of one unit and those below it."""
    query = select(Sheet.id).where(Sheet.year == year, Sheet.state == State.APPROVED).order_by(Sheet.order)
    if unit_id is not None:
        below = unit_and_below(select(Unit.id).where(Unit.id == unit_id))
        query = query.join(Position, Position.id == Sheet.position_id).where(Position.unit_id.in_(below))
    return list(db.session.scalars(query))


def ask_for_book(year: int, *, unit_id: int | None, form: BookForm, actor: Actor, now: datetime) -> int:
    """Put a book in the queue and return its id (`book_queue.queue`)."""
    demand_permission(actor, Permission.BOOK_COMPOSE)
    total = len(in_force(year, unit_id))
    if total == 0:
        raise WrongState(NOTHING)
    return queue(
        Book(
            year=year,
            unit_id=unit_id,
            form=form,
            subject=BookSubject.SHEETS,
            state=BookState.QUEUED,
            total=total,
            asked_by=actor.name,
            asked_at=now,
            touched_at=now,
        )
    )


def start_composer(book_id: int) -> None:
    """A process of its own: a thousand sheets would hold up everybody else's requests, and outlive none of ours."""
    start_command("compose", str(book_id))


def take_up_lost(now: datetime, *, asked_after: datetime) -> list[int]:
    """Put books whose composer gives no sign of life back into the queue, and return their ids."""
    lost = (
        Book.state.in_((BookState.QUEUED, BookState.RUNNING)),
        Book.touched_at < now - STALE,
        Book.asked_at > asked_after,
    )
    queued = {"state": BookState.QUEUED, "done": 0, "touched_at": now}
    again = update(Book).where(*lost).values(**queued).returning(Book.id)
    return list(db.session.scalars(again.execution_options(synchronize_session=False)))


class _TakenOver(Exception):
    """This composer was silent for so long that another one has begun."""


class _Turn:
    """Whose book it is: of whoever gave the last sign of life."""

    def __init__(self, book: Book) -> None:
        self.book_id, self.touched_at = book.id, datetime.now(UTC)
        book.state, book.touched_at = BookState.RUNNING, self.touched_at

    def tell(self, **columns: object) -> None:
        """Raises `_TakenOver`."""
        now = datetime.now(UTC)
        mine = (Book.id == self.book_id, Book.state == BookState.RUNNING, Book.touched_at == self.touched_at)
        with transaction():
            done = db.session.execute(update(Book).where(*mine).values(touched_at=now, **columns))
        if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has a row count
            raise _TakenOver
        self.touched_at = now


def compose(book_id: int) -> None:
    """Compose a queued book, telling the table how far it is; needs no request, and commits as it goes."""
    with transaction():
        book = db.session.get(Book, book_id, with_for_update=True)
        if book is None or book.state is not BookState.QUEUED:
            return
        turn = _Turn(book)
    try:
        # read outside the transaction that writes: nobody waits meanwhile
        writing = _sheets_of(book, turn) if book.subject is BookSubject.SHEETS else _performance_of(book, turn)
        abandon()
        body, columns = writing()
        turn.tell(state=BookState.DONE, body=body, **columns)
    except _TakenOver:
        return
    except Exception:
        turn.tell(state=BookState.FAILED)
        raise


#: Writes the file; returns it with what else the table is told of it.
_Writing = Callable[[], tuple[bytes, dict[str, object]]]


def _sheets_of(book: Book, turn: _Turn) -> _Writing:
    ids, form = in_force(book.year, book.unit_id), book.form
    words, copies = decree(book.year), printed_copies(ids)

    def written() -> tuple[bytes, dict[str, object]]:
        return _composed(turn, form, words, [copies[each] for each in ids]), {"done": len(ids), "total": len(ids)}

    return written


def _performance_of(book: Book, turn: _Turn) -> _Writing:
    work = performance_books.work_of(book, on=today_in_office())
    total = len(work.made.posts)

    def written() -> tuple[bytes, dict[str, object]]:
        body = work.written(lambda done: turn.tell(done=done))
        return body, {"done": total, "total": total, "sources": work.sources, "title": work.title}

    return written


def _composed(turn: _Turn, form: BookForm, words: Decree, sheets: list[PrintedSheet]) -> bytes:
    # here and not above: what binds books takes 18 MB of memory that no web worker needs
    from iki_portal.documents.book import book_pdf  # noqa: PLC0415
    from iki_portal.documents.docx import book_docx  # noqa: PLC0415

    def progress(done: int) -> None:
        turn.tell(done=done)

    if form is BookForm.DOCX:
        opening = decree_paragraphs(words)
        return book_docx(
            sheets,
            title=decree_subject(words),
            office=words.office,
            opening=opening,
            centred=TITLE_LINES,
            progress=progress,
        )
    return book_pdf(words, sheets, composed_on=today_in_office(), progress=progress)


@dataclass(frozen=True, slots=True)
class BookLine:
    """A book as its page lists it."""

    id: int
    unit_name: str
    subject: BookSubject
    #: Of a measurement; None for the whole year.
    quarter: int | None
    form: BookForm
    state: BookState
    done: int
    total: int
    asked_by: str
    asked_at: datetime
    is_stale: bool

    @property
    def is_under_way(self) -> bool:
        return self.state in (BookState.QUEUED, BookState.RUNNING) and not self.is_stale


#: What the page of a year's documents lists, and hands out.
OF_SHEETS: ColumnElement[bool] = Book.subject == BookSubject.SHEETS


def books(year: int, *, now: datetime, which: ColumnElement[bool] = OF_SHEETS) -> list[BookLine]:
    """The newest books of a year: of its sheets, or those that a page asks for."""
    query = (
        select(Book, func.coalesce(Unit.short_name, "").label("unit_name"))
        .outerjoin(Unit, Unit.id == Book.unit_id)
        .where(Book.year == year, which)
        .order_by(Book.id.desc())
        .limit(SHOWN)
    )
    return [
        BookLine(
            row.Book.id,
            row.unit_name,
            row.Book.subject,
            row.Book.quarter,
            row.Book.form,
            row.Book.state,
            row.Book.done,
            row.Book.total,
            row.Book.asked_by,
            row.Book.asked_at,
            is_stale=row.Book.state in (BookState.QUEUED, BookState.RUNNING) and now - row.Book.touched_at > STALE,
        )
        for row in db.session.execute(query)
    ]


def finished_book(book_id: int, *, which: ColumnElement[bool] = OF_SHEETS) -> tuple[Book, bytes]:
    """A book that is ready; raises `NotFound` for one that is not, or never was, or is none of `which`."""
    query = select(Book).where(Book.id == book_id, Book.state == BookState.DONE, which).options(undefer(Book.body))
    book = db.session.scalars(query).one_or_none() if 0 < book_id <= LARGEST_ID else None
    if book is None or book.body is None:
        raise NotFound("Buku ini tidak ada, atau belum selesai disusun.")
    return book, book.body
