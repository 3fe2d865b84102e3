"""The page that shows an upload beside its original: each sheet, what was found, and what shall become of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from iki_portal.documents.paper import Paper, PaperIndicator, PaperStatement
from iki_portal.domain import policy
from iki_portal.domain.drafts import IndicatorProposal, cells_of
from iki_portal.domain.placing import FATE_WORDS, Choice, Fate
from iki_portal.domain.policy import Actor
from iki_portal.imports.findings import Finding
from iki_portal.imports.sheets import ReadSheet
from iki_portal.indicators.applying import Problem, Target, is_for_another, proposals, targets
from iki_portal.indicators.importing import rows_of
from iki_portal.indicators.paper_view import paper_view
from iki_portal.indicators.understood import Understood
from iki_portal.web.labels import PLACING_LABELS, Label


@dataclass(frozen=True, slots=True)
class Option:
    post_id: int
    key: str
    words: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class SheetInUpload:
    """One sheet of the document, as the page shows it."""

    place: int
    title: str
    unit: str
    lines: list[tuple[int, str]]
    findings: list[Finding]
    paper: Mapping[str, Any]
    counts: str
    choice: Choice
    proposed: int | None
    is_foreign: bool
    label: Label
    duties: str
    problem: str


@dataclass(frozen=True, slots=True)
class Preview:
    sheets: list[SheetInUpload]
    #: Of the whole document, before its first sheet.
    before: list[tuple[int, str]]
    findings_before: list[Finding]
    groups: list[tuple[str, list[Option]]]
    offers_drafts: bool


def preview(
    understood: Understood, year: int, *, actor: Actor, choices: Mapping[int, Choice] | None, problems: Sequence[Problem]
) -> Preview:
    """The whole page; `choices` are what was typed when they could not be carried out."""
    known = targets(year)
    own = [each for each in known.values() if policy.may_import(actor, each.post_id)]
    page = _Page(understood, year, actor, known, choices, {each.place: each.message for each in problems})
    before = [(number, text) for number, text in _lines(understood, 0) if text.strip()]
    return Preview(
        [page.sheet(place, proposed) for place, proposed in enumerate(proposals(understood.sheets, known), start=1)],
        before,
        _findings(understood, 0),
        _groups(own),
        any(each.fate is Fate.REPLACES for each in own),
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """What every sheet of the page is drawn from."""

    understood: Understood
    year: int
    actor: Actor
    known: Mapping[int, Target]
    choices: Mapping[int, Choice] | None
    said: Mapping[int, str]

    def sheet(self, place: int, proposed: int | None) -> SheetInUpload:
        sheet = self.understood.sheets[place - 1]
        is_foreign = is_for_another(proposed, self.actor)
        target = self.known[proposed] if proposed is not None and not is_foreign else None
        choice = self._choice(place, target)
        return SheetInUpload(
            place,
            sheet.position or "Tanpa jabatan",
            sheet.unit or "",
            _lines(self.understood, place),
            _findings(self.understood, place),
            paper_view(_paper(sheet, self.year), anchor=f"lembar-{place}-"),
            _counts(sheet),
            choice,
            proposed,
            is_foreign,
            _label(choice, target, self.known, is_foreign=is_foreign, has_problem=place in self.said),
            _duties(sheet, target, self.actor),
            self.said.get(place, ""),
        )

    def _choice(self, place: int, target: Target | None) -> Choice:
        if self.choices is None:
            return _first_choice(target)
        return _still_offered(self.choices.get(place, Choice()), self.known)


def _first_choice(target: Target | None) -> Choice:
    """What is ticked before anybody has said anything: only what destroys nothing."""
    return Choice(target.key) if target is not None and target.fate is Fate.CREATES else Choice()


def _still_offered(choice: Choice, known: Mapping[int, Target]) -> Choice:
    """The post that was chosen, as it stands now; what is to be replaced has to be looked at and ticked again."""
    target = known.get(choice.post_id)
    if target is None or not target.is_open:
        return Choice()
    return choice if choice.key == target.key else Choice(target.key)


def _label(choice: Choice, target: Target | None, known: Mapping[int, Target], *, is_foreign: bool, has_problem: bool) -> Label:
    if is_foreign:
        return PLACING_LABELS["foreign"]
    if has_problem:
        return PLACING_LABELS["problem"]
    if choice.key:
        return PLACING_LABELS[known[choice.post_id].fate.value]
    if target is None:
        return PLACING_LABELS["unknown"]
    standing = {Fate.CREATES: "left_out", Fate.REPLACES: "stands"}
    return PLACING_LABELS[standing.get(target.fate, target.fate.value)]


def _groups(own: Sequence[Target]) -> list[tuple[str, list[Option]]]:
    """The posts to choose from, by unit, in the order of the office."""
    options = [
        (each.unit, Option(each.post_id, each.key, f"{each.name}: {FATE_WORDS[each.fate]}", each.is_open)) for each in own
    ]
    return [(unit, [option for _, option in found]) for unit, found in groupby(options, key=lambda each: each[0])]


def _lines(understood: Understood, place: int) -> list[tuple[int, str]]:
    return [(number, understood.lines[number - 1]) for number in understood.part(place)]


def _findings(understood: Understood, place: int) -> list[Finding]:
    return [each for each in understood.findings if each.line in understood.part(place)]


def _counts(sheet: ReadSheet) -> str:
    indicators = sum(len(statement.indicators) for statement in sheet.statements)
    return f"{len(sheet.statements)} kinerja, {indicators} indikator"


def _duties(sheet: ReadSheet, target: Target | None, actor: Actor) -> str:
    """What will happen to the post's own texts, which every year prints."""
    if target is None or not (sheet.main_duty or sheet.duties or sheet.functions):
        return ""
    if actor.is_operator and not target.has_duties:
        return "Tugas pokok, uraian tugas, dan fungsi jabatan yang diusulkan diisi dari dokumen ini."
    return "Tugas pokok, uraian tugas, dan fungsi jabatan tidak diubah."


def _paper(sheet: ReadSheet, year: int) -> Paper:
    return Paper(
        year=year,
        revision=1,
        heading=sheet.heading,
        position=sheet.position,
        unit=sheet.unit or "",
        main_duty=sheet.main_duty,
        duties=sheet.duties,
        functions=sheet.functions,
        statements=tuple(
            PaperStatement(None, number, row.text, tuple(_indicator(each) for each in row.indicators))
            for number, row in enumerate(rows_of(sheet), start=1)
        ),
    )


def _indicator(row: IndicatorProposal) -> PaperIndicator:
    cells = cells_of(row)
    quarters = tuple(cells.pop(f"quarter_{number}") for number in range(1, 5))
    return PaperIndicator(id=None, quarters=quarters, **cells)
