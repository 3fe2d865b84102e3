"""Masuk dengan …: to the office's OpenID Connect provider and back.

Coming back is a GET that the provider redirects to, and the one GET that opens a session: only for the browser that
holds the attempt, once, and only within ten minutes (docs/decisions/0035).
"""

import hmac
import time
from dataclasses import asdict
from datetime import UTC, datetime

from flask import current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from iki_portal.auth import outside
from iki_portal.auth.account_views import bp
from iki_portal.auth.oidc import Attempt, Provider, ProviderAway, ProviderRefused
from iki_portal.auth.operations import SignInRefused
from iki_portal.auth.views import origin, welcome
from iki_portal.domain.errors import NotFound
from iki_portal.extensions import limiter
from iki_portal.web.access import public
from iki_portal.web.logs import log, log_sign_in_failure
from iki_portal.web.transaction import transaction

__all__ = ["bp"]

#: Seconds that somebody may take at the provider.
_ATTEMPT_LASTS = 600
_ATTEMPT = "attempt"


@bp.get("/masuk/penyedia")
@public
@limiter.limit("120 per minute")
def to_provider() -> ResponseReturnValue:
    """Begin. A link and no form, because the policy of every page lets forms go nowhere but home (web/headers.py)."""
    provider, attempt = _provider(), Attempt.new()
    target = request.args.get("next", "")
    try:
        address = provider.address_to_sign_in(attempt)
    except ProviderAway as error:
        return _away(provider, error, target)
    session[_ATTEMPT] = {"begun": time.time(), "next": target, **asdict(attempt)}
    return redirect(address)


@bp.get("/masuk/penyedia/kembali")
@public
@limiter.limit("120 per minute")
def from_provider() -> ResponseReturnValue:
    """Come back. The provider is asked before the database is: a slow one holds up nobody else."""
    provider, kept = _provider(), session.pop(_ATTEMPT, None)
    target = kept["next"] if kept else ""
    if kept is None or not _is_its_answer(kept):
        said = f"Permintaan masuk ini sudah lewat, atau dimulai di peramban lain. Tekan “Masuk dengan {provider.name}” lagi."
        return _not_in("an answer to no attempt of this browser", said, target)
    if "code" not in request.args:
        return _not_in("the provider sent no code", f"Anda tidak jadi masuk lewat {provider.name}.", target)
    try:
        nip = provider.nip(request.args["code"], Attempt(kept["state"], kept["nonce"], kept["verifier"]))
        leaves_by = provider.address_to_sign_out()
    except ProviderAway as error:
        return _away(provider, error, target)
    except ProviderRefused as error:
        said = f"Jawaban {provider.name} tidak dapat dipercaya. Coba masuk lagi; bila terulang, hubungi operator portal."
        return _not_in(str(error), said, target)
    with transaction():
        result = outside.sign_in_by_nip(nip, by=provider.name, now=datetime.now(UTC), origin=origin())
    if isinstance(result, SignInRefused):
        return _not_in("nobody the provider speaks for", result.message, target)
    return welcome(result, target, None, leaves_by=leaves_by)


def _provider() -> Provider:
    found: Provider | None = current_app.extensions["iki_provider"]
    if found is None:
        raise NotFound("Portal ini tidak dihubungkan dengan penyedia masuk.")
    return found


def _is_its_answer(kept: dict[str, str]) -> bool:
    state = request.args.get("state", "")
    return hmac.compare_digest(state.encode(), kept["state"].encode()) and time.time() - float(kept["begun"]) < _ATTEMPT_LASTS


def _away(provider: Provider, error: ProviderAway, target: str) -> ResponseReturnValue:
    log.error("provider away", error=str(error))
    return _back(
        f"{provider.name} sedang tidak menjawab. Coba lagi sebentar, atau masuk dengan sandi portal bila Anda punya.", target
    )


def _not_in(reason: str, said: str, target: str) -> ResponseReturnValue:
    log_sign_in_failure(reason)
    return _back(said, target)


def _back(said: str, target: str) -> ResponseReturnValue:
    """To the sign-in page, out of an address that holds a code."""
    flash(said, "warning")
    return redirect(url_for("auth.sign_in", next=target or None))
