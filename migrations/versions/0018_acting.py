"""By which assignment a session acts, and the day on which a sheet was begun."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

FOREIGN_KEY = "fk_sign_in_session_acting_as_id_assignment"
#: The office's day (seven hours ahead of UTC) of the first act on a sheet, or, where nobody has acted yet, of its last change.
BEGUN = {
    "sqlite": "UPDATE sheet SET begun_on = date(COALESCE("
    "(SELECT min(at) FROM history_entry WHERE sheet_id = sheet.id), changed_at), '+7 hours')",
    "postgresql": "UPDATE sheet SET begun_on = (COALESCE("
    "(SELECT min(at) FROM history_entry WHERE sheet_id = sheet.id), changed_at) AT TIME ZONE 'Asia/Jakarta')::date",
}


def upgrade() -> None:
    with op.batch_alter_table("sign_in_session") as batch:
        batch.add_column(sa.Column("acting_as_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f(FOREIGN_KEY), "assignment", ["acting_as_id"], ["id"])
    op.add_column("sheet", sa.Column("begun_on", sa.Date(), nullable=True))
    op.execute(BEGUN[op.get_bind().dialect.name])
    with op.batch_alter_table("sheet") as batch:
        batch.alter_column("begun_on", existing_type=sa.Date(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("sheet") as batch:
        batch.drop_column("begun_on")
    with op.batch_alter_table("sign_in_session") as batch:
        batch.drop_constraint(op.f(FOREIGN_KEY), type_="foreignkey")
        batch.drop_column("acting_as_id")
