"""A history of years, far quicker than acts would make it."""

from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import insert, select, update

from iki_portal.extensions import db
from iki_portal.history.chain import Seal
from iki_portal.models import HistoryEntry, HistoryHead, guards
from tests import office
from tests.postgres import as_owner


def write_history(app: Flask, upto: int) -> None:
    """Add good rows to the chain until it has so many; the head goes there at once, past its guard. Needs an app context."""
    key_id, key = next(iter(app.config["IKI"].history_keys.items()))
    seal = Seal(key)
    same = dict.fromkeys(column.name for column in HistoryEntry.__table__.columns)
    same |= {"year": office.YEAR, "at": datetime.now(UTC), "action": "import", "actor_name": "Uji", "note": "Baris uji."}
    same |= {"acting_title": "", "rows": "", "key_id": key_id}
    db.session.rollback()  # whoever still reads keeps the guards where they are
    with as_owner() as connection:
        head = connection.execute(select(HistoryHead.number, HistoryHead.hash)).one()
        rows, previous = [], head.hash
        for number in range(head.number + 1, upto + 1):
            row = {**same, "number": number, "previous_hash": previous}
            row["hash"] = previous = seal.hash_of({name: value for name, value in row.items() if name != "hash"})
            rows.append(row)
        guards.remove(connection)
        connection.execute(insert(HistoryEntry), rows)
        connection.execute(update(HistoryHead).values(number=upto, hash=previous))
        guards.install(connection)
