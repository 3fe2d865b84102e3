"""Answering a finding: "Sengaja, karena …". And what follows from each change of a draft: its answers and its counts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select

from iki_portal.documents.paper import Paper
from iki_portal.domain import policy
from iki_portal.domain.dates import office_day
from iki_portal.domain.errors import Incomplete, Outdated, WrongState
from iki_portal.domain.policy import Actor
from iki_portal.domain.quality import REASON_LIMIT, Finding, findings
from iki_portal.domain.workflow import IN_PREPARATION, State
from iki_portal.extensions import db
from iki_portal.indicators.checking import answers_of, checked
from iki_portal.indicators.papers import papers
from iki_portal.indicators.sight import SeenSheet
from iki_portal.models import FindingAnswer, FindingCount, Sheet

BLOCKING = "Temuan yang menghalangi tidak dapat dijawab dengan alasan; barisnya perlu diperbaiki."
_BATCH = 500


def answer(sheet: SeenSheet, key: str, *, actor: Actor, reason: str, now: datetime) -> None:
    """Say why what the finding `key` advises is not followed; a former answer at its place is replaced.

    Raises `WrongState` or `NotAllowed` when this person may not write now, `Outdated` when the finding does not stand any
    more, `WrongState` when it blocks, `Incomplete` without a reason or with too long a one.
    """
    finding = _finding(sheet, key, actor=actor, now=now)
    if finding.blocks:
        raise WrongState(BLOCKING)
    reason = reason.strip()
    if not reason:
        raise Incomplete("Alasan wajib diisi.")
    if len(reason) > REASON_LIMIT:
        raise Incomplete(f"Alasan paling panjang {REASON_LIMIT} huruf; ini {len(reason)} huruf.")
    _forget(sheet.id, finding)
    db.session.add(
        FindingAnswer(
            sheet_id=sheet.id,
            rule=finding.rule.number,
            place=finding.spot.place,
            about=finding.spot.subject,
            reason=reason,
            answered_by=actor.name,
            answered_at=now,
        )
    )
    db.session.flush()
    recount([sheet.id])


def withdraw_answer(sheet: SeenSheet, key: str, *, actor: Actor, now: datetime) -> None:
    """Take the answer to the finding `key` back; the finding is open again. Raises as `answer` does."""
    _forget(sheet.id, _finding(sheet, key, actor=actor, now=now))
    recount([sheet.id])


def _finding(sheet: SeenSheet, key: str, *, actor: Actor, now: datetime) -> Finding:
    """The finding as it stands now, under the sheet's lock: nobody submits the sheet in between."""
    policy.demand_writing(actor, sheet, sheet.route)
    still_draft = select(Sheet.id).where(Sheet.id == sheet.id, Sheet.state == State.DRAFT).with_for_update()
    if db.session.scalar(still_draft) is None:
        raise Outdated("Lembar ini baru saja diajukan.")
    found = checked(sheet.id, papers([sheet.id])[sheet.id], actor=actor, on=office_day(now))
    standing = next((each for each in found if each.key == key), None)
    if standing is None:
        raise Outdated("Temuan ini sudah tidak ada, atau barisnya sudah berubah.")
    return standing


def _forget(sheet_id: int, finding: Finding) -> None:
    here = (FindingAnswer.rule == finding.rule.number, FindingAnswer.place == finding.spot.place)
    db.session.execute(delete(FindingAnswer).where(FindingAnswer.sheet_id == sheet_id, *here))


def follow_rows(sheet_id: int) -> None:
    """After the rows of a draft have changed: answers to removed rows go with them, counts are kept anew."""
    written = papers([sheet_id])
    gone = FindingAnswer.place.not_in(_places(written[sheet_id]))
    db.session.execute(delete(FindingAnswer).where(FindingAnswer.sheet_id == sheet_id, gone))
    _keep_counts(written)


def _places(paper: Paper) -> list[str]:
    """Where something can be found on the paper, in its order (`Spot.place`)."""
    places = ["lembar"]
    for statement in paper.statements:
        places.append(f"kinerja-{statement.id}")
        places += [f"indikator-{each.id}" for each in statement.indicators]
    return places


def take_along(sheet_id: int, newer_id: int) -> None:
    """Copy the answers of a sheet to the same rows of its next revision, and count there."""
    written = papers([sheet_id, newer_id])
    moved = dict(zip(_places(written[sheet_id]), _places(written[newer_id]), strict=True))
    copied = ("rule", "about", "reason", "answered_by", "answered_at")
    for row in db.session.scalars(select(FindingAnswer).where(FindingAnswer.sheet_id == sheet_id)):
        values = {name: getattr(row, name) for name in copied}
        db.session.add(FindingAnswer(sheet_id=newer_id, place=moved[row.place], **values))
    db.session.flush()
    _keep_counts({newer_id: written[newer_id]})


def recount(sheet_ids: Sequence[int]) -> None:
    """Keep how many findings those sheets have, whatever their year makes of them (`checking.kept_counts`)."""
    _keep_counts(papers(sheet_ids))


def recount_all() -> int:
    """Every sheet in preparation: after an upgrade the rules may see something else. Returns how many there are."""
    ids = db.session.scalars(select(Sheet.id).where(Sheet.state.in_(IN_PREPARATION)).order_by(Sheet.id)).all()
    for start in range(0, len(ids), _BATCH):
        recount(ids[start : start + _BATCH])
    return len(ids)


def _keep_counts(written: Mapping[int, Paper]) -> None:
    answers = answers_of(list(written))
    rows = [
        {"sheet_id": sheet_id, "rule": rule, "found": found, "answered": answered}
        for sheet_id, paper in written.items()
        for rule, (found, answered) in _by_rule(findings(paper, answers=answers[sheet_id])).items()
    ]
    db.session.execute(delete(FindingCount).where(FindingCount.sheet_id.in_(written)))
    if rows:
        db.session.execute(insert(FindingCount), rows)


def _by_rule(found: Iterable[Finding]) -> dict[int, tuple[int, int]]:
    """Rule → how often it sees something, and how often that is answered."""
    counts: dict[int, tuple[int, int]] = {}
    for each in found:
        seen, answered = counts.get(each.rule.number, (0, 0))
        counts[each.rule.number] = (seen + 1, answered + (each.answer is not None))
    return counts
