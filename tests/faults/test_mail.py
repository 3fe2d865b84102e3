"""Mail under a real mail server that refuses, hangs and dies: nothing is lost, and a repeat carries the same Message-ID."""

import os
import signal
import smtplib
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from iki_portal.config import SmtpServer
from iki_portal.domain.errors import Outdated
from iki_portal.domain.mail import LEASE, MOST_TRIES, WAITS, MailChoice
from iki_portal.extensions import db
from iki_portal.models import Account, Employee, Notice, OutgoingMail
from iki_portal.notices import operations, outbox, sending
from iki_portal.notices.letters import Letter
from iki_portal.notices.sending import Outcome, send_due
from tests import office
from tests.mail_server import MailServer, serving, vouched

pytestmark = pytest.mark.fault

SENDER = "Portal IKI <iki@surel.lumajang>"
ADDRESS = "pereviu@surel.lumajang"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with serving() as server:
        yield server


def connect(app: Flask, url: str) -> None:
    """Give the portal this mail server."""
    settings = app.config["IKI"]
    app.config["IKI"] = settings.model_copy(update={"smtp_url": url, "mail_from": SENDER, "portal_url": "https://iki.lumajang"})


def reach(name: str = office.REVIEWER, *, address: str = ADDRESS, choice: MailChoice = MailChoice.EACH) -> int:
    """Somebody has an address and wants such mail; their employee id. Needs an app context."""
    person = office.actor(name)
    with office.transaction():
        db.session.execute(update(Employee).where(Employee.id == person.employee_id).values(email=address))
        db.session.execute(update(Account).where(Account.id == person.account_id).values(mail_choice=choice))
    assert person.employee_id is not None
    return person.employee_id


def run(app: Flask, *, later: timedelta = timedelta(0)) -> Outcome:
    """`iki send-mail`, so much later."""
    server = app.config["IKI"].smtp_server
    assert server is not None
    with app.app_context(), capture_logs():
        return send_due(server, sender=SENDER, clock=lambda: office.now() + later)


def owed(app: Flask, number: int = 1, *, address: str = ADDRESS, about: str = "k") -> None:
    """So many letters to the reviewer."""
    with app.app_context():
        person = reach(address=address)
        letters = [Letter(person, f"{about}{each}", f"Portal IKI: {each}", "Ada yang menunggu Anda.") for each in range(number)]
        with office.transaction():
            operations.post(letters, now=office.now())


def row(app: Flask) -> OutgoingMail:
    with app.app_context():
        return db.session.scalars(select(OutgoingMail)).one()


def test_a_step_owes_a_mail_that_leaves_after_it(app: Flask, server: MailServer) -> None:
    connect(app, server.url)
    with app.app_context():
        reach()
        sheet = office.bring_to("submitted")
    assert server.accepted == []
    outcome = run(app)
    assert (outcome.sent, outcome.postponed, outcome.failed) == (1, 0, 0)
    (mail,), (envelope,) = server.accepted, server.envelopes
    assert (mail["To"], mail["From"], mail["Subject"]) == (ADDRESS, SENDER, "Portal IKI: Lembar untuk direviu")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == row(app).message_id
    assert mail["Message-ID"].endswith("@surel.lumajang>")
    assert mail["Date"].datetime.date() == row(app).created_at.date()
    assert (envelope.mail_from, envelope.rcpt_tos) == ("iki@surel.lumajang", [ADDRESS])
    assert (mail.get_content_type(), mail.get_content_charset()) == ("text/plain", "utf-8")
    text = mail.get_content()
    assert "Analis Kepegawaian Muda (Pengadaan dan Pemberhentian) tahun 2027 diajukan kepada Anda untuk direviu." in text
    assert f"https://iki.lumajang/lembar/{sheet.id}" in text
    assert run(app).sent == 0
    assert len(server.accepted) == 1


def test_who_wants_no_mail_or_has_no_address_or_no_account_gets_none(app: Flask, server: MailServer) -> None:
    connect(app, server.url)
    with app.app_context():
        reach(choice=MailChoice.NONE)
        office.bring_to("submitted")
        reach(choice=MailChoice.DAILY)
        office.bring_to("submitted", "analis.profesi")
        reach(address="")
        office.bring_to("submitted", "analis.informasi")
        assert db.session.scalar(select(func.count(OutgoingMail.id))) == 0


