"""An uploaded file is read by a process of its own: a long or hostile one holds no web worker, and ends nothing but itself.

`start_reader` starts the command that keeps the outcome (with the portal's environment); that one starts the process that
parses (limited_reader.py), which gets the bytes of the file and nothing else.
"""

import os
import subprocess
import sys
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from iki_portal.extensions import db
from iki_portal.indicators.limited_reader import REFUSES
from iki_portal.indicators.uploads import TOO_LONG
from iki_portal.models import Upload, UploadState
from iki_portal.web.background import start_command
from iki_portal.web.transaction import transaction

#: Well below `uploads.STALE`: nobody is told that it stopped while it still reads.
WALL_CLOCK_SECONDS = 90
LIMITED_READER = (sys.executable, "-m", "iki_portal.indicators.limited_reader")


def start_reader(upload_id: int) -> None:
    """As books have one (approvals/books.py); called after the commit."""
    start_command("read-upload", str(upload_id))


def read_upload(upload_id: int) -> None:
    """Read a queued upload in a limited process and keep what it said; needs no request, and commits as it goes."""
    started = datetime.now(UTC)
    with transaction():
        query = select(Upload).where(Upload.id == upload_id).options(undefer(Upload.body)).with_for_update()
        upload = db.session.scalars(query).one_or_none()
        if upload is None or upload.state is not UploadState.QUEUED or upload.body is None:
            return
        upload.state, upload.touched_at, content = UploadState.READING, started, upload.body
    columns = _read(content)
    with transaction():  # when it was given up meanwhile, and cancelled or begun again, this answer comes too late
        same = (Upload.id == upload_id, Upload.state == UploadState.READING, Upload.touched_at == started)
        db.session.execute(update(Upload).where(*same).values(**columns).execution_options(synchronize_session=False))


def _read(content: bytes) -> dict[str, object]:
    """The columns that the outcome sets."""
    keyless = {name: value for name, value in os.environ.items() if not name.startswith("IKI_")}
    try:
        done = subprocess.run(  # noqa: S603  # our own
            LIMITED_READER, input=content, stdout=subprocess.PIPE, timeout=WALL_CLOCK_SECONDS, env=keyless, check=False
        )
    except subprocess.TimeoutExpired:
        return {"state": UploadState.REFUSED, "refusal": TOO_LONG}
    if done.returncode == 0:
        return {"state": UploadState.READ, "understood": done.stdout.decode()}
    refusal = done.stdout.decode() if done.returncode == REFUSES else TOO_LONG
    return {"state": UploadState.REFUSED, "refusal": refusal, "body": content if refusal == TOO_LONG else None}
