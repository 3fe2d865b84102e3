"""What a person may see of a year, as a table: approved sheets from their frozen copies, the others as they stand."""

from datetime import date

from sqlalchemy import select

from iki_portal.approvals.content import printed_copies
from iki_portal.documents.printed import PrintedSheet
from iki_portal.documents.recapitulation import RecapSheet, recapitulation_csv, recapitulation_xlsx
from iki_portal.domain.policy import Actor
from iki_portal.domain.workflow import FINAL, STATE_WORDS, State
from iki_portal.extensions import db
from iki_portal.indicators.desks import asked_by, in_sight
from iki_portal.indicators.papers import papers
from iki_portal.indicators.sight import seen_sheets, sheets_query
from iki_portal.models import Position, Sheet


def year_xlsx(year: int, *, actor: Actor, on: date) -> bytes:
    return recapitulation_xlsx(recap_sheets(year, actor=actor, on=on), year=year, title=f"Rekapitulasi IKI tahun {year}")


def year_csv(year: int, *, actor: Actor, on: date) -> bytes:
    return recapitulation_csv(recap_sheets(year, actor=actor, on=on), year=year)


def recap_sheets(year: int, *, actor: Actor, on: date) -> list[RecapSheet]:
    """Sheets in sight, in the order of the office, without superseded ones; a few statements for any number."""
    query = (
        sheets_query()
        .where(Sheet.year == year, Sheet.state != State.SUPERSEDED, in_sight(actor))
        .order_by(Sheet.order, Sheet.revision)
    )
    seen = seen_sheets(db.session.execute(query, asked_by(actor, on)).all(), on=on)
    final = [sheet.id for sheet in seen if sheet.state in FINAL]
    copies = printed_copies(final) if final else {}
    written = papers([sheet.id for sheet in seen if sheet.id not in copies]) if len(copies) < len(seen) else {}
    codes = {row.id: row.code for row in db.session.execute(select(Position.id, Position.code))}
    return [
        RecapSheet(
            sheet=copies.get(sheet.id) or PrintedSheet(written[sheet.id]),
            code=codes[sheet.position_id],
            position=sheet.name,
            unit=sheet.unit_name,
            owner=", ".join(holder.name for holder in sheet.route.owner.holders),
            state=STATE_WORDS[sheet.state],
        )
        for sheet in seen
    ]
