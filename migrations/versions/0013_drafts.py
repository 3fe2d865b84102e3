"""Drafts as they stood, for merging two people's changes and for taking a deletion back."""

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft_version",
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("saved_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(length=300), nullable=False),
        sa.Column("act", sa.String(length=200), nullable=False),
        sa.Column("is_undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_draft_version_sheet_id_sheet")),
        sa.PrimaryKeyConstraint("sheet_id", "version", name=op.f("pk_draft_version")),
    )


def downgrade() -> None:
    op.drop_table("draft_version")
