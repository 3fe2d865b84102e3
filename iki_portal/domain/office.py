"""Units and posts of the office, and the route a sheet takes through them by default.

Source: the organisation of BKD Kabupaten Lumajang as its document shows it; product page, "Who is who, by default".
"""

import re
from collections.abc import Container
from enum import StrEnum
from itertools import chain, count


class UnitKind(StrEnum):
    AGENCY = "agency"
    SECRETARIAT = "secretariat"
    DIVISION = "division"
    SUBSECTION = "subsection"


def post_name(title: str, area: str) -> str:
    """ "Analis Kepegawaian Muda (Mutasi)": the title with its area, as screens tell posts of one title apart."""
    return f"{title} ({area})" if area else title


def code_for(name: str, taken: Container[str]) -> str:
    """A key that people can type, "analis.sdm.mutasi", which none has yet; at most 60 letters, as the tables hold."""
    bare = re.sub(r"[^a-z0-9]+", ".", name.lower()).strip(".")[:50].strip(".") or "baru"
    numbered = (f"{bare}.{number}" for number in count(2))
    return next(code for code in chain((bare,), numbered) if code not in taken)


class PositionKind(StrEnum):
    HEAD = "head"
    SECRETARY = "secretary"
    DIVISION_HEAD = "division_head"
    SUBSECTION_HEAD = "subsection_head"
    STAFF = "staff"


#: Whoever holds one of these heads the unit that it stands in.
LEADING = frozenset({PositionKind.HEAD, PositionKind.SECRETARY, PositionKind.DIVISION_HEAD, PositionKind.SUBSECTION_HEAD})

UNIT_KIND_WORDS = {
    UnitKind.AGENCY: "Badan",
    UnitKind.SECRETARIAT: "Sekretariat",
    UnitKind.DIVISION: "Bidang",
    UnitKind.SUBSECTION: "Sub Bagian",
}
POSITION_KIND_WORDS = {
    PositionKind.HEAD: "Kepala Badan",
    PositionKind.SECRETARY: "Sekretaris",
    PositionKind.DIVISION_HEAD: "Kepala Bidang",
    PositionKind.SUBSECTION_HEAD: "Kepala Sub Bagian",
    PositionKind.STAFF: "Fungsional atau pelaksana",
}


class DutyKind(StrEnum):
    """The two lettered lists of a post: "Tugas Pokok" where it is given as a list, and "Fungsi"."""

    DUTY = "duty"
    FUNCTION = "function"


#: "a. ", "b) ", "1. " or "- " before a line that was copied from a document.
_LETTERING = re.compile(r"(?:[a-z]{1,2}|[0-9]{1,2})[.)]\s+|[-•]\s+")


def lettered_lines(text: str) -> tuple[str, ...]:
    """One duty or function a line, without empty lines; without lettering of their own where every line has one."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    lines = [line for line in lines if line]
    if lines and all(_LETTERING.match(line) for line in lines):
        lines = [_LETTERING.sub("", line, count=1) for line in lines]
    return tuple(lines)


class YearStage(StrEnum):
    """Planning: sheets are proposed and approved. Running: they are closed, only revisions. Closed: nothing any more."""

    PLANNING = "planning"
    RUNNING = "running"
    CLOSED = "closed"


STAGE_WORDS = {
    YearStage.PLANNING: "Tahap penetapan",
    YearStage.RUNNING: "Tahap pelaksanaan",
    YearStage.CLOSED: "Ditutup",
}

#: (kind of the post, kind of its superior) → (who reviews, who approves). A post that is not listed has no sheet:
#: the Kepala Badan's agreement with the Bupati is made outside the portal.
DEFAULT_ROUTES: dict[tuple[PositionKind, PositionKind], tuple[PositionKind | None, PositionKind]] = {
    (PositionKind.STAFF, PositionKind.DIVISION_HEAD): (PositionKind.DIVISION_HEAD, PositionKind.SECRETARY),
    (PositionKind.DIVISION_HEAD, PositionKind.HEAD): (PositionKind.SECRETARY, PositionKind.HEAD),
    (PositionKind.STAFF, PositionKind.SECRETARY): (PositionKind.SECRETARY, PositionKind.HEAD),
    (PositionKind.SUBSECTION_HEAD, PositionKind.SECRETARY): (PositionKind.SECRETARY, PositionKind.HEAD),
    (PositionKind.SECRETARY, PositionKind.HEAD): (None, PositionKind.HEAD),
}
