"""The page of one sheet: drawn the same way for reading, after a refused step, and after somebody else was faster."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from iki_portal.approvals import content, handovers, queries
from iki_portal.approvals.comment_page import Typed, sheet_comments
from iki_portal.approvals.forms import AnswerForm, DecisionForm
from iki_portal.approvals.pages import flagged_ids, last_return, path_of
from iki_portal.approvals.queries import RevisionLine
from iki_portal.dialogue.queries import entry_of
from iki_portal.documents.comparison import Change, changes
from iki_portal.documents.paper import Paper
from iki_portal.domain import policy, quality
from iki_portal.domain.dates import format_datetime, today_in_office
from iki_portal.domain.errors import DomainError, Incomplete, NotFound, Outdated
from iki_portal.domain.people import AssignmentKind
from iki_portal.domain.policy import Actor, Role, Verdict
from iki_portal.domain.targets import completeness
from iki_portal.domain.workflow import FINAL, REASON_WORDS, State, Step, revision_name
from iki_portal.history.queries import of_sheets
from iki_portal.indicators.checking import checked
from iki_portal.indicators.paper_view import paper_view
from iki_portal.indicators.papers import papers
from iki_portal.indicators.sight import SeenSheet, sheet_in_sight
from iki_portal.web.forms import PortalForm
from iki_portal.web.labels import STATE_LABELS, STEP_DONE, above_rows, beside_rows
from iki_portal.web.logs import log_refusal
from iki_portal.web.timeline import event_of
from iki_portal.web.transaction import abandon

_TOO_LATE = "Lembar ini berubah sesudah halaman Anda dibuka."


def render(
    sheet: SeenSheet,
    actor: Actor,
    *,
    decision: DecisionForm | None = None,
    answering: AnswerForm | None = None,
    problem: str = "",
    changed: Sequence[Change] = (),
    pointed: Sequence[int] = (),
    typed: Typed | None = None,
) -> str:
    """The whole page; `decision`, `answering` and `typed` carry what was typed when it could not be taken."""
    on = today_in_office()
    paper = _paper(sheet)
    history = of_sheets([sheet.id])[sheet.id]
    returned = last_return(sheet, history)
    revisions = queries.revisions(sheet, actor=actor, on=on)
    verdicts = {step: policy.may(actor, step, sheet, sheet.route) for step in Step if step is not Step.SUPERSEDE}
    writes = policy.may_write(actor, sheet, sheet.route)
    decides = bool(verdicts[Step.REVIEW] or verdicts[Step.APPROVE])
    found = checked(sheet.id, paper, actor=actor, on=on) if sheet.state not in FINAL else ()
    comments = sheet_comments(sheet, paper, actor=actor, typed=typed)
    return render_template(
        "approvals/sheet.html",
        sheet=sheet,
        year=sheet.year,
        paper=paper_view(paper, flagged_ids(returned)),
        path=path_of(sheet, history),
        events=[event_of(row) for row in reversed(history)],
        label=STATE_LABELS[sheet.state],
        labels=STATE_LABELS,
        may=verdicts,
        Step=Step,
        writes=writes,
        complete=completeness(paper.statements) if writes else None,
        found=found,
        stops=[each for each in found if each.blocks],
        counts=quality.counts_of(found),
        answered=sum(not each.is_open for each in found),
        wider=above_rows(found),
        beside=beside_rows(found),
        answer_url=url_for("approvals.answer", sheet_id=sheet.id) if writes else "",
        typed=_typed(answering),
        decides=decides,
        decision=(decision or DecisionForm(formdata=None)) if decides else None,
        form_note=_kept_note(decision, decides=decides) or _unplaced(answering, found) or comments.lost_text,
        comments=comments,
        pointed=frozenset(pointed),
        neighbours=queries.neighbours(sheet, actor=actor, on=on) if decides else None,
        revisions=revisions,
        last_return=returned,
        warning=_warning(sheet, verdicts[Step.APPROVE]),
        reason=REASON_WORDS[sheet.reason_class] if sheet.reason_class else "",
        problem=problem,
        since_return=_since_return(sheet, history, paper),
        changed=changed,
        desk=policy.waiting_desk(sheet, sheet.route),
        left_aside=policy.left_aside(actor, sheet, sheet.route),
        talks=entry_of(sheet, actor=actor, on=on),
        **_tenure(sheet, actor, revisions, on=on),
        on=on,
    )


def _tenure(sheet: SeenSheet, actor: Actor, revisions: Sequence[RevisionLine], *, on: date) -> dict[str, Any]:
    """Who holds and held the post, and what is still to be confirmed, by the reader or, for readers of its desk, by others."""
    tenure, seen = handovers.tenure(sheet, on=on), frozenset(each.id for each in revisions)
    is_told = Role.SECRETARY in actor.roles or policy.sees_in_preparation(actor, sheet, sheet.route)
    return {
        "holdings": [(each, each.holds_on(on), tenure.acts_of(each, seen)) for each in tenure.around(sheet)],
        "taking_over": tenure.waiting_for(actor, sheet.position_id),
        "unconfirmed": tenure.waiting if is_told else (),
    }


def refused(
    refusal: DomainError,
    sheet_id: int,
    actor: Actor,
    *,
    decision: DecisionForm | None = None,
    answering: AnswerForm | None = None,
    seen: int | None = None,
    pointed: Sequence[int] = (),
) -> ResponseReturnValue:
    """The sheet as it stands now, why the step was refused, what changed meanwhile, and what was typed."""
    status = 422 if isinstance(refusal, Incomplete) else 409
    log_refusal(str(refusal), status=status)
    abandon()
    sheet = sheet_in_sight(sheet_id, actor=actor, on=today_in_office())
    changed = _changed_since(sheet, seen) if seen is not None else []
    problem = (
        f"{_TOO_LATE if isinstance(refusal, Outdated) else refusal} {_what_happened(sheet)}" if status == 409 else str(refusal)
    )
    page = render(sheet, actor, decision=decision, answering=answering, problem=problem, changed=changed, pointed=pointed)
    return page, status


def first_error(form: PortalForm) -> str:
    return next(str(message) for field in form for message in field.errors)


def done(step: Step, sheet: SeenSheet) -> str:
    return f"{STEP_DONE[step]} {sheet.name}, {revision_name(sheet.revision).lower()} {sheet.year}."


def _paper(sheet: SeenSheet) -> Paper:
    if sheet.state in FINAL:
        return content.frozen_papers([sheet.id])[sheet.id]
    return papers([sheet.id])[sheet.id]


def _since_return(sheet: SeenSheet, history: list[Row[Any]], paper: Paper) -> list[Change]:
    """For a sheet that came back: what is different from what was returned."""
    returned = [row.content_hash for row in history if row.action == Step.RETURN]
    if sheet.state not in (State.SUBMITTED, State.REVIEWED) or not returned:
        return []
    before = content.submitted_paper(returned[-1])
    return changes(before, paper) if before is not None else []


def compared(sheet: SeenSheet, actor: Actor) -> str:
    """The page that shows a revision beside the one before it; raises `NotFound` for the first one."""
    former = [
        each for each in queries.revisions(sheet, actor=actor, on=today_in_office()) if each.revision == sheet.revision - 1
    ]
    if not former:
        raise NotFound("Lembar ini belum memiliki revisi sebelumnya.")
    before = content.frozen_papers([former[0].id])[former[0].id]
    return render_template(
        "approvals/compare.html",
        sheet=sheet,
        changes=changes(before, _paper(sheet)),
        label=STATE_LABELS[sheet.state],
        reason=REASON_WORDS[sheet.reason_class] if sheet.reason_class else "",
    )


def _what_happened(sheet: SeenSheet) -> str:
    """Who did what last, and when: a sentence for the person who was too late."""
    history = of_sheets([sheet.id])[sheet.id]
    if not history or history[-1].at < sheet.changed_at:
        return f"Terakhir diubah {sheet.changed_by or 'orang lain'}, {format_datetime(sheet.changed_at)}."
    last = event_of(history[-1])
    return f"Terakhir: {last.who} {last.sentence}, {last.when}. Status sekarang: {STATE_LABELS[sheet.state].word}."


def _changed_since(sheet: SeenSheet, seen: int) -> list[Change]:
    """Cells that differ between what was submitted when the page was drawn and what is submitted now."""
    history = of_sheets([sheet.id])[sheet.id]
    submitted = [row for row in history if row.action == Step.SUBMIT and row.sheet_version <= seen]
    if not submitted:
        return []
    before = content.submitted_paper(submitted[-1].content_hash)
    return changes(before, _paper(sheet)) if before is not None else []


def _kept_note(decision: DecisionForm | None, *, decides: bool) -> str:
    """A note that was typed for a decision which is not this person's to take any more: shown, so that it is not lost."""
    return "" if decision is None or decides else (decision.note.data or "")


def _typed(answering: AnswerForm | None) -> Mapping[str, str] | None:
    """An answer that was refused, for the form of its finding."""
    if answering is None or not answering.errors:
        return None
    return {"key": answering.finding.data, "reason": answering.reason.data or "", "error": first_error(answering)}


def _unplaced(answering: AnswerForm | None, found: Sequence[quality.Finding]) -> str:
    """An answer whose finding does not stand any more, or blocks now: shown, so that it is not lost."""
    if answering is None or any(each.key == answering.finding.data and not each.blocks for each in found):
        return ""
    return answering.reason.data or ""


def _warning(sheet: SeenSheet, verdict: Verdict) -> str:
    if verdict.mandate is None or sheet.revision == 1 or verdict.mandate.kind is AssignmentKind.DEFINITIVE:
        return ""
    return (
        f"Anda menetapkan perubahan sebagai {verdict.mandate.signature}. Perubahan adalah keputusan strategis: "
        "pastikan surat perintah Anda mencakupnya."
    )
