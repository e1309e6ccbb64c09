"""Staff's own test questions, and the correction of the stated probability."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0006"
down_revision = "0005"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "kb_test_questions",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("question", sa.String(300), nullable=False),
        sa.Column("expected", sa.String(100), nullable=True),
        sa.Column("author", sa.String(64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kb_test_questions"),
        sa.UniqueConstraint("question", name="uq_kb_test_questions_question"),
    )
    op.create_table(
        "kb_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stretch", sa.Float(), nullable=False),
        sa.Column("shift", sa.Float(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(40), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("claimed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_kb_correction"),
    )


def downgrade() -> None:
    op.drop_table("kb_correction")
    op.drop_table("kb_test_questions")
