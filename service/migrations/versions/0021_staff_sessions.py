"""staff sign in: sessions, second factors, pauses after failures."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0021"
down_revision = "0020"

_RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _staff_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("name", sa.String(40), nullable=False, server_default=""),
        sa.Column("password_changed_at", Moment()),
        sa.Column("disabled_at", Moment()),
        sa.Column("second_factor", sa.LargeBinary()),
        sa.Column("second_factor_at", Moment()),
        sa.Column("second_factor_step", sa.BigInteger()),
        sa.Column("second_factor_due_at", Moment()),
    ]


def upgrade() -> None:
    for column in _staff_columns():
        op.add_column("staff", column)
    op.create_table(
        "staff_sessions",
        sa.Column("id", _RowId, autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(60), nullable=False),
        sa.Column("code_given", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["username"], ["staff.username"], name=op.f("fk_staff_sessions_username")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_sessions_token_hash")),
    )
    op.create_index(op.f("ix_staff_sessions_username"), "staff_sessions", ["username"])
    op.create_index(op.f("ix_staff_sessions_expires_at"), "staff_sessions", ["expires_at"])
    op.create_table(
        "staff_recovery_codes",
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", Moment()),
        sa.ForeignKeyConstraint(["username"], ["staff.username"], name=op.f("fk_staff_recovery_codes_username")),
        sa.PrimaryKeyConstraint("username", "code_hash", name=op.f("pk_staff_recovery_codes")),
    )
    op.create_table(
        "sign_in_pauses",
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("forgotten_at", Moment(), nullable=False),
        sa.Column("until", Moment()),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_pauses")),
    )
    op.create_index(op.f("ix_sign_in_pauses_forgotten_at"), "sign_in_pauses", ["forgotten_at"])


def downgrade() -> None:
    for table in ("sign_in_pauses", "staff_recovery_codes", "staff_sessions"):
        op.drop_table(table)
    for column in reversed(_staff_columns()):
        op.drop_column("staff", column.name)
