"""From what happened to the words of a mail, and from a row of the outbox to the message that leaves."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import sha256

from flask import current_app

from iki_portal.config import Settings
from iki_portal.domain.mail import is_address
from iki_portal.domain.notices import NOTICE_WORDS, OF_REPORTS, OF_TALKS, sentence
from iki_portal.domain.quarters import quarter_of
from iki_portal.notices.news import News

PORTAL = "Portal IKI"
HOME_PATH, SHEET_PATH, OWN_ACCOUNT_PATH = "/", "/lembar/{}", "/akun-saya"
#: After a sheet's own path.
REPORT_PATH, TALKS_PATH = "/realisasi/{}", "/dialog"


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody is to get by e-mail; `key` as of the notice it tells."""

    employee_id: int
    key: str
    subject: str
    body: str


def letter_of(news: News) -> Letter:
    path = HOME_PATH if news.sheet_id is None else SHEET_PATH.format(news.sheet_id)
    if news.kind in OF_REPORTS and news.about.day is not None:
        path += REPORT_PATH.format(quarter_of(news.about.day))
    elif news.kind in OF_TALKS:
        path += TALKS_PATH
    said = sentence(news.kind, news.about)
    return Letter(news.employee_id, news.key, subject_line(NOTICE_WORDS[news.kind]), body_of([said], path))


def subject_line(words: str) -> str:
    """One line, whatever the words hold: an end of line would begin a header of its own."""
    return " ".join(f"{PORTAL}: {words}".split())[:200]


def body_of(lines: list[str], path: str) -> str:
    """The lines, where to go on, and why this mail came."""
    address = portal_address()
    where = f"{address}{path}" if address else f"Buka {PORTAL} untuk melihatnya."
    choice = f"Akun saya di {PORTAL}" + (f" ({address}{OWN_ACCOUNT_PATH})" if address else "")
    return "\n".join([*lines, "", where, "", "-- ", f"Surel otomatis, tidak perlu dibalas. Pilihan surel Anda: {choice}.", ""])


def portal_address() -> str:
    settings: Settings = current_app.config["IKI"]
    return settings.print_address


def message_id(letter: Letter, now: datetime, *, sender: str) -> str:
    """Follows from the letter alone, so that no two rows share one and a repeat keeps it."""
    seal = sha256(f"{letter.employee_id}/{letter.key}/{now.isoformat()}".encode()).hexdigest()[:32]
    return f"<{seal}@{parseaddr(sender)[1].rpartition('@')[2]}>"


def message(*, to: str, sender: str, message_id: str, subject: str, body: str, written_at: datetime) -> EmailMessage:
    """The mail as it leaves; raises `ValueError` for an address that is none, or that holds an end of line."""
    if not is_address(to):
        raise ValueError("no address")
    found = EmailMessage(policy=SMTP)
    found["From"] = sender
    found["To"] = to
    found["Subject"] = " ".join(subject.split())
    found["Date"] = format_datetime(written_at)
    found["Message-ID"] = message_id
    found["Auto-Submitted"] = "auto-generated"
    found.set_content(body, cte="quoted-printable")
    return found
