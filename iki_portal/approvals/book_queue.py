"""Where books wait for a composer: those of sheets (books.py) and those of reports (performance_books.py)."""

from datetime import timedelta

from sqlalchemy import select

from iki_portal.extensions import db
from iki_portal.models import Book, BookState, PerformanceYear

#: Without a sign of life for so long, the composer is gone (killed, restarted) and the book can be asked for again.
STALE = timedelta(minutes=2)


def queue(book: Book) -> int:
    """Let that book wait for a composer, and return its id; the caller starts one after the commit (`books.start_composer`).

    Whoever asks again while the same book waits there is told of that one.
    """
    db.session.get_one(PerformanceYear, book.year, with_for_update=True)  # one request after the other
    alike = ("year", "unit_id", "form", "subject", "quarter")
    same = (
        *(getattr(Book, name) == getattr(book, name) for name in alike),
        Book.state == BookState.QUEUED,
        Book.touched_at >= book.asked_at - STALE,
    )
    if waiting := db.session.scalar(select(Book.id).where(*same).limit(1)):
        return waiting
    db.session.add(book)
    db.session.flush()
    return book.id