def test_a_step_that_comes_to_nothing_owes_nothing(app: Flask, server: MailServer) -> None:
    connect(app, server.url)
    with app.app_context():
        reach()
        sheet = office.fill_in()
        submit = partial(office.approvals.submit, actor=office.actor(office.OWNER), seen=sheet.version, now=office.now())
        submit(sheet)
        assert db.session.scalar(select(func.count(OutgoingMail.id))) == 1
        with pytest.raises(Outdated), office.transaction():
            submit(sheet)  # somebody was faster: all of it is undone
        assert db.session.scalar(select(func.count(OutgoingMail.id))) == 0
        assert db.session.scalar(select(func.count(Notice.id))) == 0


def test_a_refusal_for_now_is_tried_again_under_the_same_id(app: Flask, server: MailServer) -> None:
    connect(app, server.url)
    owed(app)
    server.answers = ["451 sibuk, nanti lagi"]
    assert run(app).postponed == 1
    assert "451 sibuk" in row(app).last_error
    assert run(app).sent == 0, "not before its time"
    assert run(app, later=WAITS[0]).sent == 1
    (mail,) = server.accepted
    assert mail["Message-ID"] == row(app).message_id
    assert (row(app).attempts, row(app).last_error) == (2, "")


def test_a_refusal_for_good_is_kept_for_the_operator_and_can_be_taken_up_again(app: Flask, server: MailServer) -> None:
    connect(app, server.url)
    owed(app)
    server.recipients = {ADDRESS: "550 kotak surat tidak dikenal"}
    outcome = run(app)
    assert (outcome.failed, outcome.reasons) == (1, ["550 kotak surat tidak dikenal"])
    assert run(app, later=timedelta(days=9)).sent == 0
    client = office.sign_in(app, office.OPERATOR)
    page = client.get("/surel").get_data(as_text=True)
    assert "Gagal: 550 kotak surat tidak dikenal" in page
    assert ADDRESS not in page
    server.recipients = {}
    assert office.post(client, "/surel/percobaan").status_code == 302
    assert run(app).sent == 1
    assert "Terakhir terkirim" in client.get("/surel").get_data(as_text=True)
    assert office.post(client, "/surel/percobaan").status_code == 409


def test_a_server_that_is_away_is_tried_ten_times_within_three_days_and_then_given_up(app: Flask) -> None:
    connect(app, "smtp://127.0.0.1:1")
    owed(app)
    passed = timedelta(0)
    for wait in WAITS:
        outcome = run(app, later=passed)
        assert (outcome.postponed, outcome.failed) == (1, 0)
        assert "ConnectionRefusedError" in outcome.server_problem
        passed += wait
    assert passed <= timedelta(days=3)
    assert run(app, later=passed + timedelta(minutes=1)).failed == 1
    assert row(app).failed_at is not None
    assert row(app).attempts == MOST_TRIES


def test_a_server_that_is_away_costs_one_try_of_one_mail_a_run(app: Flask) -> None:
    connect(app, "smtp://127.0.0.1:1")
    owed(app, 3)
    assert run(app).postponed == 1
    with app.app_context():
        assert sorted(db.session.scalars(select(OutgoingMail.attempts))) == [0, 0, 1]


def test_a_connection_that_breaks_postpones_one_mail_and_not_the_others(app: Flask, server: MailServer) -> None:
    connect(app, server.url)
    owed(app, 3)
    server.answers = ["421 sampai jumpa"]
    outcome = run(app)
    assert (outcome.sent, outcome.postponed) == (2, 1)


def test_a_sender_killed_after_the_server_took_the_mail_sends_it_again_under_the_same_id(
    url: str, app: Flask, server: MailServer
) -> None:
    connect(app, server.url)
    owed(app)
    server.hangs.set()
    settings = {"IKI_ENV": "test", "IKI_SECRET_KEY": app.config["SECRET_KEY"], "IKI_DATABASE_URL": url}
    mail = {"IKI_SMTP_URL": server.url, "IKI_MAIL_FROM": SENDER}
    command = [sys.executable, "-m", "iki_portal.cli", "send-mail"]
    with subprocess.Popen(command, env={**os.environ, **settings, **mail}) as process:
        assert server.was_heard.wait(60)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    server.hangs.clear()
    assert len(server.accepted) == 1
    assert (row(app).sent_at, row(app).attempts) == (None, 1)
    assert run(app).sent == 0, "the dead sender's lease has not run out"
    assert run(app, later=LEASE).sent == 1
    first, second = server.accepted
    assert first["Message-ID"] == second["Message-ID"] == row(app).message_id
    assert first.as_bytes() == second.as_bytes()
    assert run(app, later=timedelta(days=9)).sent == 0


