"""what a version was taken from."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("kb_versions", sa.Column("source", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("kb_versions", "source")
