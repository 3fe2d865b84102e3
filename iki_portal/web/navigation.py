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
    badge: int | None = None


@dataclass(frozen=True, slots=True)
class Me:
    name: str
    titles: tuple[str, ...]
    is_operator: bool


@dataclass(frozen=True, slots=True)
class _Door:
    label: str
    endpoint: str
    icon: str
    permission: Permission
    #: Endpoints that belong to this door, so that it stays marked inside.
    inside: frozenset[str] = frozenset()


DOORS = (
    _Door("Beranda", "approvals.home", "house", Permission.HOME_READ),
    _Door("Persetujuan", "approvals.inbox", "inbox", Permission.INBOX_READ),
    _Door(
        "Daftar lembar",
        "indicators.sheets",
        "list-ul",
        Permission.SHEET_READ,
        frozenset({"approvals.sheet", "approvals.revise", "approvals.e_kinerja", "approvals.compare", "indicators.edit"}),
    ),
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
    _Door(
        "Tahun kinerja",
        "approvals.performance_years",
        "calendar3",
        Permission.YEAR_OPEN,
        frozenset({"approvals.open_year"}),
    ),
    _Door("Organisasi", "organisation.tree", "diagram-3", Permission.ORGANISATION_READ),
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
    _Door(
        "Akun",
        "auth.accounts",
        "key",
        Permission.ACCOUNT_WRITE,
        frozenset({"auth.account", "auth.without_account", "auth.open_account"}),
    ),
    _Door("Periksa dokumen", "approvals.check", "qr-code-scan", Permission.HOME_READ, frozenset({"approvals.check_file"})),
)


def navigation(actor: Actor) -> list[NavItem]:
    here = request.endpoint
    return [
        NavItem(door.label, url_for(door.endpoint), door.icon, here == door.endpoint or here in door.inside)
        for door in DOORS
        if permitted(actor, door.permission)
    ]


def register_navigation(app: Flask, environment: str) -> None:
    app.jinja_env.globals["environment"] = environment

    @app.context_processor
    def who_and_where() -> dict[str, Any]:
        if not current_user.is_authenticated:
            return {"nav": [], "me": None, "year": None}
        actor = current_user.actor
        me = Me(actor.name, tuple(mandate.name for mandate in actor.mandates), actor.is_operator)
        return {"nav": navigation(actor), "me": me, "year": current_user.year}
