"""Dialog kinerja: two people record a talk, write, confirm; nobody else reads it; on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from iki_portal.approvals import auditing
from iki_portal.dialogue import operations as talking
from iki_portal.dialogue.operations import SENT_TWICE, Unready, Unwritable
from iki_portal.dialogue.queries import acts_of, talk_in_sight, talks_waiting
from iki_portal.domain.dates import format_date
from iki_portal.domain.dialogue import TalkState
from iki_portal.domain.errors import NotAllowed, NotFound, Outdated, WrongState
from iki_portal.domain.notices import OF_TALKS
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import db
from iki_portal.history.queries import of_sheets
from iki_portal.models import HistoryEntry, Notice, Talk, TalkWriting
from iki_portal.web.transaction import transaction
from tests import office
from tests.features.test_query_counts import counted

PLT, PLH, DEFINITIVE = AssignmentKind.PLT, AssignmentKind.PLH, AssignmentKind.DEFINITIVE
SECRET = "Berkas dari dua OPD terlambat"


def fields(version: int = 0, **more: str) -> dict[str, str]:
    """The form as a browser sends it."""
    today = format_date(office.today_in_office())
    typed = {"held_on": today, "quarter": "1", "topic": "Capaian triwulan I", "part": "Sudah baik.", "agreed": "Setiap Senin."}
    return {"version": str(version), **typed, "follow_up": "", "follow_up_on": "", **more}


def url(talk: Any, act: str = "") -> str:
    return f"/lembar/{talk.sheet_id}/dialog/{talk.id}" + (f"/{act}" if act else "")


def number_of(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def unread(name: str) -> list[str]:
    person = office.actor(name).employee_id
    query = select(Notice.kind).where(Notice.employee_id == person, Notice.read_at.is_(None), Notice.kind.in_(sorted(OF_TALKS)))
    return [kind.value for kind in db.session.scalars(query.order_by(Notice.id))]


def test_a_talk_is_recorded_written_by_both_confirmed_by_both_and_closed(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = office.bring_to("approved")
    owner, superior = office.sign_in(each_app, office.OWNER), office.sign_in(each_app, office.REVIEWER)
    assert f'href="/lembar/{sheet.id}/dialog"' in superior.get(f"/lembar/{sheet.id}").get_data(as_text=True)
    assert f'href="/lembar/{sheet.id}/dialog"' in superior.get(f"/lembar/{sheet.id}/realisasi/1").get_data(as_text=True)
    assert office.post(superior, f"/lembar/{sheet.id}/dialog/baru", fields()).status_code == 302
    with each_app.app_context():
        talk = talk_in_sight(1, sheet.id, actor=office.actor(office.OWNER))
        assert unread(office.OWNER) == ["talk_waits"]
    assert "Menunggu Anda" in owner.get("/").get_data(as_text=True)
    assert "Dialog kinerja yang menunggu Anda" not in superior.get("/").get_data(as_text=True)
    with each_app.app_context():
        notice = db.session.scalars(select(Notice.id).where(Notice.kind == "talk_waits")).one()
    opened = office.post(owner, f"/pemberitahuan/{notice}/dibaca", {"buka": "1"})
    assert opened.headers["Location"] == f"/lembar/{sheet.id}/dialog"
    assert office.post(superior, url(talk, "konfirmasi"), {"version": "1"}).status_code == 422
    written = office.post(owner, url(talk, "ubah"), fields(1, part=SECRET))
    assert written.status_code == 302
    for client in (superior, owner):
        assert office.post(client, url(talk, "konfirmasi"), {"version": "2"}).status_code == 302
    page = owner.get(url(talk)).get_data(as_text=True)
    assert "Dikonfirmasi kedua pihak" in page
    assert "Konfirmasi seluruh teks" not in page
    with each_app.app_context():
        assert unread(office.REVIEWER) == ["talk_closed"]
        assert unread(office.OWNER) == []
        acts = [(row.action, row.note, row.sheet_id) for row in acts_of(talk)]
        assert acts == [
            ("begin_talk", "Dialog nomor 1.", None),
            ("write_talk", "Dialog nomor 1.", None),
            *[("confirm_talk", "Dialog nomor 1.", None)] * 2,
        ]
        talk = talk_in_sight(talk.id, sheet.id, actor=office.actor(office.OWNER))
        assert talk.state is TalkState.CLOSED
        for by in (office.OWNER, office.REVIEWER):
            with pytest.raises(WrongState, match="tidak berubah lagi"):
                office.write_talk(talk, by=by, agreed="Lain.")
            with pytest.raises(WrongState, match="tidak berubah lagi"):
                office.confirm_talk(talk, by=by)


def test_a_change_takes_the_confirmation_away_and_says_so(each_app: Flask) -> None:
    with each_app.app_context():
        talk = office.bring_talk_to(TalkState.HALF)
    owner, superior = office.sign_in(each_app, office.OWNER), office.sign_in(each_app, office.REVIEWER)
    assert "Bila Anda mengubahnya, konfirmasi itu gugur" in owner.get(url(talk, "ubah")).get_data(as_text=True)
    sent = office.post(owner, url(talk, "ubah"), fields(2, part=SECRET, agreed="Setiap Selasa."), follow_redirects=True)
    assert "Konfirmasi Pegawai Contoh 06 gugur karena teks berubah." in sent.get_data(as_text=True)
    page = superior.get(url(talk)).get_data(as_text=True)
    assert "Berubah sejak Anda mengonfirmasi" in page
    assert "<ins>Selasa</ins>" in page
    with each_app.app_context():
        assert unread(office.REVIEWER) == ["talk_changed"]
        talk = talk_in_sight(talk.id, talk.sheet_id, actor=office.actor(office.OWNER))
        assert talk.confirmed == frozenset()
        assert acts_of(talk)[-1].note == "Dialog nomor 1. Konfirmasi Pegawai Contoh 06 gugur karena teks berubah."
        office.confirm_talk(talk, by=office.OWNER)
        assert office.confirm_talk(talk, by=office.REVIEWER).state is TalkState.CLOSED


def test_nothing_new_changes_nothing(each_app: Flask) -> None:
    with each_app.app_context():
        talk = office.bring_talk_to(TalkState.HALF)
        before = number_of(HistoryEntry), number_of(TalkWriting)
        assert office.write_talk(talk, by=office.OWNER).confirmed == talk.confirmed
        assert (number_of(HistoryEntry), number_of(TalkWriting)) == before


def test_nobody_else_learns_of_a_talk(each_app: Flask) -> None:
    """Colleagues, the Sekretaris, an acting Kabid and the operator: not found; no page of the sheet tells of it."""
    with each_app.app_context():
        talk = office.bring_talk_to(TalkState.CLOSED)
        office.give_post(office.OUTSIDER, office.REVIEWER, kind=PLH, starts_on=office.today_in_office())
        assert all(row.action != "begin_talk" for row in of_sheets([talk.sheet_id])[talk.sheet_id])
    for name in ("analis.profesi", office.APPROVER, office.OPERATOR):
        client = office.sign_in(each_app, name)
        for page in (url(talk), f"/lembar/{talk.sheet_id}/dialog"):
            assert client.get(page).status_code == 404, (name, page)
        for page in (f"/lembar/{talk.sheet_id}", f"/lembar/{talk.sheet_id}/realisasi/1", "/"):
            assert "ialog kinerja" not in client.get(page).get_data(as_text=True), (name, page)
        assert office.post(client, url(talk, "konfirmasi"), {"version": "2"}).status_code in (403, 404)
    acting = office.sign_in(each_app, office.OUTSIDER)
    assert acting.get(url(talk)).status_code == 404
    listed = acting.get(f"/lembar/{talk.sheet_id}/dialog").get_data(as_text=True)
    assert "Belum ada dialog" in listed, "whoever might talk has a page, and the talk of others is not on it"
    head = office.sign_in(each_app, office.HEAD)
    assert SECRET in head.get(url(talk)).get_data(as_text=True)
    assert "Tulis atau ubah" not in head.get(url(talk)).get_data(as_text=True)
    assert head.get(url(talk, "ubah")).status_code == 409
    assert office.post(head, url(talk, "konfirmasi"), {"version": "2"}).status_code == 409
    trail = head.get("/jejak-audit").get_data(as_text=True)
    assert "mengonfirmasi dialog kinerja" in trail
    assert SECRET not in trail
    stranger = each_app.test_client()
    assert stranger.get(url(talk)).status_code == 302


def test_a_talk_stays_with_its_two_persons_when_they_move(each_app: Flask) -> None:
    with each_app.app_context():
        talk = office.bring_talk_to(TalkState.HALF)
        today = office.today_in_office()
        office.end_post(office.REVIEWER, office.REVIEWER, ends_on=today - timedelta(days=1))
        office.give_post(office.OUTSIDER, office.REVIEWER, kind=DEFINITIVE, starts_on=today)
        with pytest.raises(NotFound):
            talk_in_sight(talk.id, talk.sheet_id, actor=office.actor(office.OUTSIDER))
        with pytest.raises(NotAllowed, match="tidak lagi memegang jabatan"):
            office.write_talk(talk, by=office.REVIEWER, agreed="Lain.")
        written = office.write_talk(talk, by=office.OWNER, agreed="Setiap Selasa.")
        assert unread(office.REVIEWER) == ["talk_changed"], "what falls is said, also to who acts no more"
        with pytest.raises(NotAllowed, match="tidak lagi memegang jabatan"):
            office.confirm_talk(written, by=office.REVIEWER)
        assert talks_waiting(actor=office.actor(office.REVIEWER)) == []
    former = office.sign_in(each_app, office.REVIEWER)
    assert SECRET in former.get(url(talk)).get_data(as_text=True)
    assert "Capaian triwulan I" in former.get("/akun-saya/data").get_data(as_text=True)
    assert former.get("/akun-saya/data/berkas").status_code == 200


def test_a_later_revision_keeps_the_talk_in_its_list_and_takes_new_ones(each_app: Flask) -> None:
    with each_app.app_context():
        talk = office.bring_talk_to(TalkState.HALF)
        first = office.sheet_of(office.OWNER)
        with transaction():
            owner = office.actor(office.OWNER)
            office.approvals.revise(first, actor=owner, reason=ReasonClass.BUDGET, note="Anggaran", now=office.now())
        office.submit()
        office.review()
        second = office.approve()
        assert office.confirm_talk(talk, by=office.OWNER).state is TalkState.CLOSED
        for stale, refusal in ((first, Outdated), (office.sheet_of(office.OWNER, revision=1), WrongState)):
            typed = office.TALK._replace(held_on=office.today_in_office())
            with pytest.raises(refusal, match="igantikan"), transaction():
                talking.begin(stale, typed, actor=owner, seen=0, now=office.now())
        office.begin_talk(by=office.OWNER)
    page = office.sign_in(each_app, office.OWNER).get(f"/lembar/{second.id}/dialog").get_data(as_text=True)
    assert page.count("Capaian triwulan I") == 2


def test_the_talk_of_who_owns_and_stands_above_is_held_with_the_next_one(each_app: Flask) -> None:
    """The Kabid is Plt. of the Analis' post: the Sekretaris is the other side."""
    with each_app.app_context():
        office.bring_to("approved")
        yesterday = office.today_in_office() - timedelta(days=1)
        office.end_post(office.OWNER, office.OWNER, ends_on=yesterday)
        office.give_post(office.REVIEWER, office.OWNER, kind=PLT, starts_on=yesterday + timedelta(days=1))
        talk = office.begin_talk(by=office.REVIEWER)
        assert talk.owner_id == office.actor(office.REVIEWER).employee_id
        assert talk.superior_id == office.actor(office.APPROVER).employee_id


