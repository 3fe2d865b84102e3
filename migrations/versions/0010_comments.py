"""Comments on rows of a sheet in preparation, and what was answered."""

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _word(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def _said_by(table: str) -> tuple[sa.Column[int] | sa.Column[str] | sa.ForeignKeyConstraint, ...]:
    return (
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("author_name", sa.String(length=400), nullable=False),
        sa.Column("author_title", sa.String(length=300), nullable=False),
        sa.Column("written_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["employee.id"], name=op.f(f"fk_{table}_author_id_employee")),
    )


def upgrade() -> None:
    cells = ("row", "text", "formula", "source", "unit_of_measure", "polarity", "aggregation", "target", "quarters")
    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=True),
        sa.Column("indicator_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=10), nullable=False),
        sa.Column("cell", _word("cell", *cells), nullable=False),
        sa.Column("quote", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("duty", _word("duty", "owner", "reviewer", "approver"), nullable=True),
        *_said_by("comment"),
        sa.Column("state", _word("state", "open", "done", "closed"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("statement_id IS NULL OR indicator_id IS NULL", name=op.f("ck_comment_one_row")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_comment_sheet_id_sheet")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statement.id"], name=op.f("fk_comment_statement_id_statement"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name=op.f("fk_comment_indicator_id_indicator"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    op.create_index("ix_comment_sheet_id_id", "comment", ["sheet_id", "id"], unique=False)
    op.create_index("ix_comment_statement_id", "comment", ["statement_id"], unique=False)
    op.create_index("ix_comment_indicator_id", "comment", ["indicator_id"], unique=False)
    op.create_table(
        "comment_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("step", _word("step", "reply", "tick_off", "close", "reopen"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        *_said_by("comment_entry"),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_comment_entry_comment_id_comment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_entry")),
    )
    op.create_index("ix_comment_entry_comment_id_id", "comment_entry", ["comment_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("comment_entry")
    op.drop_table("comment")
