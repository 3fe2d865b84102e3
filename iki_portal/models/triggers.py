"""A guard, and the trigger that it is on either database."""

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Guard:
    """Refuse `event` on a row of `table` when `condition` (SQL over OLD and NEW, the same on both databases) holds."""

    table: str
    event: str
    condition: str
    message: str
    #: Looked at when the transaction ends, which SQLite cannot: such a guard stands on PostgreSQL alone.
    at_the_end: bool = False

    @property
    def name(self) -> str:
        fingerprint = sha256(f"{self.condition}/{self.message}".encode()).hexdigest()[:6]
        return f"guard_{self.table}_{self.event.lower()}_{fingerprint}"


def sqlite_trigger(guard: Guard) -> str:
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} "
        f"BEGIN SELECT RAISE(ABORT, '{guard.message}') WHERE {guard.condition}; END"
    )


def postgres_trigger(guard: Guard, schema: str) -> tuple[str, str]:
    row = "OLD" if guard.event == "DELETE" else "NEW"
    refusal = f"IF {guard.condition} THEN {_raise(guard.message)} END IF; RETURN {row};"
    made = (
        f"CREATE CONSTRAINT TRIGGER {guard.name} AFTER {guard.event} ON {guard.table} DEFERRABLE INITIALLY DEFERRED"
        if guard.at_the_end
        else f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table}"
    )
    return _function(guard.name, refusal, schema), f"{made} FOR EACH ROW EXECUTE FUNCTION {guard.name}()"


def _function(name: str, body: str, schema: str) -> str:
    """Its tables are the portal's: without the path, a temporary table of the same name would be asked instead."""
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = {schema}, pg_temp "
        f"AS $$ BEGIN {body} END $$"
    )


def _raise(message: str) -> str:
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation';"


def truncate_name(table: str) -> str:
    return f"guard_{table}_truncate"


def truncate_trigger(table: str, schema: str) -> tuple[str, str]:
    name = truncate_name(table)
    return (
        _function(name, _raise(f"{table} is never emptied"), schema),
        f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
    )
