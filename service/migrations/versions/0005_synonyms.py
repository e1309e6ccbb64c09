"""Synonyms that staff edit, and what was done with them. The first start fills them from the product's own."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0005"
down_revision = "0004"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "kb_synonyms",
        sa.Column("official", sa.String(40), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("official", name="pk_kb_synonyms"),
    )
    op.create_table(
        "kb_synonym_history",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("verb", sa.String(20), nullable=False),
        sa.Column("official", sa.String(40), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kb_synonym_history"),
    )
    op.create_index("ix_kb_synonym_history_revision", "kb_synonym_history", ["revision"])


def downgrade() -> None:
    op.drop_table("kb_synonym_history")
    op.drop_table("kb_synonyms")
