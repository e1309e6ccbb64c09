"""followers of the public account, what was told to whom, receipts."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0018"
down_revision = "0017"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "wechat_followers",
        sa.Column("conversation", sa.String(64), primary_key=True),
        sa.Column("openid", sa.LargeBinary, nullable=False),
        sa.Column("openid_hash", sa.String(64), nullable=False),
        sa.Column("followed", sa.Boolean, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("last_message_at", Moment),
        sa.Column("talk_until", Moment),
        sa.Column("talk_left", sa.Integer, nullable=False),
        sa.Column("brief_until", Moment),
        sa.Column("brief_left", sa.Integer, nullable=False),
        sa.UniqueConstraint("openid_hash", name="uq_wechat_followers_openid_hash"),
    )
    op.create_table(
        "wechat_arrivals",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("content", sa.LargeBinary),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_table(
        "wechat_waiting",
        sa.Column("id", _ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_table(
        "wechat_nonces",
        sa.Column("nonce", sa.String(64), primary_key=True),
        sa.Column("arrival", sa.String(64), nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_table(
        "wechat_files",
        sa.Column("arrival", sa.String(64), primary_key=True),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("received", sa.LargeBinary, nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_table(
        "wechat_receipts",
        sa.Column("message", sa.String(64), primary_key=True),
        sa.Column("delivered", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_table(
        "wechat_subscriptions",
        sa.Column("conversation", sa.String(64), primary_key=True),
        sa.Column("template", sa.String(64), primary_key=True),
        sa.Column("accepted", sa.Boolean, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
    )
    for table in ("arrivals", "waiting", "nonces", "files", "receipts"):
        op.create_index(f"ix_wechat_{table}_at", f"wechat_{table}", ["at"])
    for table in ("waiting", "files"):
        op.create_index(f"ix_wechat_{table}_conversation", f"wechat_{table}", ["conversation"])
    op.create_index("ix_wechat_waiting_state_at", "wechat_waiting", ["state", "at"])


def downgrade() -> None:
    for table in ("subscriptions", "receipts", "files", "nonces", "waiting", "arrivals", "followers"):
        op.drop_table(f"wechat_{table}")
