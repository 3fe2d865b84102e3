"""E-mail: who wants which, and how long the portal keeps trying."""

import re
from datetime import timedelta
from enum import StrEnum


class MailChoice(StrEnum):
    NONE = "none"
    EACH = "each"
    DAILY = "daily"


MAIL_CHOICE_WORDS = {
    MailChoice.DAILY: "Ringkasan harian",
    MailChoice.EACH: "Segera, satu surel untuk setiap pemberitahuan",
    MailChoice.NONE: "Tanpa surel",
}

#: A sender that took a mail and was not heard of again has died: the mail is due again after so long. Longer than any
#: conversation with a mail server may last (notices/sending.py, `PATIENCE`).
LEASE = timedelta(minutes=15)
#: How long a mail waits after its first, second, … vain try: ten tries within three days.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (10, 20, 40, 80, 180, 360, 720, 1200, 1680))
MOST_TRIES = len(WAITS) + 1

#: A digest goes out with the first round of the day from this hour on the office's clock.
ROUND_HOUR = 6
#: Mail that was sent is kept so long, to answer "did it go out?".
SENT_KEPT = timedelta(days=30)
#: Notices that were read are kept so long.
READ_KEPT = timedelta(days=400)


#: Without anything that could begin another address or another header.
_ADDRESS = re.compile(r"""[^\s@<>,;:"'()\[\]\\]+@[^\s@<>,;:"'()\[\]\\]+""")


def is_address(text: str) -> bool:
    return bool(_ADDRESS.fullmatch(text)) and text.isprintable()


def wait_after(tries: int) -> timedelta | None:
    """How long a mail rests after so many vain tries; None when it is given up."""
    return WAITS[tries - 1] if tries < MOST_TRIES else None
