"""what an agent has begun to write down during a call; guides that staff send."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "desk_drafts",
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_desk_drafts")),
    )
    op.create_index(op.f("ix_desk_drafts_at"), "desk_drafts", ["at"])
    with op.batch_alter_table("hotline_guides") as table:
        table.alter_column("api_key", existing_type=sa.String(12), nullable=True)
        table.add_column(sa.Column("staff", sa.String(64)))


def downgrade() -> None:
    op.execute("DELETE FROM hotline_guides WHERE api_key IS NULL")
    with op.batch_alter_table("hotline_guides") as table:
        table.drop_column("staff")
        table.alter_column("api_key", existing_type=sa.String(12), nullable=False)
    op.drop_table("desk_drafts")
