"""What a request leaves in the trail beside its own transaction: that it was refused, and which file it handed out.

A GET changes nothing of the office's; these two rows are the one thing it may write (docs/decisions/0029).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from typing import IO

from flask import Flask, Response, g, request
from sqlalchemy.exc import SQLAlchemyError

from iki_portal.domain.trail import TrailAction
from iki_portal.history.trail import Event, is_new_refusal, note, note_refusal
from iki_portal.web.actor import current_actor
from iki_portal.web.downloads import download
from iki_portal.web.logs import log
from iki_portal.web.transaction import abandon, transaction

_PIECE = 64 * 1024


def handed_out(body: bytes, name: str, mimetype: str, *, year: int | None = None, sheet_id: int | None = None) -> Response:
    """A download of many people's data, or of somebody's figures, which leaves only when the trail says who took it.

    Rolls the request back first.
    """
    response = download(body, name, mimetype)
    _note_download(name, sha256(body).hexdigest(), year, sheet_id)
    return response


def handed_out_file(file: IO[bytes], name: str, mimetype: str, *, year: int | None = None) -> Response:
    """The same for a file on the disk, which leaves piece by piece and is closed behind it."""
    file.seek(0)
    found = file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # a temporary file is a file
    size = file.tell()
    file.seek(0)
    pieces = _pieces(file)
    if request.method == "HEAD":  # nobody will read them
        file.close()
    response = download(pieces, name, mimetype)
    response.content_length = size
    response.call_on_close(file.close)
    _note_download(name, found, year)
    return response


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _note_download(name: str, content_hash: str, year: int | None, sheet_id: int | None = None) -> None:
    if request.method == "HEAD":
        return
    abandon()
    event = Event(
        action=TrailAction.DOWNLOAD,
        at=datetime.now(UTC),
        place=name,
        year=year,
        sheet_id=sheet_id,
        content_hash=content_hash,
    )
    with transaction():
        note(event, current_actor())


def note_refused(response: Response) -> Response:
    """After a request that was refused with 403: one row, once. A trail that cannot be written stops no answer."""
    reason = g.pop("refused", None)
    if reason is None:
        return response
    try:
        _keep(reason)
    except SQLAlchemyError as error:
        abandon()
        log.error("refusal not noted", error=str(error), endpoint=request.endpoint)
    return response


def _keep(reason: str) -> None:
    actor, now, place = current_actor(), datetime.now(UTC), f"{request.method} {request.path}"
    abandon()
    is_new = is_new_refusal(place, account_id=actor.account_id, now=now)
    abandon()  # a transaction that began by reading must not go on to write
    if is_new:
        with transaction():
            note_refusal(place, reason, sheet_id=(request.view_args or {}).get("sheet_id"), actor=actor, now=now)


def register_noting(app: Flask) -> None:
    app.after_request(note_refused)
