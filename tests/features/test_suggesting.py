"""Suggestions: what approving and the reference list teach, that both databases say the same, and that no draft leaks."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from benchmarks.suggestions import made_up
from iki_portal.domain.errors import NotAllowed
from iki_portal.domain.evidence import Evidence
from iki_portal.domain.policy import GRANTS, Permission, Role
from iki_portal.domain.similarity import words_in
from iki_portal.domain.workflow import ReasonClass
from iki_portal.extensions import db
from iki_portal.imports.reference import ReferenceRow, read_reference_file
from iki_portal.indicators import suggesting
from iki_portal.indicators.learning import EVERY, Learnt, load_reference
from iki_portal.indicators.operations import StatementProposal
from iki_portal.indicators.suggesting import Suggestion, suggestions
from iki_portal.models import KnownIndicator, KnownIndicatorUse, KnownWord, KnownWordPlace
from iki_portal.paths import REFERENCE
from tests import office
from tests.features.test_query_counts import counted
from tests.rows import all_rows

SECRET = "Jumlah Dokumen Rahasia Xylofon"
READERS = (office.OWNER, office.REVIEWER, office.APPROVER, office.HEAD, office.OUTSIDER, office.OPERATOR)


def ask(text: str, reader: str = office.OUTSIDER) -> Suggestion:
    return suggestions({0: text}, actor=office.actor(reader))[0]


def write(edit: Callable[[Sequence[StatementProposal]], Sequence[StatementProposal]]) -> None:
    """Change the owner's complete draft."""
    office.fill_in()
    sheet = office.sheet_of(office.OWNER)
    rows = edit(office.complete_rows(sheet))
    with office.transaction():
        office.writing.save_sheet(sheet, rows, actor=office.actor(office.OWNER), seen=sheet.version, now=office.now())


def first_indicator(**changes: str) -> Callable[[Sequence[StatementProposal]], Sequence[StatementProposal]]:
    def edit(rows: Sequence[StatementProposal]) -> Sequence[StatementProposal]:
        first, *others = rows[0].indicators
        return [replace(rows[0], indicators=(replace(first, **changes), *others)), *rows[1:]]

    return edit


def approve() -> None:
    office.submit()
    office.review()
    office.approve()


def revise() -> None:
    sheet = office.sheet_of(office.OWNER)
    with office.transaction():
        office.approvals.revise(
            sheet, actor=office.actor(office.OWNER), reason=ReasonClass.CORRECTION, note="Salah satuan.", now=office.now()
        )


def known(text: str) -> dict[str, int]:
    """Satuan → uses of what approved sheets say with that text."""
    db.session.rollback()
    query = select(KnownIndicator).where(KnownIndicator.text == text, KnownIndicator.evidence == Evidence.SHEET)
    return {row.unit_of_measure: row.uses for row in db.session.scalars(query)}


def demand_whole_index() -> None:
    """The index holds the words of every known indicator once, without gaps."""
    db.session.rollback()
    expected = {row.id: set(words_in(row.text)) for row in db.session.scalars(select(KnownIndicator))}
    held: dict[int, set[str]] = {key: set() for key in expected}
    places: dict[str, list[int]] = {}
    for row in db.session.scalars(select(KnownWordPlace)):
        held[row.known_indicator_id].add(row.word)
        places.setdefault(row.word, []).append(row.place)
    assert held == expected
    assert all(sorted(each) == list(range(1, len(each) + 1)) for each in places.values())
    entries = {row.word: row.entries for row in db.session.scalars(select(KnownWord))}
    assert entries == {word: len(each) for word, each in places.items()} | {EVERY: len(expected)}
    uses = Counter(db.session.scalars(select(KnownIndicatorUse.known_indicator_id)))
    sheets = db.session.scalars(select(KnownIndicator).where(KnownIndicator.evidence == Evidence.SHEET))
    assert {row.id: row.uses for row in sheets if row.uses} == uses


# What is known


def test_the_reference_list_suggests_units_and_codes_with_their_evidence(each_app: Flask) -> None:
    with each_app.app_context():
        award = ask("jumlah ASN yang diberikan penghargaan.")
        assert [(each.unit, each.evidence) for each in award.units] == [
            ("orang", "Nomenklatur sub-kegiatan nasional, sama persis.")
        ]
        assert [each.code for each in award.codes] == ["5.03.02.2.04.0004"]
        assert all(each.text != "Jumlah ASN yang Diberikan Penghargaan" for each in award.similar), "it is what was asked"
        disputed = ask("Jumlah Laporan Evaluasi Kinerja Perangkat Daerah")
        assert [(each.unit, each.evidence) for each in disputed.units] == [
            ("dokumen", "Rencana strategis kabupaten lain, sama persis (1 kali)."),
            ("laporan", "Rencana strategis kabupaten lain, sama persis (1 kali)."),
        ]
        assert ask("Indeks Kepuasan Xylofon") == Suggestion()


