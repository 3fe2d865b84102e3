"""What the trail notes: who came in, who was refused, what left the portal; and how much of it."""

from datetime import timedelta
from enum import StrEnum


class TrailAction(StrEnum):
    SIGN_IN = "sign_in"
    ACTIVATE = "activate"
    LOCK = "lock"
    ACT_AS = "act_as"
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

#: Acts of the history that keep the portal itself: what an operator reads of the trail.
HOUSEKEEPING = frozenset(
    {
        *("add_employee", "change_employee", "appoint", "change_assignment"),
        *("create_account", "reset_account", "unlock_account", "deactivate_account", "activate_account", "reset_second_step"),
        *("open_year", "set_rule", "office_text"),
    }
)
#: The same of the trail's own events.
HOUSEKEEPING_EVENTS = frozenset({TrailAction.LOCK})
