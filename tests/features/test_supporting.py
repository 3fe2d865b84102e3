"""Linking indicators, the tree with its gaps and sums, and the operator's goals, on both databases."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from iki_portal.approvals.year_opening import open_year
from iki_portal.cascade import goal_writing, goals, operations, queries
from iki_portal.cascade.facts import Asked
from iki_portal.cascade.operations import Wanted
from iki_portal.cascade.support_page import SupportPage, support_page
from iki_portal.cascade.tree_page import TreePage, tree_page
from iki_portal.domain.cascade import GapKind
from iki_portal.domain.errors import Invalid, NotAllowed, NotFound, Outdated, WrongState
from iki_portal.domain.goals import IkuProposal, PeriodProposal
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.realisation import ReportState, ReportStep
from iki_portal.domain.realised import ReportedRow
from iki_portal.domain.scales import DEFAULT_SCALE
from iki_portal.domain.targets import Polarity
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import db
from iki_portal.history.queries import of_sheets
from iki_portal.models import CascadeLink, FrozenCopy, HistoryEntry, Position, Sheet, Unit
from iki_portal.realisation.windows import Measuring
from iki_portal.web.transaction import transaction
from tests import office
from tests.features.test_query_counts import counted

D = Decimal
MEASURING = Measuring(DEFAULT_SCALE, D(120))


def links() -> int:
    return db.session.scalar(select(func.count()).select_from(CascadeLink).where(CascadeLink.ended_at.is_(None))) or 0


def seen_tree(by: str = office.OPERATOR, *, unit: int | None = None, quarter: int | None = None) -> TreePage:
    """As somebody reads it who holds no post: what is in force."""
    asked = Asked(office.YEAR, unit, 1, MEASURING, quarter)
    with current_app.test_request_context():
        return tree_page(asked, actor=office.actor(by), on=office.today_in_office())


def gap_texts(page: TreePage, kind: GapKind) -> list[str]:
    return [line.text for group in page.gaps if group.kind is kind for line in group.lines]


def seen_support(post_code: str = office.OWNER, *, by: str | None = None) -> SupportPage:
    return support_page(office.sheet_of(post_code), actor=office.actor(by or post_code), on=office.today_in_office())


def url(sheet: office.SeenSheet, act: str = "") -> str:
    return f"/lembar/{sheet.id}/dukungan" + act


def unlink(link_id: int, post_code: str = office.OWNER, *, by: str | None = None) -> None:
    with transaction():
        operations.unlink(office.sheet_of(post_code), [link_id], actor=office.actor(by or post_code), now=office.now())


# Linking


def test_an_analis_accepts_a_proposal_and_takes_it_back(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_to("approved", office.REVIEWER)
        sheet = office.bring_to("approved")
        frozen = db.session.get_one(FrozenCopy, sheet.id).sha256
        assert "Persentase pengadaan ASN yang dibutuhkan" in gap_texts(seen_tree(), GapKind.UNSUPPORTED)
        proposal = seen_support().proposed[0]
        assert proposal.text == "Persentase pengadaan ASN yang dibutuhkan"
    client = office.sign_in(each_app, office.OWNER)
    assert "Terima semua usulan (2)" in client.get(url(sheet)).get_data(as_text=True)
    assert office.post(client, url(sheet), {"link": proposal.value}).status_code == 302
    page = client.get(url(sheet)).get_data(as_text=True)
    assert "1 kaitan tersimpan" in page
    with each_app.app_context():
        assert "Persentase pengadaan ASN yang dibutuhkan" not in gap_texts(seen_tree(), GapKind.UNSUPPORTED)
        row = of_sheets([sheet.id])[sheet.id][-1]
        assert (row.action, row.rows) == ("link_rows", "1.1")
        assert row.note == "1.1 → Persentase pengadaan ASN yang dibutuhkan"
        assert row.acting_title == "Analis Kepegawaian Muda"
        link_id = db.session.scalars(select(CascadeLink.id)).one()
    assert office.post(client, url(sheet, "/pelepasan"), {"kaitan": str(link_id)}).status_code == 302
    with each_app.app_context():
        assert links() == 0
        assert of_sheets([sheet.id])[sheet.id][-1].action == "unlink_rows"
        assert db.session.get_one(FrozenCopy, sheet.id).sha256 == frozen
        standing = office.sheet_of(office.OWNER)
        assert (standing.state, standing.version) == (sheet.state, sheet.version), "a link is no change of the sheet"
    assert office.post(client, url(sheet, "/pelepasan"), {"kaitan": str(link_id)}).status_code == 404


def test_all_proposals_are_accepted_with_one_row_of_history(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved", office.REVIEWER)
        sheet = office.bring_to("approved")
        values = [each.value for each in seen_support().proposed]
        assert len(values) == 2
    client = office.sign_in(app, office.OWNER)
    for said in ("2 kaitan tersimpan", "Kaitan itu sudah ada"):
        assert office.post(client, url(sheet), {"link": values}).status_code == 302
        assert said in client.get(url(sheet)).get_data(as_text=True)
    with app.app_context():
        assert links() == 2
        rows = [row for row in of_sheets([sheet.id])[sheet.id] if row.action == "link_rows"]
        assert [row.rows for row in rows] == ["1.1 2.1"]


def test_the_kabid_links_for_the_analis_and_nobody_else_does(app: Flask) -> None:
    with app.app_context():
        office.write_goals()
        office.bring_to("approved", office.REVIEWER)
        office.bring_to("submitted")
        assert office.link(by=office.REVIEWER, to=1) == 1
        assert office.link(by=office.OWNER, iku=1) == 1
        for name in (office.APPROVER, office.HEAD, office.OPERATOR):
            with pytest.raises(NotAllowed):
                office.link(by=name, iku=2)
        assert links() == 2


def test_an_acting_owner_links_and_the_day_after_no_more(app: Flask) -> None:
    with app.app_context():
        office.write_goals()
        today = office.today_in_office()
        office.give_post(office.OUTSIDER, office.OWNER, kind=AssignmentKind.PLH, starts_on=today, ends_on=today)
        office.link(by=office.OUTSIDER, iku=1)
        assert db.session.scalars(select(CascadeLink.author_title)).one() == "Plh. Analis Kepegawaian Muda"
        sheet, person = office.sheet_of(office.OWNER), office.actor(office.OUTSIDER, date(2030, 1, 1))
        with pytest.raises(NotAllowed):
            operations.link(sheet, [Wanted(office.words_on(sheet)[1], iku_id=1, iku_version=1)], actor=person, now=office.now())


def test_only_rows_of_the_sheet_above_are_offered_and_taken(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved", office.REVIEWER)
        office.bring_to("approved", office.OTHER_REVIEWER)
        sheet = office.sheet_of(office.OWNER)
        elsewhere = office.words_on(office.sheet_of(office.OTHER_REVIEWER))[0]
        own, *_ = office.words_on(sheet)
        for parent in (elsewhere, own, "0" * 16):
            with pytest.raises(Outdated):
                operations.link(sheet, [Wanted(own, parent)], actor=office.actor(office.OWNER), now=office.now())
        db.session.rollback()
        offered = {text for row in seen_support().rows for _, text in row.rows}
        assert len(offered) == len(office.words_on(office.sheet_of(office.REVIEWER)))


def test_a_draft_of_the_kabid_is_not_shown_to_the_analis_but_to_the_kabid(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved")
        page = seen_support()
        assert page.is_superior_hidden
        assert [row.rows for row in page.rows] == [[], [], []]
        assert not seen_support(by=office.REVIEWER).is_superior_hidden
        shown = {node.row.key.post_id for branch in seen_tree(office.OUTSIDER).branches for node in branch.nodes}
        kabid = db.session.scalars(select(Position.id).where(Position.code == office.REVIEWER)).one()
        assert kabid not in shown


def test_a_link_follows_its_words_into_a_later_revision_and_breaks_when_they_change(each_app: Flask) -> None:
    with each_app.app_context():
        office.write_goals()
        first = office.bring_to("approved")
        office.link(row=1, iku=1)
        office.link(row=2, iku=1)
        with transaction():
            owner = office.actor(office.OWNER)
            office.approvals.revise(first, actor=owner, reason=ReasonClass.BUDGET, note="Anggaran", now=office.now())
        sheet = office.sheet_of(office.OWNER)
        rows = list(office.complete_rows(sheet))
        other = replace(rows[1].indicators[0], text="Jumlah dokumen pengadaan PPPK")
        rows[1] = replace(rows[1], indicators=(other,))
        with transaction():
            office.writing.save_sheet(sheet, rows, actor=owner, seen=sheet.version, now=office.now())
        page = seen_support()
        assert [len(row.links) for row in page.rows] == [1, 0, 0]
        assert [each.line.text for each in page.lost] == [
            "Jumlah Dokumen Kegiatan Koordinasi dan Fasilitasi Pengadaan PNS dan PPPK"
        ]
        assert gap_texts(seen_tree(), GapKind.BROKEN) == [], "the first revision is still in force"
        for step in (office.submit, office.review, office.approve):
            step()
        assert gap_texts(seen_tree(), GapKind.BROKEN) == [page.lost[0].line.text]
        unlink(page.lost[0].line.id)
        assert gap_texts(seen_tree(), GapKind.BROKEN) == []
        with pytest.raises(WrongState, match="sudah digantikan"):
            operations.link(
                office.sheet_of(office.OWNER, revision=1),
                [Wanted(office.words_on(first)[2], iku_id=1, iku_version=1)],
                actor=owner,
                now=office.now(),
            )


def test_a_page_that_showed_other_words_is_refused_and_says_so(app: Flask) -> None:
    with app.app_context():
        office.write_goals()
        sheet = office.fill_in()
        value = office.link_value(sheet, iku=1)
        changed = IkuProposal("Indeks merit nasional", "nilai", Polarity.MAXIMIZE, 1, {office.YEAR: D(80)})
        with transaction():
            goal_writing.change_iku(1, changed, actor=office.actor(office.OPERATOR), seen=1, now=office.now())
    client = office.sign_in(app, office.OWNER)
    answer = office.post(client, url(sheet), {"link": value})
    assert answer.status_code == 409
    assert "sudah berubah bunyinya" in answer.get_data(as_text=True)
    with app.app_context():
        assert links() == 0


@pytest.mark.parametrize("sent", ["", "x", "0" * 16, f"{'0' * 16}.iku.0", f"{'0' * 16}.baris.{'Z' * 16}", "a" * 9000])
def test_a_link_that_no_page_offers_is_refused_in_a_sentence(app: Flask, sent: str) -> None:
    with app.app_context():
        sheet = office.sheet_of(office.OWNER)
    client = office.sign_in(app, office.OWNER)
    answer = office.post(client, url(sheet), {"link": sent})
    assert answer.status_code == 422
    assert "Belum tersimpan" in answer.get_data(as_text=True)
    for wrong in ("x", "-1", "9" * 12):
        assert office.post(client, url(sheet, "/pelepasan"), {"kaitan": wrong}).status_code == 422
    assert office.post(client, url(sheet, "/pelepasan"), {"kaitan": "999"}).status_code == 404


def test_a_note_that_is_too_long_is_refused(app: Flask) -> None:
    with app.app_context():
        office.write_goals()
        sheet = office.sheet_of(office.OWNER)
        value = office.link_value(sheet, iku=1)
    answer = office.post(office.sign_in(app, office.OWNER), url(sheet), {"link": value, "note": "x" * 201})
    assert answer.status_code == 422
    assert "paling panjang 200 huruf" in answer.get_data(as_text=True)


def test_links_of_others_are_not_taken_back(app: Flask) -> None:
    with app.app_context():
        office.write_goals()
        office.link(iku=1)
        link_id = db.session.scalars(select(CascadeLink.id)).one()
        with pytest.raises(NotFound):
            unlink(link_id, office.OUTSIDER)
        assert links() == 1


def test_a_circle_is_refused_after_a_reorganisation(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_to("approved", office.REVIEWER)
        office.bring_to("approved")
        office.link(to=1)
        codes = {each.code: each for each in db.session.scalars(select(Position))}
        with transaction():
            codes[office.OWNER].superior_id = codes[office.HEAD].id
            codes[office.REVIEWER].superior_id = codes[office.OWNER].id
        with pytest.raises(Invalid, match="lingkaran"):
            office.link(office.REVIEWER, to=1)


# What the database refuses


def test_the_database_keeps_links_and_goals(each_owned_app: Flask) -> None:
    with each_owned_app.app_context():
        office.write_goals()
        office.bring_to("approved", office.REVIEWER)
        office.bring_to("approved")
        office.link(to=1)
        office.link(iku=1)
        columns = "year, position_id, text_key, text, parent_id, parent_key, key_indicator_id, parent_text, note, author_id,"
        columns += " author_name, author_title, linked_at"
        again = f"INSERT INTO cascade_link ({columns}) SELECT {{}} FROM cascade_link WHERE id = 1"  # noqa: S608
        turned = columns.replace("position_id, text_key", "parent_id, parent_key", 1).replace(
            "parent_id, parent_key, key", "position_id, text_key, key", 1
        )
        attacks = {
            "UPDATE cascade_link SET text = 'x'": "stands as it was made",
            "UPDATE cascade_link SET parent_key = 'x'": "stands as it was made",
            "DELETE FROM cascade_link": "never deleted",
            "DELETE FROM goal": "never deleted",
            "DELETE FROM goal_period": "never deleted",
            "DELETE FROM key_indicator": "never deleted",
            "DELETE FROM key_indicator_target": "never deleted",
            again.format(columns.replace("text_key", "'0000000000000000'", 1)): "joins what is there",
            again.format(columns.replace("parent_key", "'0000000000000000'", 1)): "joins what is there",
            again.format(turned): "closes no circle",
            again.format(columns): "unique|UNIQUE",
        }
        for attack, said in attacks.items():
            with pytest.raises(DBAPIError, match=said), transaction():
                db.session.execute(text(attack))
        with transaction():
            db.session.execute(text("UPDATE cascade_link SET ended_at = linked_at, ended_by = 'x' WHERE id = 1"))
        with pytest.raises(DBAPIError, match="ends once"), transaction():
            db.session.execute(text("UPDATE cascade_link SET ended_by = 'y' WHERE id = 1"))


# The tree


def test_the_tree_shows_branches_gaps_and_who_answers_for_an_iku(each_app: Flask) -> None:
    with each_app.app_context():
        office.write_goals()
        office.bring_to("approved", office.REVIEWER)
        office.bring_to("approved")
        office.link(to=1)
        office.link(row=2, to=1)
        office.link(office.REVIEWER, iku=1)
        office.link(row=1, iku=2)  # an Analis supports an IKU, and does not answer for it
        page = seen_tree()
        assert page.is_whole
        assert page.owners == {1: ["Kepala Bidang Pengadaan, Pemberhentian dan Informasi"]}
        assert gap_texts(page, GapKind.WITHOUT_OWNER) == ["Indeks profesionalitas ASN"]
        branch = next(each for each in page.branches if each.name.startswith("Kepala Bidang Pengadaan"))
        first, *_ = branch.nodes
        assert [child.row.number for child in first.children] == ["1.1", "2.1"]
        assert first.supports == ["IKU Indeks sistem merit"]
        assert first.children[0].supports == ["IKU Indeks profesionalitas ASN"]
        keys = [box.leaf.key for box in branch.drawing.boxes]
        assert len(keys) == len(set(keys)), "every row is one box, however many parents it has"
        assert len(branch.drawing.lines) == 3 + 1
        assert len(gap_texts(page, GapKind.SUPPORTS_NOTHING)) == 3 + 1
    html = office.sign_in(each_app, office.OUTSIDER).get("/pohon-kinerja").get_data(as_text=True)
    assert "Belum ada penanggung jawab" in html
    assert "Tanpa pendukung" in html


def test_twins_are_named_and_counted_once(each_app: Flask) -> None:
    """The same words under two posts of one bidang: two rows, one thing measured."""
    with each_app.app_context():
        both = ("analis.pendidikan", "analis.nonkependidikan")
        office.bring_to("approved", "kabid.kinerja")
        office.open_quarter()
        for code in both:
            office.bring_to("approved", code)
            office.link(code, to=1)
            office.write_report(code)
            office.step_report(ReportStep.SUBMIT, code, by=code)
            office.step_report(ReportStep.VERIFY, code, by="kabid.kinerja")
        page = seen_tree()
        words = "Jumlah Dokumen Hasil Pelaksanaan Penilaian dan Evaluasi Kinerja Aparatur"
        assert gap_texts(page, GapKind.TWINS) == [words]
        (node,) = [each for branch in page.branches for each in branch.nodes if each.children]
        assert len(node.children) == 2
        assert node.roll_up is not None
        assert (node.roll_up.rows, node.roll_up.reported, node.roll_up.twins) == (2, 2, 1)
        assert [(each.value, each.unit) for each in node.roll_up.totals] == [(D(1), "dokumen")]


def test_a_sum_says_of_how_many_and_what_is_not_reported_stays_so(app: Flask) -> None:
    with app.app_context():
        office.bring_to("approved", office.REVIEWER)
        office.bring_report_to(ReportState.VERIFIED)
        for row in (1, 2):
            office.link(row=row, to=1)
        office.bring_to("approved", "analis.informasi")
        office.link("analis.informasi", to=1)
        page = seen_tree(office.OUTSIDER)
        assert page.quarter == 1
        node = next(each for branch in page.branches for each in branch.nodes if each.children)
        assert node.reported is not None
        assert node.reported.word == "Belum dilaporkan"
        assert node.roll_up is not None
        assert (node.roll_up.reported, node.roll_up.rows) == (2, 3)
        assert [(each.value, each.things, each.reported) for each in node.roll_up.totals] == [(D(2), 3, 2)]
        assert [child.achievement.percentage if child.achievement else "" for child in node.children] == ["100%", "100%", ""]
        assert seen_tree(quarter=2).branches[0].nodes[0].achievement is None
    html = office.sign_in(app, office.OUTSIDER).get("/pohon-kinerja").get_data(as_text=True)
    assert "2 dari 3 pendukung terverifikasi: 2 dokumen dari 2 dari 3 yang diukur" in html


def test_figures_that_are_not_verified_are_not_shown(app: Flask) -> None:
    with app.app_context():
        office.bring_report_to(ReportState.SUBMITTED)
        assert seen_tree(office.OUTSIDER).quarter is None
        node = seen_tree(office.OUTSIDER, quarter=1).branches[0].nodes[0]
        assert node.achievement is None
        assert node.reported is not None
        assert node.reported.word == "Menunggu verifikasi"


def test_a_later_revision_shows_what_the_earlier_one_reported_against_its_target(app: Flask) -> None:
    with app.app_context():
        sheet = office.bring_to("approved")
        office.open_quarter()
        office.write_report(rows={key: ReportedRow(value=D("0.5")) for key in office.reported_rows(sheet)})
        office.step_report(ReportStep.SUBMIT, by=office.OWNER)
        office.step_report(ReportStep.VERIFY, by=office.REVIEWER)
        with transaction():
            owner = office.actor(office.OWNER)
            office.approvals.revise(sheet, actor=owner, reason=ReasonClass.BUDGET, note="Anggaran", now=office.now())
        office.fill_in(target="8")
        for step in (office.submit, office.review, office.approve):
            step()
        node = seen_tree().branches[0].nodes[0]
        assert node.achievement is not None
        assert node.achievement.percentage == "50%"


def test_a_unit_is_shown_with_what_it_supports_above(each_app: Flask) -> None:
    with each_app.app_context():
        office.write_goals()
        office.bring_to("approved", office.APPROVER)
        office.bring_to("approved", "perencana")
        office.link("perencana", to=1)
        office.link(office.APPROVER, iku=1)
        unit = db.session.scalars(select(Unit.id).where(Unit.code == "perencanaan")).one()
        page = seen_tree(unit=unit)
        assert not page.is_whole
        (branch,) = page.branches
        assert branch.name == "Sekretaris"
        assert branch.nodes[0].is_beside
        assert branch.nodes[0].roll_up is None, "other units support it, too: no sum of a part"
        assert [child.post for child in branch.nodes[0].children] == ["Perencana Muda"]
        assert gap_texts(page, GapKind.WITHOUT_OWNER) == [], "asked of the whole office only"
        above = db.session.scalars(select(Unit.id).where(Unit.code == "sekretariat")).one()
        assert {node.post for node in seen_tree(unit=above).branches[0].nodes} >= {"Sekretaris"}


def test_a_page_of_an_unknown_unit_year_or_quarter_answers(app: Flask) -> None:
    client = office.sign_in(app, office.OWNER)
    assert client.get("/pohon-kinerja?unit=9999&triwulan=7&halaman=x").status_code == 200
    assert client.get("/pohon-kinerja?tahun=1999").status_code == 404
    assert client.get("/pohon-kinerja?tahun=x&halaman=99").status_code == 200
    assert client.get("/sasaran?periode=99").status_code == 200


def test_posts_beyond_one_page_are_paged(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_POSTS", 5)
    with app.app_context():
        office.bring_to("approved")
        page = seen_tree()
        assert page.has_next
        assert not page.is_whole


# Goals


def goal_fields(**more: str) -> dict[str, str]:
    return {
        "version": "0",
        "text": "Indeks integritas",
        "unit_of_measure": "nilai",
        "polarity": "maximize",
        "order": "3",
    } | more


def test_the_operator_writes_goals_and_everybody_reads_them(each_app: Flask) -> None:
    operator, reader = (office.sign_in(each_app, name) for name in (office.OPERATOR, office.OWNER))
    assert "Belum ada periode" in reader.get("/sasaran").get_data(as_text=True)
    period = {"version": "0", "name": "Renstra BKD", "first_year": "2025", "last_year": "2029"}
    assert office.post(operator, "/sasaran/periode/baru", period).status_code == 302
    assert "Belum ada tujuan" in reader.get("/sasaran").get_data(as_text=True)
    new = "/sasaran/periode/1/tujuan/baru"
    purpose = {"version": "0", "superior": "0", "text": "Terwujudnya ASN profesional", "order": "1"}
    assert office.post(operator, new, purpose).status_code == 302
    assert office.post(operator, new, {**purpose, "superior": "1", "text": "Meningkatnya merit"}).status_code == 302
    assert office.post(operator, "/sasaran/2/iku/baru", goal_fields(**{"target-2027": "1.234,5"})).status_code == 302
    page = reader.get("/sasaran").get_data(as_text=True)
    for said in (
        "Renstra BKD",
        "Terwujudnya ASN profesional",
        "Meningkatnya merit",
        "Indeks integritas",
        "1.234,5",
        "Belum ada",
    ):
        assert said in page
    assert "Tambah tujuan" not in page
    with each_app.app_context():
        acts = [
            (row.action, row.acting_title) for row in db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.number))
        ]
        assert acts[-4:] == [(each, "Operator") for each in ("add_period", "add_goal", "add_goal", "add_iku")]
    for page in (new, "/sasaran/1/ubah", "/iku/1/ubah", "/sasaran/periode/1/ubah", "/sasaran/2/iku/baru"):
        assert operator.get(page).status_code == 200
        assert reader.get(page).status_code == 403


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": " "}, "IKU wajib diisi"),
        ({"unit_of_measure": ""}, "Satuan wajib diisi"),
        ({"polarity": "range"}, "Pilihan ini tidak ada dalam daftar"),
        ({"order": "x"}, "angka"),
        ({"target-2027": "NaN"}, "Ini bukan angka"),
        ({"target-2027": "1e999"}, "Ini bukan angka"),
        ({"target-2027": "-5"}, "tidak boleh negatif"),
        ({"target-2027": "0"}, "Dari target nol"),
        ({"target-2027": "1.234"}, "dimengerti sebagai 1234"),
        ({"target-2027": "9" * 20}, "Angka terlalu besar"),
        ({"text": "x" * 2001}, "Paling panjang 2000 huruf"),
    ],
)
def test_a_wrong_iku_comes_back_with_everything_that_was_typed(app: Flask, fields: dict[str, str], said: str) -> None:
    with app.app_context():
        office.write_goals()
    client = office.sign_in(app, office.OPERATOR)
    answer = office.post(client, "/sasaran/3/iku/baru", goal_fields(**{"target-2026": "77", **fields}))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert 'value="77"' in page
    with app.app_context():
        assert len(list(goals.ikus_in(goals.goals_of(1)))) == 2


def test_periods_do_not_overlap_and_an_old_page_is_refused(app: Flask) -> None:
    with app.app_context():
        office.write_goals()
    client = office.sign_in(app, office.OPERATOR)
    new = {"version": "0", "name": "Renstra 2", "first_year": "2029", "last_year": "2033"}
    answer = office.post(client, "/sasaran/periode/baru", new)
    assert answer.status_code == 422
    assert "bertumpuk dengan Renstra (2025–2029)" in answer.get_data(as_text=True)
    standing = {"version": "1", "name": "Renstra A", "first_year": "2025", "last_year": "2029"}
    assert office.post(client, "/sasaran/periode/1/ubah", standing).status_code == 302
    again = office.post(client, "/sasaran/periode/1/ubah", standing | {"name": "Renstra B"})
    assert again.status_code == 409
    assert 'value="Renstra B"' in again.get_data(as_text=True)
    assert 'name="version" value="2"' in again.get_data(as_text=True)
    for page, sent in (("/sasaran/1/ubah", {"text": "Lain", "order": "1"}), ("/iku/1/ubah", goal_fields())):
        assert office.post(client, page, sent | {"version": "7"}).status_code == 409


def test_a_period_keeps_the_years_that_are_supported(app: Flask) -> None:
    with app.app_context():
        office.write_goals()
        office.link(iku=1)
        standing, by = goals.period(1), office.actor(office.OPERATOR)
        with pytest.raises(Invalid, match="sudah mendukung IKU"):
            goal_writing.write_period(standing, PeriodProposal("Renstra", 2028, 2029), actor=by, seen=1, now=office.now())


def test_what_is_withdrawn_counts_no_more_and_stays(each_app: Flask) -> None:
    with each_app.app_context():
        office.write_goals()
        office.bring_to("approved", office.REVIEWER)
        office.link(office.REVIEWER, iku=1)
    client = office.sign_in(each_app, office.OPERATOR)
    refused = office.post(client, "/sasaran/3/pencabutan", {"version": "1"})
    assert refused.status_code == 409
    assert "masih mempunyai sasaran atau IKU" in refused.get_data(as_text=True)
    assert office.post(client, "/sasaran/1/pencabutan", {"version": "1"}).status_code == 302
    assert office.post(client, "/sasaran/1/pencabutan", {"version": "1"}).status_code == 404
    assert office.post(client, "/iku/1/pencabutan", {"version": ""}).status_code == 422
    assert office.post(client, "/iku/1/pencabutan", {"version": "1"}).status_code == 302
    with each_app.app_context():
        page = seen_tree()
        assert gap_texts(page, GapKind.BROKEN) == ["Persentase pengadaan ASN yang dibutuhkan"]
        assert [each.text for each in goals.ikus_in(page.goals)] == ["Indeks profesionalitas ASN"]
        assert links() == 1
        assert seen_support(office.REVIEWER).rows[0].links[0].is_broken
        unlink(1, office.REVIEWER)
        assert links() == 0


def test_next_year_is_proposed_what_was_linked_this_year(app: Flask) -> None:
    with app.app_context():
        office.write_goals()
        office.link(office.REVIEWER, row=2, iku=2)
        with transaction():
            open_year(office.YEAR + 1, deadline=None, actor=office.actor(office.OPERATOR), now=office.now())
        post_id = db.session.scalars(select(Position.id).where(Position.code == office.REVIEWER)).one()
        coming = db.session.scalars(select(Sheet.id).where(Sheet.position_id == post_id, Sheet.year == office.YEAR + 1)).one()
        sheet = office.sheets_where(Sheet.id == coming, on=office.today_in_office())[0]
        page = support_page(sheet, actor=office.actor(office.REVIEWER), on=office.today_in_office())
        proposal: Any = page.rows[1].proposal
        assert (proposal.text, proposal.reason) == ("Indeks profesionalitas ASN", f"sama seperti tahun {office.YEAR}")


def test_more_links_and_figures_take_no_more_statements(app: Flask) -> None:
    """Seventeen for the whole tree: the session, the filters, the posts, their rows, links, goals and verified figures."""
    client = office.sign_in(app, office.OPERATOR)
    with app.app_context():
        office.write_goals()
        office.bring_to("approved", office.REVIEWER)
        office.bring_report_to(ReportState.VERIFIED)
        office.link(to=1)

    def asked() -> int:
        with counted(app) as statements:
            assert client.get("/pohon-kinerja").status_code == 200
        return len(statements)

    assert asked() == 17
    with app.app_context():
        office.link(row=2, to=1)
        office.link(office.REVIEWER, iku=1)
        office.bring_report_to(ReportState.VERIFIED, post_code="analis.profesi")
        office.link("analis.profesi", to=2)
    assert asked() == 17
