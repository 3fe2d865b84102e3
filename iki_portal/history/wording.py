"""How an act of either chain reads in a list."""

from dataclasses import dataclass

from iki_portal.domain.trail import TrailAction
from iki_portal.history.listing import Line
from iki_portal.web.labels import ACTION_LABELS, TRAIL_LABELS, Label

LABELS: dict[str, Label] = {**ACTION_LABELS, **TRAIL_LABELS}
_TRIED = {"GET": "membuka", "POST": "mengirim ke"}


@dataclass(frozen=True, slots=True)
class WordedLine:
    line: Line
    label: Label
    #: "mengunduh Rekapitulasi IKI 2027.xlsx", "ditolak membuka /tahun/2027".
    said: str


def worded(line: Line) -> WordedLine:
    label, what = LABELS[line.action], line.what
    if line.action == TrailAction.REFUSAL:
        method, _, path = what.partition(" ")
        what = f"{_TRIED.get(method, method)} {path}"
    return WordedLine(line, label, f"{label.word} {what}".strip())
