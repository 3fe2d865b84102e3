"""What is kept of reports and evidence, held against what the history says of them; for `iki audit verify`."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import func, select

from iki_portal.documents.paper import digest
from iki_portal.domain.realisation import REPORTED, ReportState, ReportStep
from iki_portal.extensions import db
from iki_portal.history.verifying import MOST_TOLD
from iki_portal.indicators.papers import papers
from iki_portal.indicators.sight import sheets_where
from iki_portal.models import (
    Attachment,
    HistoryEntry,
    IndicatorResult,
    RealisationReport,
    ReportCopy,
    ReportResult,
    Sheet,
    SheetContent,
    YearResult,
)
from iki_portal.realisation import content, results
from iki_portal.realisation.queries import written_in
from iki_portal.realisation.store import Damaged, StoreError, the_store

_AT_ONCE = 200
#: So much of a hash tells files apart in a report.
SHOWN_DIGITS = 16


def reports() -> Iterator[str | None]:
    """Each report that counts holds the figures that were submitted, and the history knows of it."""
    query = select(RealisationReport).where(RealisationReport.state.in_(sorted(REPORTED))).order_by(RealisationReport.id)
    rows = iter(db.session.scalars(query).all())
    while part := list(islice(rows, _AT_ONCE)):
        yield from _part(part)


def _part(part: Sequence[RealisationReport]) -> Iterator[str | None]:
    sheet_ids = sorted({row.sheet_id for row in part})
    sheets = {sheet.id: sheet for sheet in sheets_where(Sheet.id.in_(sheet_ids), on=part[0].changed_at.date())}
    rows_of, written = papers(sheet_ids), written_in([row.id for row in part])
    known = _acts([row.content_hash or "" for row in part]) | _verified_by_copy([row.id for row in part])
    for row in part:
        body = content.body_of(sheets[row.sheet_id], row.quarter, rows_of[row.sheet_id], written[row.id])
        yield _wrong_report(row, content.hash_of(body), known)


def _verified_by_copy(report_ids: Sequence[int]) -> set[tuple[int, str, str]]:
    """The same of verifications that name a frozen copy: sheet, act, and the content that the copy was made of."""
    query = (
        select(HistoryEntry.sheet_id, HistoryEntry.action, ReportCopy.body)
        .join(HistoryEntry, HistoryEntry.number == ReportCopy.history_number)
        .where(ReportCopy.report_id.in_(report_ids), HistoryEntry.content_hash == ReportCopy.sha256)
    )
    return {(row.sheet_id, row.action, json.loads(row.body)["content_hash"]) for row in db.session.execute(query)}


def _acts(hashes: Sequence[str]) -> set[tuple[int, str, str]]:
    """Sheet, act and content of every submission and verification of those contents."""
    acts = (ReportStep.SUBMIT.value, ReportStep.VERIFY.value)
    query = select(HistoryEntry.sheet_id, HistoryEntry.action, HistoryEntry.content_hash).where(
        HistoryEntry.action.in_(acts), HistoryEntry.content_hash.in_(hashes)
    )
    return {(row.sheet_id, row.action, row.content_hash) for row in db.session.execute(query)}


def _wrong_report(row: RealisationReport, found: str, known: set[tuple[int, str, str]]) -> str | None:
    name = f"realisasi triwulan {row.quarter} lembar {row.sheet_id}"
    if found != row.content_hash:
        return f"{name} berbeda dari yang dikirim."
    steps = [ReportStep.SUBMIT, *([ReportStep.VERIFY] if row.state is ReportState.VERIFIED else [])]
    missing = [step for step in steps if (row.sheet_id, step.value, row.content_hash) not in known]
    if missing:
        act = "pengirimannya" if missing[0] is ReportStep.SUBMIT else "verifikasinya"
        return f"{name}: {act} tidak tercatat dalam riwayat."
    return None


def sent_contents() -> Iterator[str | None]:
    """Each submission that the history names: what was sent is still there; that it is unchanged is asked with all contents."""
    query = (
        select(HistoryEntry.number, HistoryEntry.sheet_id, SheetContent.hash)
        .outerjoin(SheetContent, SheetContent.hash == HistoryEntry.content_hash)
        .where(HistoryEntry.action == ReportStep.SUBMIT.value)
        .order_by(HistoryEntry.number)
    )
    for row in db.session.execute(query):
        yield f"laporan lembar {row.sheet_id} (baris {row.number}) tidak ada." if row.hash is None else None


def verifications() -> Iterator[str | None]:
    """Each verification of the history has the copy that it froze; those from before copies name what was submitted."""
    query = (
        select(HistoryEntry.number, HistoryEntry.sheet_id, ReportCopy.history_number.label("copy"), SheetContent.hash)
        .outerjoin(ReportCopy, ReportCopy.history_number == HistoryEntry.number)
        .outerjoin(SheetContent, SheetContent.hash == HistoryEntry.content_hash)
        .where(HistoryEntry.action == ReportStep.VERIFY.value)
        .order_by(HistoryEntry.number)
    )
    for row in db.session.execute(query):
        lost = row.copy is None and row.hash is None
        yield f"verifikasi laporan lembar {row.sheet_id} (baris {row.number}) tidak punya salinan." if lost else None


def copies() -> Iterator[str | None]:
    """The frozen copy of each verification: unchanged, and the one that the history names."""
    query = (
        select(
            *(ReportCopy.sha256, ReportCopy.body, ReportCopy.register, ReportCopy.code),
            *(HistoryEntry.action, HistoryEntry.content_hash, HistoryEntry.sheet_id.label("verified_sheet_id")),
            *(RealisationReport.sheet_id, RealisationReport.quarter),
        )
        .join(RealisationReport, RealisationReport.id == ReportCopy.report_id)
        .outerjoin(HistoryEntry, HistoryEntry.number == ReportCopy.history_number)
        .order_by(ReportCopy.history_number)
    )
    for row in db.session.execute(query, execution_options={"yield_per": _AT_ONCE}):
        yield _wrong_copy(row)


def _wrong_copy(row: Any) -> str | None:
    name = f"salinan realisasi triwulan {row.quarter} lembar {row.sheet_id}"
    if digest(row.body) != row.sha256:
        return f"{name} diubah."
    if (row.action, row.verified_sheet_id) != (ReportStep.VERIFY.value, row.sheet_id):
        return f"{name} milik verifikasi lembar lain, menurut riwayat."
    if row.content_hash != row.sha256:
        return f"{name} bukan yang diverifikasi, menurut riwayat."
    frozen = json.loads(row.body)
    if (frozen["register"], frozen["code"], frozen["quarter"]) != (row.register, row.code, row.quarter):
        return f"nomor register atau kode {name} bukan yang dibekukan."
    return None


def evidence_files() -> Iterator[str | None]:
    """Each file of evidence lies in the store, unchanged. While the store does not answer, that is said once."""
    kept, away = the_store(), 0
    query = select(Attachment.sha256, func.min(Attachment.report_id)).where(Attachment.sha256.is_not(None))
    named = {key: report_id for key, report_id in db.session.execute(query.group_by(Attachment.sha256)) if key is not None}
    for key, report_id in sorted(named.items()):
        if away > MOST_TOLD:
            return
        try:
            kept.read(key)
        except Damaged:
            yield f"berkas {key[:SHOWN_DIGITS]} (laporan {report_id}) hilang atau diubah di penyimpanan bukti."
        except StoreError:
            away += 1
            yield f"berkas {key[:SHOWN_DIGITS]} (laporan {report_id}) tidak dapat dibaca: penyimpanan bukti tidak menjawab."
        else:
            yield None


def kept_results() -> Iterator[str | None]:
    """What is kept of verified reports is what they come to, computed anew; and nothing is kept of others."""
    posts: dict[int, set[int]] = defaultdict(set)
    verified = select(RealisationReport.year, RealisationReport.position_id).where(
        RealisationReport.state == ReportState.VERIFIED
    )
    for source in (verified, *(select(table.year, table.position_id) for table in (ReportResult, YearResult, IndicatorResult))):
        for year, position_id in db.session.execute(source.distinct()):
            posts[year].add(position_id)
    for year, ids in sorted(posts.items()):
        rest = iter(sorted(ids))
        while part := list(islice(rest, _AT_ONCE)):
            yield from _kept_part(year, part)


def _kept_part(year: int, position_ids: Sequence[int]) -> Iterator[str | None]:
    wrong: set[int] = set()
    for (table, key), rows in zip(results.TABLES, results.wanted_of(year, position_ids), strict=True):
        standing, wanted = results.kept_of(table, key, year, position_ids), {row[key]: row for row in rows}
        differing = {each for each in standing.keys() | wanted.keys() if standing.get(each) != wanted.get(each)}
        wrong |= {(standing.get(each) or wanted[each])["position_id"] for each in differing}
    for position_id in position_ids:
        name = f"angka capaian {year} jabatan {position_id}"
        yield f"{name} berbeda dari laporan yang terverifikasi." if position_id in wrong else None


COMPARISONS: tuple[tuple[str, Callable[[], Iterator[str | None]]], ...] = (
    ("Laporan realisasi", reports),
    ("Laporan yang dikirim", sent_contents),
    ("Angka capaian", kept_results),
    ("Verifikasi dalam riwayat", verifications),
    ("Salinan beku laporan yang diverifikasi", copies),
    ("Berkas bukti dukung", evidence_files),
)
