"""a file's entries wait for a reviewer; test questions can be put back; who found an entry still right, and by what."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0038_w4"
down_revision = "0038_w3"


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "kb_imports",
        sa.Column("id", row_id, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("author", sa.String(64), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("gone", sa.JSON(), nullable=False),
        sa.Column("reviewer", sa.String(64)),
        sa.Column("decided_at", Moment),
        sa.Column("note", sa.Text()),
        sa.Column("batch", sa.BigInteger()),
    )
    op.create_index(op.f("ix_kb_imports_state_id"), "kb_imports", ["state", "id"])
    op.create_table(
        "kb_import_rows",
        sa.Column("of", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("slug", sa.String(100), primary_key=True),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_table(
        "kb_confirmations",
        sa.Column("id", row_id, primary_key=True, autoincrement=True),
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("evidence", sa.String(300), nullable=False),
        sa.Column("before", sa.Date()),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("undone_at", Moment),
    )
    op.create_index(op.f("ix_kb_confirmations_slug_id"), "kb_confirmations", ["slug", "id"])
    op.add_column("kb_test_questions", sa.Column("removed_at", Moment))


def downgrade() -> None:
    op.drop_index(op.f("ix_kb_confirmations_slug_id"), "kb_confirmations")
    op.drop_table("kb_confirmations")
    op.drop_column("kb_test_questions", "removed_at")
    op.drop_table("kb_import_rows")
    op.drop_index(op.f("ix_kb_imports_state_id"), "kb_imports")
    op.drop_table("kb_imports")
