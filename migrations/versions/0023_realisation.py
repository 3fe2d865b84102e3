"""Realisation per quarter: windows, reports, figures, evidence; the scale and cap of a year; what people are told of it."""

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MOMENT = columns.UtcDateTime(timezone=True)
FORMER_KINDS = (
    *("to_review", "to_approve", "returned", "approved", "revised", "commented", "answered"),
    *("year_opened", "post_begins", "post_ends", "deadline", "reminded"),
)
NEW_KINDS = ("to_verify", "report_returned", "report_verified", "quarter_reopened")
REPORTED = sa.text("state IN ('submitted', 'verified')")
TO_VERIFY = sa.text("state = 'submitted'")
STANDING = sa.text("withdrawn_at IS NULL AND sha256 IS NOT NULL")


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=20)


def upgrade() -> None:
    _name_kinds(*FORMER_KINDS, *NEW_KINDS)
    with op.batch_alter_table("performance_year") as batch:
        scale = sa.Column("scale", sa.String(length=40), server_default="permendagri-86-2017", nullable=False)
        batch.add_column(scale)
        batch.add_column(sa.Column("achievement_cap", columns.Amount(), server_default=sa.text("1200000"), nullable=False))
        batch.create_check_constraint(
            op.f("ck_performance_year_achievement_cap"), "achievement_cap BETWEEN 1000000 AND 10000000"
        )
    _create_windows()
    _create_reports()
    _create_entries()
    _create_attachments()


def _name_kinds(*kinds: str) -> None:
    words = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("notice") as batch:
        batch.drop_constraint(op.f("ck_notice_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_notice_kind"), f"kind IN ({words})")