def test_a_sender_that_dies_each_time_gives_up_in_the_end(app: Flask, server: MailServer) -> None:
    connect(app, server.url)
    owed(app)
    with app.app_context():
        for number in range(MOST_TRIES):
            with office.transaction():
                assert outbox.take_next(now=office.now() + number * LEASE) is not None
    assert run(app, later=(MOST_TRIES + 1) * LEASE).failed == 1
    assert server.accepted == []


def test_two_senders_at_once_send_each_mail_once(each_app: Flask, server: MailServer) -> None:
    connect(each_app, server.url)
    owed(each_app, 12)
    barrier, outcomes = threading.Barrier(3), []

    def send() -> None:
        barrier.wait()
        with each_app.app_context():
            outcomes.append(send_due(SmtpServer.of(server.url), sender=SENDER, clock=office.now))

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(outcome.sent for outcome in outcomes) == 12
    ids = [mail["Message-ID"] for mail in server.accepted]
    assert len(ids) == len(set(ids)) == 12


@pytest.mark.parametrize("address", ["budi@x.id\r\nBcc: semua@x.id", "budi", "a@b@c", "budi@x.id, semua@x.id", "<b@x.id>", ""])
def test_an_address_that_is_none_is_never_spoken_to_the_server(app: Flask, server: MailServer, address: str) -> None:
    connect(app, server.url)
    owed(app, address=address)
    assert run(app).failed == 1
    assert server.envelopes == []


def test_an_end_of_line_in_a_subject_begins_no_header(app: Flask, server: MailServer) -> None:
    connect(app, server.url)
    with app.app_context(), office.transaction():
        person = reach()
    with app.app_context(), office.transaction():
        operations.post([Letter(person, "k", "Portal IKI: Kabid\r\nBcc: semua@x.id", "Halo.")], now=office.now())
    assert run(app).sent == 1
    (mail,) = server.accepted
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Portal IKI: Kabid Bcc: semua@x.id"


def test_a_password_is_told_to_the_server_and_to_nobody_else(app: Flask) -> None:
    with serving(asks_to_sign_in=True) as guarded:
        for password, sent in (("rahasia-surel", 1), ("salah-sekali", 0)):
            connect(app, f"smtp://iki:{password}@127.0.0.1:{guarded.port}")
            owed(app, about=password)
            outcome = run(app)
            assert outcome.sent == sent
        assert {given for _, given in guarded.sign_ins} == {b"rahasia-surel", b"salah-sekali"}
        assert "535" in outcome.server_problem
    assert "salah-sekali" not in outcome.server_problem
    assert "salah-sekali" not in repr(app.config["IKI"].smtp_server)
    assert "salah-sekali" not in office.sign_in(app, office.OPERATOR).get("/surel").get_data(as_text=True)


def test_only_a_certificate_that_is_vouched_for_is_spoken_to(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, certificate = vouched(tmp_path)
    with serving(tls_context=context, require_starttls=True) as server:
        connect(app, f"smtp+starttls://127.0.0.1:{server.port}")
        owed(app)
        assert "CERTIFICATE_VERIFY_FAILED" in run(app).server_problem
        monkeypatch.setenv("SSL_CERT_FILE", certificate)
        assert run(app, later=WAITS[0]).sent == 1


def test_a_server_without_tls_is_not_told_a_password(app: Flask, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anywhere else than on this machine."""
    connect(app, f"smtp://iki:rahasia@localhost.:{server.port}")
    real = smtplib.SMTP
    monkeypatch.setattr(sending.smtplib, "SMTP", lambda _host, port, **more: real("127.0.0.1", port, **more))
    owed(app)
    assert "STARTTLS" in run(app).server_problem
    assert server.sign_ins == []
