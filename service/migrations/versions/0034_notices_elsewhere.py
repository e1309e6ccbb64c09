"""a notice may go to another number than its ticket's; SMS costs are read from an index; the last check-up is kept."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("phone", sa.LargeBinary()))
    op.create_index(
        op.f("ix_sms_messages_created_at_gateway_parts_cost_fen"),
        "sms_messages",
        ["created_at", "gateway", "parts", "cost_fen"],
    )
    op.drop_index(op.f("ix_sms_messages_created_at"), "sms_messages")
    op.create_table(
        "checkups",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("checkups")
    op.create_index(op.f("ix_sms_messages_created_at"), "sms_messages", ["created_at"])
    op.drop_index(op.f("ix_sms_messages_created_at_gateway_parts_cost_fen"), "sms_messages")
    op.drop_column("outbox", "phone")
