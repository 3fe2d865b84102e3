"""Which event is told to whom, in which words. The sheet's events as a table; a person is never told of an own act.

A notice says what happened in one sentence. Whether its reader may still see what it is about is asked when it is read.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from iki_portal.domain.dates import format_date
from iki_portal.domain.policy import Route, SheetLike, waiting_desk
from iki_portal.domain.quarters import quarter_of
from iki_portal.domain.targets import QUARTER_WORDS
from iki_portal.domain.workflow import Duty, State, Step, revision_name


class NoticeKind(StrEnum):
    TO_REVIEW = "to_review"
    TO_APPROVE = "to_approve"
    RETURNED = "returned"
    APPROVED = "approved"
    REVISED = "revised"
    COMMENTED = "commented"
    ANSWERED = "answered"
    YEAR_OPENED = "year_opened"
    POST_BEGINS = "post_begins"
    POST_ENDS = "post_ends"
    DEADLINE = "deadline"
    REMINDED = "reminded"
    TO_VERIFY = "to_verify"
    REPORT_RETURNED = "report_returned"
    REPORT_VERIFIED = "report_verified"
    QUARTER_REOPENED = "quarter_reopened"
    TALK_WAITS = "talk_waits"
    TALK_CHANGED = "talk_changed"
    TALK_CLOSED = "talk_closed"


class Audience(StrEnum):
    #: Where the sheet lies after the step, if its turn is the review; or the approval.
    REVIEWING_DESK = "reviewing_desk"
    APPROVING_DESK = "approving_desk"
    #: Today's holders of the sheet's post.
    OWNERS = "owners"
    #: Who acted, perhaps from a post that they hold no more: told only of what everybody may see.
    PROPOSER = "proposer"
    REVIEWER = "reviewer"


@dataclass(frozen=True, slots=True)
class Told:
    step: Step
    who: Audience
    kind: NoticeKind


TOLD = (
    #    step          who                       what
    Told(Step.SUBMIT, Audience.REVIEWING_DESK, NoticeKind.TO_REVIEW),
    Told(Step.SUBMIT, Audience.APPROVING_DESK, NoticeKind.TO_APPROVE),
    Told(Step.REVIEW, Audience.APPROVING_DESK, NoticeKind.TO_APPROVE),
    Told(Step.RETURN, Audience.OWNERS, NoticeKind.RETURNED),
    Told(Step.APPROVE, Audience.OWNERS, NoticeKind.APPROVED),
    Told(Step.APPROVE, Audience.PROPOSER, NoticeKind.APPROVED),
    Told(Step.APPROVE, Audience.REVIEWER, NoticeKind.APPROVED),
    Told(Step.REVISE, Audience.OWNERS, NoticeKind.REVISED),
)
#: They ask for a step on the sheet, and are dealt with as soon as anybody has taken one.
ASKING = frozenset(
    {NoticeKind.TO_REVIEW, NoticeKind.TO_APPROVE, NoticeKind.RETURNED, NoticeKind.REVISED, NoticeKind.YEAR_OPENED}
)
#: They ask for a step on the report of a quarter, likewise.
ASKING_OF_REPORTS = frozenset({NoticeKind.TO_VERIFY, NoticeKind.REPORT_RETURNED})
#: They are about the report of the quarter that begins on their day, and lead to its page.
OF_REPORTS = ASKING_OF_REPORTS | {NoticeKind.REPORT_VERIFIED, NoticeKind.QUARTER_REOPENED}
#: They are about a talk on the sheet, and lead to its talks.
OF_TALKS = frozenset({NoticeKind.TALK_WAITS, NoticeKind.TALK_CHANGED, NoticeKind.TALK_CLOSED})
#: Somebody asked for attention today: sent at once also to who reads one digest a day.
URGENT = frozenset({NoticeKind.REMINDED})

#: So many days before the end of the planning stage everybody at whose desk something lies is told.
DEADLINE_DAYS = (1, 7)
#: A post that began so long ago is no news any more (the daily round may have rested over a holiday).
NEWS_FOR = timedelta(days=14)

#: The kind in a few words: its mark on the page, the subject of its e-mail.
NOTICE_WORDS = {
    NoticeKind.TO_REVIEW: "Lembar untuk direviu",
    NoticeKind.TO_APPROVE: "Lembar untuk ditetapkan",
    NoticeKind.RETURNED: "Lembar dikembalikan",
    NoticeKind.APPROVED: "Lembar ditetapkan",
    NoticeKind.REVISED: "Perubahan dibuat",
    NoticeKind.COMMENTED: "Komentar baru",
    NoticeKind.ANSWERED: "Komentar ditanggapi",
    NoticeKind.YEAR_OPENED: "Tahun kinerja dibuka",
    NoticeKind.POST_BEGINS: "Penugasan mulai",
    NoticeKind.POST_ENDS: "Penugasan berakhir",
    NoticeKind.DEADLINE: "Tenggat penetapan",
    NoticeKind.REMINDED: "Pengingat Sekretaris",
    NoticeKind.TO_VERIFY: "Realisasi untuk diverifikasi",
    NoticeKind.REPORT_RETURNED: "Realisasi dikembalikan",
    NoticeKind.REPORT_VERIFIED: "Realisasi terverifikasi",
    NoticeKind.QUARTER_REOPENED: "Triwulan dibuka kembali",
    NoticeKind.TALK_WAITS: "Dialog kinerja",
    NoticeKind.TALK_CHANGED: "Dialog kinerja berubah",
    NoticeKind.TALK_CLOSED: "Dialog kinerja selesai",
}
#: What happened, in words that stay true when somebody has acted on it.
_SENTENCES = {
    NoticeKind.TO_REVIEW: "Lembar {sheet} tahun {year} diajukan kepada Anda untuk direviu.",
    NoticeKind.TO_APPROVE: "Lembar {sheet} tahun {year} sampai di meja Anda untuk ditetapkan.",
    NoticeKind.RETURNED: "Lembar {sheet} tahun {year} dikembalikan untuk diperbaiki.",
    NoticeKind.APPROVED: "Lembar {sheet} tahun {year} sudah ditetapkan.",
    NoticeKind.REVISED: "Draf lembar {sheet} tahun {year} dibuat; pemiliknya dapat melanjutkan dan mengajukannya.",
    NoticeKind.COMMENTED: "Ada komentar baru pada lembar {sheet} tahun {year}.",
    NoticeKind.ANSWERED: "Komentar Anda pada lembar {sheet} tahun {year} ditanggapi.",
    NoticeKind.YEAR_OPENED: "Tahun kinerja {year} dibuka. Lembar {sheet} siap diisi targetnya.",
    NoticeKind.POST_BEGINS: "Penugasan Anda pada jabatan {post} berlaku mulai {day}.",
    NoticeKind.POST_ENDS: "Penugasan Anda pada jabatan {post} berakhir pada {day}.",
    NoticeKind.DEADLINE: "Tenggat penetapan tahun {year} adalah {day}, dan masih ada lembar yang menunggu Anda.",
    NoticeKind.REMINDED: "Sekretaris mengingatkan: masih ada lembar tahun {year} di meja {post}.",
    NoticeKind.TO_VERIFY: "Realisasi {quarter} {year} lembar {sheet} dikirim kepada Anda untuk diverifikasi.",
    NoticeKind.REPORT_RETURNED: "Realisasi {quarter} {year} lembar {sheet} dikembalikan untuk diperbaiki.",
    NoticeKind.REPORT_VERIFIED: "Realisasi {quarter} {year} lembar {sheet} sudah diverifikasi.",
    NoticeKind.QUARTER_REOPENED: "Pengisian realisasi {quarter} {year} dibuka kembali untuk lembar {sheet}.",
    NoticeKind.TALK_WAITS: "Dialog kinerja {day} tentang lembar {sheet} tahun {year} menunggu tulisan atau konfirmasi Anda.",
    NoticeKind.TALK_CHANGED: "Dialog kinerja {day} tentang lembar {sheet} tahun {year} berubah; konfirmasi Anda gugur.",
    NoticeKind.TALK_CLOSED: "Dialog kinerja {day} tentang lembar {sheet} tahun {year} sudah dikonfirmasi kedua pihak.",
}
OUT_OF_SIGHT = "Pemberitahuan ini tentang lembar yang tidak lagi terbuka bagi Anda."
OUT_OF_CHOICE = (
    "Pemberitahuan ini tentang lembar di luar jabatan yang Anda pilih. "
    "Pilih “Semua jabatan” pada “Bertindak sebagai” untuk membacanya."
)


@dataclass(frozen=True, slots=True)
class About:
    """What a notice's sentence names."""

    sheet: str = ""
    year: int | None = None
    post: str = ""
    #: Of a quarter its first day.
    day: date | None = None


