"""Who may do what. Two questions, both answered here and nowhere else:

- `GRANTS`: which kind of person may knock at which door (ring b of the house rules);
- `desk`, `duties`, `may`: who holds which duty for *this* sheet *today* (ring c).

The facts come in as plain values; the queries that load them, and the SQL that finds "what waits for me" in one
statement, live in `approvals/queries.py` and are tested against these functions.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from iki_portal.domain.errors import NotAllowed, WrongState
from iki_portal.domain.office import PositionKind, YearStage, post_name
from iki_portal.domain.people import AssignmentKind, acting_title
from iki_portal.domain.workflow import (
    DUTY_WORDS,
    FINAL,
    IN_PREPARATION,
    STATE_WORDS,
    STEP_PASSIVE,
    TRANSITIONS,
    Duty,
    State,
    Step,
    Transition,
    next_duty,
)


class Permission(StrEnum):
    """`resource:action`: the doors of the portal."""

    ACCOUNT_OWN = "account:own"
    HOME_READ = "home:read"
    NOTICE_READ = "notice:read"
    SHEET_READ = "sheet:read"
    SHEET_WRITE = "sheet:write"
    SHEET_SUBMIT = "sheet:submit"
    SHEET_DECIDE = "sheet:decide"
    SHEET_REVISE = "sheet:revise"
    SHEET_COMMENT = "sheet:comment"
    REALISATION_REPORT = "realisation:report"
    REALISATION_VERIFY = "realisation:verify"
    CASCADE_LINK = "cascade:link"
    GOAL_WRITE = "goal:write"
    DIALOGUE_WRITE = "dialogue:write"
    INBOX_READ = "inbox:read"
    DASHBOARD_READ = "dashboard:read"
    YEAR_READ = "year:read"
    YEAR_CLOSE = "year:close"
    YEAR_OPEN = "year:open"
    YEAR_REMIND = "year:remind"
    DECREE_WRITE = "decree:write"
    BOOK_COMPOSE = "book:compose"
    PERFORMANCE_COMPOSE = "performance:compose"
    ORGANISATION_READ = "organisation:read"
    ORGANISATION_WRITE = "organisation:write"
    OFFICE_WRITE = "office:write"
    RULE_WRITE = "rule:write"
    DOCUMENT_IMPORT = "document:import"
    ACCOUNT_WRITE = "account:write"
    MAIL_WRITE = "mail:write"
    AUDIT_READ = "audit:read"


class Role(StrEnum):
    """What somebody is today, worked out at each request from mandates in force; only `OPERATOR` is kept."""

    EMPLOYEE = "employee"
    HOLDER = "holder"
    SECRETARY = "secretary"
    HEAD = "head"
    OPERATOR = "operator"


_EVERYONE = frozenset(
    {
        Permission.ACCOUNT_OWN,
        Permission.HOME_READ,
        Permission.SHEET_READ,
        Permission.ORGANISATION_READ,
        Permission.DASHBOARD_READ,
    }
)
_HOLDER = frozenset(
    {
        Permission.SHEET_WRITE,
        Permission.SHEET_SUBMIT,
        Permission.SHEET_DECIDE,
        Permission.SHEET_REVISE,
        Permission.SHEET_COMMENT,
        Permission.REALISATION_REPORT,
        Permission.REALISATION_VERIFY,
        Permission.CASCADE_LINK,
        Permission.DIALOGUE_WRITE,
        Permission.PERFORMANCE_COMPOSE,
        Permission.INBOX_READ,
        Permission.DOCUMENT_IMPORT,
    }
)

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.EMPLOYEE: _EVERYONE | {Permission.NOTICE_READ},
    Role.HOLDER: _HOLDER,
    Role.SECRETARY: frozenset(
        {
            Permission.YEAR_READ,
            Permission.YEAR_CLOSE,
            Permission.YEAR_REMIND,
            Permission.DECREE_WRITE,
            Permission.BOOK_COMPOSE,
            Permission.AUDIT_READ,
        }
    ),
    Role.HEAD: frozenset({Permission.YEAR_READ, Permission.BOOK_COMPOSE, Permission.AUDIT_READ}),
    Role.OPERATOR: _EVERYONE
    | {
        Permission.ORGANISATION_WRITE,
        Permission.OFFICE_WRITE,
        Permission.RULE_WRITE,
        Permission.DOCUMENT_IMPORT,
        Permission.YEAR_OPEN,
        Permission.GOAL_WRITE,
        Permission.ACCOUNT_WRITE,
        Permission.MAIL_WRITE,
        Permission.AUDIT_READ,
    },
}

#: Said on the 403 page of a door that is closed to this person.
WHO_MAY: dict[Permission, str] = {
    Permission.YEAR_READ: "Halaman ini untuk Sekretaris dan Kepala Badan.",
    Permission.ORGANISATION_WRITE: "Unit kerja, jabatan, pegawai, dan penugasan dipelihara oleh operator.",
    Permission.OFFICE_WRITE: "Kop naskah diisi oleh operator.",
    Permission.RULE_WRITE: "Aturan mutu diatur oleh operator.",
    Permission.ACCOUNT_WRITE: "Akun diatur oleh operator.",
    Permission.AUDIT_READ: "Jejak audit dibaca oleh Sekretaris, Kepala Badan, dan operator.",
    Permission.DECREE_WRITE: "Naskah keputusan diisi oleh Sekretaris.",
    Permission.BOOK_COMPOSE: "Buku disusun oleh Sekretaris atau Kepala Badan.",
    Permission.PERFORMANCE_COMPOSE: "Dokumen kinerja disusun oleh kepala unitnya; seluruh Badan dan LKjIP oleh Sekretaris "
    "atau Kepala Badan.",
    Permission.DOCUMENT_IMPORT: "Dokumen diimpor oleh operator, atau pemegang jabatan untuk jabatannya sendiri.",
    Permission.YEAR_OPEN: "Tahun kinerja dibuka oleh operator.",
    Permission.GOAL_WRITE: "Tujuan, sasaran, dan IKU ditulis oleh operator.",
    Permission.YEAR_REMIND: "Pengingat dikirim oleh Sekretaris.",
    Permission.NOTICE_READ: "Pemberitahuan ditujukan kepada pegawai.",
    Permission.MAIL_WRITE: "Antrean surel dirawat oleh operator.",
    Permission.YEAR_CLOSE: "Tahap penetapan ditutup oleh Sekretaris.",
}
WHO_MAY_DEFAULT = "Halaman ini untuk pejabat yang sedang memegang jabatan."


@dataclass(frozen=True, slots=True)
class Mandate:
    """One assignment in force today: this person holds this post, so or so."""

    position_id: int
    kind: AssignmentKind
    title: str
    position_kind: PositionKind
    area: str = ""
    #: The assignment's own id: what a form names, and what somebody chooses to act by.
    id: int = 0

    @property
    def signature(self) -> str:
        """The title as it stands under a signature: "Plt. Kepala Bidang …"."""
        return acting_title(self.kind, self.title)

    @property
    def name(self) -> str:
        return post_name(self.signature, self.area)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, on the day they act. `employee_id` is None for an operator."""

    account_id: int
    employee_id: int | None
    name: str
    #: By what they act: every mandate of today, or the one they chose (docs/decisions/0022-acting-and-handing-over.md).
    mandates: tuple[Mandate, ...] = ()
    is_operator: bool = False
    #: The name as documents print it, with degrees.
    full_name: str = ""
    #: Every mandate of today, chosen or not: that three persons sign is asked of the person, not of a post.
    held: tuple[Mandate, ...] = ()
    position_ids: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "held", self.held or self.mandates)
        object.__setattr__(self, "position_ids", frozenset(mandate.position_id for mandate in self.mandates))

    @property
    def chosen(self) -> Mandate | None:
        """The one mandate they chose of several; None when they act by all of them."""
        return self.mandates[0] if len(self.mandates) < len(self.held) else None

    def acting_as(self, mandate_id: int | None) -> "Actor":
        """The same person by that mandate alone; by every mandate for None, and for one that is not in force today."""
        return replace(self, mandates=tuple(each for each in self.held if each.id == mandate_id) or self.held)

    def by(self, mandate_id: int | None) -> "Actor":
        """The same person for one act, by the mandate that its page showed; raises `NotAllowed` unless they act by it now."""
        if mandate_id is None:
            return self
        if all(each.id != mandate_id for each in self.mandates):
            raise NotAllowed("Anda tidak bertindak dalam jabatan itu hari ini. Buka lagi halamannya, lalu ulangi.")
        return self.acting_as(mandate_id)

    @property
    def roles(self) -> frozenset[Role]:
        if self.is_operator:
            return frozenset({Role.OPERATOR})
        roles = {Role.EMPLOYEE}
        kinds = {mandate.position_kind for mandate in self.mandates}
        if self.mandates:
            roles.add(Role.HOLDER)
        if PositionKind.SECRETARY in kinds:
            roles.add(Role.SECRETARY)
        if PositionKind.HEAD in kinds:
            roles.add(Role.HEAD)
        return frozenset(roles)

    @property
    def is_head(self) -> bool:
        return any(mandate.position_kind is PositionKind.HEAD for mandate in self.mandates)

    def mandate_for(self, position_id: int | None) -> Mandate | None:
        """By which mandate this person holds that post: the definitive one before Plt. and Plh."""
        return next(iter(self.mandates_for(position_id)), None)

    def mandates_for(self, position_id: int | None) -> tuple[Mandate, ...]:
        """Every mandate by which this person holds that post, the definitive one first."""
        held = (mandate for mandate in self.mandates if mandate.position_id == position_id)
        return tuple(sorted(held, key=lambda mandate: list(AssignmentKind).index(mandate.kind)))

    def mandate_as(self, kind: PositionKind) -> Mandate:
        """The mandate of a post of that kind; for acts that only its holder is granted."""
        return next(mandate for mandate in self.mandates if mandate.position_kind is kind)


