"""A sheet follows its post: when the post gets a new holder within the sheet's year, the holder says that they take it over.

Asked of the sheets of a year that is not closed, of definitive holders and Plt.; a Plh. stands in for days and leaves a sheet
as it was. The same in SQL, for lists: `approvals/handovers.py` (docs/decisions/0022-acting-and-handing-over.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from iki_portal.domain.appointments import format_span
from iki_portal.domain.people import AssignmentKind, acting_title
from iki_portal.domain.workflow import Step

#: The act of taking over, as the history names it.
TAKE_OVER = "take_over"
#: Kinds of holders who answer for a sheet.
STANDING = (AssignmentKind.DEFINITIVE, AssignmentKind.PLT)
#: By these acts, done for the sheet's own post, somebody answers for it: whoever proposes need not confirm as well.
ANSWERING = (Step.SUBMIT.value, Step.WITHDRAW.value, Step.REVISE.value, TAKE_OVER)


@dataclass(frozen=True, slots=True)
class Holding:
    """One person in the sheet's post from day to day, both included; without an end until further notice."""

    employee_id: int
    name: str
    kind: AssignmentKind
    starts_on: date
    ends_on: date | None = None

    @property
    def stands(self) -> bool:
        return self.kind in STANDING

    @property
    def who(self) -> str:
        """ "Plt. Rina"."""
        return acting_title(self.kind, self.name)

    @property
    def span(self) -> str:
        return format_span(self.starts_on, self.ends_on)

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day <= (self.ends_on or date.max)


@dataclass(frozen=True, slots=True)
class Handover:
    """Somebody has the sheet from today's former holder, and has not said yet that they take it over."""

    holder: Holding
    former: Holding | None
    since: date


def handovers(
    holdings: Sequence[Holding], *, year: int, begun_on: date, answered_by: int | None, on: date
) -> tuple[Handover, ...]:
    """Who must still confirm on the day `on`; nobody, while somebody who answers for the sheet holds its post.

    `answered_by` is whoever did the last of the acts in `ANSWERING`; before the first one, whoever stood in the post on the
    day the sheet was begun answers for it.
    """
    standing = [each for each in holdings if each.stands and each.holds_on(on)]
    begun = {each.employee_id for each in holdings if each.stands and each.holds_on(begun_on)}
    answering = begun if answered_by is None else {answered_by}
    if answering & {each.employee_id for each in standing}:
        return ()
    return tuple(_handover(each, holdings, on) for each in standing if each.starts_on.year <= year)


def _handover(holder: Holding, holdings: Sequence[Holding], on: date) -> Handover:
    others = (each for each in holdings if each.stands and each.employee_id != holder.employee_id)
    gone = [each for each in others if each.ends_on is not None and each.starts_on <= each.ends_on < on]
    former = max(gone, key=lambda each: each.ends_on or date.min, default=None)
    if former is None or former.ends_on is None:
        return Handover(holder, None, holder.starts_on)
    return Handover(holder, former, max(holder.starts_on, former.ends_on + timedelta(days=1)))
