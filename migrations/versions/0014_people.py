"""People and assignments that the operator keeps: e-mail, date of the decree, cancelled terms, and versions of both."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

DATES = "is_cancelled = (ends_on IS NOT NULL AND ends_on < starts_on)"
DATES_BEFORE = "ends_on IS NULL OR ends_on >= starts_on"


def upgrade() -> None:
    op.add_column("employee", sa.Column("email", sa.String(length=254), server_default="", nullable=False))
    op.add_column("employee", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_index("ix_employee_name_id", "employee", ["name", "id"])
    op.add_column("assignment", sa.Column("decree_on", sa.Date(), nullable=True))
    op.add_column("assignment", sa.Column("is_cancelled", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("assignment", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    _set_check(DATES)


def _set_check(dates: str) -> None:
    with op.batch_alter_table("assignment") as batch:
        batch.drop_constraint(op.f("ck_assignment_dates"), type_="check")
        batch.create_check_constraint(op.f("ck_assignment_dates"), dates)


def downgrade() -> None:
    op.execute("DELETE FROM assignment WHERE is_cancelled")  # the earlier check knows none, and they give no right
    _set_check(DATES_BEFORE)
    for name in ("version", "is_cancelled", "decree_on"):
        op.drop_column("assignment", name)
    op.drop_index("ix_employee_name_id", table_name="employee")
    op.drop_column("employee", "version")
    op.drop_column("employee", "email")