def permitted(actor: Actor, permission: Permission) -> bool:
    return any(permission in GRANTS[role] for role in actor.roles)


def demand_permission(actor: Actor, permission: Permission) -> None:
    """Raise `NotAllowed`, with who may, unless this person is granted `permission`."""
    if not permitted(actor, permission):
        aside = actor.chosen if permitted(actor.acting_as(None), permission) else None
        hint = f" Anda sedang bertindak sebagai {aside.name}; pilih jabatan lain pada “Bertindak sebagai”." if aside else ""
        raise NotAllowed(WHO_MAY.get(permission, WHO_MAY_DEFAULT) + hint)


def reads_whole_trail(actor: Actor) -> bool:
    """The leaders do; an operator reads of it what was done with people, accounts and settings."""
    return not actor.roles.isdisjoint({Role.SECRETARY, Role.HEAD})


@dataclass(frozen=True, slots=True)
class Holder:
    employee_id: int
    name: str
    kind: AssignmentKind


@dataclass(frozen=True, slots=True)
class Post:
    """A post of the route and who holds it today."""

    id: int
    title: str
    holders: tuple[Holder, ...] = ()
    area: str = ""

    @property
    def name(self) -> str:
        return post_name(self.title, self.area)


class SheetLike(Protocol):
    """What policy needs of a sheet; the model satisfies it."""

    @property
    def state(self) -> State: ...
    @property
    def revision(self) -> int: ...
    @property
    def submitted_by_id(self) -> int | None: ...
    @property
    def reviewed_by_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Route:
    """The posts a sheet passes, each with today's holders, and what else the rules ask about."""

    owner: Post
    approver: Post
    reviewer: Post | None = None
    #: Superior of the approver's post: takes over where the approver would decide on himself.
    superior: Post | None = None
    stage: YearStage = YearStage.PLANNING
    #: A newer revision of this sheet is being prepared.
    newer_in_preparation: bool = False
    #: The owner's post is no more: its sheets stay as they are.
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a duty lies today. No candidates: the sheet is stuck, and `stuck` says why."""

    duty: Duty
    post: Post
    candidates: tuple[Holder, ...]
    moved_from: Post | None = None

    @property
    def stuck(self) -> str:
        if self.candidates:
            return ""
        if not self.post.holders:
            return f"Jabatan {self.post.title} sedang kosong; operator perlu menetapkan pejabat, Plt., atau Plh."
        return "Tidak ada pejabat lain yang dapat bertindak: pengusul, pereviu, dan yang menetapkan harus tiga orang berbeda."

    @property
    def who(self) -> str:
        """ "Rina (Plt. Kepala Bidang Mutasi dan Promosi)", for refusals and lists."""
        people = ", ".join(f"{who.name} ({acting_title(who.kind, self.post.title)})" for who in self.candidates)
        return people or f"{self.post.title} (kosong)"


def desk(sheet: SheetLike, route: Route, duty: Duty) -> Desk:
    """Who holds `duty` for this sheet today, after the rule of three persons (invariant 2).

    A post whose every holder is the proposer (or already reviewed) passes the duty up; a vacant post does not: that is
    for the operator to mend, not for the portal to guess.
    """
    if duty is Duty.OWNER:
        return Desk(duty, route.owner, route.owner.holders)
    excluded = {holder.employee_id for holder in route.owner.holders} | {sheet.submitted_by_id}
    chain = [post for post in (route.approver, route.superior) if post is not None]
    if duty is Duty.APPROVER:
        excluded.add(sheet.reviewed_by_id)
    elif route.reviewer is not None:
        chain.insert(0, route.reviewer)
    return first_desk(duty, chain, excluded)


def first_desk(duty: Duty, chain: Sequence[Post], excluded: Container[int | None]) -> Desk:
    """The first post of `chain` that is vacant, or that somebody holds who is not `excluded`; stuck at the last one else."""
    for post in chain:
        candidates = tuple(holder for holder in post.holders if holder.employee_id not in excluded)
        if candidates or not post.holders:
            return Desk(duty, post, candidates, moved_from=None if post is chain[0] else chain[0])
    return Desk(duty, chain[-1], (), moved_from=None if len(chain) == 1 else chain[0])


def waiting_desk(sheet: SheetLike, route: Route) -> Desk | None:
    """The desk at which the sheet lies now; None when it is finished."""
    duty = next_duty(sheet.state, has_reviewer=route.reviewer is not None)
    return desk(sheet, route, duty) if duty else None


def holds(actor: Actor, sheet: SheetLike, route: Route, duty: Duty) -> Mandate | None:
    """By which mandate `actor` has `duty` today, as the portal proposes it; None if they have it not."""
    return next(iter(mandates_with(actor, sheet, route, duty)), None)


def mandates_with(actor: Actor, sheet: SheetLike, route: Route, duty: Duty) -> tuple[Mandate, ...]:
    """Every mandate by which `actor` has `duty` today; the first is the portal's proposal."""
    if actor.is_operator or actor.employee_id is None:
        return ()
    place = desk(sheet, route, duty)
    if all(holder.employee_id != actor.employee_id for holder in place.candidates):
        return ()
    return actor.mandates_for(place.post.id)


