"""`iki send-mail`: talking to the mail server, one mail at a time, outside of any transaction."""

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from iki_portal.config import SmtpServer
from iki_portal.domain.mail import MOST_TRIES, wait_after
from iki_portal.notices import outbox
from iki_portal.notices.letters import message
from iki_portal.notices.outbox import DueMail
from iki_portal.web.logs import log
from iki_portal.web.transaction import transaction

#: Seconds that the mail server may take for one answer.
PATIENCE = 30
NEVER_FINISHED = f"Tidak satu pun dari {MOST_TRIES} percobaan selesai."
NO_ADDRESS = "Penerima tidak lagi mempunyai alamat surel."


@dataclass
class Outcome:
    sent: int = 0
    postponed: int = 0
    failed: int = 0
    #: Why the server cannot be used at all; the rest waits for the next run.
    server_problem: str = ""
    reasons: list[str] = field(default_factory=list)


class _Refused(Exception):
    """The server does not take this mail, and never will."""


def send_due(server: SmtpServer, *, sender: str, clock: Callable[[], datetime]) -> Outcome:
    """Send everything that is due. Several may run at once: each mail is taken by one of them."""
    outcome, line = Outcome(), _Line(server)
    try:
        while not outcome.server_problem:
            with transaction():
                mail = outbox.take_next(now=clock())
            if mail is None:
                break
            _send(mail, line, outcome, sender=sender, clock=clock)
    finally:
        line.hang_up()
    return outcome


def _send(mail: DueMail, line: "_Line", outcome: Outcome, *, sender: str, clock: Callable[[], datetime]) -> None:
    if mail.attempts > MOST_TRIES:  # each of its senders died
        _give_up(mail, NEVER_FINISHED, outcome, now=clock())
        return
    try:
        line.open()
    except (OSError, smtplib.SMTPException) as problem:
        outcome.server_problem = _reason(problem)
        _postpone(mail, outcome.server_problem, outcome, now=clock())
        return
    try:
        _hand_over(mail, line, sender=sender)
    except _Refused as refusal:
        _give_up(mail, str(refusal), outcome, now=clock())
    except (OSError, smtplib.SMTPException) as problem:
        line.hang_up()
        _postpone(mail, _reason(problem), outcome, now=clock())
    else:
        with transaction():
            outbox.note_sent(mail, now=clock())
        outcome.sent += 1


def _postpone(mail: DueMail, reason: str, outcome: Outcome, *, now: datetime) -> None:
    wait = wait_after(mail.attempts)
    if wait is None:
        _give_up(mail, reason, outcome, now=now)
        return
    with transaction():
        outbox.note_vain_try(mail, reason, again_at=now + wait)
    outcome.postponed += 1
    log.warning("mail postponed", mail=mail.id, attempts=mail.attempts, reason=reason)


def _give_up(mail: DueMail, reason: str, outcome: Outcome, *, now: datetime) -> None:
    with transaction():
        outbox.note_failed(mail, reason, now=now)
    outcome.failed += 1
    outcome.reasons.append(reason)
    log.error("mail given up", mail=mail.id, attempts=mail.attempts, reason=reason)


def _hand_over(mail: DueMail, line: "_Line", *, sender: str) -> None:
    """Raises `_Refused` where another try would be refused as well; anything else may pass."""
    if not mail.address:
        raise _Refused(NO_ADDRESS)
    try:
        ready = message(
            to=mail.address,
            sender=sender,
            message_id=mail.message_id,
            subject=mail.subject,
            body=mail.body,
            written_at=mail.created_at,
        )
    except ValueError as problem:
        raise _Refused("Alamat surel penerima tidak dapat dipakai.") from problem
    try:
        line.connection.send_message(ready)
    except smtplib.SMTPRecipientsRefused as refusal:
        (code, words), *_ = refusal.recipients.values()
        _judge(code, words, refusal)
    except smtplib.SMTPDataError as refusal:
        _judge(refusal.smtp_code, refusal.smtp_error, refusal)
    except smtplib.SMTPNotSupportedError as problem:
        raise _Refused("Server surel tidak menerima huruf pada alamat ini.") from problem


def _judge(code: int, words: bytes | str, refusal: smtplib.SMTPException) -> None:
    """5xx is for good, 4xx for now (RFC 5321, 4.2.1)."""
    if code >= 500:
        raise _Refused(_said(code, words)) from refusal
    raise smtplib.SMTPResponseException(code, words) from refusal


def _reason(problem: Exception) -> str:
    """One line for people; never what was sent to sign in."""
    if isinstance(problem, smtplib.SMTPResponseException):
        return _said(problem.smtp_code, problem.smtp_error)
    return " ".join(f"{type(problem).__name__}: {problem}".split())


def _said(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return " ".join(f"{code} {text}".split())


class _Line:
    """The connection, opened when the first mail is due and again after it broke."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._connection: smtplib.SMTP | None = None

    @property
    def connection(self) -> smtplib.SMTP:
        if self._connection is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        return self._connection

    def open(self) -> None:
        if self._connection is not None:
            return
        server, trusted = self._server, ssl.create_default_context()
        if server.is_tls:
            opened: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE, context=trusted)
        else:
            opened = smtplib.SMTP(server.host, server.port, timeout=PATIENCE)
        try:
            if server.needs_starttls:
                opened.starttls(context=trusted)
            if server.user:
                opened.login(server.user, server.password)
        except BaseException:
            opened.close()
            raise
        self._connection = opened

    def hang_up(self) -> None:
        if self._connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._connection.quit()
            self._connection = None
