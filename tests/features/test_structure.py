"""Units and posts as the operator keeps them, and as everybody reads them."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from iki_portal.approvals import queries as approval_queries
from iki_portal.approvals.year_opening import open_year
from iki_portal.domain.dates import format_date, today_in_office
from iki_portal.domain.office import DutyKind, PositionKind
from iki_portal.domain.people import AssignmentKind
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.models import Assignment, HistoryEntry, Position, PositionDuty, Sheet, Unit
from iki_portal.organisation import posts
from iki_portal.organisation.appointing import post_choices
from iki_portal.organisation.queries import posts_to_fill
from tests import office
from tests.features.test_query_counts import MOST, counted

NEW_TITLE = "Analis SDM Aparatur Ahli Muda"


def day(offset: int) -> date:
    return today_in_office() + timedelta(days=offset)


def post_of(code: str) -> Position:
    return db.session.scalars(select(Position).where(Position.code == code).execution_options(populate_existing=True)).one()


def unit_of(code: str) -> Unit:
    return db.session.scalars(select(Unit).where(Unit.code == code).execution_options(populate_existing=True)).one()


def id_of(app: Flask, code: str) -> int:
    with app.app_context():
        return post_of(code).id


def seal(answer: Any) -> str:
    found = re.search(r'name="previewed" value="(\w+)"', answer.get_data(as_text=True))
    assert found is not None, answer.get_data(as_text=True)
    return found[1]


def save(app: Flask, address: str, given: dict[str, str]) -> tuple[Any, str]:
    """Look at what follows, then save: the last answer, and what was shown; a refusal comes back as it is."""
    client = office.sign_in(app, office.OPERATOR)
    shown = office.post(client, address, given)
    text = shown.get_data(as_text=True)
    if shown.status_code != 200:
        return shown, text
    return office.post(client, address, {**given, "previewed": seal(shown)}), text


def fields(app: Flask, code: str, **changed: str) -> dict[str, str]:
    """The form of a post as it is drawn, with some fields typed over."""
    with app.app_context():
        post = post_of(code)
        lines = {
            kind: db.session.scalars(
                select(PositionDuty.text)
                .where(PositionDuty.position_id == post.id, PositionDuty.kind == kind)
                .order_by(PositionDuty.order)
            ).all()
            for kind in DutyKind
        }
        drawn = {
            "version": str(post.version),
            "kind": post.kind.value,
            "unit": str(post.unit_id),
            "superior": str(post.superior_id or 0),
            "route": "default",
            "reviewer": str(post.reviewer_id or 0),
            "approver": str(post.approver_id or 0),
            "order": str(post.order),
            "main_duty": post.main_duty,
            "duties": "\n".join(lines[DutyKind.DUTY]),
            "functions": "\n".join(lines[DutyKind.FUNCTION]),
        }
    return {**drawn, **changed}


def change(app: Flask, code: str, **changed: str) -> tuple[Any, str]:
    return save(app, f"/jabatan/{id_of(app, code)}/ubah", fields(app, code, **changed))


def rename(app: Flask, code: str, title: str, starts_on: date, version: int = 1) -> tuple[Any, str]:
    given = {"version": str(version), "name": title, "short_name": "Pengadaan", "starts_on": format_date(starts_on)}
    return save(app, f"/jabatan/{id_of(app, code)}/nama", given)


def last_note(app: Flask) -> tuple[str, str]:
    with app.app_context():
        assert verify(app.config["IKI"].history_keys).is_whole
        entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc()).limit(1)).one()
        return entry.action, entry.note


def end_assignments(code: str, on: date) -> None:
    with office.transaction():
        db.session.execute(update(Assignment).where(Assignment.position_id == post_of(code).id).values(ends_on=on))


# Reading


def test_everybody_reads_a_post_and_a_unit(app: Flask) -> None:
    position_id = id_of(app, office.OWNER)
    with app.app_context():
        unit_id = post_of(office.OWNER).unit_id
    for person in (office.OUTSIDER, office.OPERATOR):
        client = office.sign_in(app, person)
        post = client.get(f"/jabatan/{position_id}").get_data(as_text=True)
        assert "Kepala Bidang Pengadaan" in post
        assert "Jalur baku menurut jenis jabatan" in post
        assert "Pegawai Contoh" in post
        assert ("Ubah jabatan" in post) == (person == office.OPERATOR)
        unit = client.get(f"/unit-kerja/{unit_id}").get_data(as_text=True)
        assert f'href="/jabatan/{position_id}"' in unit
        assert ("Ubah unit" in unit) == (person == office.OPERATOR)
        tree = client.get("/organisasi").get_data(as_text=True)
        assert f'href="/jabatan/{position_id}"' in tree
        assert f'href="/unit-kerja/{unit_id}"' in tree


@pytest.mark.parametrize("address", ["/jabatan/99999", "/unit-kerja/99999", "/jabatan/99999999999999999999"])
def test_what_is_not_there_is_not_found(app: Flask, address: str) -> None:
    assert office.sign_in(app, office.OPERATOR).get(address).status_code == 404


def test_a_post_tells_who_held_holds_and_will_hold_it(app: Flask) -> None:
    with app.app_context():
        office.end_post(office.REVIEWER, office.REVIEWER, ends_on=day(9))
        office.give_post("analis.mutasi", office.REVIEWER, kind=AssignmentKind.PLT, starts_on=day(10), ends_on=day(20))
        office.give_post("analis.promosi", office.REVIEWER, kind=AssignmentKind.PLH, starts_on=day(-20), ends_on=day(-10))
        plt = office.actor("analis.mutasi").full_name
    position_id = id_of(app, office.REVIEWER)
    pages = {
        name: office.sign_in(app, name).get(f"/jabatan/{position_id}").get_data(as_text=True)
        for name in (office.OPERATOR, office.OUTSIDER)
    }
    for text in pages.values():
        listed = text.split('id="pejabat"', 1)[1].split("</table>", 1)[0]
        assert re.findall("Akan datang|Berlaku|Selesai", listed) == ["Akan datang", "Selesai", "Berlaku"], "the newest first"
        assert f"Plt. {plt}" in listed
        assert format_date(day(20)) in listed
    assert "/penugasan/" in pages[office.OPERATOR]
    assert "/penugasan/" not in pages[office.OUTSIDER]


def test_pages_of_the_organisation_take_a_known_number_of_statements(app: Flask) -> None:
    client = office.sign_in(app, office.OPERATOR)
    expected = {
        "/jabatan/5": 8,
        "/jabatan/5/ubah": 6,
        "/jabatan/5/nama": 2,
        "/jabatan/5/penutupan": 2,
        "/jabatan/baru?unit=3": 5,
        "/unit-kerja/2": 7,
        "/unit-kerja/2/ubah": 3,
        "/unit-kerja/2/nama": 2,
        "/unit-kerja/2/penutupan": 2,
        "/unit-kerja/baru": 3,
        "/organisasi/penutupan": 3,
    }
    found = {}
    for page in expected:
        with counted(app) as statements:
            assert client.get(page).status_code == 200, page
        found[page] = len(statements)
    assert found == expected
    with counted(app) as statements:
        assert office.post(client, "/jabatan/5/ubah", fields(app, "kabid.pengadaan")).status_code in (200, 409, 422)
    assert len(statements) <= MOST


# Names


def test_a_coming_name_waits_for_its_day_and_tells_which_sheets_must_be_submitted_again(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_to("submitted")
    answer, shown = rename(each_app, office.OWNER, NEW_TITLE, day(10))
    assert answer.status_code == 302
    assert f"yang belum ditetapkan pada {format_date(day(10))} harus diajukan ulang karena nama jabatan berubah" in shown
    action, note = last_note(each_app)
    assert action == "rename_post"
    assert note.endswith(f"menjadi {NEW_TITLE} (Pengadaan) mulai {format_date(day(10))}")
    position_id = id_of(each_app, office.OWNER)
    page = office.sign_in(each_app, office.OUTSIDER).get(f"/jabatan/{position_id}").get_data(as_text=True)
    assert f"Mulai {format_date(day(10))} namanya menjadi {NEW_TITLE}" in page
    for offset, is_new in ((9, False), (10, True)):
        with time_machine.travel(office.now() + timedelta(days=offset)), each_app.app_context():
            assert (post_of(office.OWNER).title == NEW_TITLE) is is_new


def test_a_name_from_today_holds_at_once_and_what_was_submitted_must_be_submitted_again(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("submitted")
        office.bring_to("approved", "analis.profesi")
    answer, shown = rename(app, office.OWNER, NEW_TITLE, day(0))
    assert answer.status_code == 302
    assert "1 lembar sedang diajukan atau direviu harus diajukan ulang karena nama jabatan berubah" in shown
    reviewing = office.sign_in(app, office.REVIEWER)
    refused = office.post(reviewing, f"/lembar/{sheet.id}/keputusan", {"step": "review", "version": str(sheet.version)})
    assert refused.status_code == 409


def test_a_due_name_is_the_given_one_before_the_next_change(each_app: Flask) -> None:
    assert rename(each_app, office.OWNER, NEW_TITLE, day(1))[0].status_code == 302
    with time_machine.travel(office.now() + timedelta(days=5)):
        assert rename(each_app, office.OWNER, "Analis SDM Aparatur Ahli Madya", day(9), version=2)[0].status_code == 302
        with each_app.app_context():
            post = post_of(office.OWNER)
            assert (post.given_title, post.next_title) == (NEW_TITLE, "Analis SDM Aparatur Ahli Madya")


def test_a_coming_name_is_corrected_or_taken_back_until_its_day(app: Flask) -> None:
    rename(app, office.OWNER, NEW_TITLE, day(10))
    answer, shown = rename(app, office.OWNER, "Analis SDM", day(20), version=2)
    assert answer.status_code == 302
    assert f"Nama yang direncanakan, {NEW_TITLE} (Pengadaan) mulai {format_date(day(10))}, diganti oleh nama ini." in shown
    address = f"/jabatan/{id_of(app, office.OWNER)}/nama/pembatalan"
    client = office.sign_in(app, office.OPERATOR)
    assert office.post(client, address, {"version": "2"}).status_code == 409
    assert office.post(client, address, {"version": "3"}).status_code == 302
    assert "tidak jadi menjadi Analis SDM" in last_note(app)[1]
    assert office.post(client, address, {"version": "4"}).status_code == 409, "there is none any more"
    with app.app_context():
        assert post_of(office.OWNER).next_on is None


def test_two_units_never_bear_one_name_not_even_later(app: Flask) -> None:
    with app.app_context():
        first, second = unit_of("pengadaan"), unit_of("mutasi")
        ids = first.id, second.id
    given = {"version": "1", "name": "Bidang Talenta", "short_name": "Talenta", "starts_on": format_date(day(30))}
    assert save(app, f"/unit-kerja/{ids[0]}/nama", given)[0].status_code == 302
    refused, text = save(
        app, f"/unit-kerja/{ids[1]}/nama", {**given, "name": "bidang  talenta", "starts_on": format_date(day(0))}
    )
    assert refused.status_code == 422
    assert "sudah dipakai oleh unit kerja lain" in text


# Where a post stands, and the route of its sheets


def test_drafts_follow_a_new_route_and_what_is_submitted_keeps_its_way_until_it_is_a_draft_again(each_app: Flask) -> None:
    with each_app.app_context():
        sheet = office.bring_to("submitted")
        other, old, approver = (post_of(code).id for code in (office.OTHER_REVIEWER, office.REVIEWER, office.APPROVER))
    own = {"route": "own", "reviewer": str(other), "approver": str(approver)}
    answer, shown = change(each_app, office.OWNER, **own)
    assert answer.status_code == 302
    assert "1 lembar yang sudah diajukan tetap di jalur lamanya" in shown
    with each_app.app_context():
        assert office.sheet_of(office.OWNER).reviewer_id == old
        with office.transaction():
            office.approvals.withdraw(sheet, actor=office.actor(office.OWNER), seen=sheet.version, now=office.now())
        assert office.sheet_of(office.OWNER).reviewer_id == other
    answer, shown = change(each_app, office.OWNER, route="default")
    assert answer.status_code == 302
    assert "1 draf mengikuti jalur baru." in shown
    action, note = last_note(each_app)
    assert action == "change_post"
    assert "Jalur lembar: Kepala Bidang Mutasi dan Promosi, lalu Sekretaris menjadi Kepala Bidang Pengadaan" in note
    assert "1 draf mengikuti jalur baru." in note
    with each_app.app_context():
        assert office.sheet_of(office.OWNER).reviewer_id == old


def test_a_revision_takes_the_route_that_its_post_has_now(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("approved")
        other, approver = (post_of(code).id for code in (office.OTHER_REVIEWER, office.APPROVER))
    change(app, office.OWNER, route="own", reviewer=str(other), approver=str(approver))
    with app.app_context(), office.transaction():
        reason = office.approvals.ReasonClass.BUDGET
        office.approvals.revise(
            office.sheet_of(office.OWNER), actor=office.actor(office.OWNER), reason=reason, note="Anggaran.", now=office.now()
        )
    with app.app_context():
        assert office.sheet_of(office.OWNER, revision=1).reviewer_id == sheet.reviewer_id
        assert office.sheet_of(office.OWNER, revision=2).reviewer_id == other


def test_every_reason_of_a_refusal_is_told_and_what_was_typed_comes_back(app: Flask) -> None:
    kabid = id_of(app, office.REVIEWER)
    analis = id_of(app, office.OWNER)
    answer, text = change(app, office.REVIEWER, superior=str(analis), main_duty="Tugas yang baru diketik")
    assert answer.status_code == 422
    assert "akan menjadi atasan dirinya sendiri" in text
    assert "Tugas yang baru diketik" in text
    answer, text = change(app, office.OWNER, route="own", reviewer=str(kabid), approver=str(kabid))
    assert answer.status_code == 422
    assert "adalah jabatan yang sama" in text


def test_one_person_twice_in_a_route_is_refused_by_name_and_a_plh_is_only_told(app: Flask) -> None:
    other = id_of(app, office.OTHER_REVIEWER)
    own = {"route": "own", "reviewer": str(other), "approver": str(id_of(app, office.APPROVER))}
    with app.app_context():
        office.give_post(office.OWNER, office.OTHER_REVIEWER, kind=AssignmentKind.PLH, starts_on=day(0), ends_on=day(9))
    shown = office.post(
        office.sign_in(app, office.OPERATOR), f"/jabatan/{id_of(app, office.OWNER)}/ubah", fields(app, office.OWNER, **own)
    )
    assert shown.status_code == 200
    assert "Tugasnya naik ke atasan." in shown.get_data(as_text=True)
    with app.app_context(), office.transaction():
        held = update(Assignment).where(Assignment.position_id == other)
        db.session.execute(held.where(Assignment.kind == AssignmentKind.DEFINITIVE).values(ends_on=day(29)))
    with app.app_context():
        office.give_post(office.OWNER, office.OTHER_REVIEWER, kind=AssignmentKind.DEFINITIVE, starts_on=day(30))
    answer, text = change(app, office.OWNER, **own)
    assert answer.status_code == 422
    assert f"{format_date(day(30))} sampai seterusnya" in text
    assert "keduanya harus orang yang berbeda" in text


def test_duties_are_written_one_a_line_and_a_submitted_sheet_must_be_submitted_again(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_to("submitted")
    answer, shown = change(each_app, office.OWNER, functions="a. menyusun rencana\nb. menilai hasil\n\n")
    assert answer.status_code == 302
    assert "1 lembar sedang diajukan atau direviu harus diajukan ulang karena unit kerja atau uraian tugas berubah" in shown
    assert "Fungsi ditambah: menyusun rencana; menilai hasil." in last_note(each_app)[1]
    assert fields(each_app, office.OWNER)["functions"] == "menyusun rencana\nmenilai hasil"


def test_a_page_drawn_as_it_stands_changes_nothing_of_the_texts(app: Flask) -> None:
    with app.app_context():
        codes = db.session.scalars(select(Position.code).order_by(Position.id)).all()
    client = office.sign_in(app, office.OPERATOR)
    for code in codes:
        shown = office.post(client, f"/jabatan/{id_of(app, code)}/ubah", fields(app, code)).get_data(as_text=True)
        assert "Tidak ada yang berubah." in shown, code


def test_an_outdated_page_gives_back_what_was_typed(app: Flask) -> None:
    stale = fields(app, office.OWNER, main_duty="Dari halaman lama")
    assert change(app, office.OWNER, main_duty="Yang pertama tersimpan")[0].status_code == 302
    answer, text = save(app, f"/jabatan/{id_of(app, office.OWNER)}/ubah", stale)
    assert answer.status_code == 409
    assert "Dari halaman lama" in text
    assert 'name="version" value="2"' in text


def test_a_new_post_stands_in_its_unit_vacant_and_with_the_route_of_its_kind(each_app: Flask) -> None:
    with each_app.app_context():
        drawn = office.sign_in(each_app, office.OPERATOR).get(f"/jabatan/baru?unit={post_of(office.OWNER).unit_id}")
        assert f'<option selected value="{post_of(office.REVIEWER).id}">' in drawn.get_data(as_text=True), "its superior"
        given = {**fields(each_app, office.OWNER), "version": "0", "title": "Analis Kinerja Muda", "area": "", "order": "99"}
    answer, shown = save(each_app, "/jabatan/baru", given)
    assert answer.status_code == 302
    assert "Jalur lembarnya: Kepala Bidang Pengadaan" in shown
    with each_app.app_context():
        post = post_of("analis.kinerja.muda")
        assert post.reviewer_id == post_of(office.REVIEWER).id
        operator = office.actor(office.OPERATOR)
        assert post.id in {each.id for each in posts_to_fill(actor=operator, on=day(0))}
    assert last_note(each_app)[0] == "add_post"


def test_a_post_that_comes_while_another_is_judged_is_met_when_that_one_is_saved(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL each statement sees what was committed before it, also by the same form sent twice."""
    given = {**fields(app, office.OWNER), "version": "0", "title": "Analis Kinerja Muda", "area": "", "order": "99"}
    read = posts.post_plans

    def and_one_comes() -> Any:
        plans = read()
        texts = {"code": "baru", "given_title": "Analis Kinerja Muda", "given_area": ""}
        db.session.add(Position(**texts, kind=PositionKind.STAFF, unit_id=post_of(office.OWNER).unit_id, order=99))
        db.session.flush()
        return plans

    monkeypatch.setattr(posts, "post_plans", and_one_comes)
    client = office.sign_in(app, office.OPERATOR)
    assert office.post(client, "/jabatan/baru", given).status_code == 200
    monkeypatch.undo()
    again = office.post(client, "/jabatan/baru", given)
    assert again.status_code == 422
    assert "sudah ada di unit ini dengan urutan 99" in again.get_data(as_text=True)