def left_aside(actor: Actor, sheet: SheetLike, route: Route) -> Mandate | None:
    """By which mandate it would be this person's turn, had they not chosen to act by another one."""
    place = waiting_desk(sheet, route)
    if place is None or actor.chosen is None or holds(actor, sheet, route, place.duty):
        return None
    return holds(actor.acting_as(None), sheet, route, place.duty)


def sees(actor: Actor, sheet: SheetLike, route: Route) -> bool:
    """Approved sheets are open to everyone signed in; others to the posts of the route and the Kepala Badan."""
    return sheet.state in FINAL or sees_in_preparation(actor, sheet, route)


def sees_in_preparation(actor: Actor, sheet: SheetLike, route: Route) -> bool:
    """The posts of the route, whoever a duty has moved to, and the Kepala Badan: whatever state the sheet is in."""
    route_ids = {route.owner.id, route.approver.id, route.reviewer.id if route.reviewer else None}
    if actor.is_head or actor.position_ids & route_ids:
        return True
    return any(holds(actor, sheet, route, duty) for duty in (Duty.REVIEWER, Duty.APPROVER))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Allowed, by this mandate and this move; or refused, with a sentence that says who may and when."""

    mandate: Mandate | None = None
    move: Transition | None = None
    reason: str = ""
    #: Every mandate by which it is allowed, when there are several; the proposed one, `mandate`, first.
    choices: tuple[Mandate, ...] = ()

    def __bool__(self) -> bool:
        return self.mandate is not None


def allowed_by(mandates: tuple[Mandate, ...], move: Transition | None = None) -> Verdict:
    """Allowed by any of these, of which there is at least one; the first is proposed."""
    return Verdict(mandates[0], move, choices=mandates if len(mandates) > 1 else ())


def moves(sheet: SheetLike, route: Route) -> tuple[Transition, ...]:
    """The rows of the workflow table that start where this sheet stands."""
    has_reviewer = route.reviewer is not None
    return tuple(move for move in TRANSITIONS if move.from_state is sheet.state and move.reviewed_route in (None, has_reviewer))


def may(actor: Actor, step: Step, sheet: SheetLike, route: Route) -> Verdict:
    """Whether `actor` may take `step` today. Completeness, notes and outdated pages are the operation's questions."""
    return answered(actor, lambda one: _may(one, step, sheet, route))


