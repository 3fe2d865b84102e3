"""`create_app(settings)`: the only module that knows every part."""

from datetime import timedelta

from flask import Flask
from flask_bootstrap import Bootstrap5
from jinja2 import StrictUndefined
from sqlalchemy import select
from werkzeug.middleware.proxy_fix import ProxyFix

from iki_portal.approvals.notice_views import bp as approvals
from iki_portal.auth.provider_views import bp as auth
from iki_portal.auth.views import register_auth
from iki_portal.cascade.goal_views import bp as cascade
from iki_portal.config import Environment, Settings
from iki_portal.dialogue.views import bp as dialogue
from iki_portal.extensions import csrf, db, limiter, login_manager
from iki_portal.history.noting import register_noting
from iki_portal.history.views import bp as history
from iki_portal.indicators.upload_views import bp as indicators
from iki_portal.models import Account
from iki_portal.organisation.staffing_views import bp as organisation
from iki_portal.realisation.paper_views import bp as realisation
from iki_portal.reports.list_views import bp as reports
from iki_portal.upkeep.health_views import bp as upkeep
from iki_portal.web import database
from iki_portal.web.access import demand_declarations, gate
from iki_portal.web.assets import register_assets
from iki_portal.web.errors import register_errors
from iki_portal.web.formats import register_formats
from iki_portal.web.headers import register_headers
from iki_portal.web.logs import register_logs, set_up_logs
from iki_portal.web.navigation import register_navigation
from iki_portal.web.sizes import allow_size
from iki_portal.web.transaction import TransactionalFlask

#: A sheet at its largest (60 statements of 30 indicators, every text full) is far below; an upload says its own size.
LARGEST_REQUEST = 4 * 1024 * 1024
MOST_FORM_FIELDS = 25_000
#: Seconds until the Redis that counts attempts for all servers is taken to be away.
SHARED_COUNT = {"socket_connect_timeout": 1, "socket_timeout": 1}


def create_app(settings: Settings) -> Flask:
    """The portal with these settings. Touches no database: see `demand_ready` for that."""
    set_up_logs(settings.log_level)
    app = TransactionalFlask("iki_portal")
    configure(app, settings)
    register_logs(app, settings)
    app.before_request(gate)  # before the form token is checked: first who, then what
    app.before_request(allow_size)
    csrf.init_app(app)
    limiter.init_app(app)
    login_manager.init_app(app)
    Bootstrap5(app)
    register_headers(app, settings)
    bind_database(app)
    for blueprint in (history, auth, organisation, indicators, dialogue, realisation, cascade, reports, approvals, upkeep):
        app.register_blueprint(blueprint)
    register_auth(app)
    register_noting(app)
    register_assets(app)
    register_formats(app)
    register_navigation(app, settings.env.value)
    register_errors(app)
    demand_declarations(app)
    return app


def configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        IKI=settings,
        TESTING=settings.env is Environment.TEST,
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        WTF_CSRF_SECRET_KEY=settings.form_token_key,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # the referrer says nothing that SameSite and the token do not
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(settings.database),
        # with the prefix a browser takes it from this host alone, over TLS and for every path: no neighbour can plant one
        SESSION_COOKIE_NAME="__Host-iki" if settings.secure_cookies else "iki",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_PROTECTION=None,  # our session table does it; Flask-Login's reads a forgeable header
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        MAX_FORM_PARTS=MOST_FORM_FIELDS,
        RATELIMIT_STORAGE_URI=settings.limiter_url,
        RATELIMIT_STORAGE_OPTIONS=SHARED_COUNT if settings.limiter_url.startswith("redis") else {},
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,  # without its Redis each process counts by itself, and lets people in
        RATELIMIT_ENABLED=settings.env is not Environment.TEST,
        BOOTSTRAP_SERVE_LOCAL=True,
        JSON_SORT_KEYS=False,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def bind_database(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        database.prepare(db.engine)


class DemoAccounts(Exception):
    """A production database holds accounts whose password everybody knows."""


def demand_no_demo_accounts(app: Flask) -> None:
    """Raise `DemoAccounts` when production would serve them."""
    settings: Settings = app.config["IKI"]
    if not settings.is_production:
        return
    with app.app_context():
        if db.session.scalar(select(Account.id).where(Account.is_demo).limit(1)) is not None:
            raise DemoAccounts("this database holds demo accounts; production needs a database of its own")


def demand_ready(app: Flask) -> None:
    """Raise `NotReady` unless the database is at this version's revision with every guard in place.

    In production also when the role that serves has other rights than models/grants.py says.
    """
    with app.app_context():
        database.demand_ready(db.engine)
        if app.config["IKI"].is_production:
            database.demand_serving_role(db.engine)