def sheet_words(name: str, revision: int) -> str:
    """ "Analis Kepegawaian Muda (Mutasi), Perubahan ke-1"; of a first revision the name alone."""
    return name if revision == 1 else f"{name}, {revision_name(revision)}"


def sentence(kind: NoticeKind, about: About) -> str:
    day, quarter = (format_date(about.day), QUARTER_WORDS[quarter_of(about.day) - 1]) if about.day else ("", "")
    return _SENTENCES[kind].format(sheet=about.sheet, year=about.year, post=about.post, day=day, quarter=quarter)


def told_of(step: Step, sheet: SheetLike, route: Route, *, by: int | None) -> dict[int, NoticeKind]:
    """Who learns what of a step that `by` takes on `sheet` (as it stood before): employee → kind."""
    found: dict[int, NoticeKind] = {}
    for row in TOLD:
        if row.step is step:
            for employee_id in _AUDIENCES[row.who](step, sheet, route, by):
                found.setdefault(employee_id, row.kind)
    if by is not None:
        found.pop(by, None)
    return dict(sorted(found.items()))


def deadline_mark(deadline: date, on: date) -> int | None:
    """Which of `DEADLINE_DAYS` has been reached; None while the deadline is far, or past."""
    left = (deadline - on).days
    return next((days for days in DEADLINE_DAYS if left <= days), None) if left >= 0 else None


