"""Each act upon a unit or a post is found from the unit or the post."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisation_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("history_number", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("position_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(unit_id IS NULL) <> (position_id IS NULL)", name=op.f("ck_organisation_act_one_subject")),
        sa.ForeignKeyConstraint(
            ["history_number"], ["history_entry.number"], name=op.f("fk_organisation_act_history_number_history_entry")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_organisation_act_unit_id_unit")),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name=op.f("fk_organisation_act_position_id_position")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_act")),
    )
    for subject in ("unit_id", "position_id"):
        op.create_index(f"ix_organisation_act_{subject}_history_number", "organisation_act", [subject, "history_number"])


def downgrade() -> None:
    op.drop_table("organisation_act")
