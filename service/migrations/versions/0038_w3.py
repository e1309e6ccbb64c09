"""lines proposed for the dispatch list."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0038_w3"
down_revision = "0037"


def upgrade() -> None:
    op.create_table(
        "dispatch_proposals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("category", sa.String(60), nullable=False),
        sa.Column("street", sa.String(40), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("found_at", Moment(), nullable=False),
        sa.Column("dismissed_at", Moment()),
        sa.Column("dismissed_by", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch_proposals")),
        sa.UniqueConstraint("category", "street", "unit", name=op.f("uq_dispatch_proposals_category_street_unit")),
    )


def downgrade() -> None:
    op.drop_table("dispatch_proposals")
