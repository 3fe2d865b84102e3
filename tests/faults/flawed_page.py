"""A page with two flaws, for the scanners to be calibrated on: it asks a database in words that came in, and gives them back.

Served by the tests of row 29 alone, in a network without a way out.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    said = parse_qs(environ["QUERY_STRING"]).get("cari", ["1"])[0]
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE sheet AS SELECT 1 AS id, 'Lembar satu' AS title UNION SELECT 2, 'Lembar dua'")
    try:
        found = database.execute(f"SELECT title FROM sheet WHERE id = {said}").fetchall()  # noqa: S608  # the flaw
        status, rows = "200 OK", "".join(f"<li>{title}</li>" for (title,) in found)
    except sqlite3.Error as error:
        status, rows = "500 Internal Server Error", f"<li>sqlite3.OperationalError: {error}</li>"
    database.close()
    start_response(status, [("Content-Type", "text/html; charset=utf-8")])
    form = '<form action="/" method="get"><input name="cari" value="1"><button>Cari</button></form>'
    return [f"<!DOCTYPE html><title>Cari</title>{form}<p>{said}</p><ul>{rows}</ul><a href='/?cari=2'>2</a>".encode()]


class Several(ThreadingMixIn, WSGIServer):
    """A scanner that keeps one connection open does not keep the others waiting."""

    daemon_threads = True


class Silent(WSGIRequestHandler):
    def log_message(self, *_words: Any) -> None:
        return


if __name__ == "__main__":
    make_server(sys.argv[1], int(sys.argv[2]), application, Several, Silent).serve_forever()
