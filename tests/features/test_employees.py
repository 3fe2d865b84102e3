"""Pegawai: the operator finds, enters and changes people; what was approved keeps the names it was signed with."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from iki_portal.domain.people import EmployeeKind
from iki_portal.extensions import db
from iki_portal.history.verifying import verify
from iki_portal.models import Employee, HistoryEntry
from tests import office
from tests.features.test_query_counts import counted

NIP = "19850101 201001 1 001"
RINA = {"version": "0", "name": "Rina Wati", "degrees_after": "S.Sos.", "kind": "pns", "identifier": NIP, "rank": "III/c"}


def enter(app: Flask, **fields: str) -> Any:
    return office.post(office.sign_in(app, office.OPERATOR), "/pegawai/baru", {**RINA, **fields})


def change(app: Flask, employee_id: int, **fields: str) -> Any:
    client = office.sign_in(app, office.OPERATOR)
    return office.post(client, f"/pegawai/{employee_id}/ubah", {**RINA, "version": "1", **fields})


def page(app: Flask, address: str, **query: str) -> str:
    answer = office.sign_in(app, office.OPERATOR).get(address, query_string=query)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def stored(app: Flask, employee_id: int) -> Employee:
    with app.app_context():
        return db.session.get_one(Employee, employee_id)


def number_of(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Employee)) or 0


def crowd(app: Flask, first: int, last: int) -> None:
    rows = [
        {"name": f"Warga {each:05}", "kind": EmployeeKind.PNS, "identifier": f"19850101{each:010}", "rank": "III/a"}
        for each in range(first, last)
    ]
    with app.app_context(), office.transaction():
        db.session.execute(insert(Employee), rows)


def test_a_new_employee_is_written_down_and_shown_as_the_office_writes(each_app: Flask) -> None:
    answer = enter(each_app, email="rina@lumajang.go.id")
    assert answer.status_code == 302
    shown = page(each_app, answer.headers["Location"])
    for said in ("Rina Wati, S.Sos.", NIP, "Penata, III/c", "rina@lumajang.go.id", "Belum punya akun", "Belum pernah memegang"):
        assert said in shown
    assert stored(each_app, int(answer.headers["Location"].rsplit("/", 1)[1])).identifier == NIP.replace(" ", "")
    with each_app.app_context():
        entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc()).limit(1)).one()
        assert (entry.action, entry.note, entry.acting_title) == ("add_employee", "Rina Wati, S.Sos., PNS", "Operator")
        assert verify(each_app.config["IKI"].history_keys).is_whole


def test_a_number_that_looks_wrong_is_warned_once_and_never_blocked(app: Flask) -> None:
    wrong = "19850101 201013 1 001"
    first = enter(app, identifier=wrong)
    assert first.status_code == 422
    shown = first.get_data(as_text=True)
    assert "bulan pengangkatan" in shown
    assert "Simpan walaupun demikian" in shown
    assert f'value="{wrong}"' in shown
    assert enter(app, identifier=wrong, despite="y").status_code == 302


def test_a_number_that_was_meant_is_not_asked_about_again(app: Flask) -> None:
    odd = "19850101 201013 1 001"
    employee_id = int(enter(app, identifier=odd, despite="y").headers["Location"].rsplit("/", 1)[1])
    assert change(app, employee_id, identifier=odd, email="rina@lumajang.go.id").status_code == 302
    assert stored(app, employee_id).email == "rina@lumajang.go.id"
    assert change(app, employee_id, version="2", identifier=odd, kind="pppk", rank="IX").status_code == 422, "another kind"


def test_saving_what_stands_already_writes_nothing(app: Flask) -> None:
    employee_id = int(enter(app).headers["Location"].rsplit("/", 1)[1])
    with app.app_context():
        before = db.session.scalar(select(func.count()).select_from(HistoryEntry))
    assert change(app, employee_id).status_code == 302
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(HistoryEntry)) == before
    assert stored(app, employee_id).version == 1


def test_no_box_stands_beside_a_number_that_looks_right(app: Flask) -> None:
    assert "walaupun demikian" not in page(app, "/pegawai/baru")


@pytest.mark.parametrize("despite", [{}, {"despite": "y"}])
def test_somebody_elses_number_is_blocked(app: Flask, despite: dict[str, str]) -> None:
    assert enter(app).status_code == 302
    before = number_of(app)
    again = enter(app, name="Sari", identifier=NIP.replace(" ", ""), **despite)
    assert again.status_code == 422
    assert "sudah dipakai Rina Wati, S.Sos." in again.get_data(as_text=True)
    assert number_of(app) == before
    assert change(app, 1, **despite).status_code == 422


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "  "}, "Nama wajib diisi."),
        ({"name": "a" * 300}, "Paling panjang 200 huruf."),
        ({"degrees_after": "a" * 300}, "Paling panjang 120 huruf."),
        ({"kind": "raja"}, "Pilihan ini tidak ada dalam daftar."),
        ({"rank": "IX"}, "Golongan PNS ditulis dari I/a sampai IV/e"),
        ({"kind": "pppk", "rank": "III/c"}, "Golongan PPPK ditulis dengan angka Romawi"),
        ({"rank": "V/z"}, "Pilihan ini tidak ada dalam daftar."),
        ({"email": "rina di kantor"}, "Tulis seperti nama@kantor.go.id."),
        ({"identifier": "1" * 19}, "Nomor paling panjang 18 angka."),
        ({"version": "x"}, "Halaman ini tidak lengkap."),
    ],
)
def test_what_cannot_be_comes_back_with_what_was_typed(app: Flask, fields: dict[str, str], said: str) -> None:
    before = number_of(app)
    answer = enter(app, **fields)
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    assert number_of(app) == before


def test_nul_is_no_part_of_a_name(each_app: Flask) -> None:
    answer = enter(each_app, name="Ri\x00na", email="")
    assert stored(each_app, int(answer.headers["Location"].rsplit("/", 1)[1])).name == "Rina"


def test_a_pppk_has_a_golongan_and_no_pangkat(app: Flask) -> None:
    answer = enter(app, kind="pppk", rank="IX", identifier="19850101 202121 1 001")
    assert answer.status_code == 302
    assert "<dd>Golongan IX</dd>" in page(app, answer.headers["Location"])


def test_from_the_person_to_their_account_and_back(app: Flask) -> None:
    noted = enter(app)
    shown = page(app, noted.headers["Location"])
    employee_id = noted.headers["Location"].rsplit("/", 1)[1]
    assert f'href="/akun/baru/{employee_id}"' in shown
    other = enter(app, name="Sari Dewi", identifier="", with_account="1")
    assert other.headers["Location"].startswith("/akun/baru/")
    assert "Buat akun untuk Sari Dewi" in page(app, other.headers["Location"])
    with app.app_context():
        owner = office.actor(office.OWNER)
    assert f'<a href="/akun/{owner.account_id}">{office.OWNER}</a>' in page(app, f"/pegawai/{owner.employee_id}")
    assert f'href="/pegawai/{owner.employee_id}"' in page(app, f"/akun/{owner.account_id}")


def test_an_account_follows_the_name_of_its_employee(app: Flask) -> None:
    with app.app_context():
        owner = office.actor(office.OWNER)
    assert owner.employee_id is not None
    assert change(app, owner.employee_id, name="Nama Sesudah Dibetulkan").status_code == 302
    assert "Nama Sesudah Dibetulkan" in page(app, "/akun", cari="dibetulkan")
    for number in (NIP, NIP.replace(" ", "")):
        assert "Nama Sesudah Dibetulkan" in page(app, "/akun", cari=number)


def test_a_change_is_noted_with_what_stood_before(app: Flask) -> None:
    assert change(app, 1, name="Budi").status_code == 302
    with app.app_context():
        entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number.desc()).limit(1)).one()
    assert entry.action == "change_employee"
    assert "Nama: Pegawai Contoh 01 menjadi Budi" in entry.note
    assert "Jenis" not in entry.note


def test_of_two_tabs_the_second_is_told_and_keeps_what_it_typed(each_app: Flask) -> None:
    assert change(each_app, 1, name="Budi").status_code == 302
    late = change(each_app, 1, name="Bambang")
    assert late.status_code == 409
    shown = late.get_data(as_text=True)
    assert "sudah diubah orang lain" in shown
    assert 'value="Bambang"' in shown
    assert 'name="version" value="2"' in shown
    assert stored(each_app, 1).name == "Budi"
    assert change(each_app, 1, name="Bambang", version="2").status_code == 302


def test_an_approved_sheet_keeps_the_names_it_was_signed_with(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("approved")
        owner_id = office.actor(office.OWNER).employee_id
        old_name = office.actor(office.OWNER).full_name
    assert owner_id is not None
    reader = office.sign_in(app, office.OUTSIDER)
    paper, pdf = (reader.get(f"/lembar/{sheet.id}{part}").data for part in ("", "/pdf"))
    assert change(app, owner_id, name="Nama Baru Sekali").status_code == 302
    assert reader.get(f"/lembar/{sheet.id}/pdf").data == pdf
    again = reader.get(f"/lembar/{sheet.id}").get_data(as_text=True)
    # who holds the post today stands below, under today's name
    printed = again.split('class="paper', 1)[1].split("Pemegang jabatan", 1)[0]
    assert old_name in printed
    assert "Nama Baru Sekali" not in printed
    assert old_name in paper.decode()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("rina", True),
        ("19850101 2010", True),
        ("0101201001", True),
        ("penata", True),
        ("iii/c", True),
        ("s.sos", True),
        ("rina@", True),
        # as the list itself writes them, and word by word in any order
        ("Rina Wati, S.Sos.", True),
        ("rina s.sos", True),
        ("wati rina", True),
        ("rina penata", True),
        ("Penata, III/c", True),
        (NIP, True),
        ("rina pembina", False),
        ("rina zz", False),
        (", ,", False),
        ("%", False),
        ("x'", False),
    ],
)
def test_people_are_found_by_name_degree_number_rank_and_address(app: Flask, words: str, found: bool) -> None:
    enter(app, email="rina@lumajang.go.id")
    assert (">Rina Wati, S.Sos.</a>" in page(app, "/pegawai", cari=words)) is found


def test_a_pppk_is_found_by_the_golongan_as_it_is_written(app: Flask) -> None:
    enter(app, kind="pppk", rank="IX", identifier="198501012023211001")
    assert ">Rina Wati, S.Sos.</a>" in page(app, "/pegawai", cari="Golongan IX")
    assert ">Rina Wati, S.Sos.</a>" not in page(app, "/pegawai", cari="Golongan X")


def test_the_list_pages_and_takes_the_same_statements_for_many(app: Flask) -> None:
    client = office.sign_in(app, office.OPERATOR)
    totals = []
    for first, last in ((0, 10), (10, 1000)):
        crowd(app, first, last)
        with counted(app) as statements:
            shown = client.get("/pegawai?cari=warga").get_data(as_text=True)
        totals.append(len(statements))
    assert totals[0] == totals[1] == 3
    assert shown.count('<th scope="row">') == 25
    assert "Warga 00024" in shown
    assert "Warga 00025" in client.get("/pegawai?cari=warga&halaman=2").get_data(as_text=True)
    assert "Tidak ada pegawai yang cocok" in client.get("/pegawai?cari=warga&halaman=9999").get_data(as_text=True)


@pytest.mark.parametrize("address", ["/pegawai/0", "/pegawai/99999999999", "/pegawai/999/ubah", "/pegawai/999/penugasan"])
def test_nobody_of_that_number_is_not_found(app: Flask, address: str) -> None:
    assert office.sign_in(app, office.OPERATOR).get(address).status_code == 404


@pytest.mark.parametrize("name", [office.OWNER, office.APPROVER, office.HEAD])
def test_the_operator_alone_keeps_people(app: Flask, name: str) -> None:
    client = office.sign_in(app, name)
    for address in ("/pegawai", "/pegawai/1", "/pegawai/1/ubah", "/pegawai/baru", "/pegawai/1/penugasan", "/penugasan/1/ubah"):
        answer = client.get(address)
        assert answer.status_code == 403
        assert "dipelihara oleh operator" in answer.get_data(as_text=True)
    assert "/pegawai" not in client.get("/organisasi").get_data(as_text=True)


def test_a_list_is_not_posted_to(app: Flask) -> None:
    client = office.sign_in(app, office.OPERATOR)
    assert office.post(client, "/pegawai").status_code == 405
    assert client.get("/penugasan/1/pembatalan").status_code == 405