@pytest.mark.parametrize(
    ("terms", "is_listed"),
    [
        ((), True),
        (((AssignmentKind.DEFINITIVE, 0, None),), False),
        (((AssignmentKind.DEFINITIVE, 5, None),), True),
        (((AssignmentKind.DEFINITIVE, -9, 5),), False),
        (((AssignmentKind.DEFINITIVE, -9, -1), (AssignmentKind.DEFINITIVE, 5, None)), True),
        (((AssignmentKind.PLT, 0, 14),), True),
        (((AssignmentKind.PLT, 0, 15),), False),
        (((AssignmentKind.PLT, 0, None),), False),
        (((AssignmentKind.PLT, 5, None),), True),
        (((AssignmentKind.DEFINITIVE, -9, None), (AssignmentKind.PLH, 0, 5)), True),
        (((AssignmentKind.DEFINITIVE, -9, None), (AssignmentKind.PLH, 1, 5)), False),
        (((AssignmentKind.PLT, -9, -1),), True),
    ],
)
def test_a_post_is_to_be_filled_while_nobody_holds_it_or_an_acting_one_leaves_soon(
    each_app: Flask, terms: tuple[tuple[AssignmentKind, int, int | None], ...], is_listed: bool
) -> None:
    with each_app.app_context():
        office.end_post(office.OTHER_REVIEWER, office.OTHER_REVIEWER, ends_on=day(-10))
        for kind, begins, ends in terms:
            until = None if ends is None else day(ends)
            office.give_post(office.OUTSIDER, office.OTHER_REVIEWER, kind=kind, starts_on=day(begins), ends_on=until)
        listed = {each.id for each in posts_to_fill(actor=office.actor(office.OPERATOR), on=day(0))}
        assert listed == ({post_of(office.OTHER_REVIEWER).id} if is_listed else set())


