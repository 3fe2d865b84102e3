"""Work whose process is gone, with its host or without: any server takes it up again."""

from datetime import datetime, timedelta

from iki_portal.approvals import books
from iki_portal.indicators import uploads
from iki_portal.organisation import staffing_workbooks
from iki_portal.web.transaction import transaction

#: What was asked for longer ago is left to a person: what ends its process each time would be begun for ever.
TAKEN_UP_FOR = timedelta(hours=1)


def take_up(now: datetime) -> list[tuple[str, str]]:
    """Claim what is lost; returns the commands (name and number) that are now to be run, by nobody else."""
    since = now - TAKEN_UP_FOR
    with transaction():
        found = [
            *(("compose", each) for each in books.take_up_lost(now, asked_after=since)),
            *(("read-upload", each) for each in uploads.take_up_lost(now, asked_after=since)),
            *(("read-staffing", each) for each in staffing_workbooks.take_up_lost(now, asked_after=since)),
            # under the lock of the history only the first of two writes
            *(("apply-staffing", each) for each in staffing_workbooks.unapplied(now, asked_after=since)),
        ]
    return [(name, str(number)) for name, number in found]
