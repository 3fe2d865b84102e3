"""The index of the list of employees holds what the list is searched by."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_employee_name_id", table_name="employee")
    op.create_index("ix_employee_list", "employee", ["name", "id", "identifier", "rank"])


def downgrade() -> None:
    op.drop_index("ix_employee_list", table_name="employee")
    op.create_index("ix_employee_name_id", "employee", ["name", "id"])
