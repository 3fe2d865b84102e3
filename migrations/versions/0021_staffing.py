"""Workbooks of the organisation that operators upload, row by row."""

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

STATES = ("queued", "reading", "comparing", "read", "refused", "applying", "applied", "cancelled")
FATES = ("new", "changed", "unchanged", "wrong")


def _word(words: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    op.create_table(
        "staffing_workbook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("state", _word(STATES, "state"), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("notices", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=200), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.String(length=300), nullable=False),
        sa.Column("uploaded_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("touched_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("applied_by_id", sa.Integer(), nullable=True),
        sa.Column("applied_by", sa.String(length=300), nullable=False),
        sa.Column("applied_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["account.id"], name=op.f("fk_staffing_workbook_uploaded_by_id_account")),
        sa.ForeignKeyConstraint(["applied_by_id"], ["account.id"], name=op.f("fk_staffing_workbook_applied_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staffing_workbook")),
    )
    op.create_table(
        "staffing_row",
        sa.Column("workbook_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tab", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fate", _word(FATES, "fate"), nullable=False),
        sa.Column("has_warnings", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workbook_id"], ["staffing_workbook.id"], name=op.f("fk_staffing_row_workbook_id_staffing_workbook")
        ),
        sa.PrimaryKeyConstraint("workbook_id", "place", name=op.f("pk_staffing_row")),
    )
    op.create_index(
        "ix_staffing_row_workbook_id_fate_tab_place",
        "staffing_row",
        ["workbook_id", "fate", "tab", "place"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("staffing_row")
    op.drop_table("staffing_workbook")
