"""Pemberitahuan: told with the step, read by its reader alone, and only while the sheet is in sight."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, insert, select, update

from iki_portal.domain.comments import CommentStep
from iki_portal.domain.notices import OUT_OF_CHOICE, OUT_OF_SIGHT, NoticeKind
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import db
from iki_portal.models import Account, Employee, HistoryEntry, Notice, Position
from iki_portal.organisation.appointing import SpanProposal, appoint
from tests import office
from tests.features.test_query_counts import counted

PAGE = "/pemberitahuan"


def told(name: str, *, unread: bool = False) -> list[NoticeKind]:
    """What somebody was told, oldest first; needs an app context."""
    query = select(Notice.kind).where(Notice.employee_id == office.actor(name).employee_id).order_by(Notice.id)
    return list(db.session.scalars(query.where(Notice.read_at.is_(None)) if unread else query))


def page(app: Flask, name: str, address: str = PAGE) -> str:
    answer = office.sign_in(app, name).get(address)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def test_each_step_tells_who_is_next_and_whom_it_concerns(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved")
        assert told(office.REVIEWER) == [NoticeKind.TO_REVIEW, NoticeKind.APPROVED]
        assert told(office.APPROVER) == [NoticeKind.TO_APPROVE]
        assert told(office.OWNER) == [NoticeKind.APPROVED]
        assert told(office.HEAD) == told(office.OUTSIDER) == []


def test_a_step_settles_what_asked_for_it_and_leaves_the_rest_unread(each_app: Flask) -> None:
    with each_app.app_context():
        office.give_post("analis.promosi", office.REVIEWER, kind=AssignmentKind.PLT, starts_on=office.today_in_office())
        office.bring_to("submitted")
        assert told(office.REVIEWER, unread=True) == told("analis.promosi", unread=True) == [NoticeKind.TO_REVIEW]
        office.review()
        assert told(office.REVIEWER, unread=True) == told("analis.promosi", unread=True) == []
        office.approve()
        assert told(office.APPROVER, unread=True) == []
        assert told(office.OWNER, unread=True) == [NoticeKind.APPROVED]


def test_a_return_and_a_revision_are_told_to_the_owner(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
        with office.transaction():
            decision = {"actor": office.actor(office.REVIEWER), "seen": sheet.version, "now": office.now()}
            office.approvals.return_sheet(sheet, note="Perbaiki.", **decision)
        assert told(office.OWNER, unread=True) == [NoticeKind.RETURNED]
        office.submit()
        assert told(office.OWNER, unread=True) == []
        office.review()
        approved = office.approve()
        with office.transaction():
            reason = {"reason": ReasonClass.BUDGET, "note": "Anggaran berubah."}
            office.approvals.revise(approved, actor=office.actor(office.APPROVER), now=office.now(), **reason)
        assert told(office.OWNER)[-1] is NoticeKind.REVISED
    assert "Perubahan ke-1 tahun 2027 dibuat" in page(app, office.OWNER)


def test_comments_are_told_once_a_day_and_answers_to_who_asked(app: Flask) -> None:
    with app.app_context():
        comment_id = office.comment("Rumusnya mengulang indikator.")
        office.comment("Satuannya kurang tepat.")
        assert told(office.OWNER) == [NoticeKind.COMMENTED]
        office.move_comment(comment_id, CommentStep.TICK_OFF, by=office.OWNER)
        assert told(office.REVIEWER) == [NoticeKind.ANSWERED]
        office.move_comment(comment_id, CommentStep.CLOSE, by=office.REVIEWER)
        assert told(office.REVIEWER) == [NoticeKind.ANSWERED], "nobody is told of an own act"


def test_who_is_appointed_and_whose_year_is_opened_is_told(app: Flask) -> None:
    today = office.today_in_office()
    with app.app_context():
        person, post = office.employ(), db.session.scalars(select(Position).where(Position.code == office.REVIEWER)).one()
        span = SpanProposal(today, today + timedelta(days=9), "", None)
        later = SpanProposal(today + timedelta(days=20), today + timedelta(days=30), "", None)
        operator = office.actor(office.OPERATOR)
        for each in (span, later):
            with office.transaction():
                appoint(person, post.id, AssignmentKind.PLH, each, actor=operator, now=office.now())
        kinds = list(db.session.scalars(select(Notice.kind).where(Notice.employee_id == person)))
        assert kinds == [NoticeKind.POST_BEGINS], "the one that begins later is told on its day"
    opened = office.post(office.sign_in(app, office.OPERATOR), "/tahun-kinerja", {"year": str(office.YEAR + 1)})
    assert opened.status_code == 302
    with app.app_context():
        assert told(office.OWNER) == told(office.APPROVER) == [NoticeKind.YEAR_OPENED]
        assert told(office.HEAD) == []
    assert "Tahun kinerja 2028 dibuka. Lembar Sekretaris siap diisi" in page(app, office.APPROVER)


def test_the_page_shows_ones_own_notices_and_marks_what_is_unread(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
    seen = page(app, office.REVIEWER)
    assert "diajukan kepada Anda untuk direviu." in seen
    assert "Belum dibaca" in seen
    assert "lembar sekarang: Diajukan" in seen
    assert '1<span class="visually-hidden"> belum dibaca</span>' in page(app, office.REVIEWER, "/")
    assert "Belum ada pemberitahuan" in page(app, office.OUTSIDER)
    opened = office.post(office.sign_in(app, office.REVIEWER), f"{PAGE}/1/dibaca", {"buka": "1"})
    assert opened.headers["Location"] == f"/lembar/{sheet.id}"
    seen = page(app, office.REVIEWER)
    assert "Belum dibaca" not in seen
    assert "belum dibaca" not in seen


def test_nobody_reads_somebody_elses_notice(app: Flask) -> None:
    with app.app_context():
        office.bring_to("submitted")
    for address in (f"{PAGE}/1/dibaca", f"{PAGE}/99/dibaca", f"{PAGE}/{2**40}/dibaca"):
        assert office.post(office.sign_in(app, office.OWNER), address).status_code == 404
    assert office.post(office.sign_in(app, office.OPERATOR), f"{PAGE}/1/dibaca").status_code == 403
    assert office.sign_in(app, office.OPERATOR).get(PAGE).status_code == 403
    assert app.test_client().get(PAGE).status_code == 302
    assert office.sign_in(app, office.OWNER).get(f"{PAGE}/dibaca").status_code == 405
    with app.app_context():
        assert told(office.REVIEWER, unread=True) == [NoticeKind.TO_REVIEW]


def test_all_at_once_means_what_stood_on_the_page(each_app: Flask) -> None:
    app = each_app
    with app.app_context():
        office.bring_to("submitted")
        office.bring_to("submitted", "analis.informasi")
        first, second = db.session.scalars(select(Notice.id).order_by(Notice.id))
    client = office.sign_in(app, office.REVIEWER)
    assert f'name="sampai" value="{second}"' in client.get(PAGE).get_data(as_text=True)
    assert office.post(client, f"{PAGE}/dibaca", {"sampai": str(first)}).status_code == 302
    with app.app_context():
        assert told(office.REVIEWER, unread=True) == [NoticeKind.TO_REVIEW], "one came after the page was drawn"
    office.post(client, f"{PAGE}/dibaca", {"sampai": str(second)})
    with app.app_context():
        assert told(office.REVIEWER, unread=True) == []


def test_who_may_no_longer_see_the_sheet_reads_nothing_about_it(each_app: Flask) -> None:
    app = each_app
    with app.app_context():
        office.bring_to("submitted")
        today = office.today_in_office()
        office.end_post(office.REVIEWER, office.REVIEWER, ends_on=today - timedelta(days=1))
    seen = page(app, office.REVIEWER)
    assert OUT_OF_SIGHT in seen
    assert "Analis Kepegawaian Muda (Pengadaan" not in seen.split("<main")[1]
    assert "/lembar/" not in seen.split("notice-list")[1]
    assert 'name="buka"' not in seen
    assert "Tandai dibaca" in seen
    with app.app_context():
        office.give_post("analis.promosi", office.REVIEWER, kind=AssignmentKind.PLT, starts_on=today)
        office.review(by="analis.promosi")
        office.approve()
    assert "Analis Kepegawaian Muda (Pengadaan" in page(app, office.REVIEWER), "an approved sheet is open to everybody"


def test_who_acts_by_one_post_reads_the_notices_of_another_when_they_choose_it(app: Flask) -> None:
    with app.app_context():
        office.give_post(office.OUTSIDER, office.REVIEWER, kind=AssignmentKind.PLT, starts_on=office.today_in_office())
        office.bring_to("submitted")
        own = next(each for each in office.actor(office.OUTSIDER).held if each.kind is AssignmentKind.DEFINITIVE)
    client = office.sign_in(app, office.OUTSIDER)
    office.post(client, "/bertindak-sebagai", {"mandate": str(own.id)})
    assert OUT_OF_CHOICE in client.get(PAGE).get_data(as_text=True)
    office.post(client, "/bertindak-sebagai", {"mandate": ""})
    assert "diajukan kepada Anda untuk direviu." in client.get(PAGE).get_data(as_text=True)


def test_many_notices_are_paged_counted_to_a_bound_and_cost_no_more_statements(app: Flask) -> None:
    with app.app_context():
        office.bring_to("submitted")
        row = {
            "employee_id": office.actor(office.REVIEWER).employee_id,
            "kind": NoticeKind.TO_REVIEW,
            "created_at": office.now(),
        }
        with office.transaction():
            sheet_id = office.sheet_of(office.OWNER).id
            rows = [{**row, "sheet_id": sheet_id, "year": 2027, "key": f"k{number}"} for number in range(120)]
            db.session.execute(insert(Notice), rows)
    client = office.sign_in(app, office.REVIEWER)
    with counted(app) as statements:
        seen = client.get(PAGE).get_data(as_text=True)
    assert len(statements) == 2
    assert '99+<span class="visually-hidden"> belum dibaca</span>' in seen
    assert seen.count("Tandai dibaca") == 25
    assert "Halaman 1" in seen
    assert client.get(PAGE + "?halaman=5").get_data(as_text=True).count("Tandai dibaca") == 21


def test_telling_takes_few_statements(app: Flask) -> None:
    """Decisions are measured: one statement settles, one tells, however many people."""
    with app.app_context():
        for name in ("analis.promosi", "analis.standar", "analis.teknis"):
            office.give_post(name, office.REVIEWER, kind=AssignmentKind.PLT, starts_on=office.today_in_office())
        office.fill_in()
    with counted(app) as statements, app.app_context():
        office.submit()
    about_notices = [each for each in statements if "notice" in each and "account" not in each]
    assert len(about_notices) == 2
    with app.app_context():
        assert db.session.scalar(select(func.count(Notice.id))) == 4


def test_everybody_chooses_which_mail_they_get(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    assert "belum memuat alamat surel" in client.get("/akun-saya").get_data(as_text=True)
    with app.app_context(), office.transaction():
        employee_id = office.actor(office.OWNER).employee_id
        db.session.execute(update(Employee).where(Employee.id == employee_id).values(email="ana@lumajang.id"))
    seen = client.get("/akun-saya").get_data(as_text=True)
    assert "ana@lumajang.id" in seen
    assert "belum dihubungkan dengan server surel" in seen
    assert 'value="daily" checked' in seen
    assert office.post(client, "/akun-saya/surel", {"choice": "each"}).status_code == 302
    assert 'value="each" checked' in client.get("/akun-saya").get_data(as_text=True)
    assert office.post(client, "/akun-saya/surel", {"choice": "hourly"}).status_code == 422
    assert office.post(office.sign_in(app, office.OPERATOR), "/akun-saya/surel", {"choice": "none"}).status_code == 403
    with app.app_context():
        chosen = {row.name: row.mail_choice for row in db.session.execute(select(Account.name, Account.mail_choice))}
        assert chosen[office.OWNER] == "each"
        assert chosen[office.REVIEWER] == "daily"
        assert db.session.scalar(select(func.count()).where(HistoryEntry.note.contains("surel"))) == 0
