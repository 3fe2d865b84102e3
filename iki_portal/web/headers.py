"""What every answer carries, errors and files included: a policy that runs nothing inline and asks nothing from outside."""

from flask import Flask, Response, request
from flask_talisman import Talisman

from iki_portal.config import Settings

#: Bootstrap's stylesheet draws some icons from `data:` images; everything else is ours or nothing.
CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "object-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
_FILES = frozenset({"static", "bootstrap.static", "assets.font"})


def register_headers(app: Flask, settings: Settings) -> None:
    Talisman(
        app,
        content_security_policy=CONTENT_SECURITY_POLICY,
        force_https=False,  # the reverse proxy's task
        strict_transport_security=settings.secure_cookies,
        session_cookie_secure=settings.secure_cookies,
        session_cookie_samesite="Lax",
        referrer_policy="same-origin",
        frame_options="DENY",
        permissions_policy={"camera": "()", "geolocation": "()", "microphone": "()"},
        x_xss_protection=False,
    )
    app.after_request(_keep_pages_out_of_caches)


def _keep_pages_out_of_caches(response: Response) -> Response:
    """Pages of one person must not show up for the next one on a shared office PC; files carry a fingerprint."""
    if request.endpoint in _FILES and response.status_code in (200, 206, 304):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response