def test_a_new_unit_and_its_place(app: Flask) -> None:
    with app.app_context():
        top = unit_of("badan").id
    given = {"version": "0", "name": "Bidang Talenta", "short_name": "Talenta", "kind": "division", "superior": str(top)}
    assert save(app, "/unit-kerja/baru", {**given, "order": "9"})[0].status_code == 302
    with app.app_context():
        unit_id = unit_of("talenta").id
    moved = {"version": "1", "kind": "subsection", "superior": str(top), "order": "2"}
    assert save(app, f"/unit-kerja/{unit_id}/ubah", moved)[0].status_code == 302
    assert last_note(app) == ("change_unit", "Bidang Talenta. Jenis: Bidang menjadi Sub Bagian. Urutan: 9 menjadi 2.")
    refused, text = save(app, f"/unit-kerja/{top}/ubah", {**moved, "superior": str(unit_id)})
    assert refused.status_code == 422
    assert "akan berada di bawah dirinya sendiri" in text


# Ends


def close(app: Flask, code: str, on: date | None, version: int = 1) -> tuple[Any, str]:
    given = {"version": str(version), "closed_on": format_date(on) if on else ""}
    return save(app, f"/jabatan/{id_of(app, code)}/penutupan", given)


def finished(code: str) -> None:
    """No sheet of that post is in preparation, and nobody holds it any more."""
    office.bring_to("approved", code)
    end_assignments(code, day(-1))


