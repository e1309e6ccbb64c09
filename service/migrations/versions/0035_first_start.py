"""What the product brings once; phrases of agents; how far the first start has come; templates that can be put back."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0035"
down_revision = "0034"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("reply_templates", sa.Column("removed_at", Moment()))
    op.create_table(
        "seeds",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_seeds")),
    )
    op.create_table(
        "handover_phrases",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("person", sa.String(64)),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_phrases")),
    )
    op.create_index(op.f("ix_handover_phrases_person"), "handover_phrases", ["person"])
    op.create_table(
        "first_start",
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("mark", sa.String(10), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("step", name=op.f("pk_first_start")),
    )


def downgrade() -> None:
    op.drop_table("first_start")
    op.drop_table("handover_phrases")
    op.drop_table("seeds")
    op.drop_column("reply_templates", "removed_at")
