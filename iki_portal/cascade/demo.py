"""The demo's goals and links, told through the real operations. The office's document has no goals: all of these say CONTOH."""

from datetime import datetime, timedelta
from decimal import Decimal

from iki_portal.cascade import goal_writing, operations
from iki_portal.cascade.goals import PeriodLine, goal, goals_of, ikus_in, period
from iki_portal.cascade.operations import Wanted
from iki_portal.cascade.support_page import support_page
from iki_portal.domain.checks import text_key
from iki_portal.domain.dates import office_day
from iki_portal.domain.goals import GoalProposal, IkuProposal, PeriodProposal
from iki_portal.domain.policy import Actor
from iki_portal.domain.targets import Polarity
from iki_portal.indicators.papers import papers
from iki_portal.indicators.sight import SeenSheet
from iki_portal.realisation.demo import Story

#: Before every text, and beside every link.
MARK = "CONTOH: "
EXAMPLE_LINK = "Kaitan CONTOH, bukan data kantor."
_PURPOSE = "Terwujudnya aparatur yang profesional dan melayani"
#: Sasaran → its IKU with satuan, first target and what it grows by each year. One of each kind has something missing.
_OUTCOMES: dict[str, tuple[tuple[str, str, int, int], ...]] = {
    "Meningkatnya kualitas manajemen ASN": (
        ("Indeks sistem merit", "nilai", 280, 10),
        ("Persentase layanan kepegawaian yang selesai tepat waktu", "%", 80, 3),
    ),
    "Meningkatnya kompetensi dan kinerja ASN": (
        ("Indeks profesionalitas ASN", "nilai", 70, 2),
        ("Persentase ASN yang memenuhi standar kompetensi", "%", 60, 5),
    ),
    "Meningkatnya akuntabilitas kinerja Badan": (
        ("Nilai SAKIP Badan", "nilai", 72, 2),
        ("Indeks kepuasan pegawai atas layanan Badan", "indeks", 78, 1),
    ),
    "Meningkatnya integritas ASN": (),
}
#: Who answers for which IKU, by its place; the last one has nobody.
_ANSWERS = {"kabid.mutasi": 0, "kabid.pengadaan": 1, "kabid.kinerja": 2, "kabid.kompetensi": 3, "sekretaris": 4}


def play(story: Story, *, operator: str, now: datetime) -> None:
    """Write the goals down, and let the owners of the year's sheets say what their indicators support; mostly."""
    standing = _write_goals(story.year, story.person(operator, now), now=now)
    ikus = list(ikus_in(goals_of(standing.id)))
    for minute, (code, sheet) in enumerate(story.sheets, start=1):
        at = now + timedelta(minutes=20 + 2 * minute)
        actor = story.person(code, at)
        if code in _ANSWERS:
            chosen = ikus[_ANSWERS[code]]
            wanted = [Wanted(words, iku_id=chosen.id, iku_version=chosen.version) for words in _words_on(sheet)]
        else:
            wanted = [each.wanted for each in support_page(sheet, actor=actor, on=office_day(at)).proposed]
        if wanted:
            operations.link(sheet, wanted, actor=actor, now=at, note=EXAMPLE_LINK)


def _words_on(sheet: SeenSheet) -> list[str]:
    """All of its indicators but the last, so that there is a gap to look at."""
    rows = [text_key(each.text) for statement in papers([sheet.id])[sheet.id].statements for each in statement.indicators]
    return list(dict.fromkeys(rows))[:-1]


def _write_goals(year: int, operator: Actor, *, now: datetime) -> PeriodLine:
    first = year - 1
    proposal = PeriodProposal(f"{MARK}Renstra Badan", first, first + 4)
    written = period(goal_writing.write_period(None, proposal, actor=operator, seen=goal_writing.NEW, now=now))
    aim = goal_writing.add_goal(written, None, GoalProposal(MARK + _PURPOSE, 1), actor=operator, now=now)
    for place, (outcome, ikus) in enumerate(_OUTCOMES.items(), start=1):
        under = goal_writing.add_goal(written, goal(aim), GoalProposal(MARK + outcome, place), actor=operator, now=now)
        for order, iku in enumerate(ikus, start=1):
            goal_writing.add_iku(goal(under), _iku(iku, order, written), actor=operator, now=now)
    return written


def _iku(facts: tuple[str, str, int, int], order: int, period: PeriodLine) -> IkuProposal:
    text, unit, target, grows = facts
    targets = {year: Decimal(target + place * grows) for place, year in enumerate(period.years)}
    return IkuProposal(MARK + text, unit, Polarity.MAXIMIZE, order, dict(targets))
