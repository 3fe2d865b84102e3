"""The other ways in: the first one, with a code on paper, and the second step after the password."""

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from iki_portal.auth import operations
from iki_portal.auth.forms import ActivationForm, CodeForm
from iki_portal.auth.operations import SignInRefused
from iki_portal.auth.views import bp, origin, welcome
from iki_portal.domain.errors import Invalid
from iki_portal.extensions import limiter
from iki_portal.web.access import public
from iki_portal.web.forms import problems
from iki_portal.web.logs import log_sign_in_failure
from iki_portal.web.transaction import transaction

__all__ = ["bp"]


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
    return welcome(result, form.next.data, form.tertunda.data)
