"""Row 17 of the bar: what the owner of the database can do to the records, and what a check says of it.

The twelve attacks of the bar are among these: ten are found always, two (rows cut off at the end, an older copy put in place of
the records) with an anchor newer than what is lost.

Each attack happens in a transaction of its own that is undone; before it, the untouched database must verify.
"""

import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from flask import Flask
from sqlalchemy import delete, insert, select, text, update

from iki_portal.approvals.auditing import check_everything, check_tail, mark
from iki_portal.documents.paper import digest
from iki_portal.extensions import db
from iki_portal.history.chain import ANCHOR_LENGTH, BEGINNING, HISTORY_COLUMNS, Seal
from iki_portal.history.streams import HISTORY, TRAIL
from iki_portal.history.verifying import MOST_TOLD, Anchor, head_of, verify
from iki_portal.models import FrozenCopy, HistoryEntry, HistoryHead, IssuedPrint, Sheet, SheetContent, TrailEvent, guards
from iki_portal.web.transaction import transaction
from tests import office
from tests.faults.bar import Figure, rounds_of
from tests.long_history import write_history

Entry = HistoryEntry.__table__


def rows() -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in db.session.execute(select(Entry).order_by(Entry.c.number))]


def covered(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in HISTORY_COLUMNS}


def rewrite(kept: list[dict[str, Any]], seal: Callable[[dict[str, Any]], str], *, from_number: int = 1) -> None:
    """Write the history anew from a row on: numbers without gaps, each following the one before it, and the head after them."""
    db.session.execute(update(FrozenCopy).values(history_number=-FrozenCopy.history_number))
    db.session.execute(delete(Entry).where(Entry.c.number >= from_number))
    previous, numbers = kept[from_number - 2]["hash"] if from_number > 1 else BEGINNING, {}
    for number, row in enumerate(kept[from_number - 1 :], start=from_number):
        numbers[row["number"]] = number
        written = {**row, "number": number, "previous_hash": previous}
        written["hash"] = previous = seal(covered(written))
        db.session.execute(insert(Entry).values(written))
    for copy in db.session.scalars(select(FrozenCopy)):
        copy.history_number = numbers.get(-copy.history_number, -copy.history_number)
    db.session.execute(update(HistoryHead).values(number=len(kept), hash=previous))


def plain_sha(row: dict[str, Any]) -> str:
    return sha256(repr(sorted(row.items())).encode()).hexdigest()


def change_a_row() -> None:
    db.session.execute(update(Entry).where(Entry.c.number == 3).values(note="Disetujui lisan."))


def delete_the_last_row() -> None:
    db.session.execute(delete(Entry).where(Entry.c.number == len(rows())))


def delete_a_row_in_the_middle() -> None:
    db.session.execute(delete(Entry).where(Entry.c.number == 3))


def reorder_two_rows() -> None:
    for before, after in ((2, 999), (3, 2), (999, 3)):
        db.session.execute(update(Entry).where(Entry.c.number == before).values(number=after))


def delete_a_row_and_close_the_gap() -> None:
    kept = [row for row in rows() if row["number"] != 3]
    rewrite(kept, plain_sha, from_number=3)


def append_a_forged_row() -> None:
    last = rows()[-1]
    forged = {**last, "number": last["number"] + 1, "actor_name": "Bupati", "previous_hash": last["hash"]}
    forged["hash"] = plain_sha(forged)
    db.session.execute(insert(Entry).values(forged))
    db.session.execute(update(HistoryHead).values(number=forged["number"], hash=forged["hash"]))


def rewrite_the_whole_chain_without_the_key() -> None:
    rewrite(rows(), Seal(b"a key that somebody guessed").hash_of)


def change_a_frozen_copy() -> None:
    db.session.execute(text("UPDATE frozen_copy SET body = replace(body, 'Pegawai', 'Pejabat')"))


def change_a_frozen_copy_with_its_hash() -> None:
    for copy in db.session.scalars(select(FrozenCopy)):
        copy.body = copy.body.replace("Pegawai", "Pejabat")
        copy.sha256 = digest(copy.body)


def change_the_rows_of_an_approved_sheet() -> None:
    rows_of = "SELECT statement.id FROM statement JOIN sheet ON sheet.id = sheet_id WHERE state = 'approved'"
    db.session.execute(text(f"UPDATE indicator SET target = 10000 WHERE statement_id IN ({rows_of})"))  # noqa: S608


def change_the_rows_of_a_submitted_sheet() -> None:
    submitted = "SELECT id FROM sheet WHERE state = 'submitted'"
    db.session.execute(text(f"UPDATE statement SET text = text || '.' WHERE sheet_id IN ({submitted})"))  # noqa: S608


