"""`iki database prepare`: the serving role on PostgreSQL is made, mended and looked at; and the portal serves as no other."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from click.testing import CliRunner, Result

from iki_portal.cli import main
from tests import postgres

KEY = "q8Zt1-Vw7Rk3_Lm5Xc9Bn2Jh6Gf4Ds0Pa"


@dataclass(frozen=True)
class Office:
    """A migrated, empty database of an owner who is no superuser, and the name of the role that is to serve it."""

    database: str
    owner: str
    serving: str

    def run(self, *words: str, serves: str | None = None, owner: str | None = None, command: str = "database") -> Result:
        given = {
            "IKI_ENV": "production",
            "IKI_SECRET_KEY": KEY,
            "IKI_DATABASE_URL": postgres.url_of(self.database, serves or self.serving),
            "IKI_DATABASE_OWNER_URL": postgres.url_of(self.database, self.owner) if owner is None else owner,
        }
        return CliRunner().invoke(main, [command, *words], env=given)

    def good(self, *words: str, **more: str) -> str:
        result = self.run(*words, **more)
        assert result.exit_code == 0, result.output
        return result.output

    def refused(self, *words: str, **more: str) -> str:
        result = self.run(*words, **more)
        assert result.exit_code == 1, result.output
        assert result.output.startswith("iki: "), result.output
        return result.output

    def admin(self, command: str, *names: str) -> None:
        postgres.execute(command, *names, database=self.database)


@pytest.fixture
def owned() -> Iterator[Office]:
    postgres.demand_server()
    serving = postgres.new_name("server")
    with postgres.role("owner", "CREATEROLE") as owner:
        with postgres.database("roles", "OWNER {}", owner) as name:
            yield Office(name, owner, serving)
        postgres.execute("DROP ROLE IF EXISTS {}", serving)


def test_two_commands_make_a_database_ready_to_be_served(owned: Office) -> None:
    assert "no tables yet: run `iki database upgrade`" in owned.refused("prepare")
    assert f"There is no role {owned.serving} yet: run `iki database prepare`" in owned.good("upgrade")
    assert f"there is no role {owned.serving}" in owned.refused("prepare", "--check")
    assert f"Made the role {owned.serving}." in owned.good("prepare")
    for words in (["prepare"], ["prepare", "--check"], ["check"]):
        assert "Mended" not in owned.good(*words), "the second time there is nothing to do"
    assert "may do what the portal needs" in owned.good("prepare", "--check", owner="")
    assert owned.good("create", "operator", "--operator", command="account").startswith("Account operator created")

    # the portal serves as no role that may do more, and as none that may do less
    assert "is the owner of the tables" in owned.refused("check", serves=owned.owner)
    assert "is a superuser" in owned.refused("check", serves="postgres")
    owned.admin("GRANT UPDATE, TRUNCATE ON history_entry TO {}", owned.serving)
    owned.admin("GRANT DELETE ON frozen_copy TO PUBLIC")
    owned.admin("GRANT CREATE ON SCHEMA public TO PUBLIC")
    owned.admin("REVOKE INSERT ON sheet FROM {}", owned.serving)
    for words in (["check"], ["prepare", "--check"], ["prepare", "--check"]):
        said = owned.refused(*words)
        assert f"{owned.serving} lacks INSERT on sheet" in said
        assert f"{owned.serving} has CREATE on schema public" in said
    assert "has DELETE on frozen_copy" in said
    assert "has TRUNCATE on history_entry" in said
    assert "Mended: " in owned.good("prepare")
    owned.good("check")

    # an upgrade that brings a table brings the right to it
    owned.admin("REVOKE ALL ON book FROM {}", owned.serving)
    assert f"{owned.serving} lacks" in owned.good("upgrade")
    owned.good("check")

    # what no grant can mend is said, and nothing is touched
    owned.admin("ALTER ROLE {} CREATEDB", owned.serving)
    assert "may create databases" in owned.refused("prepare")
    owned.admin("ALTER ROLE {} NOCREATEDB", owned.serving)
    owned.admin("GRANT {} TO {}", owned.owner, owned.serving)
    assert "owner of the tables, or can become it" in owned.refused("prepare")
    assert "is the owner of the tables" in owned.refused("prepare", serves=owned.owner)
    owned.good("upgrade", serves=owned.owner)


def test_what_cannot_be_prepared_is_said_in_a_sentence(owned: Office, sqlite_url: str) -> None:
    elsewhere = postgres.url_of("test", owned.owner)
    assert "different databases" in owned.refused("prepare", owner=elsewhere)
    assert owned.run("prepare", owner="").exit_code == 2
    environment = {"IKI_ENV": "test", "IKI_DATABASE_URL": sqlite_url}
    said = CliRunner().invoke(main, ["database", "prepare"], env=environment)
    assert (said.exit_code, said.output) == (1, "iki: SQLite knows no roles: there is nothing to prepare\n")
    said = CliRunner().invoke(
        main, ["database", "prepare"], env=environment | {"IKI_DATABASE_URL": "postgresql://localhost/iki"}
    )
    assert (said.exit_code, said.output) == (1, "iki: IKI_DATABASE_URL names no role\n")
