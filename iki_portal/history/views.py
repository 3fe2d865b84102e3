"""Jejak audit: who did what on which sheet, and whether the records still hold; also as files for the Inspektorat."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from iki_portal.documents.trail_table import TrailTable, TrailTableRow, trail_pdf, trail_xlsx
from iki_portal.domain.dates import format_date, format_datetime, parse_date, today_in_office
from iki_portal.domain.errors import Invalid
from iki_portal.domain.policy import Actor, Permission, reads_whole_trail
from iki_portal.domain.trail import HOUSEKEEPING, HOUSEKEEPING_EVENTS
from iki_portal.history import listing
from iki_portal.history.listing import MOST_PEOPLE, NOBODY, LastChecks, Place, TrailFilter
from iki_portal.history.noting import handed_out
from iki_portal.history.wording import LABELS, worded
from iki_portal.models.columns import LARGEST_ID
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.downloads import XLSX
from iki_portal.web.labels import ACTION_LABELS, TRAIL_LABELS
from iki_portal.web.pages import search_words

bp = Blueprint("history", __name__, template_folder="templates")

#: What a file holds at most: a spreadsheet opens it at once, a PDF stays a document that somebody can print.
MOST_ROWS = {"xlsx": 20_000, "pdf": 2_000}
_NO_EMPLOYEE = "operator, baris perintah, dan portal"


@bp.get("/jejak-audit")
@requires(Permission.AUDIT_READ)
def trail() -> ResponseReturnValue:
    actor = current_actor()
    asked = _Asked.read()
    page = listing.page(asked.chosen, actor=actor)
    body = render_template(
        "history/trail.html",
        page=page,
        rows=[worded(line) for line in page.lines],
        asked=asked,
        nobody=NOBODY,
        actions=_choices(actor),
        sheet=listing.sheet_name(asked.chosen.sheet_id) if asked.chosen.sheet_id else "",
        checks=listing.last_checks(),
        sees_everything=reads_whole_trail(actor),
        most_rows=MOST_ROWS,
    )
    return body, 422 if asked.problems else 200


@bp.get("/jejak-audit/berkas")
@requires(Permission.AUDIT_READ)
def trail_file() -> ResponseReturnValue:
    """The same rows as XLSX, or as PDF with `?bentuk=pdf`, from the newest on."""
    actor, asked, now = current_actor(), _Asked.read(), datetime.now(UTC)
    if asked.problems:
        raise Invalid(" ".join(asked.problems.values()))
    form = "pdf" if request.args.get("bentuk") == "pdf" else "xlsx"
    table = _table(asked, actor=actor, most=MOST_ROWS[form], now=now)
    name = f"Jejak audit {today_in_office(now):%Y-%m-%d}.{form}"
    if form == "pdf":
        return handed_out(trail_pdf(table), name, "application/pdf")
    return handed_out(trail_xlsx(table), name, XLSX)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The filter of the address; what was typed comes back as it was typed."""

    chosen: TrailFilter
    typed: dict[str, str]
    #: Id and name of the chosen people.
    people: list[tuple[int, str]]
    #: Field → why its text is no day, or nobody's name.
    problems: dict[str, str]

    @classmethod
    def read(cls) -> "_Asked":
        typed = {name: request.args.get(name, "").replace("\x00", "").strip()[:40] for name in ("dari", "sampai")}
        days: dict[str, date] = {}
        problems: dict[str, str] = {}
        for name, text in typed.items():
            try:
                days |= {name: parse_date(text)} if text else {}
            except Invalid as refusal:
                problems[name] = str(refusal)
        typed["pelaku"] = search_words("pelaku")
        people, problem = _people(typed["pelaku"], _id("orang"))
        problems |= {"pelaku": problem} if problem else {}
        action = request.args.get("tindakan", "")
        chosen = TrailFilter(
            people=tuple(each for each, _ in people),
            action=action if action in LABELS else "",
            sheet_id=_id("lembar"),
            since=days.get("dari"),
            until=days.get("sampai"),
            after=Place.read(request.args.get("sesudah", "")),
        )
        return cls(chosen, typed, people, problems)

    @property
    def is_narrowed(self) -> bool:
        chosen = self.chosen
        return any((chosen.people, chosen.action, chosen.sheet_id, chosen.since, chosen.until))

    def url(self, endpoint: str, **more: Any) -> str:
        """The address of the same filter; `more` replaces parts of it."""
        chosen = self.chosen
        kept = {
            "pelaku": self.typed["pelaku"] or None,
            "orang": chosen.people[0] if chosen.people and not self.typed["pelaku"] else None,
            "tindakan": chosen.action or None,
            "lembar": chosen.sheet_id,
            "dari": self.typed["dari"] or None,
            "sampai": self.typed["sampai"] or None,
        }
        return url_for(endpoint, **{**kept, **more})


