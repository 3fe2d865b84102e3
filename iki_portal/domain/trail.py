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
    MAIL_CHOICE = "mail_choice"
    MAIL_RETRY = "mail_retry"


#: The same refusal (of one account, at one address) is noted once in this span, …
REFUSALS_APART = timedelta(minutes=10)
#: … and no more than so many of one account: what comes on top stands in the log alone.
MOST_REFUSALS = 30

#: Acts of the history that keep the portal itself: what an operator reads of the trail.
HOUSEKEEPING = frozenset(
    {
        *("add_employee", "change_employee", "appoint", "change_assignment", "import_staffing"),
        *("create_account", "reset_account", "unlock_account", "deactivate_account", "activate_account", "reset_second_step"),
        *(
            "create_operator",
            "open_year",
            "change_deadline",
            "change_window",
            "set_scale",
            "set_rule",
            "office_text",
            "move_database",
        ),
        *(f"{act}_{subject}" for act in ("add", "change", "rename", "close") for subject in ("unit", "post")),
        *("add_period", "change_period", "add_goal", "change_goal", "withdraw_goal", "add_iku", "change_iku", "withdraw_iku"),
    }
)
#: The same of the trail's own events.
HOUSEKEEPING_EVENTS = frozenset({TrailAction.LOCK, TrailAction.MAIL_RETRY})
