"""The organisation of the office as data, for an office that has none yet."""

import tomllib
from datetime import UTC, datetime

from sqlalchemy import select

from iki_portal.extensions import db
from iki_portal.models import OfficeText, Position
from iki_portal.organisation.operations import Loaded, load_organisation
from iki_portal.paths import SEEDS


def load_when_empty() -> Loaded:
    """Load `seeds/organisation.toml` into an office without posts; an office that has some keeps its own."""
    if db.session.scalar(select(Position.id).limit(1)) is not None:
        return Loaded(0, 0)
    data = tomllib.loads((SEEDS / "organisation.toml").read_text(encoding="utf-8"))
    if db.session.get(OfficeText, 1) is None:
        db.session.add(OfficeText(id=1, changed_at=datetime.now(UTC), changed_by="Data awal", **data["office"]))
    return load_organisation(data)