def answered(actor: Actor, ask: Callable[[Actor], Verdict]) -> Verdict:
    """The verdict, or, for somebody who left the right post aside by their own choice, a refusal that says so."""
    verdict = ask(actor)
    if verdict or actor.chosen is None:
        return verdict
    aside = ask(actor.acting_as(None)).mandate
    if aside is None:
        return verdict
    return Verdict(
        reason=f"Anda sedang bertindak sebagai {actor.chosen.name}; langkah ini ada pada jabatan Anda sebagai {aside.name}. "
        "Pilih jabatan itu pada “Bertindak sebagai”, lalu ulangi."
    )


def _may(actor: Actor, step: Step, sheet: SheetLike, route: Route) -> Verdict:
    if step is Step.REVISE:
        return _may_revise(actor, sheet, route)
    for move in moves(sheet, route):
        if move.step is step:
            return _may_move(actor, move, sheet, route)
    return Verdict(reason=f"Lembar berstatus {STATE_WORDS[sheet.state]} tidak dapat {STEP_PASSIVE[step]}.")


def may_write(actor: Actor, sheet: SheetLike, route: Route) -> Verdict:
    """Whether `actor` may change the texts and figures: the owner, in a draft."""
    return answered(actor, lambda one: _may_write(one, sheet, route))


