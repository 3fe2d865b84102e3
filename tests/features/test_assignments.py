"""Penugasan: the operator gives posts and corrects their days, and sees what follows before it is saved."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from iki_portal.domain.dates import format_date, today_in_office
from iki_portal.domain.people import AssignmentKind
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.models import Assignment, HistoryEntry, Position
from tests import office
from tests.features.test_query_counts import counted

PLH, PLT, DEFINITIVE = AssignmentKind.PLH, AssignmentKind.PLT, AssignmentKind.DEFINITIVE
CANDIDATE = "analis.mutasi"


def day(offset: int) -> date:
    return today_in_office() + timedelta(days=offset)


def ids(app: Flask, name: str = CANDIDATE, post: str = office.REVIEWER) -> tuple[int, int]:
    with app.app_context():
        employee_id = office.actor(name).employee_id
        assert employee_id is not None
        return employee_id, db.session.scalars(select(Position.id).where(Position.code == post)).one()


def fields(post_id: int, kind: AssignmentKind, starts: str | date, ends: str | date | None = None) -> dict[str, str]:
    start, end = (format_date(each) if isinstance(each, date) else each or "" for each in (starts, ends))
    return {"position": str(post_id), "kind": kind.value, "starts_on": start, "ends_on": end, "decree": "800/1/2027"}


def seal(answer: Any) -> str:
    found = re.search(r'name="previewed" value="(\w+)"', answer.get_data(as_text=True))
    assert found is not None
    return found[1]


def save(app: Flask, address: str, given: dict[str, str]) -> Any:
    """Look at what follows, then save; a refusal comes back as it is."""
    client = office.sign_in(app, office.OPERATOR)
    shown = office.post(client, address, given)
    if shown.status_code != 200:
        return shown
    return office.post(client, address, {**given, "previewed": seal(shown)})


def appoint(
    app: Flask, kind: AssignmentKind, starts: str | date, ends: str | date | None = None, *, post: str = office.REVIEWER
) -> Any:
    employee_id, post_id = ids(app, post=post)
    return save(app, f"/pegawai/{employee_id}/penugasan", fields(post_id, kind, starts, ends))


def held(app: Flask, name: str = CANDIDATE, post: str = office.REVIEWER) -> list[Assignment]:
    employee_id, post_id = ids(app, name, post)
    with app.app_context():
        query = select(Assignment).where(Assignment.employee_id == employee_id, Assignment.position_id == post_id)
        return list(db.session.scalars(query.order_by(Assignment.id)))


def last_note(app: Flask) -> tuple[str, str]:
    with app.app_context():
        entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc()).limit(1)).one()
        return entry.action, entry.note


def test_what_follows_is_shown_first_and_saved_second(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_to("submitted")
    employee_id, post_id = ids(each_app)
    client, address = office.sign_in(each_app, office.OPERATOR), f"/pegawai/{employee_id}/penugasan"
    given = fields(post_id, PLH, day(0), day(6))
    shown = office.post(client, address, given)
    assert shown.status_code == 200
    text = shown.get_data(as_text=True)
    assert "mengusulkan 1, mereviu 3, menetapkan 0" in text
    assert "Jabatan ini juga dipegang Pegawai Contoh 06" in text
    assert held(each_app) == []
    assert office.post(client, address, {**given, "previewed": seal(shown)}).status_code == 302
    (row,) = held(each_app)
    assert (row.kind, row.starts_on, row.ends_on, row.decree) == (PLH, day(0), day(6), "800/1/2027")
    action, note = last_note(each_app)
    assert action == "appoint"
    assert "Plh. Kepala Bidang Pengadaan" in note
    with each_app.app_context():
        assert verify(each_app.config["IKI"].history_keys).is_whole


def test_other_fields_than_those_shown_are_shown_again(app: Flask) -> None:
    employee_id, post_id = ids(app)
    client, address = office.sign_in(app, office.OPERATOR), f"/pegawai/{employee_id}/penugasan"
    shown = office.post(client, address, fields(post_id, PLH, day(0), day(6)))
    other = office.post(client, address, {**fields(post_id, PLH, day(0), day(60)), "previewed": seal(shown)})
    assert other.status_code == 200
    assert held(app) == []


def test_what_has_changed_since_it_was_shown_is_shown_again(app: Flask) -> None:
    employee_id, post_id = ids(app)
    client, address = office.sign_in(app, office.OPERATOR), f"/pegawai/{employee_id}/penugasan"
    given = fields(post_id, PLH, day(0), day(6))
    shown = office.post(client, address, given)
    with app.app_context():
        office.give_post("analis.promosi", office.REVIEWER, kind=PLT, starts_on=day(0))
    again = office.post(client, address, {**given, "previewed": seal(shown)})
    assert again.status_code == 200
    assert "Plt. Pegawai Contoh" in again.get_data(as_text=True)


def test_a_duty_comes_and_goes_with_the_days_of_the_assignment(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
    assert appoint(app, PLH, day(1), day(3)).status_code == 302
    for offset, is_mine in ((0, False), (1, True), (3, True), (4, False)):
        with time_machine.travel(office.now() + timedelta(days=offset)):
            page = office.sign_in(app, CANDIDATE).get("/persetujuan").get_data(as_text=True)
            assert (f'href="/lembar/{sheet.id}"' in page) is is_mine, offset


def test_who_would_be_two_persons_of_one_sheet_is_told(app: Flask) -> None:
    with app.app_context():
        office.bring_to("reviewed")
    reviewer_id, post_id = *ids(app, office.REVIEWER)[:1], ids(app, post=office.APPROVER)[1]
    client = office.sign_in(app, office.OPERATOR)
    shown = office.post(client, f"/pegawai/{reviewer_id}/penugasan", fields(post_id, PLT, day(0), day(30)))
    text = shown.get_data(as_text=True)
    assert "Pereviu sekaligus yang menetapkan pada 2 lembar" in text
    assert "2 tugas naik ke atasan, karena ia pemilik lembarnya atau sudah mereviunya." in text


def test_a_post_that_was_left_and_not_ended_is_told_before_the_next_one_is_given(app: Flask) -> None:
    employee_id, post_id = ids(app)
    client, address = office.sign_in(app, office.OPERATOR), f"/pegawai/{employee_id}/penugasan"
    with app.app_context():
        office.end_post(office.REVIEWER, office.REVIEWER, ends_on=day(30))
        own = office.actor(CANDIDATE).mandates[0].title
    text = office.post(client, address, fields(post_id, DEFINITIVE, day(31))).get_data(as_text=True)
    assert f"juga memegang {own}" in text
    assert "Bila berpindah jabatan, akhiri dulu penugasan itu." in text
    assert "juga memegang" not in office.post(client, address, fields(post_id, PLT, day(31), day(60))).get_data(as_text=True)


def test_who_cannot_sign_in_yet_is_told_before_they_get_a_duty(app: Flask) -> None:
    with app.app_context():
        newcomer = office.employ("Siti Rahmawati", "198501012010012001")
    client, (_, post_id) = office.sign_in(app, office.OPERATOR), ids(app)
    given = fields(post_id, PLH, day(0), day(3))
    said = "belum mempunyai akun"
    assert said in office.post(client, f"/pegawai/{newcomer}/penugasan", given).get_data(as_text=True)
    assert said not in office.post(client, f"/pegawai/{ids(app)[0]}/penugasan", given).get_data(as_text=True)


def test_a_second_definitive_holder_is_refused_until_the_first_has_ended(each_app: Flask) -> None:
    refused = appoint(each_app, DEFINITIVE, day(30))
    assert refused.status_code == 422
    assert "secara definitif" in refused.get_data(as_text=True)
    (standing,) = held(each_app, office.REVIEWER)
    end = {"version": "1", "kind": DEFINITIVE, "starts_on": format_date(standing.starts_on), "ends_on": format_date(day(29))}
    assert save(each_app, f"/penugasan/{standing.id}/ubah", end).status_code == 302
    assert appoint(each_app, DEFINITIVE, day(29)).status_code == 422
    assert appoint(each_app, DEFINITIVE, day(30)).status_code == 302
    assert save(each_app, f"/penugasan/{standing.id}/ubah", {**end, "version": "2", "ends_on": ""}).status_code == 422


def test_the_database_refuses_what_no_assignment_can_be(each_owned_app: Flask) -> None:
    (standing,) = held(each_owned_app, office.REVIEWER)
    second = {"employee_id": 1, "position_id": standing.position_id, "kind": DEFINITIVE, "decree": ""}
    ended = {"starts_on": standing.starts_on - timedelta(days=9), "ends_on": standing.starts_on}
    for wrong in (
        update(Assignment).values(ends_on=date(2000, 1, 1)),
        update(Assignment).values(is_cancelled=True),
        insert(Assignment).values(**second, **ended),
        delete(Assignment),
    ):
        with each_owned_app.app_context(), pytest.raises(IntegrityError):
            db.session.execute(wrong)
    with each_owned_app.app_context(), office.transaction():
        db.session.execute(insert(Assignment).values(**second, **{**ended, "ends_on": standing.starts_on - timedelta(days=1)}))


def test_no_post_is_chosen_until_the_operator_chooses_one(app: Flask) -> None:
    employee_id, _ = ids(app)
    client, address = office.sign_in(app, office.OPERATOR), f"/pegawai/{employee_id}/penugasan"
    assert '<option selected value="0">Pilih jabatan</option>' in client.get(address).get_data(as_text=True)
    refused = office.post(client, address, fields(0, PLH, day(0)))
    assert refused.status_code == 422
    assert "Pilih jabatannya." in refused.get_data(as_text=True)


@pytest.mark.parametrize(
    ("starts", "ends", "said"),
    [
        ("31-02-2027", "", "Tanggal ini tidak ada di kalender."),
        ("1 Maret 9999", "", "Tahun harus antara 1900 dan 2100"),
        ("", "", "Tanggal mulai wajib diisi."),
        ("besok", "", "Tanggal tidak dikenali."),
        ("2 Maret 2027", "1 Maret 2027", "sebelum mulai 2 Maret 2027"),
        ("2 Maret 2027", "\x00\x00kapan", "Tanggal tidak dikenali."),
    ],
)
def test_days_that_cannot_be_come_back_as_they_were_typed(app: Flask, starts: str, ends: str, said: str) -> None:
    answer = appoint(app, PLH, starts, ends)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert said in text
    assert f'value="{starts}"' in text
    assert held(app) == []


@pytest.mark.parametrize(
    "wrong", [{"position": "999"}, {"position": "x"}, {"kind": "raja"}, {"kind": ""}, {"decree": "9" * 300}]
)
def test_wild_fields_are_refused(app: Flask, wrong: dict[str, str]) -> None:
    employee_id, post_id = ids(app)
    client = office.sign_in(app, office.OPERATOR)
    answer = office.post(client, f"/pegawai/{employee_id}/penugasan", {**fields(post_id, PLH, day(0)), **wrong})
    assert answer.status_code == 422
    assert held(app) == []


def test_a_date_of_the_decree_is_kept(app: Flask) -> None:
    employee_id, post_id = ids(app)
    given = {**fields(post_id, PLH, day(0), day(3)), "decree_on": "24-11-2026"}
    assert save(app, f"/pegawai/{employee_id}/penugasan", given).status_code == 302
    assert held(app)[0].decree_on == date(2026, 11, 24)
    client = office.sign_in(app, office.OPERATOR)
    assert "800/1/2027, 24 November 2026" in client.get(f"/pegawai/{employee_id}").get_data(as_text=True)


def test_an_assignment_that_has_not_begun_can_be_cancelled_and_stays_written(each_app: Flask) -> None:
    appoint(each_app, PLT, day(5), day(9))
    (row,) = held(each_app)
    client = office.sign_in(each_app, office.OPERATOR)
    assert "Batalkan penugasan" in client.get(f"/penugasan/{row.id}/ubah").get_data(as_text=True)
    assert office.post(client, f"/penugasan/{row.id}/pembatalan", {"version": "1"}).status_code == 302
    (row,) = held(each_app)
    assert (row.is_cancelled, row.starts_on, row.ends_on) == (True, day(5), day(4))
    assert last_note(each_app)[1].endswith("dibatalkan")
    for offset in (4, 5):
        with each_app.app_context():
            assert len(office.actor(CANDIDATE, on=day(offset)).mandates) == 1
    assert "Dibatalkan" in client.get(f"/pegawai/{row.employee_id}").get_data(as_text=True)
    assert "tetap tercatat" in client.get(f"/penugasan/{row.id}/ubah").get_data(as_text=True)
    again = office.post(client, f"/penugasan/{row.id}/pembatalan", {"version": "2"})
    assert again.status_code == 409
    changed = office.post(client, f"/penugasan/{row.id}/ubah", {"version": "2", "kind": "plt", "starts_on": "1 Maret 2027"})
    assert changed.status_code == 409
    assert "sudah dibatalkan" in changed.get_data(as_text=True)


def test_an_assignment_that_has_begun_is_ended_and_not_cancelled(app: Flask) -> None:
    appoint(app, PLT, day(0), day(9))
    (row,) = held(app)
    client = office.sign_in(app, office.OPERATOR)
    assert "Batalkan penugasan" not in client.get(f"/penugasan/{row.id}/ubah").get_data(as_text=True)
    answer = office.post(client, f"/penugasan/{row.id}/pembatalan", {"version": "1"})
    assert answer.status_code == 409
    assert "isilah tanggal akhirnya" in answer.get_data(as_text=True)


def test_days_on_which_somebody_acted_stay_in_the_assignment(each_app: Flask) -> None:
    appoint(each_app, PLH, day(-3), day(9))
    (row,) = held(each_app)
    with each_app.app_context():
        office.bring_to("submitted")
        office.review(by=CANDIDATE)
    address = f"/penugasan/{row.id}/ubah"
    for starts, ends in ((day(1), day(9)), (day(-3), day(-1))):
        given = {"version": "1", "kind": PLH, "starts_on": format_date(starts), "ends_on": format_date(ends)}
        answer = save(each_app, address, given)
        assert answer.status_code == 422
        assert f"bertindak dalam jabatan ini pada {format_date(day(0))}" in answer.get_data(as_text=True)
    given = {"version": "1", "kind": PLH, "starts_on": format_date(day(0)), "ends_on": format_date(day(0))}
    assert save(each_app, address, given).status_code == 302


def test_a_kind_entered_wrongly_is_corrected_while_nobody_has_acted_by_it(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_to("submitted")
    appoint(each_app, PLT, day(-3), day(9))
    (row,) = held(each_app)
    address, span = f"/penugasan/{row.id}/ubah", {"starts_on": format_date(day(-3)), "ends_on": format_date(day(9))}
    client = office.sign_in(each_app, office.OPERATOR)
    shown = office.post(client, address, {"version": "1", "kind": PLH, **span})
    assert "<strong>Plh. Pegawai Contoh" in shown.get_data(as_text=True), "what follows is shown first"
    assert held(each_app)[0].kind is PLT
    refused = office.post(client, address, {"version": "1", "kind": DEFINITIVE, **span})
    assert refused.status_code == 422
    assert "secara definitif" in refused.get_data(as_text=True)
    assert save(each_app, address, {"version": "1", "kind": PLH, **span}).status_code == 302
    assert held(each_app)[0].kind is PLH
    action, note = last_note(each_app)
    assert action == "change_assignment"
    assert re.search(r", Plt\. Kepala Bidang .* menjadi Plh\. Kepala Bidang ", note)
    with each_app.app_context():
        office.review(by=CANDIDATE)
        assert verify(each_app.config["IKI"].history_keys).is_whole
    assert 'type="hidden" name="kind" value="plh"' in client.get(address).get_data(as_text=True)
    for kind in (PLT, DEFINITIVE):
        acted = save(each_app, address, {"version": "2", "kind": kind, **span})
        assert acted.status_code == 422
        assert (
            f"sudah bertindak sebagai Plh. Kepala Bidang Pengadaan, Pemberhentian dan Informasi pada {format_date(day(0))}"
            in (acted.get_data(as_text=True))
        )
    assert held(each_app)[0].kind is PLH
    assert save(each_app, address, {"version": "2", "kind": PLH, **span, "decree": "800/2/2027"}).status_code == 302


def test_of_two_tabs_the_second_is_told(each_app: Flask) -> None:
    appoint(each_app, PLH, day(1), day(9))
    (row,) = held(each_app)
    address = f"/penugasan/{row.id}/ubah"
    given = {"version": "1", "kind": PLH, "starts_on": format_date(day(1)), "ends_on": format_date(day(8))}
    assert save(each_app, address, given).status_code == 302
    late = save(each_app, address, {**given, "ends_on": format_date(day(7))})
    assert late.status_code == 409
    assert f'value="{format_date(day(7))}"' in late.get_data(as_text=True)
    cancelled = office.post(office.sign_in(each_app, office.OPERATOR), f"/penugasan/{row.id}/pembatalan", {"version": "1"})
    assert cancelled.status_code == 409
    assert held(each_app)[0].ends_on == day(8)


@pytest.mark.parametrize("address", ["/penugasan/0/ubah", "/penugasan/999/ubah", "/penugasan/99999999999/ubah"])
def test_an_assignment_that_is_none_is_not_found(app: Flask, address: str) -> None:
    assert office.sign_in(app, office.OPERATOR).get(address).status_code == 404


def test_vacant_posts_and_ending_acting_officials_stand_on_two_peoples_beranda(app: Flask) -> None:
    with app.app_context():
        office.end_post(office.OTHER_REVIEWER, office.OTHER_REVIEWER, ends_on=day(-1))
        office.give_post(CANDIDATE, office.REVIEWER, kind=PLT, starts_on=day(0), ends_on=day(14))
        office.give_post(CANDIDATE, "analis.profesi", kind=PLH, starts_on=day(0), ends_on=day(15))
        office.give_post(CANDIDATE, office.OTHER_REVIEWER, kind=PLT, starts_on=day(20), ends_on=day(30))
    for name in (office.OPERATOR, office.APPROVER):
        page = office.sign_in(app, name).get("/").get_data(as_text=True)
        told = " ".join(page.split("Plh. yang segera berakhir")[1].split("</section>")[0].split())
        assert re.search(rf"kosong; Plt\. Pegawai Contoh \d\d mulai {format_date(day(20))}", told)
        assert re.search(rf"Plt\. Pegawai Contoh \d\d berakhir {format_date(day(14))}; sesudahnya Pegawai Contoh", told)
        assert format_date(day(15)) not in told
        assert ("/pegawai?jabatan=" in told) is (name == office.OPERATOR)
    assert "Plh. yang segera berakhir" not in office.sign_in(app, office.HEAD).get("/").get_data(as_text=True)


def test_the_tree_leads_the_operator_to_people_and_posts(app: Flask) -> None:
    _, post_id = ids(app)
    page = office.sign_in(app, office.OPERATOR).get("/organisasi").get_data(as_text=True)
    assert f'href="/pegawai?jabatan={post_id}"' in page
    assert 'href="/pegawai/1"' in page
    chosen = office.sign_in(app, office.OPERATOR).get(f"/pegawai?jabatan={post_id}").get_data(as_text=True)
    assert f'href="/pegawai/1/penugasan?jabatan={post_id}"' in chosen


def test_pages_about_people_take_the_same_statements_however_long_their_past(app: Flask) -> None:
    employee_id, post_id = ids(app)
    appoint(app, PLH, day(-900), day(-890))
    client = office.sign_in(app, office.OPERATOR)

    def count() -> dict[str, int]:
        found = {}
        for address in ("/pegawai", f"/pegawai/{employee_id}", f"/pegawai/{employee_id}/penugasan", "/penugasan/1/ubah"):
            with counted(app) as statements:
                assert client.get(address).status_code == 200
            found[address] = len(statements)
        with counted(app) as statements:
            office.post(client, f"/pegawai/{employee_id}/penugasan", fields(post_id, PLH, day(0), day(3)))
        return {**found, "preview": len(statements)}

    before = count()
    for number in range(20):
        appoint(app, PLH, day(-800 + 10 * number), day(-795 + 10 * number))
    with app.app_context():
        office.bring_to("submitted", "analis.profesi")
    assert count() == before
    assert max(before.values()) <= 10