def swap_two_copies() -> None:
    db.session.execute(delete(IssuedPrint))
    first, second = db.session.scalars(select(FrozenCopy.sheet_id).order_by(FrozenCopy.sheet_id))
    kept = {copy.sheet_id: copy for copy in db.session.scalars(select(FrozenCopy))}
    values = {key: {c.name: getattr(copy, c.name) for c in FrozenCopy.__table__.columns} for key, copy in kept.items()}
    db.session.execute(delete(FrozenCopy))
    db.session.execute(insert(FrozenCopy), [{**values[first], "sheet_id": second}, {**values[second], "sheet_id": first}])


def change_a_submitted_content_with_its_hash() -> None:
    row = db.session.scalars(select(SheetContent)).first()
    assert row is not None
    row.body = row.body.replace("Pegawai", "Pejabat") + " "
    db.session.flush()
    db.session.execute(update(SheetContent).where(SheetContent.hash == row.hash).values(hash=digest(row.body)))


def issue_another_print() -> None:
    row, body = db.session.scalars(select(IssuedPrint)).first(), b"%PDF-1.7 another"
    assert row is not None
    row.body, row.sha256 = body, sha256(body).hexdigest()


def approve_a_sheet_past_the_portal() -> None:
    db.session.execute(
        update(Sheet)
        .where(Sheet.state == "submitted")
        .values(state="reviewed", reviewed_by_id=1, reviewed_at=Sheet.submitted_at)
    )


def take_a_sign_in_out_of_the_trail() -> None:
    db.session.execute(delete(TrailEvent).where(TrailEvent.number == 1))


#: Found without anything kept outside, and what the report says.
ATTACKS: dict[Callable[[], None], str] = {
    change_a_row: "Riwayat: baris 3 diubah",
    delete_the_last_row: "kepala rantai menunjuk baris",
    delete_a_row_in_the_middle: "baris 3 tidak ada",
    reorder_two_rows: "baris 2 tidak menyambung",
    delete_a_row_and_close_the_gap: "baris 3 diubah",
    append_a_forged_row: "tidak ditulis oleh portal ini",
    rewrite_the_whole_chain_without_the_key: "baris 1 diubah",
    change_a_frozen_copy: "salinan beku lembar",
    change_a_frozen_copy_with_its_hash: "bukan yang ditetapkan",
    change_the_rows_of_an_approved_sheet: "berbeda dari yang diajukan atau ditetapkan",
    change_the_rows_of_a_submitted_sheet: "berbeda dari yang diajukan atau ditetapkan",
    swap_two_copies: "milik penetapan lembar lain",
    change_a_submitted_content_with_its_hash: "tidak ada",
    issue_another_print: "bukan yang terbit",
    approve_a_sheet_past_the_portal: "bukan yang tercatat terakhir",
    take_a_sign_in_out_of_the_trail: "Catatan akses: baris 1 tidak ada",
}


def cut_off_the_newest_row() -> None:
    kept = rows()[:-1]
    db.session.execute(delete(Entry).where(Entry.c.number > len(kept)))
    db.session.execute(update(HistoryHead).values(number=len(kept), hash=kept[-1]["hash"]))


#: Nothing inside tells; an anchor that was kept outside does.
AFTER_AN_ANCHOR: dict[Callable[[], None], str] = {cut_off_the_newest_row: "menunjuk baris yang tidak ada lagi"}


#: An owner switches them off.
_WITHOUT_FOREIGN_KEYS = {
    "postgresql": "SET LOCAL session_replication_role = replica",
    "sqlite": "PRAGMA defer_foreign_keys=ON",
}


def become_owner() -> None:
    guards.remove(db.session.connection())
    db.session.execute(text(_WITHOUT_FOREIGN_KEYS[db.engine.dialect.name]))


def furnish() -> None:
    office.bring_to("approved")
    office.bring_to("approved", "analis.profesi")
    office.bring_to("submitted", "analis.teknis")
    with transaction():
        office.auth.sign_in_demo(office.OWNER, now=office.now())


def problems(*anchors: str) -> tuple[str, ...]:
    db.session.expire_all()
    split = [(TRAIL if each[0] == "A" else HISTORY, *each.removeprefix("A").split(":")) for each in anchors]
    kept = [(stream, Anchor(int(number), hash_)) for stream, number, hash_ in split]
    return check_everything(now=office.now(), anchors=kept).problems


def missed(attacks: Mapping[Callable[[], None], str], *anchors: str) -> list[tuple[str, tuple[str, ...]]]:
    """Attacks of which a check does not say what it should, and what it says; the database is afterwards as before."""
    found = []
    for attack, said in attacks.items():
        assert problems(*anchors) == (), "the untouched database verifies"
        become_owner()
        attack()
        db.session.flush()
        heard = problems(*anchors)
        if not any(said in problem for problem in heard):
            found.append((attack.__name__, heard))
        db.session.rollback()
    return found


