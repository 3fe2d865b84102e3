"""Indexes by which an office of thousands finds what nobody may decide, and the day its oldest sheet was begun."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sheet_reviewer_state_proposer", "sheet", ["reviewer_id", "state", "submitted_by_id"])
    op.drop_index("ix_sheet_reviewer_state", table_name="sheet")
    op.create_index("ix_sheet_year_begun_on_state", "sheet", ["year", "begun_on", "state"])


def downgrade() -> None:
    op.drop_index("ix_sheet_year_begun_on_state", table_name="sheet")
    op.create_index("ix_sheet_reviewer_state", "sheet", ["reviewer_id", "state"])
    op.drop_index("ix_sheet_reviewer_state_proposer", table_name="sheet")
