"""Akun: who may sign in, kept by the operator, who never sees a password."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from iki_portal.auth import accounts as keeping
from iki_portal.auth import queries
from iki_portal.auth.accounts import Slip
from iki_portal.auth.forms import AccountForm, OpenAccountForm, OpenOperatorForm
from iki_portal.auth.own_views import bp
from iki_portal.auth.queries import AccountLine, EmployeeLine
from iki_portal.config import Settings
from iki_portal.domain.accounts import AccountState
from iki_portal.domain.errors import Invalid, Outdated, WrongState
from iki_portal.domain.policy import Permission
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor
from iki_portal.web.forms import problems
from iki_portal.web.labels import ACCOUNT_LABELS, ACCOUNT_WITHOUT_PASSWORD, Label
from iki_portal.web.logs import log_refusal
from iki_portal.web.pages import page_number, search_words
from iki_portal.web.transaction import abandon

__all__ = ["bp"]

#: Acts that give no slip, and what is said after them.
_ACTS: dict[str, tuple[Callable[..., None], str]] = {
    "unlock": (keeping.unlock_account, "Kunci akun dibuka."),
    "deactivate": (keeping.deactivate_account, "Akun dinonaktifkan; semua sesinya sudah diakhiri."),
    "activate": (keeping.activate_account, "Akun diaktifkan kembali."),
    "reset-second-step": (
        keeping.reset_second_step,
        "Verifikasi dua langkah akun ini dimatikan; semua sesinya sudah diakhiri.",
    ),
}


@bp.get("/akun")
@requires(Permission.ACCOUNT_WRITE)
def accounts() -> ResponseReturnValue:
    text = search_words()
    found = queries.accounts(now=datetime.now(UTC), text=text, page=page_number())
    return render_template("auth/accounts.html", found=found, text=text, labels=_labels())


@bp.get("/akun/baru")
@requires(Permission.ACCOUNT_WRITE)
def without_account() -> ResponseReturnValue:
    """Employees who have no account yet; one of them is chosen."""
    text = search_words()
    return render_template("auth/without_account.html", found=queries.without_account(text=text, page=page_number()), text=text)


@bp.route("/akun/baru/<int:employee_id>", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_WRITE)
def open_account(employee_id: int) -> ResponseReturnValue:
    employee = queries.employee_without_account(employee_id)
    if request.method == "GET":
        return _opening(OpenAccountForm(formdata=None, name=queries.name_for(employee)), employee)
    form = OpenAccountForm()
    if not form.validate():
        return _opening(form, employee), 422
    try:
        slip = keeping.open_account(employee_id, form.name.data, actor=current_actor(), now=datetime.now(UTC))
    except Invalid as refusal:
        form.name.errors = [str(refusal)]
        return _opening(form, employee), 422
    return _slip(slip)


@bp.route("/akun/operator-baru", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_WRITE)
def open_operator() -> ResponseReturnValue:
    """Another operator: by name, with a slip of their own; the second step is set up at the first sign-in."""
    form = OpenOperatorForm()
    if not form.is_submitted():
        return render_template("auth/open_operator.html", form=form, problems=[])
    if not form.validate():
        return render_template("auth/open_operator.html", form=form, problems=problems(form)), 422
    try:
        slip = keeping.open_operator(form.person.data, form.name.data, actor=current_actor(), now=datetime.now(UTC))
    except Invalid as refusal:
        form.name.errors = [str(refusal)]
        return render_template("auth/open_operator.html", form=form, problems=problems(form)), 422
    return _slip(slip)


@bp.route("/akun/<int:account_id>", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_WRITE)
def account(account_id: int) -> ResponseReturnValue:
    """One account, and the acts upon it; each acts once, on the account as the page showed it."""
    now = datetime.now(UTC)
    line = queries.account_line(account_id, now=now)
    if request.method == "GET":
        return _page(line)
    form = AccountForm()
    if not form.validate():
        return _page(line, problems(form)), 422
    try:
        if form.action.data == "reset":
            return _slip(keeping.reset_account(account_id, actor=current_actor(), seen=form.version.data, now=now))
        act, said = _ACTS[form.action.data]
        act(account_id, actor=current_actor(), seen=form.version.data, now=now)
    except (Outdated, WrongState) as refusal:
        log_refusal(str(refusal), status=409)
        abandon()
        return _page(queries.account_line(account_id, now=now), [{"field_id": "", "message": str(refusal)}]), 409
    flash(said, "success")
    return redirect(url_for("auth.account", account_id=account_id))


def _labels() -> dict[AccountState, Label]:
    """Where the office has a sign-in of its own, an account without a password here is nothing unfinished."""
    settings: Settings = current_app.config["IKI"]
    is_needed = settings.oidc_provider is None and settings.ldap_directory is None
    return ACCOUNT_LABELS if is_needed else ACCOUNT_LABELS | {AccountState.NEW: ACCOUNT_WITHOUT_PASSWORD}


def _page(line: AccountLine, refused: list[dict[str, str]] | None = None) -> str:
    return render_template("auth/account.html", line=line, labels=_labels(), problems=refused or [])


def _opening(form: OpenAccountForm, employee: EmployeeLine) -> str:
    return render_template("auth/open_account.html", form=form, employee=employee, problems=problems(form))


def _slip(slip: Slip) -> str:
    """The paper for the person, in the answer to the act and nowhere else."""
    settings: Settings = current_app.config["IKI"]
    address = settings.portal_url or request.host_url.rstrip("/")
    return render_template("auth/_slip.html", slip=slip, address=address + url_for("auth.activate"))
