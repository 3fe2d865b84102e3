"""What verified reports come to, kept for dashboards; `iki database upgrade` fills it in from the reports that stand."""

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

OUTCOMES = ("measured", "not_reported", "no_target", "not_computable")
ACHIEVED = ("outcome", "realised", "capped")
FELL = sa.text("fall IS NOT NULL")


def _outcome(name: str) -> sa.Column[str]:
    word = sa.Enum(*OUTCOMES, name=name, native_enum=False, create_constraint=True, length=20)
    return sa.Column(name, word, nullable=True)


def _tally(table: str) -> tuple[sa.Column[int] | sa.CheckConstraint, ...]:
    counts = ("indicators", "measured", "untargeted", "uncomputable", "unreported")
    return (
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("capped_sum", columns.Amount(), nullable=False),
        sa.CheckConstraint("measured + untargeted + uncomputable + unreported = indicators", name=op.f(f"ck_{table}_parts")),
    )


def _keys(table: str, **keys: str) -> list[sa.ForeignKeyConstraint]:
    key_of = {"performance_year": "year"}
    return [
        sa.ForeignKeyConstraint([name], [f"{other}.{key_of.get(other, 'id')}"], name=op.f(f"fk_{table}_{name}_{other}"))
        for name, other in keys.items()
    ]


def upgrade() -> None:
    op.create_index(
        "ix_realisation_report_year_quarter_state", "realisation_report", ["year", "quarter", "state", "position_id"]
    )
    _create_report_results()
    _create_year_results()
    _create_indicator_results()


def _create_report_results() -> None:
    table = "report_result"
    op.create_table(
        table,
        sa.Column("report_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        *_tally(table),
        *_keys(table, report_id="realisation_report", sheet_id="sheet", position_id="position"),
        sa.PrimaryKeyConstraint("report_id", name=op.f(f"pk_{table}")),
    )
    op.create_index("ix_report_result_year_quarter", table, ["year", "quarter"])


def _create_year_results() -> None:
    table = "year_result"
    op.create_table(
        table,
        sa.Column("position_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("quarters", sa.Integer(), nullable=False),
        sa.Column("last_quarter", sa.Integer(), nullable=False),
        *_tally(table),
        *_keys(table, position_id="position", year="performance_year", sheet_id="sheet"),
        sa.PrimaryKeyConstraint("position_id", "year", name=op.f(f"pk_{table}")),
    )
    op.create_index("ix_year_result_year", table, ["year"])


def _create_indicator_results() -> None:
    table = "indicator_result"
    periods = [tuple(f"{name}_{quarter}" for name in ACHIEVED) for quarter in (1, 2, 3, 4)]
    periods.append(tuple(f"year_{name}" for name in ACHIEVED))
    quarters = (
        column
        for outcome, realised, capped in periods
        for column in (
            _outcome(outcome),
            sa.Column(realised, columns.Amount(), nullable=True),
            sa.Column(capped, columns.Amount(), nullable=True),
        )
    )
    op.create_table(
        table,
        sa.Column("indicator_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        *quarters,
        sa.Column("fall", columns.Amount(), nullable=True),
        sa.Column("fell_in", sa.Integer(), nullable=True),
        *_keys(table, indicator_id="indicator", sheet_id="sheet", position_id="position"),
        sa.PrimaryKeyConstraint("indicator_id", name=op.f(f"pk_{table}")),
    )
    op.create_index("ix_indicator_result_position_id_year", table, ["position_id", "year"])
    op.create_index("ix_indicator_result_fall", table, ["year", "fall"], sqlite_where=FELL, postgresql_where=FELL)


def downgrade() -> None:
    for table in ("indicator_result", "year_result", "report_result"):
        op.drop_table(table)
    op.drop_index("ix_realisation_report_year_quarter_state", table_name="realisation_report")
