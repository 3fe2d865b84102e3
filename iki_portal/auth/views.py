"""Signing in and out, and the password."""

import time
from datetime import UTC, datetime, timedelta
from itertools import groupby

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from iki_portal.auth import operations, queries
from iki_portal.auth.directory import Directory
from iki_portal.auth.forms import CodeForm, DemoForm, PasswordForm, SignInForm
from iki_portal.auth.oidc import Provider
from iki_portal.auth.operations import CodeAwaited, SignedIn, SignInRefused
from iki_portal.config import Environment, OidcProvider, Settings
from iki_portal.domain.accounts import Origin
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import Invalid, NotFound
from iki_portal.domain.policy import Permission
from iki_portal.extensions import limiter, login_manager
from iki_portal.web.access import public, requires
from iki_portal.web.actor import User, current_actor, current_user
from iki_portal.web.carried import carried_fields, pack, unpack
from iki_portal.web.forms import problems
from iki_portal.web.logs import log_refusal
from iki_portal.web.transaction import SAFE_METHODS, transaction

bp = Blueprint("auth", __name__, template_folder="templates")

#: In the session of who came by the provider: where to leave it. Also kept while the second step is awaited.
LEAVES_BY = "leaves_by"
#: The cookie says when its session was last used; it is written anew at most this often.
_SEEN_STEP = 60


@bp.get("/masuk")
@public
def sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(url_for("approvals.home"))
    form = SignInForm(formdata=None, next=request.args.get("next", ""))
    return sign_in_page(form)


@bp.post("/masuk/demo")
@public
def enter_demo() -> ResponseReturnValue:
    """Play a part without a password; only where demo accounts may exist."""
    if _settings().env is not Environment.DEMO:
        raise NotFound("Pintu ini hanya ada pada demo.")
    form = DemoForm()
    if not form.validate():
        return sign_in_page(SignInForm(formdata=None)), 422
    result = operations.sign_in_demo(form.name.data, now=datetime.now(UTC), origin=origin())
    return welcome(result, form.next.data, form.tertunda.data)


@bp.post("/keluar")
@requires(Permission.ACCOUNT_OWN)
def sign_out() -> ResponseReturnValue:
    operations.sign_out(current_actor(), current_user.token, now=datetime.now(UTC))
    return leave("Anda sudah keluar.")


@bp.route("/sandi", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_OWN)
@limiter.limit("30 per minute", methods=["POST"])
def change_password() -> ResponseReturnValue:
    form = PasswordForm()
    if request.method == "GET":
        return render_template("auth/change_password.html", form=form, problems=[])
    if not form.validate():
        return render_template("auth/change_password.html", form=form, problems=problems(form)), 422
    try:
        with transaction():
            result = operations.change_password(
                current_actor(), current=form.current.data, new=form.new.data, now=datetime.now(UTC), origin=origin()
            )
    except Invalid as refusal:
        form.new.errors = [str(refusal)]
        return render_template("auth/change_password.html", form=form, problems=problems(form)), 422
    if isinstance(result, SignInRefused):
        log_refusal("wrong current password, or locked", status=422)
        form.current.errors = [result.message]
        return render_template("auth/change_password.html", form=form, problems=problems(form)), 422
    _begin(SignedIn(result.token, False), session.get(LEAVES_BY, ""))
    flash("Sandi diganti. Sesi lain dengan akun ini sudah diakhiri.", "success")
    return _onward(form.next.data, form.tertunda.data)


def sign_in_page(form: SignInForm) -> str:
    players = queries.demo_players(on=today_in_office()) if _settings().env is Environment.DEMO else []
    groups = [(unit, list(each)) for unit, each in groupby(players, key=lambda player: player.unit)]
    directory: Directory | None = current_app.extensions["iki_directory"]
    target = form.next.data or ""
    return render_template(
        "auth/sign_in.html",
        form=form,
        groups=groups,
        provider=_provider_name(),
        directory=directory.name if directory else "",
        # what was typed cannot go to the provider and come back: it stays on this page, and is sent again from here
        resend=unpack(form.tertunda.data or "") if is_local_path(target) else [],
    )


def _provider_name() -> str:
    provider: Provider | None = current_app.extensions["iki_provider"]
    return provider.name if provider else ""


def ask_to_sign_in() -> ResponseReturnValue:
    """A writing request met no session: the sign-in page, with what was typed kept for afterwards.

    Where nothing was typed there is nothing to go back to: the address of a button is no page.
    """
    typed = carried_fields()
    form = SignInForm(formdata=None, next=request.path if typed else "", tertunda=pack(typed) if typed else "")
    if "X-Autosave" in request.headers:
        return {"message": "Sesi Anda sudah berakhir. Masuk lagi di tab lain, lalu simpan."}, 401
    return sign_in_page(form), 401


