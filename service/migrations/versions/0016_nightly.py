"""what is done once a night."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "nightly_jobs",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_nightly_jobs"),
    )


def downgrade() -> None:
    op.drop_table("nightly_jobs")
