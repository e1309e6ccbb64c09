"""Every version of an entry, and what was done with it. What is published becomes its first version."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0003"
down_revision = "0002"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "kb_versions",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("author", sa.String(64), nullable=False),
        sa.Column("reviewer", sa.String(64), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kb_versions"),
        sa.UniqueConstraint("slug", "number", name="uq_kb_versions_slug_number"),
    )
    op.create_index("ix_kb_versions_state_changed_at", "kb_versions", ["state", "changed_at"])
    op.create_table(
        "kb_history",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("verb", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("batch", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_kb_history"),
    )
    op.create_index("ix_kb_history_slug_id", "kb_history", ["slug", "id"])
    op.create_index("ix_kb_history_batch", "kb_history", ["batch"])
    op.execute(
        "INSERT INTO kb_versions (slug, number, state, content, author, created_at, changed_at)"
        " SELECT slug, version, CASE WHEN removed THEN 'withdrawn' ELSE 'published' END, content, 'import',"
        " changed_at, changed_at FROM kb_entries"
    )


def downgrade() -> None:
    op.drop_table("kb_history")
    op.drop_table("kb_versions")
