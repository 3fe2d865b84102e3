"""What a WSGI server loads: the portal with the settings of the environment, refused when its database is not ready."""

from iki_portal.app import create_app, demand_no_demo_accounts, demand_ready
from iki_portal.config import read_settings

app = create_app(read_settings())
demand_ready(app)
demand_no_demo_accounts(app)