def test_a_check_finds_every_attack_of_a_database_owner(each_owned_app: Flask, figure: Figure) -> None:
    with each_owned_app.app_context():
        furnish()
        office.open_account()
        newest = head_of(HISTORY)
        assert missed(ATTACKS) == []
        assert missed(AFTER_AN_ANCHOR, newest) == []
        assert [name for name, _ in missed(AFTER_AN_ANCHOR)] == [attack.__name__ for attack in AFTER_AN_ANCHOR]
        assert problems(newest) == ()
        always, number = len(ATTACKS), len(ATTACKS) + len(AFTER_AN_ANCHOR)
        figure(f"{always} of {number} attacks found always, {number} with the newest anchor")


def test_an_old_backup_verifies_and_fails_only_at_the_newest_anchor(sqlite_app: Flask, tmp_path: Any, figure: Figure) -> None:
    with sqlite_app.app_context():
        furnish()
        backup = tmp_path / "backup.db"
        with db.engine.connect() as connection:
            connection.connection.driver_connection.execute(f"VACUUM INTO '{backup}'")
        office.bring_to("approved", "analis.standar")
        newest, trail = head_of(HISTORY), head_of(TRAIL)
        forged = f"{newest.split(':')[0]}:{'0' * ANCHOR_LENGTH}"
        assert problems(newest, trail) == ()
        assert "sekarang bukan baris yang dahulu dicatat" in problems(forged)[0]
    restored = office.portal(f"sqlite:///{backup}")
    with restored.app_context():
        assert problems() == ()
        assert any("menunjuk baris yang tidak ada lagi" in problem for problem in problems(newest))
        figure("an old backup in place of the database: found with the newest anchor")
        db.engine.dispose()


def test_after_a_break_the_rest_is_still_judged_row_by_row(owned_app: Flask) -> None:
    with owned_app.app_context():
        furnish()
        become_owner()
        db.session.execute(delete(Entry).where(Entry.c.number.in_([3, 4])))
        db.session.execute(update(Entry).where(Entry.c.number == 7).values(note="x"))
        found = verify(owned_app.config["IKI"].history_keys)
        assert found.problems == (
            "Riwayat: baris 3 sampai 4 tidak ada.",
            "Riwayat: baris 7 diubah sesudah ditulis, atau tidak ditulis oleh portal ini.",
        )
        assert found.first_break == 3


def test_a_rotated_key_still_verifies_and_a_forgotten_one_is_named(sqlite_url: str) -> None:
    old, new = "q8Zt1-Vw7Rk3_Lm5Xc9Bn2Jh6Gf4Ds0Pa", "w3Kf9_Tn6Yb2-Hd8Qz5Mv1Xc7Rj4Lg0Se"
    with office.portal(sqlite_url, history_key=old).app_context():
        with transaction():
            office.auth.sign_in_demo(office.OWNER, now=office.now())
        db.engine.dispose()
    rotated = office.portal(sqlite_url, history_key=new, history_key_fallbacks=(old,))
    with rotated.app_context():
        with transaction():
            office.auth.sign_in_demo(office.OWNER, now=office.now())
        found = verify(rotated.config["IKI"].history_keys, TRAIL)
        assert found.is_whole
        assert sorted(found.keys.values()) == [1, 1]
        db.engine.dispose()
    with office.portal(sqlite_url, history_key=new).app_context():
        found = verify(office.settings_for(sqlite_url, history_key=new).history_keys, TRAIL)
        assert "yang tidak dikenal portal ini" in found.problem
        db.engine.dispose()


def test_a_mark_of_an_earlier_check_tells_of_rows_cut_off_since_and_so_does_a_start(each_owned_app: Flask) -> None:
    with each_owned_app.app_context():
        furnish()
        office.open_account()
        with transaction():
            mark(check_everything(now=office.now()))
        kept = rows()[:-1]
        become_owner()
        db.session.execute(delete(Entry).where(Entry.c.number > len(kept)))
        db.session.execute(update(HistoryHead).values(number=len(kept), hash=kept[-1]["hash"]))
        for found in (check_everything(now=office.now()), check_tail(now=office.now())):
            assert "tanda pemeriksaan" in found.problems[0]
        db.session.rollback()


def test_a_long_chain_is_checked_in_half_a_second_for_every_ten_thousand_rows(owned_app: Flask, figure: Figure) -> None:
    number = rounds_of(100_000, short=10_000)
    with owned_app.app_context():
        furnish()
        write_history(owned_app, number)
        began = time.process_time()
        found = verify(owned_app.config["IKI"].history_keys)
        took = time.process_time() - began
        figure(f"{number} rows recomputed in {took:.1f} s")
        assert took < number / 20_000
        assert (found.rows, found.problems) == (number, ())
        become_owner()
        db.session.execute(update(Entry).where(Entry.c.number > 20).values(note="x"))
        found = verify(owned_app.config["IKI"].history_keys)
        assert (len(found.problems), found.problem_count) == (MOST_TOLD, number - 20)
        db.session.rollback()
