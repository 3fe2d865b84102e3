"""The page "Mendukung apa?" of one sheet: what each indicator supports, what is proposed, what else may be chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from iki_portal.cascade import queries
from iki_portal.cascade.operations import Surroundings, Wanted, surroundings
from iki_portal.cascade.queries import LinkLine, RowLine
from iki_portal.domain.cascade import GoalKey, Link, RowKey, Target, may_link
from iki_portal.domain.policy import Actor, Verdict
from iki_portal.domain.supporting import Texts, proposals
from iki_portal.indicators.sight import SeenSheet


@dataclass(frozen=True, slots=True)
class LinkView:
    line: LinkLine
    #: "IKU", or the post whose indicator is supported.
    whose: str
    #: What is supported is not there any more in these words.
    is_broken: bool


@dataclass(frozen=True, slots=True)
class ProposalView:
    value: str
    wanted: Wanted
    whose: str
    text: str
    #: Why it is proposed: "kemiripan kata 41%", "terkait pada tahun 2026".
    reason: str


@dataclass(frozen=True, slots=True)
class SupportRow:
    row: RowLine
    links: list[LinkView]
    proposal: ProposalView | None
    #: (value, text) of what else may be chosen: indicators of the sheet above, and IKU.
    rows: list[tuple[str, str]]
    ikus: list[tuple[str, str]]
    #: How many indicators support this one.
    supporters: int


@dataclass(frozen=True, slots=True)
class SupportPage:
    sheet: SeenSheet
    rows: list[SupportRow]
    #: Links whose indicator is no longer on this sheet in these words.
    lost: list[LinkView]
    verdict: Verdict
    superior_name: str
    #: The sheet above is there, but this reader does not see it yet.
    is_superior_hidden: bool
    has_ikus: bool

    @property
    def proposed(self) -> list[ProposalView]:
        return [row.proposal for row in self.rows if row.proposal]


def support_page(sheet: SeenSheet, *, actor: Actor, on: date) -> SupportPage:
    """Ten statements at most."""
    around = surroundings(sheet, actor=actor, on=on)
    verdict = may_link(actor, sheet, sheet.route, around.superior)
    proposed = _proposed(around) if verdict else {}
    counts = queries.supporters(sheet.year, [sheet.position_id])
    return SupportPage(
        sheet=sheet,
        rows=[_row(around, row, proposed.get(row.key), counts) for row in around.rows.values()],
        lost=[_link_view(around, each) for each in around.own_links if each.link.child not in around.rows],
        verdict=verdict,
        superior_name=around.superior.name if around.superior else "",
        is_superior_hidden=around.superior is not None and not around.parents,
        has_ikus=bool(around.ikus),
    )


def _proposed(around: Surroundings) -> Mapping[RowKey, ProposalView]:
    """Rows of the sheet above; for a post without one above it, IKU."""
    sheet = around.sheet
    children: dict[RowKey, Texts] = {key: (row.text, row.statement) for key, row in around.rows.items()}
    parents: dict[Target, Texts] = {key: (row.text, row.statement) for key, row in around.parents.items()}
    if around.superior is None:
        parents = {key: (iku.text, "") for key, iku in around.ikus.items()}
    last_year = queries.links_of_year(sheet.year - 1, sheet.position_id)
    found = proposals(children, parents, linked=[each.link for each in around.own_links], last_year=last_year)
    return {
        each.link.child: ProposalView(
            value_of(around, each.link),
            wanted_of(around, each.link),
            _whose(around, each.link.parent),
            around.words_of(each.link.parent),
            f"sama seperti tahun {sheet.year - 1}" if each.was_linked else f"kemiripan kata {each.likeness}%",
        )
        for each in found
    }


def _row(around: Surroundings, row: RowLine, proposal: ProposalView | None, counts: Mapping[RowKey, int]) -> SupportRow:
    links = [each for each in around.own_links if each.link.child == row.key]
    taken = {each.link.parent for each in links}
    rows = [
        (value_of(around, Link(row.key, key)), f"{other.number} {other.text}")
        for key, other in around.parents.items()
        if key not in taken
    ]
    ikus = [(value_of(around, Link(row.key, key)), iku.text) for key, iku in around.ikus.items() if key not in taken]
    shown = [_link_view(around, each) for each in links]
    return SupportRow(row, shown, proposal, rows, ikus, counts.get(row.key, 0))


def _link_view(around: Surroundings, line: LinkLine) -> LinkView:
    parent = line.link.parent
    is_known = isinstance(parent, GoalKey) or bool(around.parents)
    return LinkView(line, _whose(around, parent), is_known and not around.words_of(parent))


def _whose(around: Surroundings, parent: Target) -> str:
    if isinstance(parent, GoalKey):
        return "IKU"
    found = around.posts.get(parent.post_id)
    return found.name if found else "jabatan lain"


def wanted_of(around: Surroundings, link: Link) -> Wanted:
    if isinstance(link.parent, GoalKey):
        return Wanted(link.child.words, iku_id=link.parent.iku_id, iku_version=around.ikus[link.parent].version)
    return Wanted(link.child.words, link.parent.words)


def value_of(around: Surroundings, link: Link) -> str:
    """A link as the page sends it (cascade/forms.py): with the words, or the version, that were shown."""
    wanted = wanted_of(around, link)
    if wanted.iku_id:
        return f"{wanted.words}.iku.{wanted.iku_id}.{wanted.iku_version}"
    return f"{wanted.words}.baris.{wanted.parent_words}"
