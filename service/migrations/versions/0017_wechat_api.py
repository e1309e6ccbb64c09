"""the access token of the public account, and its codes."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "wechat_tokens",
        sa.Column("appid", sa.String(64), nullable=False),
        sa.Column("token", sa.LargeBinary),
        sa.Column("renew_at", Moment()),
        sa.Column("expires_at", Moment()),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("leased_by", sa.String(32)),
        sa.Column("leased_until", Moment()),
        sa.Column("forced_at", Moment()),
        sa.Column("forced_count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("appid", name=op.f("pk_wechat_tokens")),
    )
    op.create_table(
        "wechat_codes",
        sa.Column("scene", sa.String(64), nullable=False),
        sa.Column("ticket", sa.String(100)),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("expires_at", Moment()),
        sa.PrimaryKeyConstraint("scene", name=op.f("pk_wechat_codes")),
    )
    op.create_index(op.f("ix_wechat_codes_ticket"), "wechat_codes", ["ticket"])


def downgrade() -> None:
    op.drop_table("wechat_codes")
    op.drop_table("wechat_tokens")
