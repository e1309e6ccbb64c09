"""what a version would do to questions, kept between trying and publishing."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "kb_trials",
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("slug", "number", name=op.f("pk_kb_trials")),
    )
    op.create_index(op.f("ix_kb_trials_at"), "kb_trials", ["at"])


def downgrade() -> None:
    op.drop_table("kb_trials")
