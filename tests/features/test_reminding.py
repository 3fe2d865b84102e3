"""Ingatkan, and the daily round: deadlines, posts that begin and end, and one digest a day."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select, update

from iki_portal.approvals import reminding
from iki_portal.approvals.daily_round import make_round
from iki_portal.cli import main
from iki_portal.domain.appointments import SOON
from iki_portal.domain.dates import OFFICE_ZONE
from iki_portal.domain.mail import SENT_KEPT, MailChoice
from iki_portal.domain.notices import NoticeKind
from iki_portal.domain.people import AssignmentKind
from iki_portal.extensions import db
from iki_portal.models import HistoryEntry, Notice, OutgoingMail, PerformanceYear, Position
from tests import office
from tests.faults.test_mail import connect, reach
from tests.features.test_notices import told

PAGE = f"/tahun/{office.YEAR}"
URL = f"{PAGE}/pengingat"
MAIL_SERVER = "smtp://127.0.0.1:1"  # nothing is sent here


def remind(app: Flask, post_code: str = "", *, by: str = office.APPROVER) -> Any:
    with app.app_context():
        post_id = db.session.scalar(select(Position.id).where(Position.code == post_code))
    return office.post(office.sign_in(app, by), URL, {"meja": str(post_id)} if post_id else {})


def acts(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(HistoryEntry.note).where(HistoryEntry.action == "remind")))


def morning(on: date, hour: int = 8) -> datetime:
    return datetime.combine(on, time(hour), OFFICE_ZONE)


def round_on(app: Flask, on: date, *, hour: int = 8, again: bool = False) -> bool:
    with app.app_context(), office.transaction():
        return make_round(now=morning(on, hour), again=again)


def due(app: Flask, deadline: date) -> None:
    with app.app_context(), office.transaction():
        db.session.execute(update(PerformanceYear).values(planning_deadline_on=deadline))


def letters(app: Flask, name: str) -> list[OutgoingMail]:
    with app.app_context():
        mine = OutgoingMail.employee_id == office.actor(name).employee_id
        return list(db.session.scalars(select(OutgoingMail).where(mine).order_by(OutgoingMail.id)))


def test_one_desk_is_reminded_once_a_day_with_one_row_of_history(each_app: Flask) -> None:
    app = each_app
    with app.app_context():
        office.bring_to("submitted")
    assert remind(app, office.REVIEWER).status_code == 302
    again = remind(app, office.REVIEWER)
    assert again.status_code == 409
    assert "Sudah diingatkan hari ini" in again.get_data(as_text=True)
    with app.app_context():
        assert told(office.REVIEWER) == [NoticeKind.TO_REVIEW, NoticeKind.REMINDED]
        assert told(office.HEAD) == []
    tomorrow = office.now() + timedelta(days=1)
    with app.app_context():
        post_id = db.session.scalar(select(Position.id).where(Position.code == office.REVIEWER))
        sekretaris = office.actor(office.APPROVER)
        with office.transaction():
            assert reminding.remind(office.YEAR, position_id=post_id, actor=sekretaris, now=tomorrow) == 1
        assert told(office.REVIEWER).count(NoticeKind.REMINDED) == 2
    note = "Mengingatkan Kepala Bidang Pengadaan, Pemberhentian dan Informasi"
    assert [each.startswith(note) for each in acts(app)] == [True, True]
    assert "(2 lembar)" in acts(app)[0], "the Kabid's own draft lies there, too"


def test_all_desks_are_reminded_but_ones_own_and_those_that_were(app: Flask) -> None:
    assert remind(app, office.OWNER).status_code == 302
    page = office.sign_in(app, office.APPROVER).get(PAGE).get_data(as_text=True)
    assert page.count("Diingatkan hari ini") == 1
    assert remind(app).status_code == 302
    assert remind(app).status_code == 409
    with app.app_context():
        assert told(office.OWNER) == told(office.REVIEWER) == [NoticeKind.REMINDED]
        assert told(office.APPROVER) == []
        assert db.session.scalar(select(func.count(Notice.id))) == 19
    assert len(acts(app)) == 2
    assert "di meja Analis Kepegawaian Muda" in office.sign_in(app, office.OWNER).get("/pemberitahuan").get_data(as_text=True)


def test_a_desk_at_which_nothing_lies_or_nobody_sits_is_not_reminded(app: Flask) -> None:
    with app.app_context():
        office.end_post(office.OWNER, office.OWNER, ends_on=office.today_in_office() - timedelta(days=1))
    for post in (office.HEAD, office.OWNER, office.APPROVER):
        assert remind(app, post).status_code == 409, post
    assert acts(app) == []


def test_only_the_sekretaris_reminds(app: Flask) -> None:
    for name in (office.OWNER, office.REVIEWER, office.HEAD, office.OPERATOR):
        assert remind(app, by=name).status_code == 403, name
    assert "Ingatkan" not in office.sign_in(app, office.HEAD).get(PAGE).get_data(as_text=True)
    assert office.post(office.sign_in(app, office.APPROVER), "/tahun/2099/pengingat").status_code == 404
    assert app.test_client().post(URL).status_code == 401
    assert acts(app) == []


def test_a_reminder_reaches_by_mail_also_who_reads_one_digest_a_day(app: Flask) -> None:
    connect(app, MAIL_SERVER)
    with app.app_context():
        reach(office.OWNER, choice=MailChoice.DAILY)
        reach(office.REVIEWER, choice=MailChoice.NONE)
    assert remind(app).status_code == 302
    assert [mail.subject for mail in letters(app, office.OWNER)] == ["Portal IKI: Pengingat Sekretaris"]
    assert letters(app, office.REVIEWER) == []


def test_a_deadline_is_told_a_week_and_a_day_before_once_each(app: Flask) -> None:
    today = office.today_in_office()
    due(app, today + timedelta(days=9))
    with app.app_context():
        office.bring_to("approved", "analis.profesi")
    heard = []
    for day in range(11):
        round_on(app, today + timedelta(days=day))
        round_on(app, today + timedelta(days=day), again=True)
        with app.app_context():
            heard.append(told(office.OWNER).count(NoticeKind.DEADLINE))
    assert heard == [0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2]
    with app.app_context():
        assert NoticeKind.DEADLINE not in told("analis.profesi"), "who is done is left alone"
    assert "Tenggat penetapan tahun 2027 adalah" in office.sign_in(app, office.OWNER).get("/pemberitahuan").get_data(
        as_text=True
    )


def test_a_post_that_begins_and_one_that_ends_soon_are_told_once(app: Flask) -> None:
    today = office.today_in_office()
    with app.app_context():
        begins, ends = today + timedelta(days=2), today + timedelta(days=2) + SOON
        office.give_post(office.OUTSIDER, office.REVIEWER, kind=AssignmentKind.PLH, starts_on=begins, ends_on=ends)
    heard = []
    for day in range(5):
        round_on(app, today + timedelta(days=day))
        with app.app_context():
            heard.append(told(office.OUTSIDER))
    first = [NoticeKind.POST_BEGINS, NoticeKind.POST_ENDS]
    assert [sorted(each) for each in heard] == [[], [], first, first, first]


def test_the_digest_goes_out_once_a_day_from_the_morning_on(each_app: Flask) -> None:
    app = each_app
    connect(app, MAIL_SERVER)
    today = office.today_in_office()
    with app.app_context():
        reach(office.REVIEWER, choice=MailChoice.DAILY)
        office.bring_to("submitted")
    assert not round_on(app, today, hour=5)
    assert letters(app, office.REVIEWER) == []
    assert round_on(app, today)
    assert not round_on(app, today, hour=17)
    assert round_on(app, today, hour=18, again=True)
    (mail,) = letters(app, office.REVIEWER)
    assert mail.subject == "Portal IKI: 1 lembar menunggu Anda"
    assert "Menunggu reviu Anda (1):\n- Analis Kepegawaian Muda" in mail.body
    assert "Draf lembar Anda (1):\n- Kepala Bidang Pengadaan" in mail.body
    assert "Pemberitahuan yang belum Anda baca: 1." in mail.body
    assert round_on(app, today + timedelta(days=1))
    assert len(letters(app, office.REVIEWER)) == 2


def test_a_digest_that_would_say_nothing_is_not_written(app: Flask) -> None:
    connect(app, MAIL_SERVER)
    due(app, office.today_in_office() + timedelta(days=60))
    with app.app_context():
        reach(office.OWNER, choice=MailChoice.DAILY)
        reach(office.REVIEWER, choice=MailChoice.EACH)
        office.bring_to("submitted", "analis.profesi")
    assert round_on(app, office.today_in_office())
    assert letters(app, office.OWNER) == [], "a draft alone is no reason"
    assert [mail.subject for mail in letters(app, office.REVIEWER)] == ["Portal IKI: Lembar untuk direviu"]


def test_mail_that_was_sent_long_ago_is_cleared_away(app: Flask) -> None:
    connect(app, MAIL_SERVER)
    with app.app_context():
        reach()
        office.bring_to("submitted")
        with office.transaction():
            db.session.execute(update(OutgoingMail).values(sent_at=office.now()))
    assert round_on(app, office.today_in_office() + SENT_KEPT + timedelta(days=2))
    assert [mail.sent_at for mail in letters(app, office.REVIEWER) if mail.sent_at] == []


@pytest.fixture
def environment(url: str) -> dict[str, str]:
    return {"IKI_ENV": "test", "IKI_SECRET_KEY": "k" * 20 + "0123456789abcdefghij", "IKI_DATABASE_URL": url}


def test_without_a_mail_server_nothing_is_owed_and_nothing_is_wrong(app: Flask, environment: dict[str, str]) -> None:
    with app.app_context():
        reach()
        office.bring_to("submitted")
    said = CliRunner().invoke(main, ["send-mail", "--digest"], env=environment)
    assert said.exit_code == 0, said.output
    assert "No mail server is set (IKI_SMTP_URL)" in said.output
    with app.app_context():
        assert db.session.scalar(select(func.count(OutgoingMail.id))) == 0
    assert "belum dihubungkan dengan server surel" in office.sign_in(app, office.OPERATOR).get("/surel").get_data(as_text=True)


def test_the_command_says_what_waits_and_takes_up_again_what_was_given_up(app: Flask, environment: dict[str, str]) -> None:
    connect(app, MAIL_SERVER)
    with app.app_context():
        reach()
        office.bring_to("submitted")
        with office.transaction():
            db.session.execute(update(OutgoingMail).values(failed_at=office.now(), last_error="550 tidak dikenal"))
    server = {"IKI_SMTP_URL": MAIL_SERVER, "IKI_MAIL_FROM": "iki@lumajang.id"}
    said = CliRunner().invoke(main, ["send-mail", "--status"], env={**environment, **server})
    assert "Waiting 0, given up 1." in said.output
    assert "550 tidak dikenal" in said.output
    said = CliRunner().invoke(main, ["send-mail", "--retry"], env={**environment, **server})
    assert said.exit_code == 1
    assert "Taken up again: 1." in said.output
    assert "the mail server cannot be used: ConnectionRefusedError" in said.output
