"""answers that go out by themselves may have choices to tap."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.add_column("wechat_waiting", sa.Column("menu", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("wechat_waiting", "menu")
