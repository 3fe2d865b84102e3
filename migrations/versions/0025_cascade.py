"""The office's goals of a period with their IKU, and which indicator supports which."""

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MOMENT = columns.UtcDateTime(timezone=True)
TO_A_ROW = sa.text("ended_at IS NULL AND key_indicator_id IS NULL")
TO_AN_IKU = sa.text("ended_at IS NULL AND parent_id IS NULL")


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)


def _changed() -> tuple[sa.Column[int], ...]:
    return (
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=300), nullable=False),
    )


def upgrade() -> None:
    _create_goals()
    _create_key_indicators()
    _create_links()


def _create_goals() -> None:
    op.create_table(
        "goal_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=False),
        sa.Column("last_year", sa.Integer(), nullable=False),
        *_changed(),
        sa.CheckConstraint(
            "first_year <= last_year AND first_year >= 2000 AND last_year <= 2100", name=op.f("ck_goal_period_years")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal_period")),
    )
    op.create_table(
        "goal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("level", _word("level", "purpose", "outcome"), nullable=False),
        sa.Column("superior_id", sa.Integer(), nullable=True),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        *_changed(),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.CheckConstraint("(level = 'purpose') = (superior_id IS NULL)", name=op.f("ck_goal_under_a_purpose")),
        sa.CheckConstraint("id <> superior_id", name=op.f("ck_goal_other_goal")),
        sa.ForeignKeyConstraint(["period_id"], ["goal_period.id"], name=op.f("fk_goal_period_id_goal_period")),
        sa.ForeignKeyConstraint(["superior_id"], ["goal.id"], name=op.f("fk_goal_superior_id_goal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal")),
    )
    op.create_index("ix_goal_period_id_order", "goal", ["period_id", "order"])


def _create_key_indicators() -> None:
    op.create_table(
        "key_indicator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("goal_id", sa.Integer(), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("unit_of_measure", sa.String(length=60), nullable=False),
        sa.Column("polarity", _word("polarity", "maximize", "minimize", "range"), nullable=False),
        *_changed(),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.CheckConstraint("polarity IN ('maximize', 'minimize')", name=op.f("ck_key_indicator_direction")),
        sa.ForeignKeyConstraint(["goal_id"], ["goal.id"], name=op.f("fk_key_indicator_goal_id_goal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_indicator")),
    )
    op.create_index("ix_key_indicator_goal_id_order", "key_indicator", ["goal_id", "order"])
    op.create_table(
        "key_indicator_target",
        sa.Column("key_indicator_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target", columns.Amount(), nullable=True),
        sa.CheckConstraint("target >= 0", name=op.f("ck_key_indicator_target_target")),
        sa.ForeignKeyConstraint(
            ["key_indicator_id"], ["key_indicator.id"], name=op.f("fk_key_indicator_target_key_indicator_id_key_indicator")
        ),
        sa.PrimaryKeyConstraint("key_indicator_id", "year", name=op.f("pk_key_indicator_target")),
    )


def _create_links() -> None:
    table = "cascade_link"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column("text_key", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("parent_key", sa.String(length=16), nullable=True),
        sa.Column("key_indicator_id", sa.Integer(), nullable=True),
        sa.Column("parent_text", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("author_name", sa.String(length=400), nullable=False),
        sa.Column("author_title", sa.String(length=300), nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(length=400), nullable=True),
        sa.CheckConstraint("(parent_id IS NULL) <> (key_indicator_id IS NULL)", name=op.f("ck_cascade_link_one_parent")),
        sa.CheckConstraint("(parent_id IS NULL) = (parent_key IS NULL)", name=op.f("ck_cascade_link_parent_words")),
        sa.CheckConstraint("position_id <> parent_id", name=op.f("ck_cascade_link_other_post")),
        sa.CheckConstraint("text_key <> '' AND parent_key <> ''", name=op.f("ck_cascade_link_words")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_cascade_link_ended")),
        sa.ForeignKeyConstraint(["year"], ["performance_year.year"], name=op.f("fk_cascade_link_year_performance_year")),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name=op.f("fk_cascade_link_position_id_position")),
        sa.ForeignKeyConstraint(["parent_id"], ["position.id"], name=op.f("fk_cascade_link_parent_id_position")),
        sa.ForeignKeyConstraint(
            ["key_indicator_id"], ["key_indicator.id"], name=op.f("fk_cascade_link_key_indicator_id_key_indicator")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["employee.id"], name=op.f("fk_cascade_link_author_id_employee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cascade_link")),
    )
    row = ["year", "position_id", "text_key", "parent_id", "parent_key"]
    op.create_index("uq_cascade_link_row", table, row, unique=True, sqlite_where=TO_A_ROW, postgresql_where=TO_A_ROW)
    iku = ["year", "position_id", "text_key", "key_indicator_id"]
    op.create_index("uq_cascade_link_iku", table, iku, unique=True, sqlite_where=TO_AN_IKU, postgresql_where=TO_AN_IKU)
    for column in ("position_id", "parent_id", "key_indicator_id"):
        op.create_index(f"ix_cascade_link_{column}_year", table, [column, "year"])


def downgrade() -> None:
    if op.get_bind().scalar(sa.text("SELECT id FROM goal_period LIMIT 1")) is not None:
        raise RuntimeError("goals are written down: restore a backup from before revision 0025 instead")
    if op.get_bind().scalar(sa.text("SELECT id FROM cascade_link LIMIT 1")) is not None:
        raise RuntimeError("indicators are linked: restore a backup from before revision 0025 instead")
    for table in ("cascade_link", "key_indicator_target", "key_indicator", "goal", "goal_period"):
        op.drop_table(table)
