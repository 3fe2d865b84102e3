"""History under a locked head, submitted contents, frozen copies."""

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "history_entry",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column(
            "from_state",
            sa.Enum(
                "draft",
                "submitted",
                "reviewed",
                "approved",
                "superseded",
                name="from_state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_state",
            sa.Enum(
                "draft",
                "submitted",
                "reviewed",
                "approved",
                "superseded",
                name="to_state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=400), nullable=False),
        sa.Column("acting_position_id", sa.Integer(), nullable=True),
        sa.Column("acting_title", sa.String(length=300), nullable=False),
        sa.Column(
            "acting_kind",
            sa.Enum("definitive", "plt", "plh", name="acting_kind", native_enum=False, create_constraint=True, length=20),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("sheet_version", sa.Integer(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("key_id", sa.String(length=8), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_history_entry_number")),
        sa.ForeignKeyConstraint(
            ["acting_position_id"], ["position.id"], name=op.f("fk_history_entry_acting_position_id_position")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["employee.id"], name=op.f("fk_history_entry_actor_id_employee")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_history_entry_sheet_id_sheet")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_history_entry")),
        sa.UniqueConstraint("hash", name=op.f("uq_history_entry_hash")),
    )
    op.create_index("ix_history_entry_sheet_id_number", "history_entry", ["sheet_id", "number"], unique=False)
    op.create_table(
        "history_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_history_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_head")),
    )
    op.create_table(
        "sheet_content",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("stored_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sheet_content")),
    )
    op.create_table(
        "frozen_copy",
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("history_number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("frozen_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["history_number"], ["history_entry.number"], name=op.f("fk_frozen_copy_history_number_history_entry")
        ),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_frozen_copy_sheet_id_sheet")),
        sa.PrimaryKeyConstraint("sheet_id", name=op.f("pk_frozen_copy")),
        sa.UniqueConstraint("history_number", name=op.f("uq_frozen_copy_history_number")),
    )
    op.execute(sa.text("INSERT INTO history_head (id, number, hash) VALUES (1, 0, :hash)").bindparams(hash="0" * 64))


def downgrade() -> None:
    op.drop_table("frozen_copy")
    op.drop_table("sheet_content")
    op.drop_table("history_head")
    op.drop_table("history_entry")
