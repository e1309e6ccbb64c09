"""The dispatch list, what was done with it, and the models learned from closed tickets."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "dispatch_rules",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_dispatch_rules"),
    )
    op.create_table(
        "dispatch_history",
        sa.Column("id", row_id, autoincrement=True, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("verb", sa.String(20), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name="pk_dispatch_history"),
    )
    op.create_index("ix_dispatch_history_revision", "dispatch_history", ["revision"])
    op.create_table(
        "dispatch_models",
        sa.Column("id", row_id, autoincrement=True, nullable=False),
        sa.Column("trained_at", Moment(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("quality", sa.JSON(), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dispatch_models"),
    )
    op.create_index("ix_dispatch_models_in_use_id", "dispatch_models", ["in_use", "id"])


def downgrade() -> None:
    op.drop_table("dispatch_models")
    op.drop_table("dispatch_history")
    op.drop_table("dispatch_rules")
