"""Notices, the mail that waits to go out, reminders of desks, and who wants which e-mail."""

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MOMENT = columns.UtcDateTime(timezone=True)
KINDS = (
    *("to_review", "to_approve", "returned", "approved", "revised", "commented", "answered"),
    *("year_opened", "post_begins", "post_ends", "deadline", "reminded"),
)
UNREAD = sa.text("read_at IS NULL")
WAITING = sa.text("sent_at IS NULL AND failed_at IS NULL")


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    with op.batch_alter_table("account") as batch:
        choice = _word(op.f("ck_account_mail_choice"), "none", "each", "daily")
        batch.add_column(sa.Column("mail_choice", choice, server_default="daily", nullable=False))
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("kind", _word("kind", *KINDS), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=True),
        sa.Column("position_id", sa.Integer(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_notice_employee_id_employee")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_notice_sheet_id_sheet")),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name=op.f("fk_notice_position_id_position")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("employee_id", "key", name=op.f("uq_notice_employee_id_key")),
    )
    op.create_index("ix_notice_employee_id_id", "notice", ["employee_id", "id"])
    op.create_index("ix_notice_unread", "notice", ["employee_id"], sqlite_where=UNREAD, postgresql_where=UNREAD)
    op.create_index("ix_notice_unread_sheet", "notice", ["sheet_id"], sqlite_where=UNREAD, postgresql_where=UNREAD)
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("message_id", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("failed_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=False),
        sa.CheckConstraint("sent_at IS NULL OR failed_at IS NULL", name=op.f("ck_outgoing_mail_one_end")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_outgoing_mail_employee_id_employee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_mail")),
        sa.UniqueConstraint("employee_id", "key", name=op.f("uq_outgoing_mail_employee_id_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outgoing_mail_message_id")),
    )
    op.create_index(
        "ix_outgoing_mail_waiting", "outgoing_mail", ["next_try_at", "id"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_table(
        "reminder",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["year"], ["performance_year.year"], name=op.f("fk_reminder_year_performance_year")),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name=op.f("fk_reminder_position_id_position")),
        sa.PrimaryKeyConstraint("year", "position_id", "reminded_on", name=op.f("pk_reminder")),
    )
    op.create_table(
        "daily_round",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_round")),
    )


def downgrade() -> None:
    for name in ("daily_round", "reminder", "outgoing_mail", "notice"):
        op.drop_table(name)
    with op.batch_alter_table("account") as batch:
        batch.drop_constraint(op.f("ck_account_mail_choice"), type_="check")
        batch.drop_column("mail_choice")
