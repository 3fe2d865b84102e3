"""How far a unit is: its sheets on their way, the quarters of those in force, and who may read the names behind the numbers."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from iki_portal.domain.office import PositionKind
from iki_portal.domain.policy import Actor, Role
from iki_portal.domain.realisation import REPORT_WORDS, ReportState
from iki_portal.domain.results import Tally

#: The period of a figure that is a quarter's is 1 to 4; the year's is this.
YEAR = 0


class SheetStage(StrEnum):
    """How far the sheet of a post is. Only first sheets count: a revision in preparation does not undo that a post is done."""

    APPROVED = "approved"
    REVIEWED = "reviewed"
    SUBMITTED = "submitted"
    DRAFT = "draft"
    WITHOUT = "without"


class Stage(StrEnum):
    """How far the quarter of a sheet in force is."""

    VERIFIED = "verified"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    #: Its time has come, and nothing was sent: never nought, never green.
    MISSING = "missing"
    NOT_YET = "not_yet"


STAGE_WORDS = {
    Stage.VERIFIED: REPORT_WORDS[ReportState.VERIFIED],
    Stage.SUBMITTED: REPORT_WORDS[ReportState.SUBMITTED],
    Stage.RETURNED: REPORT_WORDS[ReportState.RETURNED],
    Stage.MISSING: "Belum dilaporkan",
    Stage.NOT_YET: "Belum waktunya",
}
#: States of a report that are stages of its quarter; a draft counts as not reported.
REPORTED_STAGES = {
    ReportState.VERIFIED: Stage.VERIFIED,
    ReportState.SUBMITTED: Stage.SUBMITTED,
    ReportState.RETURNED: Stage.RETURNED,
}
NO_SHEET = "Belum ada lembar"
NOT_MEASURED = "Tidak terukur"


@dataclass(slots=True)
class Figures:
    """What one unit, with those below it, counts. Periods: 1 to 4, and `YEAR`."""

    sheets: Counter[SheetStage] = field(default_factory=Counter)
    quarters: dict[int, Counter[Stage]] = field(default_factory=dict)
    tallies: dict[int, Tally] = field(default_factory=dict)
    #: Of the sheets in force.
    indicators: int = 0

    def stages(self, quarter: int) -> Counter[Stage]:
        return self.quarters.setdefault(quarter, Counter())

    def tally(self, period: int) -> Tally:
        return self.tallies.get(period, Tally())

    def add(self, other: "Figures") -> None:
        self.sheets += other.sheets
        self.indicators += other.indicators
        for quarter, stages in other.quarters.items():
            self.stages(quarter).update(stages)
        for period, tally in other.tallies.items():
            self.tallies[period] = self.tally(period) + tally

    @property
    def is_empty(self) -> bool:
        return not self.sheets.total() and not any(each.total() for each in self.quarters.values())


def owe(figures: Figures, expected: int, reported_by_open_posts: Counter[int], opened: frozenset[int]) -> None:
    """Count what nobody sent: missing where the quarter's time has come, not yet where it has not."""
    for quarter in (1, 2, 3, 4):
        rest = expected - reported_by_open_posts[quarter]
        if rest > 0:
            figures.stages(quarter)[Stage.MISSING if quarter in opened else Stage.NOT_YET] += rest


def loudest(stages: Counter[Stage]) -> Stage | None:
    """What is said of a quarter of which nothing is measured yet; None where no sheet owes it."""
    order = (Stage.MISSING, Stage.RETURNED, Stage.SUBMITTED, Stage.VERIFIED, Stage.NOT_YET)
    return next((stage for stage in order if stages[stage]), None)


# Who may read names


@dataclass(frozen=True, slots=True)
class NamesSight:
    """Of whom somebody may read who has not reported and who keeps whom waiting: of all, or of the units that they lead."""

    all: bool
    #: Posts of the reader that lead a unit; the unit and those below it count.
    leading_posts: frozenset[int] = frozenset()

    @property
    def any(self) -> bool:
        return self.all or bool(self.leading_posts)


_LEADING = frozenset({PositionKind.DIVISION_HEAD, PositionKind.SUBSECTION_HEAD})
NAMES_RESERVED = (
    "Daftar nama yang belum melapor atau yang ditunggu dibaca oleh Sekretaris dan Kepala Badan,"
    " dan oleh kepala unit untuk unitnya sendiri."
)


def names_sight(actor: Actor) -> NamesSight:
    """The Sekretaris and the Kepala Badan read all names; a Kepala Bidang or Kepala Sub Bagian those of the own unit."""
    if not actor.roles.isdisjoint({Role.SECRETARY, Role.HEAD}):
        return NamesSight(all=True)
    leading = (mandate.position_id for mandate in actor.mandates if mandate.position_kind in _LEADING)
    return NamesSight(all=False, leading_posts=frozenset(leading))


#: What may be read of everybody: what was verified.
OPEN_TO_ALL = frozenset({Stage.VERIFIED})