def test_a_post_in_use_is_not_closed_and_every_reason_is_told(app: Flask) -> None:
    refused, text = close(app, office.REVIEWER, day(5))
    assert refused.status_code == 422
    for reason in (
        "masih dipegang Pegawai Contoh",
        "1 lembar jabatan ini sedang disiapkan",
        "lembar jabatan lain yang sedang disiapkan masih melewati jabatan ini",
        "masih ada sesudah atasannya",
    ):
        assert reason in text


def test_a_closed_post_leaves_the_lists_and_stays_on_its_sheets(each_app: Flask) -> None:
    with each_app.app_context():
        finished(office.OWNER)
        sheet_id = office.sheet_of(office.OWNER).id
        before = approval_queries.progress(office.YEAR).without_sheet
    assert close(each_app, office.OWNER, day(0))[0].status_code == 302
    position_id = id_of(each_app, office.OWNER)
    client = office.sign_in(each_app, office.OPERATOR)
    assert f'href="/jabatan/{position_id}"' not in client.get("/organisasi").get_data(as_text=True)
    assert f'href="/jabatan/{position_id}"' in client.get("/organisasi/penutupan").get_data(as_text=True)
    assert client.get(f"/lembar/{sheet_id}").status_code == 200
    revising = office.sign_in(each_app, office.APPROVER).get(f"/lembar/{sheet_id}/perubahan")
    assert revising.status_code == 403
    assert "Jabatan ini sudah ditutup" in revising.get_data(as_text=True)
    with each_app.app_context():
        operator = office.actor(office.OPERATOR)
        assert position_id not in dict(post_choices())
        assert position_id not in {each.id for each in posts_to_fill(actor=operator, on=day(0))}
        assert approval_queries.progress(office.YEAR).without_sheet == before
        with office.transaction():
            open_year(office.YEAR + 1, deadline=None, actor=operator, now=office.now())
        fresh = select(Sheet.id).where(Sheet.year == office.YEAR + 1, Sheet.position_id == position_id)
        assert db.session.scalar(fresh) is None
        assert approval_queries.progress(office.YEAR + 1).without_sheet == 0


