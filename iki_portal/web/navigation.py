"""What stands at the left of every page, and who acts."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, request, url_for

from iki_portal.domain.policy import Actor, Permission, permitted
from iki_portal.web.actor import current_user


@dataclass(frozen=True, slots=True)
class NavItem:
    label: str
    url: str
    icon: str
    active: bool


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Doors that belong together. The first group, what everybody comes for, needs no name."""

    name: str
    doors: list[NavItem]


@dataclass(frozen=True, slots=True)
class Capacity:
    """A post of today that one may act by."""

    mandate_id: int
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Me:
    name: str
    #: Every post of today, chosen or not.
    titles: tuple[str, ...]
    is_operator: bool
    #: "3", or "99+"; nothing when everything is read. None for whoever gets no notices.
    unread: str | None
    #: What there is to choose from; nothing for somebody who holds one post or none.
    capacities: tuple[Capacity, ...] = ()

    @property
    def acts_by_all(self) -> bool:
        return not any(each.is_chosen for each in self.capacities)


def unread_words(number: int) -> str:
    return "" if number == 0 else str(number) if number < 100 else "99+"


@dataclass(frozen=True, slots=True)
class _Door:
    label: str
    endpoint: str
    icon: str
    permission: Permission
    #: Endpoints that belong to this door, so that it stays marked inside.
    inside: frozenset[str] = frozenset()


DOORS: dict[str, tuple[_Door, ...]] = {
    "": (
        _Door("Beranda", "approvals.home", "house", Permission.HOME_READ),
        _Door("Persetujuan", "approvals.inbox", "inbox", Permission.INBOX_READ),
        _Door(
            "Daftar lembar",
            "indicators.sheets",
            "list-ul",
            Permission.SHEET_READ,
            frozenset({"approvals.sheet", "approvals.revise", "approvals.e_kinerja", "approvals.compare", "indicators.edit"})
            | {"dialogue.talks", "dialogue.new_talk", "dialogue.talk", "dialogue.change_talk", "dialogue.confirm_talk"},
        ),
    ),
    "Kinerja": (
        _Door(
            "Realisasi",
            "realisation.overview",
            "bar-chart-line",
            Permission.SHEET_READ,
            frozenset(
                {
                    *("realisation.report", "realisation.write_report", "realisation.submit_report"),
                    *("realisation.decide_report", "realisation.correct_report", "approvals.performance_books"),
                }
            ),
        ),
        _Door(
            "Dasbor",
            "reports.newest",
            "speedometer2",
            Permission.DASHBOARD_READ,
            frozenset(
                {
                    *("reports.dashboard", "reports.trends", "reports.reports"),
                    *("reports.sheets", "reports.indicators", "reports.waits"),
                }
            ),
        ),
        _Door(
            "Pohon kinerja", "cascade.tree", "diagram-2", Permission.SHEET_READ, frozenset({"cascade.support", "cascade.link"})
        ),
        _Door(
            "Sasaran",
            "cascade.goals",
            "bullseye",
            Permission.SHEET_READ,
            frozenset(f"cascade.{act}_{what}" for act in ("new", "change") for what in ("period", "goal", "iku")),
        ),
    ),
    "Penetapan": (
        _Door(
            "Penetapan tahun",
            "approvals.newest_year",
            "calendar-check",
            Permission.YEAR_READ,
            frozenset(
                {"approvals.year", "approvals.close_planning", "approvals.books", "approvals.decree", "approvals.change_decree"}
            ),
        ),
        _Door(
            "Tahun kinerja",
            "approvals.performance_years",
            "calendar3",
            Permission.YEAR_OPEN,
            frozenset(
                {
                    *("approvals.open_year", "approvals.change_deadline"),
                    *("realisation.quarters", "realisation.set_measuring", "realisation.change_window"),
                }
            ),
        ),
        _Door(
            "Aturan mutu",
            "approvals.newest_rules",
            "rulers",
            Permission.SHEET_READ,
            frozenset({"approvals.rules", "approvals.change_rule"}),
        ),
        _Door(
            "Impor dokumen",
            "indicators.uploads",
            "file-earmark-arrow-up",
            Permission.DOCUMENT_IMPORT,
            frozenset({"indicators.upload", "indicators.preview", "indicators.read_again", "indicators.apply_upload"}),
        ),
    ),
    "Kantor": (
        _Door(
            "Organisasi",
            "organisation.tree",
            "diagram-3",
            Permission.ORGANISATION_READ,
            frozenset(
                {
                    "organisation.closed",
                    *("organisation.unit", "organisation.new_unit", "organisation.change_unit"),
                    *("organisation.rename_unit", "organisation.keep_unit_name", "organisation.close_unit"),
                    *("organisation.post", "organisation.new_post", "organisation.change_post"),
                    *("organisation.rename_post", "organisation.keep_post_name", "organisation.close_post"),
                }
            ),
        ),
        _Door(
            "Pegawai",
            "organisation.employees",
            "people",
            Permission.ORGANISATION_WRITE,
            frozenset(
                {
                    *("organisation.employee", "organisation.new_employee", "organisation.change_employee"),
                    *("organisation.appoint", "organisation.change_assignment", "organisation.cancel_assignment"),
                }
            ),
        ),
        _Door(
            "Buku kerja organisasi",
            "organisation.staffing",
            "file-earmark-spreadsheet",
            Permission.ORGANISATION_WRITE,
            frozenset({"organisation.upload_staffing", "organisation.staffing_workbook", "organisation.apply_staffing"}),
        ),
        _Door("Kop naskah", "organisation.office_text", "file-earmark-text", Permission.OFFICE_WRITE),
    ),
    "Portal": (
        _Door(
            "Akun",
            "auth.accounts",
            "key",
            Permission.ACCOUNT_WRITE,
            frozenset({"auth.account", "auth.without_account", "auth.open_account", "auth.open_operator"}),
        ),
        _Door("Surel", "approvals.mail", "envelope", Permission.MAIL_WRITE),
        _Door("Jejak audit", "history.trail", "clock-history", Permission.AUDIT_READ),
        _Door("Periksa dokumen", "approvals.check", "qr-code-scan", Permission.HOME_READ, frozenset({"approvals.check_file"})),
    ),
}


def navigation(actor: Actor) -> list[NavGroup]:
    """The doors that are open to them, in their groups; a group without one is left out."""
    groups = (
        NavGroup(name, [_item(door) for door in doors if permitted(actor, door.permission)]) for name, doors in DOORS.items()
    )
    return [group for group in groups if group.doors]


def _item(door: _Door) -> NavItem:
    here = request.endpoint
    return NavItem(door.label, url_for(door.endpoint), door.icon, here == door.endpoint or here in door.inside)


def register_navigation(app: Flask, environment: str) -> None:
    app.jinja_env.globals["environment"] = environment

    @app.context_processor
    def who_and_where() -> dict[str, Any]:
        if not current_user.is_authenticated:
            return {"nav": [], "me": None, "year": None}
        actor = current_user.actor
        return {"nav": navigation(actor), "me": _me(actor), "year": current_user.year}


def _me(actor: Actor) -> Me:
    capacities = tuple(Capacity(each.id, each.name, each == actor.chosen) for each in actor.held)
    titles = tuple(each.name for each in capacities)
    unread = unread_words(current_user.unread) if permitted(actor, Permission.NOTICE_READ) else None
    return Me(actor.name, titles, actor.is_operator, unread, capacities if len(capacities) > 1 else ())
