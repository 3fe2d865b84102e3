"""Indexes by which a kabupaten finds who holds a post, which posts changed hands, and how far a year is."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_assignment_holders", "assignment", ["position_id", "employee_id", "starts_on", "ends_on", "kind"])
    op.drop_index("ix_assignment_position_id_employee_id", table_name="assignment")
    op.create_index("ix_assignment_starts_on", "assignment", ["starts_on"])
    op.create_index("ix_assignment_ends_on", "assignment", ["ends_on"])
    op.create_index("ix_sheet_year_state", "sheet", ["year", "state", "revision", "position_id"])


def downgrade() -> None:
    op.drop_index("ix_sheet_year_state", table_name="sheet")
    op.drop_index("ix_assignment_ends_on", table_name="assignment")
    op.drop_index("ix_assignment_starts_on", table_name="assignment")
    op.create_index("ix_assignment_position_id_employee_id", "assignment", ["position_id", "employee_id"])
    op.drop_index("ix_assignment_holders", table_name="assignment")
