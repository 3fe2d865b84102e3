"""What a WSGI server loads: the portal with the settings of the environment, refused when its database is not ready."""

from iki_portal.app import create_app, demand_no_demo_accounts, demand_ready
from iki_portal.config import read_settings
from iki_portal.extensions import db

app = create_app(read_settings())
demand_ready(app)
demand_no_demo_accounts(app)
for name in app.jinja_env.list_templates(extensions=["html"]):
    app.jinja_env.get_template(name)  # now: an upgrade may change the files under a portal that still serves
with app.app_context():  # a server may make its workers from this process: each opens connections of its own
    db.engine.dispose()
