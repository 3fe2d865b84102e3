"""Frozen copies of verified reports, books of them, and which files the trail handed out."""

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

MOMENT = columns.UtcDateTime(timezone=True)
NAMES_A_FILE = sa.text("content_hash IS NOT NULL")
FORMER_FORMS = ("pdf", "docx")
SUBJECTS = ("sheets", "measurement", "lkjip")


def upgrade() -> None:
    op.create_table(
        "report_copy",
        sa.Column("history_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("register", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("frozen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["history_number"], ["history_entry.number"], name=op.f("fk_report_copy_history_number_history_entry")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["realisation_report.id"], name=op.f("fk_report_copy_report_id_realisation_report")
        ),
        sa.PrimaryKeyConstraint("history_number", name=op.f("pk_report_copy")),
        sa.UniqueConstraint("register", name=op.f("uq_report_copy_register")),
        sa.UniqueConstraint("code", name=op.f("uq_report_copy_code")),
    )
    op.create_index("ix_report_copy_report_id_history_number", "report_copy", ["report_id", "history_number"])
    named = {"sqlite_where": NAMES_A_FILE, "postgresql_where": NAMES_A_FILE}
    op.create_index("ix_trail_event_content_hash", "trail_event", ["content_hash"], **named)
    _widen_books()


def _widen_books() -> None:
    with op.batch_alter_table("book") as batch:
        batch.drop_constraint(op.f("ck_book_form"), type_="check")
        batch.create_check_constraint(op.f("ck_book_form"), f"form IN ({_words(*FORMER_FORMS, 'xlsx')})")
        batch.add_column(sa.Column("subject", sa.String(length=20), server_default="sheets", nullable=False))
        batch.add_column(sa.Column("quarter", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("title", sa.String(length=400), server_default="", nullable=False))
        batch.add_column(sa.Column("code", sa.String(length=20), nullable=True))
        batch.add_column(sa.Column("sources", sa.Text(), server_default="", nullable=False))
        batch.create_check_constraint(op.f("ck_book_subject"), f"subject IN ({_words(*SUBJECTS)})")
        batch.create_check_constraint(op.f("ck_book_quarter"), "quarter BETWEEN 1 AND 4")
        batch.create_unique_constraint(op.f("uq_book_code"), ["code"])


def _words(*words: str) -> str:
    return ", ".join(f"'{word}'" for word in words)


def downgrade() -> None:
    if op.get_bind().scalar(sa.text("SELECT history_number FROM report_copy LIMIT 1")) is not None:
        raise RuntimeError("verified reports are frozen: restore a backup from before revision 0027 instead")
    op.execute("DELETE FROM book WHERE subject <> 'sheets'")
    with op.batch_alter_table("book") as batch:
        batch.drop_constraint(op.f("uq_book_code"), type_="unique")
        batch.drop_constraint(op.f("ck_book_quarter"), type_="check")
        batch.drop_constraint(op.f("ck_book_subject"), type_="check")
        batch.drop_constraint(op.f("ck_book_form"), type_="check")
        batch.create_check_constraint(op.f("ck_book_form"), f"form IN ({_words(*FORMER_FORMS)})")
        for name in ("sources", "code", "title", "quarter", "subject"):
            batch.drop_column(name)
    op.drop_index("ix_trail_event_content_hash", "trail_event")
    op.drop_table("report_copy")
