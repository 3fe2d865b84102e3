"""The second chain (sign-ins, refusals, downloads, prints), the marks of checks, and whom an act of the history is about."""

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOMENT = columns.UtcDateTime(timezone=True)
#: What the page "Jejak audit" reads the history by.
HISTORY_INDEXES = {
    "ix_history_entry_at": ["at"],
    "ix_history_entry_actor_id_at": ["actor_id", "at"],
    "ix_history_entry_subject_id_at": ["subject_id", "at"],
    "ix_history_entry_action_at": ["action", "at"],
}
TRAIL_INDEXES = {
    "ix_trail_event_at": ["at"],
    "ix_trail_event_account_id_at": ["account_id", "at"],
    "ix_trail_event_actor_id_at": ["actor_id", "at"],
    "ix_trail_event_action_at": ["action", "at"],
    "ix_trail_event_sheet_id_at": ["sheet_id", "at"],
}


def upgrade() -> None:
    with op.batch_alter_table("history_entry") as batch:
        batch.add_column(sa.Column("subject_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_history_entry_subject_id_employee"), "employee", ["subject_id"], ["id"])
    for name, over in HISTORY_INDEXES.items():
        op.create_index(name, "history_entry", over)
    _create_trail()
    _create_checks()


def _create_trail() -> None:
    op.create_table(
        "trail_event",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=400), nullable=False),
        sa.Column("acting_title", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("sheet_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("key_id", sa.String(length=8), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_trail_event_number")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_trail_event_account_id_account")),
        sa.ForeignKeyConstraint(["actor_id"], ["employee.id"], name=op.f("fk_trail_event_actor_id_employee")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_trail_event_sheet_id_sheet")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_trail_event")),
        sa.UniqueConstraint("hash", name=op.f("uq_trail_event_hash")),
    )
    for name, over in TRAIL_INDEXES.items():
        op.create_index(name, "trail_event", over)
    op.create_table(
        "trail_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_trail_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail_head")),
    )
    op.execute(sa.text("INSERT INTO trail_head (id, number, hash) VALUES (1, 0, :hash)").bindparams(hash="0" * 64))


def _create_checks() -> None:
    scope = sa.Enum("tail", "full", name="scope", native_enum=False, create_constraint=True, length=20)
    op.create_table(
        "audit_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("scope", scope, nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("history_number", sa.Integer(), nullable=False),
        sa.Column("history_hash", sa.String(length=64), nullable=False),
        sa.Column("trail_number", sa.Integer(), nullable=False),
        sa.Column("trail_hash", sa.String(length=64), nullable=False),
        sa.Column("problems", sa.Integer(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_check")),
    )
    op.create_index("ix_audit_check_scope_id", "audit_check", ["scope", "id"])


def downgrade() -> None:
    named = sa.text("SELECT number FROM history_entry WHERE subject_id IS NOT NULL LIMIT 1")
    if op.get_bind().scalar(named) is not None:
        raise RuntimeError("the history's hashes cover subject_id: restore a backup from before revision 0022 instead")
    op.drop_table("audit_check")
    op.drop_table("trail_head")
    op.drop_table("trail_event")
    for name in HISTORY_INDEXES:
        op.drop_index(name, "history_entry")
    with op.batch_alter_table("history_entry") as batch:
        batch.drop_constraint(op.f("fk_history_entry_subject_id_employee"), type_="foreignkey")
        batch.drop_column("subject_id")
