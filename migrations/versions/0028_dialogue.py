"""Dialog kinerja: talks between two persons about a sheet, their texts and their place in the history; notices of them."""

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MOMENT = columns.UtcDateTime(timezone=True)
FORMER_KINDS = (
    *("to_review", "to_approve", "returned", "approved", "revised", "commented", "answered"),
    *("year_opened", "post_begins", "post_ends", "deadline", "reminded"),
    *("to_verify", "report_returned", "report_verified", "quarter_reopened"),
)
NEW_KINDS = ("talk_waits", "talk_changed", "talk_closed")
OPEN = sa.text("owner_confirmed_at IS NULL OR superior_confirmed_at IS NULL")


def upgrade() -> None:
    _name_kinds(*FORMER_KINDS, *NEW_KINDS)
    _create_talks()
    _create_writings()
    _create_acts()


def _name_kinds(*kinds: str) -> None:
    words = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("notice") as batch:
        batch.drop_constraint(op.f("ck_notice_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_notice_kind"), f"kind IN ({words})")


def _create_talks() -> None:
    op.create_table(
        "talk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("owner_name", sa.String(length=400), nullable=False),
        sa.Column("owner_title", sa.String(length=300), nullable=False),
        sa.Column("superior_id", sa.Integer(), nullable=False),
        sa.Column("superior_name", sa.String(length=400), nullable=False),
        sa.Column("superior_title", sa.String(length=300), nullable=False),
        sa.Column("superior_post_id", sa.Integer(), nullable=False),
        sa.Column("begun_by_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner_confirmed_at", MOMENT, nullable=True),
        sa.Column("superior_confirmed_at", MOMENT, nullable=True),
        sa.CheckConstraint("owner_id <> superior_id", name=op.f("ck_talk_two_persons")),
        sa.CheckConstraint("begun_by_id IN (owner_id, superior_id)", name=op.f("ck_talk_begun_by_one_of_them")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_talk_sheet_id_sheet")),
        sa.ForeignKeyConstraint(["owner_id"], ["employee.id"], name=op.f("fk_talk_owner_id_employee")),
        sa.ForeignKeyConstraint(["superior_id"], ["employee.id"], name=op.f("fk_talk_superior_id_employee")),
        sa.ForeignKeyConstraint(["superior_post_id"], ["position.id"], name=op.f("fk_talk_superior_post_id_position")),
        sa.ForeignKeyConstraint(["begun_by_id"], ["employee.id"], name=op.f("fk_talk_begun_by_id_employee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk")),
        sa.UniqueConstraint("sheet_id", "begun_by_id", "number", name=op.f("uq_talk_sheet_id_begun_by_id_number")),
    )
    op.create_index("ix_talk_sheet_id_id", "talk", ["sheet_id", "id"])
    op.create_index("ix_talk_owner_id_id", "talk", ["owner_id", "id"])
    op.create_index("ix_talk_superior_id_id", "talk", ["superior_id", "id"])
    op.create_index("ix_talk_open_owner_id", "talk", ["owner_id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_talk_open_superior_id", "talk", ["superior_id"], sqlite_where=OPEN, postgresql_where=OPEN)


def _create_writings() -> None:
    op.create_table(
        "talk_writing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("talk_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=True),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("owner_part", sa.Text(), nullable=False),
        sa.Column("superior_part", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=False),
        sa.Column("follow_up", sa.Text(), nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("author_name", sa.String(length=400), nullable=False),
        sa.Column("author_title", sa.String(length=300), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.CheckConstraint("quarter BETWEEN 1 AND 4", name=op.f("ck_talk_writing_quarter")),
        sa.CheckConstraint("follow_up_on >= held_on", name=op.f("ck_talk_writing_follow_up")),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name=op.f("fk_talk_writing_talk_id_talk")),
        sa.ForeignKeyConstraint(["author_id"], ["employee.id"], name=op.f("fk_talk_writing_author_id_employee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk_writing")),
        sa.UniqueConstraint("talk_id", "version", name=op.f("uq_talk_writing_talk_id_version")),
    )


def _create_acts() -> None:
    op.create_table(
        "talk_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("talk_id", sa.Integer(), nullable=False),
        sa.Column("history_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["talk_id"], ["talk.id"], name=op.f("fk_talk_act_talk_id_talk")),
        sa.ForeignKeyConstraint(
            ["history_number"], ["history_entry.number"], name=op.f("fk_talk_act_history_number_history_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk_act")),
        sa.UniqueConstraint("history_number", name=op.f("uq_talk_act_history_number")),
    )
    op.create_index("ix_talk_act_talk_id_history_number", "talk_act", ["talk_id", "history_number"])


def downgrade() -> None:
    if op.get_bind().scalar(sa.text("SELECT id FROM talk LIMIT 1")) is not None:
        raise RuntimeError("talks are recorded: restore a backup from before revision 0028 instead")
    for table in ("talk_act", "talk_writing", "talk"):
        op.drop_table(table)
    new = ", ".join(f"'{kind}'" for kind in NEW_KINDS)
    op.execute(f"DELETE FROM notice WHERE kind IN ({new})")  # noqa: S608  # our own words
    _name_kinds(*FORMER_KINDS)
