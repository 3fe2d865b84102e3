"""What every portal of a test process would compile anew, compiled once for all of them: templates, addresses, statements.

Each test has a portal of its own over a database of its own. A portal in production compiles these once as well; here it
was half of the time.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule


class CompiledTemplates(BytecodeCache):
    def __init__(self) -> None:
        self.compiled: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key, bucket.checksum] = bucket.code


class CompiledRule(Rule):
    """A rule of the URL map; what builds its address says the same in every portal."""

    builders: ClassVar[dict[object, Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = self.rule, tuple(self._trace), repr(self.defaults), append_unknown
        if key not in self.builders:
            self.builders[key] = super()._compile_builder(append_unknown)
        return self.builders[key]


TEMPLATES = CompiledTemplates()
#: By statement and dialect; as many as the whole suite knows.
STATEMENTS: LRUCache[Any, Any] = LRUCache(8000)


def share_statements(connection: Connection) -> None:
    connection.execution_options(compiled_cache=STATEMENTS)


def compile_once() -> None:
    """From now on, in this process."""
    Flask.url_rule_class = CompiledRule
    event.listen(Engine, "engine_connect", share_statements)
    # two engines of one kind compile alike; the mappers keep their statements by dialect, too
    DefaultDialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
    DefaultDialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
