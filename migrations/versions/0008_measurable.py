"""What makes an indicator measurable: last year's value, a formula in fields, the code of its sub-kegiatan."""

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXTS = ("justification", "numerator", "denominator", "population", "record", "cut_off")


def upgrade() -> None:
    op.add_column("indicator", sa.Column("baseline", columns.Amount(), nullable=True))
    op.add_column("indicator", sa.Column("sub_kegiatan_code", sa.String(length=40), server_default="", nullable=False))
    for name in TEXTS:
        op.add_column("indicator", sa.Column(name, sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    for name in reversed(("baseline", "sub_kegiatan_code", *TEXTS)):
        op.drop_column("indicator", name)
