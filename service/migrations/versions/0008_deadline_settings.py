"""Calendar, time rules and the ladder of supervision, every version of them."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0008"
down_revision = "0007"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "deadline_settings",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("part", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("effective_from", Moment(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deadline_settings"),
        sa.UniqueConstraint("part", "version", name="uq_deadline_settings_part_version"),
    )
    op.create_index("ix_deadline_settings_part_effective_from", "deadline_settings", ["part", "effective_from"])


def downgrade() -> None:
    op.drop_table("deadline_settings")