def test_nobody_is_appointed_beyond_the_last_day_and_a_closing_is_taken_back(app: Flask) -> None:
    with app.app_context():
        finished(office.OWNER)
        employee_id = office.actor(office.OUTSIDER).employee_id
    assert close(app, office.OWNER, day(30))[0].status_code == 302
    position_id = id_of(app, office.OWNER)
    given = {"position": str(position_id), "kind": "plh", "starts_on": format_date(day(1)), "ends_on": format_date(day(30))}
    client = office.sign_in(app, office.OPERATOR)
    refused = office.post(client, f"/pegawai/{employee_id}/penugasan", given)
    assert refused.status_code == 422
    assert "penugasan harus berakhir sebelum hari itu" in refused.get_data(as_text=True)
    ended = office.post(client, f"/pegawai/{employee_id}/penugasan", {**given, "ends_on": format_date(day(29))})
    assert ended.status_code == 200
    assert close(app, office.OWNER, None, version=2)[0].status_code == 302
    assert "penutupan dibatalkan" in last_note(app)[1]


def test_a_unit_closes_after_its_posts(app: Flask) -> None:
    with app.app_context():
        unit = unit_of("perencanaan")
        unit_id, code = unit.id, db.session.scalars(select(Position.code).where(Position.unit_id == unit.id)).one()
    given = {"version": "1", "closed_on": format_date(day(0))}
    refused, text = save(app, f"/unit-kerja/{unit_id}/penutupan", given)
    assert refused.status_code == 422
    assert "masih ada sesudah unit kerjanya" in text
    with app.app_context():
        finished(code)
    assert close(app, code, day(0))[0].status_code == 302
    assert save(app, f"/unit-kerja/{unit_id}/penutupan", given)[0].status_code == 302
    assert office.sign_in(app, office.OPERATOR).get(f"/unit-kerja/{unit_id}/ubah").status_code == 200
    again = {"version": "2", "kind": "subsection", "superior": "1", "order": "3"}
    answer, text = save(app, f"/unit-kerja/{unit_id}/ubah", again)
    assert answer.status_code == 409
    assert "sudah ditutup" in text
