"""What the role that serves the portal may do to each table on PostgreSQL: no more than the portal does.

The tables belong to another role, which runs `iki database upgrade`; `iki database prepare` gives the serving role exactly this
(databases/roles.py). Everybody may SELECT. SQLite knows no roles: there the triggers alone stand guard.
"""

from dataclasses import dataclass

#: UPDATE of the whole row, for tables whose every column somebody may correct.
EVERY_COLUMN = ("*",)


@dataclass(frozen=True, slots=True)
class Grant:
    """Rights to one table besides SELECT; `update` names the columns."""

    insert: bool = True
    update: tuple[str, ...] = ()
    delete: bool = False


APPEND_ONLY = Grant()
KEPT = Grant(update=EVERY_COLUMN)
READ_ONLY = Grant(insert=False)
HEAD = Grant(insert=False, update=("number", "hash"))

GRANTS: dict[str, Grant] = {
    # which revision the tables are at: only an upgrade writes it
    "alembic_version": READ_ONLY,
    # organisation and accounts
    "unit": KEPT,
    "position": KEPT,
    "position_duty": Grant(update=EVERY_COLUMN, delete=True),
    "employee": KEPT,
    "assignment": KEPT,
    "performance_year": KEPT,
    "office_text": KEPT,
    "account": KEPT,
    "recovery_code": Grant(delete=True),
    "sign_in_session": Grant(update=EVERY_COLUMN, delete=True),
    # sheets: the post, the year and the revision stand from the first day
    "sheet": Grant(
        update=(
            "state",
            "version",
            "heading",
            "reviewer_id",
            "approver_id",
            "submitted_by_id",
            "submitted_at",
            "reviewed_by_id",
            "reviewed_at",
            "approved_by_id",
            "approved_at",
            "approved_title",
            "approved_unit",
            "content_hash",
            "changed_at",
            "changed_by",
        )
    ),
    "statement": Grant(update=EVERY_COLUMN, delete=True),
    "indicator": Grant(update=EVERY_COLUMN, delete=True),
    "draft_version": Grant(update=("is_undone",), delete=True),
    "comment": Grant(update=("state", "version")),
    "comment_entry": APPEND_ONLY,
    "finding_answer": Grant(update=EVERY_COLUMN, delete=True),
    "finding_count": Grant(delete=True),
    "rule_setting": KEPT,
    # history, trail and what was approved
    "history_entry": APPEND_ONLY,
    "history_head": HEAD,
    "organisation_act": APPEND_ONLY,
    "trail_event": APPEND_ONLY,
    "trail_head": HEAD,
    "audit_check": APPEND_ONLY,
    "sheet_content": APPEND_ONLY,
    "frozen_copy": APPEND_ONLY,
    "issued_print": APPEND_ONLY,
    # what was achieved: figures and evidence only grow
    "quarter_window": KEPT,
    "realisation_report": Grant(
        update=(
            "state",
            "version",
            "submitted_by_id",
            "submitted_at",
            "is_late",
            "verified_by_id",
            "verified_at",
            "content_hash",
            "changed_at",
            "changed_by",
        )
    ),
    "realisation_entry": APPEND_ONLY,
    "report_copy": APPEND_ONLY,
    "attachment": Grant(update=("withdrawn_at", "withdrawn_by")),
    # goals, and which indicator supports which: nothing is deleted
    "goal_period": KEPT,
    "goal": KEPT,
    "key_indicator": KEPT,
    "key_indicator_target": KEPT,
    "cascade_link": Grant(update=("ended_at", "ended_by")),
    # what verified reports come to: computed anew, never changed
    "report_result": Grant(delete=True),
    "year_result": Grant(delete=True),
    "indicator_result": Grant(delete=True),
    # talks between two persons: what was written only grows
    "talk": Grant(update=("version", "owner_confirmed_at", "superior_confirmed_at")),
    "talk_writing": APPEND_ONLY,
    "talk_act": APPEND_ONLY,
    # what people are told
    "notice": Grant(update=("read_at",), delete=True),
    "outgoing_mail": Grant(update=("attempts", "next_try_at", "sent_at", "failed_at", "last_error"), delete=True),
    "reminder": APPEND_ONLY,
    "daily_round": APPEND_ONLY,
    # documents
    "decree_text": KEPT,
    "book": KEPT,
    "upload": KEPT,
    "staffing_workbook": KEPT,
    "staffing_row": Grant(delete=True),
    # what is known of indicators elsewhere
    "known_indicator": Grant(update=("uses",)),
    "known_indicator_use": Grant(update=("indicator_id",), delete=True),
    "known_word": Grant(update=("entries",)),
    "known_word_place": APPEND_ONLY,
}