def _people(text: str, person: int | None) -> tuple[list[tuple[int, str]], str]:
    """Whom the filter means, and why it means nobody that could be told."""
    if not text and person is None:
        return [], ""
    if not text and person == NOBODY:
        return [(NOBODY, _NO_EMPLOYEE)], ""
    found = listing.people_named(text) if text else listing.people([person or NOBODY])
    if not found:
        return [], f"Tidak ada pegawai yang cocok dengan “{text or person}”."
    if len(found) > MOST_PEOPLE:
        return [], f"Lebih dari {MOST_PEOPLE} pegawai cocok dengan “{text}”. Tulis nama lebih lengkap, atau NIP-nya."
    return found, ""


def _id(name: str) -> int | None:
    number = request.args.get(name, type=int)
    return number if number is not None and 0 <= number <= LARGEST_ID else None


def _choices(actor: Actor) -> list[tuple[str, list[tuple[str, str]]]]:
    """Acts to choose from, in groups; an operator's are fewer."""
    keeping = [(name, LABELS[name].word) for name in ACTION_LABELS if name in HOUSEKEEPING]
    if not reads_whole_trail(actor):
        return [("Pegawai, akun, dan pengaturan", [*keeping, *((name, LABELS[name].word) for name in HOUSEKEEPING_EVENTS)])]
    return [
        ("Lembar dan tahun", [(name, label.word) for name, label in ACTION_LABELS.items() if name not in HOUSEKEEPING]),
        ("Pegawai, akun, dan pengaturan", keeping),
        ("Masuk, penolakan, dan unduhan", [(name, label.word) for name, label in TRAIL_LABELS.items()]),
    ]


def _table(asked: _Asked, *, actor: Actor, most: int, now: datetime) -> TrailTable:
    chosen = replace(asked.chosen, after=None)
    rows = [worded(line) for line in listing.every_line(chosen, actor=actor, most=most + 1)]
    lines = [
        TrailTableRow(
            number=row.line.number,
            at=row.line.place.at,
            who=row.line.who,
            capacity=row.line.capacity,
            said=row.said,
            sheet=row.line.sheet,
            note=row.line.note,
            seal=row.line.hash[:16],
        )
        for row in rows[:most]
    ]
    return TrailTable(
        rows=lines,
        narrowed=_filter_words(asked),
        is_cut=len(rows) > most,
        checked=check_words(listing.last_checks()),
        made_by=actor.full_name or actor.name,
        made_at=now,
    )


def _filter_words(asked: _Asked) -> str:
    """ "dari 1 November 2026, sampai 30 November 2026"; "semua" when nothing was chosen."""
    chosen = asked.chosen
    parts = [
        f"pelaku {' atau '.join(name for _, name in asked.people)}" if asked.people else "",
        f"tindakan {LABELS[chosen.action].word}" if chosen.action else "",
        f"lembar {listing.sheet_name(chosen.sheet_id)}" if chosen.sheet_id else "",
        f"dari {format_date(chosen.since)}" if chosen.since else "",
        f"sampai {format_date(chosen.until)}" if chosen.until else "",
    ]
    return ", ".join(part for part in parts if part) or "semua"


def check_words(checks: LastChecks) -> str:
    """What the last check found, in one sentence."""
    if checks.broken is not None:
        return f"TIDAK UTUH: {checks.broken.problems} masalah pada pemeriksaan {format_datetime(checks.broken.at)}."
    if checks.full is None:
        return "Catatan belum pernah diperiksa seluruhnya."
    return f"Catatan utuh pada pemeriksaan {format_datetime(checks.full.at)}: {checks.full.rows} baris dihitung ulang."
