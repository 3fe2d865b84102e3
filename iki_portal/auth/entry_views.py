"""Coming in: with a password, the first time with a code on paper, and the second step after either."""

from datetime import UTC, datetime

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from iki_portal.auth import operations, outside
from iki_portal.auth.directory import Directory, DirectoryAway
from iki_portal.auth.forms import ActivationForm, CodeForm, SignInForm
from iki_portal.auth.operations import CodeAwaited, SignedIn, SignInRefused
from iki_portal.auth.views import LEAVES_BY, bp, origin, sign_in_page, welcome
from iki_portal.domain.errors import Invalid
from iki_portal.extensions import limiter
from iki_portal.web.access import public
from iki_portal.web.forms import problems
from iki_portal.web.logs import log, log_sign_in_failure
from iki_portal.web.transaction import transaction

__all__ = ["bp"]


@bp.post("/masuk")
@public
@limiter.limit("30 per minute")
def enter() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return sign_in_page(form), 422
    try:
        result = _by_password(form.name.data, form.password.data)
    except DirectoryAway as error:
        log.error("directory away", error=str(error))
        form.password.errors = ["Sandi Anda sedang tidak dapat diperiksa: direktori kantor tidak menjawab. Coba lagi sebentar."]
        return sign_in_page(form), 503
    if isinstance(result, SignInRefused):
        log_sign_in_failure("wrong name or password, or locked")
        form.password.errors = [result.message]
        return sign_in_page(form), 422
    return welcome(result, form.next.data, form.tertunda.data)


def _by_password(name: str, password: str) -> SignedIn | CodeAwaited | SignInRefused:
    """By the portal's own password, or the directory's: which is asked while no transaction is open.

    Raises `DirectoryAway`.
    """
    directory: Directory | None = current_app.extensions["iki_directory"]
    now, guess = datetime.now(UTC), None
    if directory is not None:
        with transaction():
            guess = outside.take_guess(name, now=now)
    if directory is None or guess is None:
        with transaction():
            return operations.sign_in(name, password, now=now, origin=origin())
    if isinstance(guess, SignInRefused):
        return guess
    try:
        word = directory.ask(guess.name, guess.nip, password)
    except DirectoryAway:
        with transaction():
            outside.give_back(guess)
        raise
    with transaction():
        return outside.judge(guess, word, password, by=directory.name, now=now, origin=origin())


@bp.route("/aktivasi", methods=["GET", "POST"])
@public
@limiter.limit("30 per minute", methods=["POST"])
def activate() -> ResponseReturnValue:
    form = ActivationForm()
    if request.method == "GET":
        return render_template("auth/activate.html", form=form, problems=[])
    if not form.validate():
        return _activation_refused(form)
    name, code, now = form.name.data, form.code.data, datetime.now(UTC)
    try:
        with transaction():
            result = operations.activate(name, code, new=form.new.data, now=now, origin=origin())
    except Invalid as refusal:
        form.new.errors = [str(refusal)]
        return _activation_refused(form)
    if isinstance(result, SignInRefused):
        log_sign_in_failure("wrong, used or expired activation code, or locked")
        form.code.errors = [result.message]
        return _activation_refused(form)
    answer = welcome(result, None, None)  # begins a new session, so what is flashed comes after
    flash("Akun Anda aktif. Mulai sekarang masuklah dengan nama masuk dan sandi ini.", "success")
    return answer


def _activation_refused(form: ActivationForm) -> ResponseReturnValue:
    return render_template("auth/activate.html", form=form, problems=problems(form)), 422


@bp.route("/masuk/kode", methods=["GET", "POST"])
@public
@limiter.limit("30 per minute", methods=["POST"])
def second_step() -> ResponseReturnValue:
    """Asked after a right password, of whoever has turned the second step on."""
    if "awaiting" not in session:
        return redirect(url_for("auth.sign_in"))
    form = CodeForm()
    if request.method == "GET":
        form.next.data = request.args.get("next", "")
        return render_template("auth/second_step.html", form=form, problems=[])
    if not form.validate():
        return render_template("auth/second_step.html", form=form, problems=problems(form)), 422
    with transaction():
        token, now = session["awaiting"], datetime.now(UTC)
        result = operations.take_second_step(token, form.code.data, now=now, origin=origin())
    if result is None:
        session.clear()
        flash("Waktu untuk memasukkan kode sudah habis. Masuklah lagi.", "warning")
        return redirect(url_for("auth.sign_in"))
    if isinstance(result, SignInRefused):
        log_sign_in_failure("wrong or used code, or locked")
        form.code.errors = [result.message]
        return render_template("auth/second_step.html", form=form, problems=problems(form)), 422
    return welcome(result, form.next.data, form.tertunda.data, leaves_by=session.get(LEAVES_BY, ""))
