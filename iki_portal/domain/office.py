"""Units and posts of the office, and the route a sheet takes through them by default.

Source: the organisation of BKD Kabupaten Lumajang as its document shows it; product page, "Who is who, by default".
"""

from enum import StrEnum


class UnitKind(StrEnum):
    AGENCY = "agency"
    SECRETARIAT = "secretariat"
    DIVISION = "division"
    SUBSECTION = "subsection"


def post_name(title: str, area: str) -> str:
    """ "Analis Kepegawaian Muda (Mutasi)": the title with its area, as screens tell posts of one title apart."""
    return f"{title} ({area})" if area else title


class PositionKind(StrEnum):
    HEAD = "head"
    SECRETARY = "secretary"
    DIVISION_HEAD = "division_head"
    SUBSECTION_HEAD = "subsection_head"
    STAFF = "staff"


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
