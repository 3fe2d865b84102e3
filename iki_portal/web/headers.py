"""What every answer carries, errors and files included: a policy that runs nothing inline and asks nothing from outside."""

from flask import Flask, Response, g, request
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
    app.after_request(_own_policy)  # the first to be registered has the last word
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


def _own_policy(response: Response) -> Response:
    """A stricter policy for what is no page of ours (web/downloads.py); on an error page the portal's own holds."""
    own = g.pop("content_security_policy", None)
    if own is not None and response.status_code < 400:
        response.headers["Content-Security-Policy"] = own
    return response


def _keep_pages_out_of_caches(response: Response) -> Response:
    """Pages of one person must not show up for the next one on a shared office PC; files carry a fingerprint."""
    if request.endpoint in _FILES and response.status_code in (200, 206, 304):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response
