"""What the trail notes: who came in, who was refused, what left the portal; and how much of it."""

from datetime import timedelta
from enum import StrEnum


class TrailAction(StrEnum):
    SIGN_IN = "sign_in"
    ACTIVATE = "activate"
    LOCK = "lock"
    SIGN_OUT = "sign_out"
    SIGN_OUT_EVERYWHERE = "sign_out_everywhere"
    END_SESSION = "end_session"
    CHANGE_PASSWORD = "change_password"  # noqa: S105  # the name of an act
    SECOND_STEP_ON = "second_step_on"
    SECOND_STEP_OFF = "second_step_off"
    REFUSAL = "refusal"
    DOWNLOAD = "download"
    PRINT = "print"


#: The same refusal (of one account, at one address) is noted once in this span, …
REFUSALS_APART = timedelta(minutes=10)
#: … and no more than so many of one account: what comes on top stands in the log alone.
MOST_REFUSALS = 30