def _create_windows() -> None:
    op.create_table(
        "quarter_window",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("quarter", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        sa.Column("reopened_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=300), nullable=False),
        sa.CheckConstraint("quarter BETWEEN 1 AND 4", name=op.f("ck_quarter_window_quarter")),
        sa.CheckConstraint("opens_on <= deadline_on", name=op.f("ck_quarter_window_days")),
        sa.CheckConstraint("reopened_until IS NULL OR reopened_until > deadline_on", name=op.f("ck_quarter_window_reopened")),
        sa.ForeignKeyConstraint(["year"], ["performance_year.year"], name=op.f("fk_quarter_window_year_performance_year")),
        sa.PrimaryKeyConstraint("year", "quarter", name=op.f("pk_quarter_window")),
    )


def _create_reports() -> None:
    table = "realisation_report"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Integer(), nullable=False),
        sa.Column("state", _word("state", "draft", "submitted", "returned", "verified"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("verified_by_id", sa.Integer(), nullable=True),
        sa.Column("verified_at", MOMENT, nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(length=300), nullable=False),
        sa.CheckConstraint("quarter BETWEEN 1 AND 4", name=op.f("ck_realisation_report_quarter")),
        sa.CheckConstraint(
            "state NOT IN ('submitted', 'verified')"
            " OR (submitted_by_id IS NOT NULL AND submitted_at IS NOT NULL AND content_hash IS NOT NULL)",
            name=op.f("ck_realisation_report_submitted"),
        ),
        sa.CheckConstraint(
            "(state = 'verified') = (verified_by_id IS NOT NULL AND verified_at IS NOT NULL)",
            name=op.f("ck_realisation_report_verified"),
        ),
        sa.CheckConstraint("submitted_by_id <> verified_by_id", name=op.f("ck_realisation_report_different_persons")),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_realisation_report_sheet_id_sheet")),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name=op.f("fk_realisation_report_position_id_position")),
        sa.ForeignKeyConstraint(["year"], ["performance_year.year"], name=op.f("fk_realisation_report_year_performance_year")),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["employee.id"], name=op.f("fk_realisation_report_submitted_by_id_employee")
        ),
        sa.ForeignKeyConstraint(
            ["verified_by_id"], ["employee.id"], name=op.f("fk_realisation_report_verified_by_id_employee")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_realisation_report")),
        sa.UniqueConstraint("sheet_id", "quarter", name=op.f("uq_realisation_report_sheet_id_quarter")),
    )
    op.create_index(
        "uq_realisation_report_reported",
        table,
        ["position_id", "year", "quarter"],
        unique=True,
        sqlite_where=REPORTED,
        postgresql_where=REPORTED,
    )
    op.create_index("ix_realisation_report_position_id_year", table, ["position_id", "year"])
    waiting = {"sqlite_where": TO_VERIFY, "postgresql_where": TO_VERIFY}
    op.create_index("ix_realisation_report_to_verify", table, ["submitted_at", "id"], **waiting)


def _written_by(table: str) -> tuple[sa.Column[int] | sa.Column[str] | sa.ForeignKeyConstraint, ...]:
    """The row's place, and who wrote it."""
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("author_name", sa.String(length=400), nullable=False),
        sa.Column("author_title", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["realisation_report.id"], name=op.f(f"fk_{table}_report_id_realisation_report")
        ),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f(f"fk_{table}_indicator_id_indicator")),
        sa.ForeignKeyConstraint(["author_id"], ["employee.id"], name=op.f(f"fk_{table}_author_id_employee")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _create_entries() -> None:
    op.create_table(
        "realisation_entry",
        *_written_by("realisation_entry"),
        sa.Column("value", columns.Amount(), nullable=True),
        sa.Column("numerator", columns.Amount(), nullable=True),
        sa.Column("denominator", columns.Amount(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("obstacle", sa.Text(), nullable=False),
        sa.Column("follow_up", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.CheckConstraint("value >= 0", name=op.f("ck_realisation_entry_value")),
        sa.CheckConstraint("numerator >= 0", name=op.f("ck_realisation_entry_numerator")),
        sa.CheckConstraint("denominator > 0", name=op.f("ck_realisation_entry_denominator")),
        sa.CheckConstraint(
            "value IS NULL OR (numerator IS NULL AND denominator IS NULL)", name=op.f("ck_realisation_entry_one_kind")
        ),
    )
    over = ["report_id", "indicator_id", "id"]
    op.create_index("ix_realisation_entry_report_id_indicator_id_id", "realisation_entry", over)


def _create_attachments() -> None:
    op.create_table(
        "attachment",
        *_written_by("attachment"),
        sa.Column("kind", _word("kind", "pdf", "png", "jpeg", "xlsx", "docx", "link"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("url", sa.String(length=1000), nullable=True),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("withdrawn_by", sa.String(length=400), nullable=True),
        sa.CheckConstraint(
            "(kind = 'link') = (sha256 IS NULL) AND (sha256 IS NULL) = (size IS NULL)", name=op.f("ck_attachment_file")
        ),
        sa.CheckConstraint("(kind = 'link') = (url IS NOT NULL)", name=op.f("ck_attachment_link")),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_attachment_withdrawn")),
    )
    op.create_index(
        "uq_attachment_file",
        "attachment",
        ["report_id", "indicator_id", "sha256"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_index("ix_attachment_report_id_id", "attachment", ["report_id", "id"])


def downgrade() -> None:
    if op.get_bind().scalar(sa.text("SELECT id FROM realisation_report LIMIT 1")) is not None:
        raise RuntimeError("realisations are reported: restore a backup from before revision 0023 instead")
    for table in ("attachment", "realisation_entry", "realisation_report", "quarter_window"):
        op.drop_table(table)
    with op.batch_alter_table("performance_year") as batch:
        batch.drop_constraint(op.f("ck_performance_year_achievement_cap"), type_="check")
        batch.drop_column("achievement_cap")
        batch.drop_column("scale")
    new = ", ".join(f"'{kind}'" for kind in NEW_KINDS)
    op.execute(f"DELETE FROM notice WHERE kind IN ({new})")  # noqa: S608  # our own words
    _name_kinds(*FORMER_KINDS)
