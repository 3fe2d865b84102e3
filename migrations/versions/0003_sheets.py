"""Sheets with their statements and indicators."""

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "reviewed",
                "approved",
                "superseded",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("approver_id", sa.Integer(), nullable=False),
        sa.Column(
            "reason_class",
            sa.Enum(
                "strategy",
                "budget",
                "organisation",
                "correction",
                name="reason_class",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("reason_note", sa.String(), nullable=False),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("changed_at", columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "(state IN ('approved', 'superseded')) = (approved_by_id IS NOT NULL AND approved_at IS NOT NULL)",
            name=op.f("ck_sheet_approved"),
        ),
        sa.CheckConstraint(
            "state = 'draft' OR (submitted_by_id IS NOT NULL AND submitted_at IS NOT NULL AND content_hash IS NOT NULL)",
            name=op.f("ck_sheet_submitted"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('reviewed', 'approved', 'superseded') OR reviewer_id IS NULL"
            " OR (reviewed_by_id IS NOT NULL AND reviewed_at IS NOT NULL)",
            name=op.f("ck_sheet_reviewed"),
        ),
        sa.CheckConstraint("(revision = 1) = (reason_class IS NULL)", name=op.f("ck_sheet_reason")),
        sa.CheckConstraint(
            "submitted_by_id <> reviewed_by_id AND submitted_by_id <> approved_by_id AND reviewed_by_id <> approved_by_id",
            name=op.f("ck_sheet_different_persons"),
        ),
        sa.ForeignKeyConstraint(["approved_by_id"], ["employee.id"], name=op.f("fk_sheet_approved_by_id_employee")),
        sa.ForeignKeyConstraint(["approver_id"], ["position.id"], name=op.f("fk_sheet_approver_id_position")),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name=op.f("fk_sheet_position_id_position")),
        sa.ForeignKeyConstraint(["reviewed_by_id"], ["employee.id"], name=op.f("fk_sheet_reviewed_by_id_employee")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["position.id"], name=op.f("fk_sheet_reviewer_id_position")),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["employee.id"], name=op.f("fk_sheet_submitted_by_id_employee")),
        sa.ForeignKeyConstraint(["year"], ["performance_year.year"], name=op.f("fk_sheet_year_performance_year")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet")),
        sa.UniqueConstraint("position_id", "year", "revision", name=op.f("uq_sheet_position_id_year_revision")),
    )
    op.create_index("ix_sheet_approver_state", "sheet", ["approver_id", "state"], unique=False)
    op.create_index("ix_sheet_reviewer_state", "sheet", ["reviewer_id", "state"], unique=False)
    op.create_index("ix_sheet_year_order", "sheet", ["year", "order", "revision"], unique=False)
    op.create_index(
        "uq_sheet_in_force",
        "sheet",
        ["position_id", "year"],
        unique=True,
        sqlite_where=sa.text("state = 'approved'"),
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_index(
        "uq_sheet_in_preparation",
        "sheet",
        ["position_id", "year"],
        unique=True,
        sqlite_where=sa.text("state IN ('draft', 'submitted', 'reviewed')"),
        postgresql_where=sa.text("state IN ('draft', 'submitted', 'reviewed')"),
    )
    waiting = sa.text("state IN ('submitted', 'reviewed')")
    op.create_index("ix_sheet_waiting", "sheet", ["submitted_at", "id"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_statement_sheet_id_sheet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
    )
    op.create_index("ix_statement_sheet_id_number", "statement", ["sheet_id", "number"], unique=False)
    op.create_table(
        "indicator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("formula", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("unit_of_measure", sa.String(length=60), nullable=False),
        sa.Column(
            "polarity",
            sa.Enum("maximize", "minimize", "range", name="polarity", native_enum=False, create_constraint=True, length=20),
            nullable=True,
        ),
        sa.Column(
            "aggregation",
            sa.Enum(
                "sum", "average", "last", "ratio", name="aggregation", native_enum=False, create_constraint=True, length=20
            ),
            nullable=True,
        ),
        sa.Column("target", columns.Amount(), nullable=True),
        sa.Column("target_upper", columns.Amount(), nullable=True),
        sa.Column("quarter_1", columns.Amount(), nullable=True),
        sa.Column("quarter_2", columns.Amount(), nullable=True),
        sa.Column("quarter_3", columns.Amount(), nullable=True),
        sa.Column("quarter_4", columns.Amount(), nullable=True),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_indicator_statement_id_statement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
    )
    op.create_index("ix_indicator_statement_id_order", "indicator", ["statement_id", "order"], unique=False)


def downgrade() -> None:
    op.drop_table("indicator")
    op.drop_table("statement")
    op.drop_table("sheet")