def _may_write(actor: Actor, sheet: SheetLike, route: Route) -> Verdict:
    if sheet.state is not State.DRAFT:
        return Verdict(reason=f"Lembar berstatus {STATE_WORDS[sheet.state]} tidak dapat diubah isinya.")
    if route.stage is YearStage.CLOSED:
        return Verdict(reason="Tahun kinerja ini sudah ditutup.")
    mandate = holds(actor, sheet, route, Duty.OWNER)
    return (
        Verdict(mandate) if mandate else Verdict(reason=reserved_for(desk(sheet, route, Duty.OWNER), "mengubah isi lembar ini"))
    )


def demand_writing(actor: Actor, sheet: SheetLike, route: Route) -> None:
    """Raise `WrongState` or `NotAllowed`, with the verdict's sentence, unless `actor` may change texts and figures now."""
    verdict = may_write(actor, sheet, route)
    if not verdict:
        raise (NotAllowed if sheet.state is State.DRAFT else WrongState)(verdict.reason)


def may_import(actor: Actor, position_id: int) -> bool:
    """Whether `actor` may put a document's sheet on that post, as a draft: its holder, or an operator on any post.

    The one exception to "an operator writes no sheet" (docs/decisions/0016): what is written is the office's document.
    """
    return actor.is_operator or position_id in actor.position_ids


def _may_move(actor: Actor, move: Transition, sheet: SheetLike, route: Route) -> Verdict:
    if move.step is Step.SUBMIT and (refusal := _year_refuses(sheet, route)):
        return Verdict(reason=refusal)
    if mandates := mandates_with(actor, sheet, route, move.by):
        return allowed_by(mandates, move)
    place = desk(sheet, route, move.by)
    return Verdict(reason=place.stuck or reserved_for(place, f"bertindak sebagai {DUTY_WORDS[move.by]}"))


def _year_refuses(sheet: SheetLike, route: Route) -> str:
    if route.stage is YearStage.CLOSED:
        return "Tahun kinerja ini sudah ditutup."
    if route.stage is YearStage.RUNNING and sheet.revision == 1:
        return "Tahap penetapan tahun ini sudah ditutup; hanya perubahan atas lembar yang sudah ditetapkan yang diterima."
    return ""


def _may_revise(actor: Actor, sheet: SheetLike, route: Route) -> Verdict:
    if sheet.state is not State.APPROVED:
        return Verdict(reason=f"Perubahan dibuat dari lembar yang ditetapkan; lembar ini {STATE_WORDS[sheet.state]}.")
    if route.stage is YearStage.CLOSED:
        return Verdict(reason="Tahun kinerja ini sudah ditutup.")
    if route.is_closed:
        return Verdict(reason="Jabatan ini sudah ditutup; lembarnya tidak diubah lagi.")
    if route.newer_in_preparation:
        return Verdict(reason="Perubahan atas lembar ini sudah sedang disiapkan.")
    mandates = mandates_with(actor, sheet, route, Duty.OWNER) + actor.mandates_for(route.approver.id)
    if mandates and not actor.is_operator:
        return allowed_by(mandates)
    owner, approver = desk(sheet, route, Duty.OWNER), Desk(Duty.APPROVER, route.approver, route.approver.holders)
    return Verdict(reason=f"Perubahan dibuat oleh pemilik lembar atau yang menetapkan: {owner.who}; {approver.who}.")


def reserved_for(place: Desk, what: str) -> str:
    """The sentence of a refusal that says who may."""
    return f"Saat ini yang dapat {what}: {place.who}."


def demand(verdict: Verdict, step: Step, sheet: SheetLike, route: Route) -> Mandate:
    """The mandate of an allowed step; raises `WrongState` or `NotAllowed` with the verdict's sentence."""
    if verdict.mandate is not None:
        return verdict.mandate
    if step is not Step.REVISE and all(move.step is not step for move in moves(sheet, route)):
        raise WrongState(verdict.reason)
    if step is Step.REVISE and (sheet.state is not State.APPROVED or route.newer_in_preparation):
        raise WrongState(verdict.reason)
    raise NotAllowed(verdict.reason)


def in_preparation(state: State) -> bool:
    return state in IN_PREPARATION
