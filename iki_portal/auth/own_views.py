"""Akun saya: one's own sign-ins, and the second step."""

from datetime import UTC, datetime, timedelta

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from iki_portal.auth import operations, queries, second_step
from iki_portal.auth import own_data as holding
from iki_portal.auth.entry_views import bp
from iki_portal.auth.forms import ActingForm, CodeForm, MailForm, SecondStepForm
from iki_portal.auth.views import is_local_path, leave
from iki_portal.config import Settings
from iki_portal.documents.cells import Column, table_xlsx
from iki_portal.domain.dates import today_in_office
from iki_portal.domain.errors import Invalid
from iki_portal.domain.mail import MAIL_CHOICE_WORDS, MailChoice
from iki_portal.domain.policy import Permission
from iki_portal.extensions import limiter
from iki_portal.notices import operations as notices
from iki_portal.notices.operations import mails_are_sent
from iki_portal.notices.queries import mail_setting
from iki_portal.web.access import requires
from iki_portal.web.actor import current_actor, current_user
from iki_portal.web.downloads import XLSX, download
from iki_portal.web.forms import problems
from iki_portal.web.logs import log_refusal
from iki_portal.web.transaction import transaction

__all__ = ["bp"]


@bp.get("/akun-saya")
@requires(Permission.ACCOUNT_OWN)
def own_account() -> ResponseReturnValue:
    settings: Settings = current_app.config["IKI"]
    account_id, now = current_actor().account_id, datetime.now(UTC)
    longest = timedelta(hours=settings.session_hours)
    return render_template(
        "auth/own_account.html",
        account_name=current_user.account_name,
        sign_ins=queries.sign_ins(account_id, token=current_user.token, now=now, longest=longest),
        has_second_step=queries.has_second_step(account_id),
        mail=mail_setting(current_actor()),
        mail_choices=MAIL_CHOICE_WORDS,
        is_mail_sent=mails_are_sent(),
    )


@bp.post("/akun-saya/surel")
@requires(Permission.NOTICE_READ)
def choose_mail() -> ResponseReturnValue:
    """Which e-mail one wants."""
    form = MailForm()
    if not form.validate():
        raise Invalid("Pilih salah satu cara menerima surel.")
    notices.choose_mail(MailChoice(form.choice.data), actor=current_actor(), now=datetime.now(UTC))
    flash("Pilihan surel disimpan.", "success")
    return redirect(url_for("auth.own_account"))


@bp.post("/bertindak-sebagai")
@requires(Permission.ACCOUNT_OWN)
def act_as() -> ResponseReturnValue:
    """Choose by which post to act until further notice, in this browser."""
    form = ActingForm()
    if not form.validate():
        raise Invalid("Jabatan ini tidak dikenal. Muat ulang halaman, lalu pilih lagi.")
    actor = operations.act_as(current_actor(), current_user.token, form.mandate.data, now=datetime.now(UTC))
    said = f"sebagai {actor.chosen.name}" if actor.chosen else "dengan semua jabatan; portal memilih yang tepat per lembar"
    flash(f"Anda sekarang bertindak {said}.", "success")
    target = form.next.data
    return redirect(target if target and is_local_path(target) else url_for("approvals.home"))


@bp.get("/akun-saya/data")
@requires(Permission.ACCOUNT_OWN)
def own_data() -> ResponseReturnValue:
    """Data saya: everything that the portal holds of the reader."""
    return render_template("auth/own_data.html", data=_own_data(holding.SHOWN), shown=holding.SHOWN)


@bp.get("/akun-saya/data/berkas")
@requires(Permission.ACCOUNT_OWN)
def own_data_file() -> ResponseReturnValue:
    name = f"Data {current_actor().name} pada Portal IKI"
    columns = [Column("Bagian", 28), Column("Waktu", 30), Column("Uraian", 60), Column("Keterangan", 70)]
    rows = list(holding.rows_of(_own_data(holding.MOST)))
    body = table_xlsx(columns, rows, name="Data saya", title=name, year=today_in_office().year)
    return download(body, f"{name}.xlsx", XLSX)


def _own_data(most: int) -> holding.OwnData:
    settings: Settings = current_app.config["IKI"]
    longest = timedelta(hours=settings.session_hours)
    return holding.own_data(current_actor(), token=current_user.token, now=datetime.now(UTC), longest=longest, most=most)


@bp.post("/akun-saya/sesi")
@requires(Permission.ACCOUNT_OWN)
def end_session() -> ResponseReturnValue:
    """End one session, perhaps this one."""
    operations.end_session(current_actor(), request.form.get("sesi", ""), now=datetime.now(UTC))
    flash("Sesi itu sudah diakhiri.", "success")
    return redirect(url_for("auth.own_account"))


@bp.post("/keluar/semua")
@requires(Permission.ACCOUNT_OWN)
def sign_out_everywhere() -> ResponseReturnValue:
    operations.sign_out_everywhere(current_actor(), now=datetime.now(UTC))
    return leave("Anda sudah keluar dari semua perangkat.")


@bp.route("/akun-saya/verifikasi", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_OWN)
@limiter.limit("30 per minute", methods=["POST"])
def second_step_of_own() -> ResponseReturnValue:
    """Turn the second step on; once it is, the same page turns it off."""
    if request.method == "GET" and queries.has_second_step(current_actor().account_id):
        return _page_to_turn_off(CodeForm(formdata=None))
    form = SecondStepForm()
    if request.method == "GET":
        return _page_to_turn_on(form)
    if not form.validate():
        return _page_to_turn_on(form), 422
    try:
        codes = second_step.set_up(current_actor(), salt=form.salt.data or "", code=form.code.data, now=datetime.now(UTC))
    except Invalid as refusal:
        form.code.errors = [str(refusal)]
        return _page_to_turn_on(form), 422
    return render_template("auth/_recovery_codes.html", codes=codes)


@bp.post("/akun-saya/verifikasi/pemadaman")
@requires(Permission.ACCOUNT_OWN)
@limiter.limit("30 per minute")
def turn_off_second_step() -> ResponseReturnValue:
    form = CodeForm()
    if not form.validate():
        return _page_to_turn_off(form), 422
    with transaction():
        refused = operations.turn_off_second_step(current_actor(), form.code.data, now=datetime.now(UTC))
    if refused:
        log_refusal("wrong or used code", status=422)
        form.code.errors = [refused.message]
        return _page_to_turn_off(form), 422
    flash("Verifikasi dua langkah dimatikan.", "success")
    return redirect(url_for("auth.own_account"))


def _page_to_turn_on(form: SecondStepForm) -> str:
    salt = second_step.read_salt(form.salt.data)
    form.salt.data, account_id = salt, current_actor().account_id
    secret = second_step.secret_for_app(account_id, salt)
    return render_template(
        "auth/second_step_of_own.html",
        form=form,
        problems=problems(form),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        picture=second_step.picture_for_app(account_id, current_user.account_name, salt),
        is_demanded=current_user.must_set_up_second_step,
    )


def _page_to_turn_off(form: CodeForm) -> str:
    return render_template("auth/turn_off_second_step.html", form=form, problems=problems(form))
