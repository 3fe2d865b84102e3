"""How severe each rule of the quality check is in a year, and setting it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from iki_portal.domain.errors import Incomplete, NotFound, Outdated
from iki_portal.domain.policy import Actor, Permission, demand_permission
from iki_portal.domain.quality import REASON_LIMIT, RULES, SEVERITY_WORDS, Rule, Severity, rule_numbered
from iki_portal.extensions import db
from iki_portal.history.operations import Act, operator_author, record
from iki_portal.models import RuleSetting

SET_RULE_ACTION = "set_rule"


@dataclass(frozen=True, slots=True)
class RuleOfTheYear:
    """A rule as it holds in one year; without a setting it is the rule's own, and `version` is 0."""

    rule: Rule
    severity: Severity
    version: int = 0
    reason: str = ""
    set_by: str = ""
    set_at: datetime | None = None


def rules_of_the_year(year: int) -> list[RuleOfTheYear]:
    settings = {row.rule: row for row in db.session.scalars(select(RuleSetting).where(RuleSetting.year == year))}
    return [_of_the_year(rule, settings.get(rule.number)) for rule in RULES]


def rule_of_the_year(year: int, number: int) -> RuleOfTheYear:
    """Raises `NotFound` for a number that no rule has."""
    rule = rule_numbered(number)
    if rule is None:
        raise NotFound("Aturan mutu ini tidak ada.")
    return _of_the_year(rule, db.session.get(RuleSetting, (year, number)))


def _of_the_year(rule: Rule, row: RuleSetting | None) -> RuleOfTheYear:
    if row is None:
        return RuleOfTheYear(rule, rule.severity)
    return RuleOfTheYear(rule, row.severity, row.version, row.reason, row.set_by, row.set_at)


def rules_set(year: int) -> int:
    """How many rules the office has set for that year."""
    return db.session.scalar(select(func.count()).select_from(RuleSetting).where(RuleSetting.year == year)) or 0


def carry_rules(year: int, into: int) -> None:
    """Let what was set for one year hold in another that has no settings yet, with who said why and when."""
    for row in db.session.scalars(select(RuleSetting).where(RuleSetting.year == year)):
        kept = {name: getattr(row, name) for name in ("rule", "severity", "reason", "set_by", "set_at")}
        db.session.add(RuleSetting(year=into, **kept))
    db.session.flush()


def set_rule(year: int, rule: Rule, severity: Severity, *, actor: Actor, reason: str, seen: int, now: datetime) -> None:
    """Set how severe a rule is in a year, with the reason; sheets already submitted go on as they are.

    Raises `Outdated` when somebody has set it since version `seen`, `Incomplete` without a reason or with too long a one.
    """
    demand_permission(actor, Permission.RULE_WRITE)
    reason = reason.strip()
    if not reason or len(reason) > REASON_LIMIT:
        raise Incomplete(f"Alasan wajib diisi, paling panjang {REASON_LIMIT} huruf.")
    row = db.session.get(RuleSetting, (year, rule.number), with_for_update=True)
    if (row.version if row else 0) != seen:
        who = row.set_by if row else "orang lain"
        raise Outdated(f"Aturan {rule.code} sudah diatur {who} sesudah halaman Anda dibuka.")
    before = row.severity if row else rule.severity
    if row is None:
        row = RuleSetting(year=year, rule=rule.number)
        db.session.add(row)
    row.severity, row.reason, row.version, row.set_by, row.set_at = severity, reason, seen + 1, actor.name, now
    db.session.flush()
    note = f"{rule.code}: {SEVERITY_WORDS[before]} menjadi {SEVERITY_WORDS[severity]}. {reason}"
    record(Act(action=SET_RULE_ACTION, year=year, at=now, note=note), operator_author(actor))