def test_loading_the_list_twice_changes_nothing(each_app: Flask) -> None:
    with each_app.app_context():
        before = all_rows()
        with office.transaction():
            assert load_reference(read_reference_file(REFERENCE)) == Learnt(rows=0, sheets=0)
        assert all_rows() == before
        demand_whole_index()


def test_an_approved_sheet_teaches_and_says_where_from(each_app: Flask) -> None:
    with each_app.app_context():
        write(first_indicator(text=SECRET, unit_of_measure="berkas", formula="Cacah xylofon"))
        approve()
        found = ask(SECRET)
        assert [(each.unit, each.evidence) for each in found.units] == [("berkas", "Lembar IKI yang ditetapkan.")]
        (one,) = [each for each in found.similar if each.text == SECRET]
        sheet = office.sheet_of(office.OWNER)
        assert (one.post, one.unit_name, one.year, one.sheet_id) == (sheet.name, sheet.unit_name, office.YEAR, sheet.id)
        assert (one.unit, one.formula, one.likeness) == ("berkas", "Cacah xylofon", 100)
        assert one.source == "lembar IKI yang ditetapkan"
        (like,) = [each for each in ask("Jumlah Dokumen Xylofon").similar if each.text == SECRET]
        assert 30 <= like.likeness < 100
        demand_whole_index()


def test_a_draft_teaches_nobody_until_it_is_approved(each_app: Flask) -> None:
    with each_app.app_context():
        write(first_indicator(text=SECRET, unit_of_measure="berkas"))
        for step in (None, office.submit, office.review):
            if step:
                step()
            assert not [name for name in READERS if "Xylofon" in repr(ask("Xylofon", name)) or known(SECRET)]
            assert {ask(SECRET, name).units[0].unit for name in READERS} == {"dokumen"}
        office.approve()
        assert {ask(SECRET, name).units[0].unit for name in READERS} == {"berkas"}


def test_who_may_not_read_sheets_is_told_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for role in Role:
        monkeypatch.setitem(GRANTS, role, GRANTS[role] - {Permission.SHEET_READ})
    with app.app_context(), pytest.raises(NotAllowed):
        ask(SECRET)


def test_a_revision_counts_no_second_time(each_app: Flask) -> None:
    with each_app.app_context():
        write(first_indicator(text=SECRET))
        approve()
        revise()
        write(first_indicator(formula="Dihitung lain"))
        approve()
        assert known(SECRET) == {"dokumen": 1}
        (one,) = [each for each in ask(SECRET).similar if each.text == SECRET]
        assert (one.sheet_id, one.formula) == (office.sheet_of(office.OWNER).id, "Dihitung lain")
        demand_whole_index()


def test_what_a_revision_corrects_is_not_shown_and_what_it_drops_stays_as_history(each_app: Flask) -> None:
    with each_app.app_context():
        write(first_indicator(text=SECRET, unit_of_measure="berkas"))
        approve()
        first = office.sheet_of(office.OWNER).id
        revise()
        write(first_indicator(unit_of_measure="dokumen"))
        approve()
        assert known(SECRET) == {"berkas": 0, "dokumen": 1}
        found = ask(SECRET)
        assert [each.unit for each in found.units] == ["dokumen"]
        assert [(each.unit, each.sheet_id == first) for each in found.similar if each.text == SECRET] == [("dokumen", False)]
        second = office.sheet_of(office.OWNER).id
        revise()
        write(first_indicator(text="Jumlah Dokumen Terbuka"))
        approve()
        assert known(SECRET) == {"berkas": 0, "dokumen": 1}
        assert [each.sheet_id for each in ask(SECRET).similar if each.text == SECRET] == [second]
        demand_whole_index()


def test_two_posts_with_one_text_count_twice(each_app: Flask) -> None:
    with each_app.app_context():
        office.bring_to("approved")
        text = office.complete_rows(office.sheet_of(office.OWNER))[0].indicators[0].text
        before = known(text)
        write_other = first_indicator(text=text.upper())
        sheet = office.fill_in("analis.profesi")
        with office.transaction():
            actor = office.actor("analis.profesi")
            rows = write_other(office.complete_rows(sheet))
            office.writing.save_sheet(sheet, rows, actor=actor, seen=sheet.version, now=office.now())
        office.submit("analis.profesi")
        office.review("analis.profesi")
        office.approve("analis.profesi")
        assert (before, known(text)) == ({"dokumen": 1}, {"dokumen": 2})