def test_of_several_holders_one_chooses_with_whom(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = office.bring_to("approved")
        office.give_post(office.OUTSIDER, office.REVIEWER, kind=PLH, starts_on=office.today_in_office())
        acting = office.actor(office.OUTSIDER).employee_id
    owner, page = office.sign_in(each_app, office.OWNER), f"/lembar/{sheet.id}/dialog/baru"
    assert "Dengan siapa" in owner.get(page).get_data(as_text=True)
    for wrong in ("999999", "x", "-1"):
        answer = office.post(owner, page, fields(partner=wrong))
        assert answer.status_code == 422
        assert "Pilih dengan siapa" in answer.get_data(as_text=True)
    assert office.post(owner, page, fields(partner=str(acting))).status_code == 302
    with each_app.app_context():
        talk = db.session.scalars(select(Talk)).one()
        assert (talk.superior_id, talk.superior_title[:4]) == (acting, "Plh.")


def test_the_day_is_one_on_which_both_held_their_posts(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_to("approved")
        today = office.today_in_office()
        office.end_post(office.REVIEWER, office.REVIEWER, ends_on=today - timedelta(days=3))
        office.give_post(office.OUTSIDER, office.REVIEWER, kind=DEFINITIVE, starts_on=today - timedelta(days=2))
        early = office.TALK._replace(held_on=today - timedelta(days=3))
        with pytest.raises(Unwritable, match="tidak memegang jabatannya sebagai atasan"):
            office.begin_talk(by=office.OUTSIDER, text=early)
        with pytest.raises(Unwritable, match="belum tiba"):
            office.begin_talk(by=office.OUTSIDER, text=early._replace(held_on=today + timedelta(days=1)))
        talk = office.begin_talk(by=office.OUTSIDER, text=early._replace(held_on=today - timedelta(days=2)))
        with pytest.raises(Unwritable, match="tidak memegang"):
            office.write_talk(talk, by=office.OWNER, held_on=today - timedelta(days=3))


#: What is typed → what is said.
BAD = [
    ({"held_on": ""}, "Tanggal dialog wajib diisi."),
    ({"held_on": "2027-13-01"}, "held_on"),
    ({"held_on": "kemarin"}, "held_on"),
    ({"held_on": "31 Desember 2099"}, "belum tiba"),
    ({"held_on": "1 Januari 1900"}, "tidak memegang jabatannya"),
    ({"quarter": "5"}, "Pilihan ini tidak ada"),
    ({"topic": ""}, "Topik wajib diisi."),
    ({"topic": "   "}, "Topik wajib diisi."),
    ({"topic": "a" * 201}, "Paling panjang 200"),
    ({"agreed": "a" * 4001}, "Paling panjang 4000"),
    ({"follow_up": "Surat", "follow_up_on": "1 Januari 2000"}, "tidak dapat sebelum tanggal dialog"),
    ({"follow_up_on": "besok"}, "follow_up_on"),
]


@pytest.mark.parametrize(("typed", "said"), BAD)
def test_bad_input_is_named_and_nothing_typed_is_lost(app: Flask, typed: dict[str, str], said: str) -> None:
    with app.app_context():
        sheet = office.bring_to("approved")
    client = office.sign_in(app, office.REVIEWER)
    answer = office.post(client, f"/lembar/{sheet.id}/dialog/baru", fields(part="Yang saya tulis \x00panjang.", **typed))
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert said in page
    assert "Yang saya tulis panjang." in page
    with app.app_context():
        assert number_of(Talk) == 0


def test_a_text_that_is_no_markup_and_very_long_lines_are_shown_as_they_are(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("approved")
    client = office.sign_in(app, office.REVIEWER)
    typed = fields(topic="<script>alert(1)</script>", part="<b>tebal</b>\n" + "x" * 3900, agreed="=1+1")
    page = office.post(client, f"/lembar/{sheet.id}/dialog/baru", typed, follow_redirects=True).get_data(as_text=True)
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;tebal" in page
    assert client.get("/akun-saya/data/berkas").status_code == 200


def test_an_outdated_page_keeps_what_was_typed_and_shows_what_stands(each_app: Flask) -> None:
    with each_app.app_context():
        talk = office.bring_talk_to(TalkState.WRITING)
    owner, superior = office.sign_in(each_app, office.OWNER), office.sign_in(each_app, office.REVIEWER)
    assert office.post(superior, url(talk, "ubah"), fields(2, agreed="Setiap Rabu.")).status_code == 302
    late = office.post(owner, url(talk, "ubah"), fields(2, part=SECRET, agreed="Setiap Jumat."))
    assert late.status_code == 409
    page = late.get_data(as_text=True)
    assert "Setiap Jumat." in page
    assert "<del>Rabu</del>" in page
    assert "Pegawai Contoh 06" in page
    assert office.post(owner, url(talk, "konfirmasi"), {"version": "2"}).status_code == 409
    again = office.post(owner, url(talk, "ubah"), fields(3, part=SECRET, agreed="Setiap Jumat."))
    assert again.status_code == 302


def test_what_was_typed_into_a_talk_that_closed_meanwhile_is_shown(each_app: Flask) -> None:
    with each_app.app_context():
        talk = office.bring_talk_to(TalkState.CLOSED)
    answer = office.post(office.sign_in(each_app, office.OWNER), url(talk, "ubah"), fields(2, agreed="Setiap Jumat."))
    assert answer.status_code == 409
    assert "Setiap Jumat." in answer.get_data(as_text=True)
    assert "tidak berubah lagi" in answer.get_data(as_text=True)
    assert office.sign_in(each_app, office.OWNER).get(url(talk, "ubah")).status_code == 409


def test_a_form_sent_twice_records_one_talk(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = office.bring_to("approved")
    client = office.sign_in(each_app, office.REVIEWER)
    sent = [office.post(client, f"/lembar/{sheet.id}/dialog/baru", fields()) for _ in range(2)]
    assert [each.status_code for each in sent] == [302, 409]
    assert SENT_TWICE in sent[1].get_data(as_text=True)
    assert "Setiap Senin." in sent[1].get_data(as_text=True)
    with each_app.app_context():
        assert number_of(Talk) == 1
        typed = office.TALK._replace(held_on=office.today_in_office())
        with pytest.raises(Outdated), transaction():
            talking.begin(sheet, typed, actor=office.actor(office.REVIEWER), seen=5, now=office.now())


def test_a_text_that_lacks_a_part_is_not_confirmed(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_to("approved")
        talk = office.begin_talk()
        with pytest.raises(Unready, match="Catatan pemilik lembar belum ditulis"):
            office.confirm_talk(talk, by=office.REVIEWER)
        talk = office.write_talk(talk, by=office.OWNER, owner_part=SECRET, follow_up="Surat")
        with pytest.raises(Unready, match="bersama tenggatnya"):
            office.confirm_talk(talk, by=office.OWNER)


@pytest.mark.parametrize("address", ["0", "2", "99999999999999999999"])
def test_addresses_that_lead_nowhere(app: Flask, address: str) -> None:
    with app.app_context():
        talk = office.bring_talk_to(TalkState.WRITING)
    client = office.sign_in(app, office.OWNER)
    assert client.get(f"/lembar/{talk.sheet_id}/dialog/{address}").status_code == 404
    for sheet_id in {address, "3"} - {str(talk.sheet_id)}:
        assert client.get(f"/lembar/{sheet_id}/dialog/{talk.id}").status_code == 404
        assert client.get(f"/lembar/{sheet_id}/dialog").status_code == 404


@pytest.mark.parametrize("path", ["", "/1", "/1/konfirmasi"])
def test_wrong_methods_are_refused(app: Flask, path: str) -> None:
    with app.app_context():
        talk = office.bring_talk_to(TalkState.WRITING)
    client = office.sign_in(app, office.OWNER)
    wrong = client.get if path.endswith("konfirmasi") else client.put
    assert wrong(f"/lembar/{talk.sheet_id}/dialog{path}").status_code == 405


#: Page → statements, the session's own included.
EXPECTED = {"": 5, "/baru": 5, "/{talk}": 4, "/{talk}/ubah": 2}


def test_pages_take_the_same_statements_for_one_and_for_many_talks(app: Flask) -> None:
    with app.app_context():
        talk = office.bring_talk_to(TalkState.WRITING)
    client = office.sign_in(app, office.REVIEWER)

    def counts() -> dict[str, int]:
        found = {}
        for page in EXPECTED:
            with counted(app) as statements:
                assert client.get(f"/lembar/{talk.sheet_id}/dialog{page.format(talk=talk.id)}").status_code == 200
            found[page] = len(statements)
        with counted(app) as statements:
            assert client.get("/").status_code == 200
        return {**found, "home": len(statements)}

    before = counts()
    with app.app_context():
        for number in range(12):
            more = office.begin_talk()
            office.write_talk(more, by=office.OWNER, owner_part=f"Catatan {number}.")
            office.write_talk(talk, by=office.OWNER, owner_part=f"Catatan {number}.")
    assert counts() == before
    assert {page: before[page] for page in EXPECTED} == EXPECTED


def found_by_the_audit() -> list[str]:
    return [line for line in auditing.check_everything(now=office.now()).problems if "ialog" in line]


#: Past the portal by the owner of the database, without guards → what the check says.
TAMPERED = {
    "UPDATE talk_writing SET agreed = 'lain'": "teksnya diubah",
    "UPDATE talk_writing SET author_id = (SELECT superior_id FROM talk) WHERE version = 2": "penulisannya bukan yang tercatat",
    "DELETE FROM talk_writing WHERE version = 1": "teksnya tidak lengkap",
    "UPDATE talk SET owner_confirmed_at = (SELECT written_at FROM talk_writing LIMIT 1)": "konfirmasinya tidak tercatat",
    "UPDATE talk SET superior_name = 'Orang lain'": "teksnya diubah",
    "DELETE FROM talk_act": "penulisannya bukan yang tercatat",
}


@pytest.mark.parametrize("attack", TAMPERED)
def test_the_audit_finds_what_was_changed_past_the_portal(sqlite_app: Flask, attack: str) -> None:
    with sqlite_app.app_context():
        office.bring_talk_to(TalkState.HALF)
        assert found_by_the_audit() == []
        connection = db.session.connection()
        without_guards(connection)
        connection.exec_driver_sql(attack)
        db.session.flush()
        assert any(TAMPERED[attack] in line for line in found_by_the_audit())
        db.session.rollback()


def without_guards(connection: Any) -> None:
    for name in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name LIKE 'guard_talk%'").scalars().all():
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
