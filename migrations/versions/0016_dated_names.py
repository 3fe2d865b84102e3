"""Units and posts take another name from a day on, or end; approved sheets keep the names they were approved under."""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NEXT_UNIT = "(next_on IS NULL) = (next_name IS NULL) AND (next_on IS NULL) = (next_short_name IS NULL)"
NEXT_POSITION = "(next_on IS NULL) = (next_title IS NULL) AND (next_on IS NULL) = (next_area IS NULL)"
APPROVED = "(approved_at IS NULL) = (approved_title IS NULL) AND (approved_at IS NULL) = (approved_unit IS NULL)"


def upgrade() -> None:
    with op.batch_alter_table("unit") as batch:
        batch.add_column(sa.Column("code", sa.String(length=60), nullable=True))
        batch.add_column(sa.Column("next_name", sa.String(length=200), nullable=True))
        batch.add_column(sa.Column("next_short_name", sa.String(length=60), nullable=True))
        _add_common(batch)
    # "Umum dan Kepegawaian" is umum.dan.kepegawaian, as in seeds/organisation.toml; of two alike the later gets its number
    op.execute(
        "UPDATE unit SET code = lower(replace(short_name, ' ', '.')) || CASE WHEN EXISTS (SELECT 1 FROM unit AS other"
        " WHERE other.id < unit.id AND lower(other.short_name) = lower(unit.short_name)) THEN '.' || id ELSE '' END"
    )
    with op.batch_alter_table("unit") as batch:
        batch.alter_column("code", existing_type=sa.String(length=60), nullable=False)
        batch.create_unique_constraint(op.f("uq_unit_code"), ["code"])
        batch.create_check_constraint(op.f("ck_unit_next_name"), NEXT_UNIT)
        batch.create_check_constraint(op.f("ck_unit_other_unit"), "id <> superior_id")
    with op.batch_alter_table("position") as batch:
        batch.add_column(sa.Column("next_title", sa.String(length=200), nullable=True))
        batch.add_column(sa.Column("next_area", sa.String(length=60), nullable=True))
        _add_common(batch)
        batch.create_check_constraint(op.f("ck_position_next_title"), NEXT_POSITION)
    with op.batch_alter_table("sheet") as batch:
        batch.add_column(sa.Column("approved_title", sa.String(length=200), nullable=True))
        batch.add_column(sa.Column("approved_unit", sa.String(length=200), nullable=True))
    op.execute(
        "UPDATE sheet SET approved_title = (SELECT title FROM position WHERE position.id = sheet.position_id),"
        " approved_unit = (SELECT unit.name FROM position JOIN unit ON unit.id = position.unit_id"
        " WHERE position.id = sheet.position_id) WHERE approved_at IS NOT NULL"
    )
    with op.batch_alter_table("sheet") as batch:
        batch.create_check_constraint(op.f("ck_sheet_approved_names"), APPROVED)


def _add_common(batch: BatchOperations) -> None:
    batch.add_column(sa.Column("next_on", sa.Date(), nullable=True))
    batch.add_column(sa.Column("closed_on", sa.Date(), nullable=True))
    batch.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("sheet") as batch:
        batch.drop_constraint(op.f("ck_sheet_approved_names"), type_="check")
        batch.drop_column("approved_unit")
        batch.drop_column("approved_title")
    with op.batch_alter_table("position") as batch:
        batch.drop_constraint(op.f("ck_position_next_title"), type_="check")
        for name in ("version", "closed_on", "next_on", "next_area", "next_title"):
            batch.drop_column(name)
    with op.batch_alter_table("unit") as batch:
        batch.drop_constraint(op.f("ck_unit_other_unit"), type_="check")
        batch.drop_constraint(op.f("ck_unit_next_name"), type_="check")
        batch.drop_constraint(op.f("uq_unit_code"), type_="unique")
        for name in ("version", "closed_on", "next_on", "next_short_name", "next_name", "code"):
            batch.drop_column(name)
