"""Activation codes, growing locks, the second step, and where a session was opened from."""

import sqlalchemy as sa
from alembic import op

from iki_portal.models import columns

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = columns.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.add_column("account", sa.Column("locks", sa.Integer(), server_default="0", nullable=False))
    op.add_column("account", sa.Column("activation_hash", sa.String(length=200), server_default="", nullable=False))
    op.add_column("account", sa.Column("activation_until", MOMENT, nullable=True))
    op.add_column("account", sa.Column("otp_salt", sa.String(length=32), server_default="", nullable=False))
    op.add_column("account", sa.Column("otp_key_id", sa.String(length=8), server_default="", nullable=False))
    op.add_column("account", sa.Column("otp_last_step", sa.Integer(), server_default="0", nullable=False))
    op.add_column("account", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("sign_in_session", sa.Column("awaits_code", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("sign_in_session", sa.Column("address", sa.String(length=45), server_default="", nullable=False))
    op.add_column("sign_in_session", sa.Column("agent", sa.String(length=200), server_default="", nullable=False))
    op.create_index(op.f("ix_sign_in_session_created_at"), "sign_in_session", ["created_at"])
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("account_id", "code_hash", name=op.f("uq_recovery_code_account_id_code_hash")),
    )


def downgrade() -> None:
    op.drop_table("recovery_code")
    # without the second step these rows would open the portal to whoever knows only the password
    op.execute(sa.text("DELETE FROM sign_in_session WHERE awaits_code"))
    op.drop_index(op.f("ix_sign_in_session_created_at"), "sign_in_session")
    for name in ("agent", "address", "awaits_code"):
        op.drop_column("sign_in_session", name)
    for name in ("version", "otp_last_step", "otp_key_id", "otp_salt", "activation_until", "activation_hash", "locks"):
        op.drop_column("account", name)
