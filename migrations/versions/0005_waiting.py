"""What waits at a post, found by that post and not along everything that waits."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WAITING = sa.text("state IN ('submitted', 'reviewed')")


def upgrade() -> None:
    for desk in ("reviewer", "approver"):
        columns = [f"{desk}_id", "submitted_at", "id"]
        op.create_index(f"ix_sheet_waiting_{desk}", "sheet", columns, sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("ix_sheet_approver_owner", "sheet", ["approver_id", "position_id"])
    op.create_index("ix_sheet_approver_proposer", "sheet", ["approver_id", "submitted_by_id"])
    op.create_index("ix_sheet_approver_reviewer", "sheet", ["approver_id", "reviewed_by_id"])
    op.drop_index("ix_sheet_approver_state", "sheet")
    op.drop_index("ix_sheet_waiting", "sheet")


def downgrade() -> None:
    op.create_index("ix_sheet_waiting", "sheet", ["submitted_at", "id"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("ix_sheet_approver_state", "sheet", ["approver_id", "state"])
    for name in ("approver_reviewer", "approver_proposer", "approver_owner", "waiting_approver", "waiting_reviewer"):
        op.drop_index(f"ix_sheet_{name}", "sheet")
