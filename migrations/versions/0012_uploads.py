"""Documents that people upload to be read into drafts."""

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STATES = ("queued", "reading", "read", "refused", "applied", "cancelled")


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="state", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column("understood", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.String(length=300), nullable=False),
        sa.Column("uploaded_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("touched_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("applied_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["account.id"], name=op.f("fk_upload_uploaded_by_id_account")),
        sa.ForeignKeyConstraint(["year"], ["performance_year.year"], name=op.f("fk_upload_year_performance_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index("ix_upload_uploaded_by_id_id", "upload", ["uploaded_by_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("upload")
