"""What the database says of a deployment: its revision and guards, the role that serves, who can help, the clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from iki_portal.databases import roles
from iki_portal.models import Account, HistoryEntry
from iki_portal.upkeep.deployment import Finding, good, warning, wrong
from iki_portal.web.database import NotReady, demand_ready

#: Seconds by which two clocks may differ.
_TOLERANCE = timedelta(seconds=5)
#: So many rights too many or too few are named.
_TOLD = 3


def database_findings(engine: Engine) -> Iterator[Finding]:
    """What can be asked; a database that does not answer, or is no portal's, is one finding."""
    try:
        demand_ready(engine)
        yield good("database", "at this version's revision, every guard in place")
        with engine.connect() as connection:
            yield from _people(connection)
            yield from _clock(connection)
            if connection.dialect.name == "postgresql":
                yield from _role(connection)
    except NotReady as error:
        yield wrong("database", str(error))
    except SQLAlchemyError as error:
        yield wrong("database", f"it does not answer: {str(error).splitlines()[0]}")


def _people(connection: Connection) -> Iterator[Finding]:
    demo = connection.scalar(select(func.count()).select_from(Account).where(Account.is_demo)) or 0
    if demo:
        yield wrong("accounts", f"{demo} demo accounts, whose password everybody knows: production needs a database of its own")
    else:
        yield good("accounts", "no demo accounts")
    operators = connection.scalar(select(func.count()).where(Account.is_operator, Account.is_active)) or 0
    if not operators:
        yield wrong("operators", "there is none: `iki account create NAME --operator`")
    elif operators == 1:
        yield warning("operators", "only one, whom nobody can help: open a second operator's account")
    else:
        yield good("operators", f"{operators} can help each other")


def _clock(connection: Connection) -> Iterator[Finding]:
    now = datetime.now(UTC)
    newest = connection.scalar(select(HistoryEntry.at).order_by(HistoryEntry.number.desc()).limit(1))
    theirs = connection.scalar(text("SELECT clock_timestamp()")) if connection.dialect.name == "postgresql" else now
    if newest and newest > now + _TOLERANCE:
        yield wrong("clock", f"the history's newest row is of {newest:%Y-%m-%d %H:%M} UTC, later than now: set the clock (NTP)")
    elif abs(theirs - now) > _TOLERANCE:
        yield wrong("clock", "this machine's clock and the database's differ: let both follow NTP")
    else:
        yield good("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _role(connection: Connection) -> Iterator[Finding]:
    role = str(connection.scalar(text("SELECT current_user")))
    found = roles.unfit(connection, role) or roles.faults(connection, role)
    for each in found[:_TOLD]:
        yield wrong("role", f"{each}: run `iki database prepare`")
    if not found:
        yield good("role", f"{role} may do what the portal does, and nothing else")