@dataclass(frozen=True, slots=True)
class _Moved:
    """The sheet as the step leaves it, as far as desks depend on it."""

    state: State
    revision: int
    submitted_by_id: int | None
    reviewed_by_id: int | None


def _moved(step: Step, sheet: SheetLike, by: int | None) -> _Moved:
    if step is Step.REVIEW:
        return _Moved(State.REVIEWED, sheet.revision, sheet.submitted_by_id, by)
    return _Moved(State.SUBMITTED, sheet.revision, by, None)


def _at_desk_of(duty: Duty) -> Callable[[Step, SheetLike, Route, int | None], Iterable[int]]:
    def people(step: Step, sheet: SheetLike, route: Route, by: int | None) -> Iterable[int]:
        place = waiting_desk(_moved(step, sheet, by), route)
        return [each.employee_id for each in place.candidates] if place is not None and place.duty is duty else []

    return people


def _owners(_step: Step, _sheet: SheetLike, route: Route, _by: int | None) -> Iterable[int]:
    return [each.employee_id for each in route.owner.holders]


def _proposer(_step: Step, sheet: SheetLike, _route: Route, _by: int | None) -> Iterable[int]:
    return [] if sheet.submitted_by_id is None else [sheet.submitted_by_id]


def _reviewer(_step: Step, sheet: SheetLike, _route: Route, _by: int | None) -> Iterable[int]:
    return [] if sheet.reviewed_by_id is None else [sheet.reviewed_by_id]


_AUDIENCES: dict[Audience, Callable[[Step, SheetLike, Route, int | None], Iterable[int]]] = {
    Audience.REVIEWING_DESK: _at_desk_of(Duty.REVIEWER),
    Audience.APPROVING_DESK: _at_desk_of(Duty.APPROVER),
    Audience.OWNERS: _owners,
    Audience.PROPOSER: _proposer,
    Audience.REVIEWER: _reviewer,
}
