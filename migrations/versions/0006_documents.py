"""Documents: what the office says of itself, register number and code of a frozen copy, its print."""

import json

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "office_text",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("government", sa.String(length=200), nullable=False),
        sa.Column("agency", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("contact", sa.String(length=300), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("page_size", sa.String(length=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=300), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_office_text_single")),
        sa.CheckConstraint("page_size IN ('a4', 'f4')", name=op.f("ck_office_text_page_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_text")),
    )
    with op.batch_alter_table("frozen_copy") as batch:
        batch.add_column(sa.Column("register", sa.String(length=20), nullable=True))
        batch.add_column(sa.Column("code", sa.String(length=20), nullable=True))
        batch.create_unique_constraint(op.f("uq_frozen_copy_register"), ["register"])
        batch.create_unique_constraint(op.f("uq_frozen_copy_code"), ["code"])
    _read_from_copies(op.get_bind())
    op.create_table(
        "issued_print",
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("is_signed", sa.Boolean(), nullable=False),
        sa.Column("issued_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["frozen_copy.sheet_id"], name=op.f("fk_issued_print_sheet_id_frozen_copy")),
        sa.PrimaryKeyConstraint("sheet_id", name=op.f("pk_issued_print")),
        sa.UniqueConstraint("sha256", name=op.f("uq_issued_print_sha256")),
    )


def _read_from_copies(connection: sa.Connection) -> None:
    """Both stand in the copy itself: after a downgrade nothing is lost."""
    frozen = sa.table("frozen_copy", *(sa.column(name) for name in ("sheet_id", "body", "register", "code")))
    for row in connection.execute(sa.select(frozen.c.sheet_id, frozen.c.body)).all():
        copy = json.loads(row.body)
        values = {"register": copy.get("register"), "code": copy.get("code")}
        connection.execute(sa.update(frozen).where(frozen.c.sheet_id == row.sheet_id).values(values))


def downgrade() -> None:
    op.drop_table("issued_print")
    with op.batch_alter_table("frozen_copy") as batch:
        batch.drop_constraint(op.f("uq_frozen_copy_code"), type_="unique")
        batch.drop_constraint(op.f("uq_frozen_copy_register"), type_="unique")
        batch.drop_column("code")
        batch.drop_column("register")
    op.drop_table("office_text")
