"""What is known of indicators elsewhere, and the words they are found by."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

EVIDENCE = ("national_exact", "sheet", "plan_exact", "national_near", "plan_near", "rule")


def upgrade() -> None:
    op.create_table(
        "known_indicator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("unit_of_measure", sa.String(length=60), nullable=False),
        sa.Column("sub_kegiatan_code", sa.String(length=30), nullable=False),
        sa.Column(
            "evidence",
            sa.Enum(*EVIDENCE, name="evidence", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.CheckConstraint("uses >= 0", name=op.f("ck_known_indicator_uses")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_indicator")),
        sa.UniqueConstraint(
            "text_hash", "unit_of_measure", "sub_kegiatan_code", "evidence", name=op.f("uq_known_indicator_entry")
        ),
    )
    _create_uses()
    op.create_table(
        "known_word",
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_known_word")),
    )
    op.create_table(
        "known_word_place",
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("known_indicator_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["known_indicator_id"],
            ["known_indicator.id"],
            name=op.f("fk_known_word_place_known_indicator_id_known_indicator"),
        ),
        sa.ForeignKeyConstraint(["word"], ["known_word.word"], name=op.f("fk_known_word_place_word_known_word")),
        sa.PrimaryKeyConstraint("word", "place", name=op.f("pk_known_word_place")),
        sqlite_with_rowid=False,
    )


def _create_uses() -> None:
    op.create_table(
        "known_indicator_use",
        sa.Column("known_indicator_id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.{key}"], name=op.f(f"fk_known_indicator_use_{column}_{table}"))
            for column, table, key in (
                ("known_indicator_id", "known_indicator", "id"),
                ("position_id", "position", "id"),
                ("year", "performance_year", "year"),
                ("indicator_id", "indicator", "id"),
            )
        ),
        sa.PrimaryKeyConstraint("known_indicator_id", "position_id", "year", name=op.f("pk_known_indicator_use")),
    )
    op.create_index("ix_known_indicator_use_position_id_year", "known_indicator_use", ["position_id", "year"])
    op.create_index(op.f("ix_known_indicator_use_indicator_id"), "known_indicator_use", ["indicator_id"])


def downgrade() -> None:
    op.drop_table("known_word_place")
    op.drop_table("known_word")
    op.drop_table("known_indicator_use")
    op.drop_table("known_indicator")