def test_sheets_approved_before_the_portal_learnt_are_made_up_for(each_owned_app: Flask) -> None:
    with each_owned_app.app_context():
        write(first_indicator(text=SECRET, unit_of_measure="berkas"))
        approve()
        revise()
        write(first_indicator(text="Jumlah Dokumen Terbuka"))
        approve()
        but = frozenset({"id", "known_indicator_id", "place"})
        before = all_rows(but=but)
        with office.transaction():
            for table in (KnownWordPlace, KnownIndicatorUse, KnownIndicator, KnownWord):
                db.session.execute(table.__table__.delete())
            assert load_reference(read_reference_file(REFERENCE)).sheets == 2
        assert all_rows(but=but) == before
        demand_whole_index()


# Finding


def test_a_sheet_at_once_takes_five_statements_and_says_what_each_says_alone(each_app: Flask) -> None:
    texts = dict(enumerate(made_up(60)[:30]))
    with each_app.app_context():
        actor = office.actor(office.OWNER)
        with counted(each_app) as statements:
            together = suggestions(texts, actor=actor)
        assert len(statements) == 5
        with counted(each_app) as statements:
            alone = suggestions({0: texts[0]}, actor=actor)
        assert len(statements) == 5
        assert together[0] == alone[0]
        assert together == {key: suggestions({key: text}, actor=actor)[key] for key, text in texts.items()}
        assert suggestions({}, actor=actor) == {}


def test_a_text_of_common_words_is_found_however_many_newer_ones_hold_them(
    each_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggesting, "HOLDERS", 5)
    with each_app.app_context():
        with office.transaction():
            load_reference([ReferenceRow(f"Jumlah Dokumen {n}", "lembar", "", Evidence.PLAN_EXACT) for n in range(40)])
        assert [each.unit for each in ask("Jumlah Dokumen 3").units] == ["lembar"]
        load = [ReferenceRow("Jumlah Dokumen", "berkas", "", Evidence.PLAN_EXACT)]
        load += [ReferenceRow(f"Jumlah Dokumen Lain {n}", "lembar", "", Evidence.PLAN_EXACT) for n in range(40)]
        with office.transaction():
            load_reference(load)
        assert [each.unit for each in ask("Jumlah Dokumen").units] == ["berkas"]


@pytest.fixture
def both(sqlite_url: str, postgres_url: str) -> Iterator[tuple[Flask, Flask]]:
    """The portal on both databases at once, each taught the same, with many equals and more holders than are looked through."""
    apps = office.portal(sqlite_url), office.portal(postgres_url)
    dice = random.Random(3)  # noqa: S311  # no secret
    units = ("dokumen", "Dokumen", "laporan", "%")
    rows = [
        ReferenceRow(each, dice.choice(units), dice.choice(("", "5.03.02.2.01.0003")), dice.choice(list(Evidence)))
        for each in made_up(600)
    ]
    rows = [replace(row, evidence=Evidence.PLAN_NEAR) if row.evidence is Evidence.SHEET else row for row in rows]
    for app in apps:
        with app.app_context():
            with office.transaction():
                load_reference(rows)
            office.bring_to("approved")
    yield apps
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_both_databases_suggest_the_same_in_the_same_order(both: tuple[Flask, Flask], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggesting, "HOLDERS", 50)
    monkeypatch.setattr(suggesting, "CANDIDATES", 20)
    vocabulary = sorted({word for each in made_up(200) for word in each.split()})
    texts = st.lists(st.sampled_from(vocabulary), max_size=12).map(" ".join)

    @settings(max_examples=60, deadline=None)
    @given(st.lists(texts | st.text(max_size=60), max_size=6))
    def compare(asked: list[str]) -> None:
        answers = []
        for app in both:
            with app.app_context():
                answers.append(suggestions(dict(enumerate(asked)), actor=office.actor(office.OWNER)))
                db.session.rollback()
        assert answers[0] == answers[1]

    compare()
    with both[0].app_context():
        known_ones = suggestions(dict(enumerate(made_up(600)[:30])), actor=office.actor(office.OWNER))
    assert sum(len(each.similar) for each in known_ones.values()) > 60, "the comparison was about something"


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "…", "🙂🙂", "\x00", "Jumlah\x00Dokumen", "\ud800", "dan yang di", "%' OR 1=1; DROP TABLE sheet --",
        '"*" NEAR(', "jumlah " * 200_000, "x" * 1_000_000, "ﷺ" * 5000, "\u0130" * 3000, "a:b & c | !d", "%_\\",
    ],
)  # fmt: skip
def test_whatever_is_asked_is_answered(each_app: Flask, text: str) -> None:
    with each_app.app_context():
        found = ask(text)
        assert len(found.units) <= 3
        assert len(found.similar) <= 5


def test_a_hostile_indicator_can_be_approved_and_found(each_app: Flask) -> None:
    text = "Jumlah 🙂 " + "\U00010400" * 1900 + " %' OR xylofon"
    with each_app.app_context():
        write(first_indicator(text=text))
        approve()
        assert [each.text for each in ask("xylofon or " + text[:60]).similar] == [text]
        demand_whole_index()