def origin() -> Origin:
    """From where this request comes, for the list of one's own sign-ins."""
    return Origin.told(request.remote_addr, request.user_agent.string)


def _settings() -> Settings:
    settings: Settings = current_app.config["IKI"]
    return settings


def welcome(
    result: SignedIn | CodeAwaited, target: str | None, tertunda: str | None, *, leaves_by: str = ""
) -> ResponseReturnValue:
    """Begin the session, or ask for what is still missing; `leaves_by`: see `LEAVES_BY`."""
    if isinstance(result, CodeAwaited):
        return _ask_for_code(result, target, tertunda, leaves_by)
    _begin(result, leaves_by)
    if not result.must_change_password:
        return _onward(target, tertunda)
    if not tertunda:
        return redirect(url_for("auth.change_password"))
    form = PasswordForm(formdata=None, next=target, tertunda=tertunda)
    return render_template("auth/change_password.html", form=form, problems=[])


def _ask_for_code(result: CodeAwaited, target: str | None, tertunda: str | None, leaves_by: str) -> ResponseReturnValue:
    session.clear()
    session["awaiting"], session[LEAVES_BY] = result.token, leaves_by
    if not tertunda:
        return redirect(url_for("auth.second_step", next=target or None))
    form = CodeForm(formdata=None, next=target, tertunda=tertunda)
    return render_template("auth/second_step.html", form=form, problems=[])


def _onward(target: str | None, tertunda: str | None) -> ResponseReturnValue:
    """To where somebody wanted to go, or to what they had typed when their session ended."""
    path = target if target and is_local_path(target) else url_for("approvals.home")
    if tertunda and (fields := unpack(tertunda)):
        text = "Sesi Anda tadi sudah berakhir. Ketikan Anda masih lengkap; periksa, lalu kirim lagi."
        return render_template("errors/resubmit.html", title="Kirim ulang isian Anda", text=text, fields=fields, action=path)
    return redirect(path)


def is_local_path(target: str) -> bool:
    r"""One leading `/`, then neither `/` nor `\`, no `\` anywhere, no control characters (trust page, finding 8)."""
    return (
        target.startswith("/")
        and not target.startswith("//")
        and "\\" not in target
        and all(character.isprintable() for character in target)
    )


def _begin(result: SignedIn, leaves_by: str = "") -> None:
    session.clear()
    session.permanent = True
    if leaves_by:
        session[LEAVES_BY] = leaves_by
    user = load_user(result.token, fresh=True)
    if user is None:  # the session row was written a moment ago in this very transaction
        raise RuntimeError("a new session cannot be read back")
    login_user(user)


def leave(said: str) -> ResponseReturnValue:
    """Forget who this was; whoever came by the provider is led on to leave it, too (decision 0035)."""
    leaves_by = session.get(LEAVES_BY, "")
    logout_user()
    session.clear()
    if leaves_by:
        page = render_template("auth/sign_out.html", provider=_provider_name(), address=leaves_by)
        return page, {"Refresh": f"0; url={leaves_by}"}
    flash(said, "success")
    return redirect(url_for("auth.sign_in"))


def load_user(token: str, *, fresh: bool = False) -> User | None:
    """Flask-Login's user loader: who this cookie is, today. Anything doubtful is nobody."""
    now = datetime.now(UTC)
    settings = _settings()
    seen = int(now.timestamp()) if fresh else int(session.get("seen", 0))
    if now.timestamp() - seen > settings.idle_minutes * 60:
        return None
    found = queries.open_session(token, now=now, on=today_in_office(now), longest=timedelta(hours=settings.session_hours))
    if found is None:
        return None
    if now.timestamp() - seen > _SEEN_STEP or fresh:
        session["seen"] = int(time.time())
        if request.method not in SAFE_METHODS and not fresh:
            operations.note_seen(token, now=now)
    return User(
        token,
        found.actor,
        found.account_name,
        found.must_change_password,
        found.must_set_up_second_step,
        found.newest_year,
        found.unread,
    )


def register_auth(app: Flask) -> None:
    settings: Settings = app.config["IKI"]
    provider, directory = settings.oidc_provider, settings.ldap_directory
    app.extensions["iki_provider"] = _provider_of(app, provider) if provider else None
    app.extensions["iki_directory"] = Directory(directory) if directory else None
    app.extensions["iki_ask_to_sign_in"] = ask_to_sign_in
    login_manager.user_loader(load_user)


def _provider_of(app: Flask, settings: OidcProvider) -> Provider:
    with app.test_request_context(base_url=settings.portal_url):
        back, out = url_for("auth.from_provider", _external=True), url_for("auth.sign_in", _external=True)
    return Provider(settings, redirect_uri=back, signed_out_uri=out)
