"""The quality check: settings of a year, answers of owners, counts for lists, and the same words found on other sheets."""

import sqlalchemy as sa
from alembic import op

from iki_portal.domain.checks import text_key
from iki_portal.models import columns

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_setting",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "severity",
            sa.Enum("off", "advises", "blocks", name="severity", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("set_by", sa.String(length=300), nullable=False),
        sa.Column("set_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["year"], ["performance_year.year"], name=op.f("fk_rule_setting_year_performance_year")),
        sa.PrimaryKeyConstraint("year", "rule", name=op.f("pk_rule_setting")),
    )
    op.create_table(
        "finding_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=30), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("answered_by", sa.String(length=300), nullable=False),
        sa.Column("answered_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_finding_answer_sheet_id_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_answer")),
        sa.UniqueConstraint("sheet_id", "rule", "place", name=op.f("uq_finding_answer_sheet_id_rule_place")),
    )
    op.create_table(
        "finding_count",
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_finding_count_sheet_id_sheet")),
        sa.PrimaryKeyConstraint("sheet_id", "rule", name=op.f("pk_finding_count")),
    )
    op.add_column("indicator", sa.Column("text_key", sa.String(length=16), server_default="", nullable=False))
    _find_keys(op.get_bind())
    op.create_index("ix_indicator_text_key", "indicator", ["text_key"])


def _find_keys(connection: sa.Connection) -> None:
    indicator = sa.table("indicator", *(sa.column(name) for name in ("id", "text", "text_key")))
    keys = [
        {"row": row.id, "key": text_key(row.text)} for row in connection.execute(sa.select(indicator.c.id, indicator.c.text))
    ]
    if keys:
        found = sa.update(indicator).where(indicator.c.id == sa.bindparam("row")).values(text_key=sa.bindparam("key"))
        connection.execute(found, keys)


def downgrade() -> None:
    op.drop_index("ix_indicator_text_key", "indicator")
    op.drop_column("indicator", "text_key")
    op.drop_table("finding_count")
    op.drop_table("finding_answer")
    op.drop_table("rule_setting")
