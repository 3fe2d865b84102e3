"""Addresses of stylesheet, script, icons and font: our own files and those of installed packages, nothing from outside."""

from hashlib import sha256
from pathlib import Path

import fontpkg_public_sans
from flask import Blueprint, Flask, Response, send_file, url_for

from iki_portal.web.access import public

bp = Blueprint("assets", __name__, url_prefix="/aset")

_FONT = Path(fontpkg_public_sans.__file__).parent / "files" / "PublicSans[wght].ttf"
YEAR_IN_SECONDS = 365 * 24 * 3600


@bp.get("/huruf/PublicSans.ttf")
@public
def font() -> Response:
    return send_file(_FONT, mimetype="font/ttf", max_age=YEAR_IN_SECONDS)


def _fingerprint(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:10]


def _own_host(app: Flask) -> str:
    """A host that the portal answers to: Flask builds addresses for no other (".lumajang" trusts its subdomains)."""
    trusted: list[str] = app.config["TRUSTED_HOSTS"] or ["localhost"]
    return trusted[0].lstrip(".")


def register_assets(app: Flask) -> None:
    """Give templates `asset`, `icon_url` and `bootstrap_css_url`, worked out once: addresses carry a fingerprint."""
    app.register_blueprint(bp)
    static = Path(app.static_folder or "")
    library = Path(app.blueprints["bootstrap"].static_folder or "")
    css = "css/bootstrap.min.css"
    icons = "icons/bootstrap-icons.svg"
    with app.test_request_context(base_url=f"http://{_own_host(app)}"):
        ours = {path.name: url_for("static", filename=path.name, v=_fingerprint(path)) for path in sorted(static.glob("*.*"))}
        css_url = url_for("bootstrap.static", filename=css, v=_fingerprint(library / css))
        sprite = url_for("bootstrap.static", filename=icons, v=_fingerprint(library / icons))
    app.jinja_env.globals.update(
        asset=ours.__getitem__,
        bootstrap_css_url=css_url,
        icon_url=lambda name: f"{sprite}#{name}",
    )
