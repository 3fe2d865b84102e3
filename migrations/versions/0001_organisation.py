"""Units, posts, people, assignments and performance years."""

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("short_name", sa.String(length=60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "agency",
                "secretariat",
                "division",
                "subsection",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("superior_id", sa.Integer(), nullable=True),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["superior_id"], ["unit.id"], name=op.f("fk_unit_superior_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("name", name=op.f("uq_unit_name")),
    )
    op.create_table(
        "position",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "head",
                "secretary",
                "division_head",
                "subsection_head",
                "staff",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("superior_id", sa.Integer(), nullable=True),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("approver_id", sa.Integer(), nullable=True),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("main_duty", sa.String(), nullable=False),
        sa.CheckConstraint(
            "id <> superior_id AND id <> reviewer_id AND id <> approver_id", name=op.f("ck_position_other_posts")
        ),
        sa.CheckConstraint("reviewer_id IS NULL OR approver_id IS NOT NULL", name=op.f("ck_position_route")),
        sa.ForeignKeyConstraint(["approver_id"], ["position.id"], name=op.f("fk_position_approver_id_position")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["position.id"], name=op.f("fk_position_reviewer_id_position")),
        sa.ForeignKeyConstraint(["superior_id"], ["position.id"], name=op.f("fk_position_superior_id_position")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_position_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position")),
        sa.UniqueConstraint("code", name=op.f("uq_position_code")),
    )
    op.create_index(op.f("ix_position_superior_id"), "position", ["superior_id"], unique=False)
    op.create_index(op.f("ix_position_unit_id"), "position", ["unit_id"], unique=False)
    op.create_table(
        "position_duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("duty", "function", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name=op.f("fk_position_duty_position_id_position")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position_duty")),
        sa.UniqueConstraint("position_id", "kind", "order", name=op.f("uq_position_duty_position_id_kind_order")),
    )
    op.create_table(
        "employee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("degrees_before", sa.String(length=60), nullable=False),
        sa.Column("degrees_after", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("pns", "pppk", "other", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("identifier", sa.String(length=18), nullable=True),
        sa.Column("rank", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employee")),
        sa.UniqueConstraint("identifier", name=op.f("uq_employee_identifier")),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("definitive", "plt", "plh", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("decree", sa.String(length=200), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_assignment_dates")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_assignment_employee_id_employee")),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name=op.f("fk_assignment_position_id_position")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index(op.f("ix_assignment_employee_id"), "assignment", ["employee_id"], unique=False)
    op.create_index("ix_assignment_position_id_employee_id", "assignment", ["position_id", "employee_id"], unique=False)
    op.create_index(
        "uq_assignment_open_definitive",
        "assignment",
        ["position_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'definitive' AND ends_on IS NULL"),
        postgresql_where=sa.text("kind = 'definitive' AND ends_on IS NULL"),
    )
    op.create_table(
        "performance_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "stage",
            sa.Enum("planning", "running", "closed", name="stage", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("planning_deadline_on", sa.Date(), nullable=True),
        sa.Column("planning_closed_at", columns.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name=op.f("ck_performance_year_year")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_performance_year")),
    )


def downgrade() -> None:
    op.drop_table("performance_year")
    op.drop_table("assignment")
    op.drop_table("employee")
    op.drop_table("position_duty")
    op.drop_table("position")
    op.drop_table("unit")
