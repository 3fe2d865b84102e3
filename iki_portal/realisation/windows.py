"""When quarters are reported, and by which scale a year is judged: read by everybody, set by the operator, with history."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from iki_portal.domain.dates import format_date, office_day
from iki_portal.domain.errors import Invalid, NotFound, Outdated, WrongState
from iki_portal.domain.notices import About, NoticeKind, sheet_words
from iki_portal.domain.numbers import format_number
from iki_portal.domain.office import YearStage
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.domain.quarters import QUARTERS, Window, default_window, first_day, quarter_of
from iki_portal.domain.realisation import REPORTED
from iki_portal.domain.scales import SCALES, Scale
from iki_portal.domain.workflow import State
from iki_portal.extensions import db
from iki_portal.history.operations import Act, lock_head, operator_author, record
from iki_portal.indicators.sight import sheets_where
from iki_portal.models import PerformanceYear, QuarterWindow, RealisationReport, Sheet
from iki_portal.notices.news import News, news_for
from iki_portal.notices.operations import tell

WINDOW_ACTION, SCALE_ACTION = "change_window", "set_scale"
CAP_LIMITS = (Decimal(100), Decimal(1000))
_CAP_WRONG = "Batas capaian antara 100 dan 1.000, misalnya 120."


@dataclass(frozen=True, slots=True)
class Measuring:
    """By what the achievements of a year are banded, and how much counts at most, in per cent."""

    scale: Scale
    cap: Decimal


def windows_of(year: int) -> dict[int, Window]:
    """Quarter → when it is reported."""
    return windows_for([year])[year]


def windows_for(years: Collection[int]) -> dict[int, dict[int, Window]]:
    """Year → quarter → when it is reported; one statement for any number of years."""
    rows = db.session.scalars(select(QuarterWindow).where(QuarterWindow.year.in_(sorted(years)))) if years else ()
    found = {year: {quarter: default_window(year, quarter) for quarter in QUARTERS} for year in years}
    for row in rows:
        found[row.year][row.quarter] = Window(
            row.year, row.quarter, row.opens_on, row.deadline_on, row.reopened_until, row.version
        )
    return found


def measuring_of(year: int) -> Measuring:
    row = db.session.execute(
        select(PerformanceYear.scale, PerformanceYear.achievement_cap).where(PerformanceYear.year == year)
    ).one()
    return Measuring(SCALES[row.scale], row.achievement_cap)


def change_window(window: Window, *, actor: Actor, seen: int, now: datetime) -> None:
    """Set the days of a quarter, or open it again after its deadline.

    Raises `Invalid` for days that contradict each other or change nothing, `WrongState` in a closed year, `Outdated` when the
    days are no longer those of version `seen`.
    """
    demand_permission(actor, Permission.YEAR_OPEN)
    window.check()
    lock_head()
    _demand_open_year(window.year)
    standing = windows_of(window.year)[window.quarter]
    if standing.version != seen:
        raise Outdated(f"Waktu pelaporan {window.name} baru saja diubah orang lain menjadi {spoken(standing)}.")
    if replace(window, version=standing.version) == standing:
        raise Invalid(f"Waktu pelaporan sudah {spoken(standing)}. Isi tanggal yang lain.")
    _store(window, seen=seen, actor=actor, now=now)
    note = f"{window.name}: {spoken(standing)} menjadi {spoken(window)}."
    record(Act(action=WINDOW_ACTION, year=window.year, at=now, note=note), operator_author(actor))
    if window.reopened_until is not None and window.reopened_until != standing.reopened_until:
        tell(list(_news(window, on=office_day(now))), now=now)


def _store(window: Window, *, seen: int, actor: Actor, now: datetime) -> None:
    days = {
        "opens_on": window.opens_on,
        "deadline_on": window.deadline_on,
        "reopened_until": window.reopened_until,
        "version": seen + 1,
        "changed_at": now,
        "changed_by": actor.name,
    }
    place = (QuarterWindow.year == window.year) & (QuarterWindow.quarter == window.quarter)
    too_late = Outdated(f"Waktu pelaporan {window.name} baru saja diubah orang lain.")
    if seen:
        stored = db.session.execute(update(QuarterWindow).where(place, QuarterWindow.version == seen).values(**days))
        if stored.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has a row count
            raise too_late
        return
    try:
        with db.session.begin_nested():
            db.session.execute(insert(QuarterWindow).values(year=window.year, quarter=window.quarter, **days))
    except IntegrityError as error:
        raise too_late from error


def _news(window: Window, *, on: date) -> Iterator[News]:
    """Whoever owns a sheet in force that has no report of the quarter yet learns that it is taken again."""
    reported = exists().where(
        RealisationReport.position_id == Sheet.position_id,
        RealisationReport.year == Sheet.year,
        RealisationReport.quarter == window.quarter,
        RealisationReport.state.in_(sorted(REPORTED)),
    )
    for sheet in sheets_where(Sheet.year == window.year, Sheet.state == State.APPROVED, ~reported, on=on):
        people = (holder.employee_id for holder in sheet.route.owner.holders)
        about = About(
            sheet=sheet_words(sheet.name, sheet.revision), year=sheet.year, day=first_day(window.year, window.quarter)
        )
        key = f"{WINDOW_ACTION}:{sheet.id}:{window.quarter}:{window.reopened_until}"
        yield from news_for(people, NoticeKind.QUARTER_REOPENED, key, about, sheet_id=sheet.id)


def spoken(window: Window) -> str:
    days = f"{format_date(window.opens_on)} – {format_date(window.deadline_on)}"
    return f"{days}, dibuka kembali sampai {format_date(window.reopened_until)}" if window.reopened_until else days


def set_measuring(year: int, scale: str, cap: Decimal, *, actor: Actor, seen: Measuring, now: datetime) -> None:
    """Choose the scale and the cap of a year while nothing of it was submitted: bands that were shown stay what they were.

    Raises `Invalid` for what is none or changes nothing, `WrongState` once a quarter was reported, `Outdated` when somebody
    else was faster.
    """
    demand_permission(actor, Permission.YEAR_OPEN)
    if scale not in SCALES:
        raise Invalid("Pilih salah satu skala dari daftar.")
    if not CAP_LIMITS[0] <= cap <= CAP_LIMITS[1]:
        raise Invalid(_CAP_WRONG)
    lock_head()
    _demand_open_year(year)
    standing = measuring_of(year)
    if standing != seen:
        raise Outdated("Skala tahun ini baru saja diubah orang lain.")
    if (scale, cap) == (standing.scale.key, standing.cap):
        raise Invalid("Skala dan batas capaian sudah demikian. Pilih yang lain.")
    if measuring_stands(year):
        raise WrongState("Skala tidak berubah lagi: sudah ada realisasi tahun ini yang dikirim.")
    db.session.execute(update(PerformanceYear).where(PerformanceYear.year == year).values(scale=scale, achievement_cap=cap))
    note = f"{SCALES[scale].name}, capaian dihitung paling tinggi {format_number(cap)}%."
    record(Act(action=SCALE_ACTION, year=year, at=now, note=note), operator_author(actor))


def year_to_measure(on: date) -> int | None:
    """The newest year of which a quarter may have been reported by that day; None before there is one."""
    reported = on.year if quarter_of(on) > 1 else on.year - 1
    return db.session.scalar(select(func.max(PerformanceYear.year)).where(PerformanceYear.year <= reported))


def measuring_stands(year: int) -> bool:
    """Whether something of the year was submitted, so that its scale and cap stay."""
    submitted = select(RealisationReport.id).where(RealisationReport.year == year, RealisationReport.submitted_at.is_not(None))
    return db.session.scalar(submitted.limit(1)) is not None


def _demand_open_year(year: int) -> None:
    row = db.session.get(PerformanceYear, year)
    if row is None:
        raise NotFound(f"Tahun kinerja {year} belum dibuka.")
    if row.stage is YearStage.CLOSED:
        raise WrongState(f"Tahun kinerja {year} sudah ditutup.")
