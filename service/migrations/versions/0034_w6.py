"""a notice may go to another number than its ticket's; what SMS cost in a month is read from an index."""

import sqlalchemy as sa
from alembic import op

revision = "0034_w6"
down_revision = "0030"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("phone", sa.LargeBinary()))
    op.create_index(
        op.f("ix_sms_messages_created_at_gateway_parts_cost_fen"),
        "sms_messages",
        ["created_at", "gateway", "parts", "cost_fen"],
    )
    op.drop_index(op.f("ix_sms_messages_created_at"), "sms_messages")


def downgrade() -> None:
    op.create_index(op.f("ix_sms_messages_created_at"), "sms_messages", ["created_at"])
    op.drop_index(op.f("ix_sms_messages_created_at_gateway_parts_cost_fen"), "sms_messages")
    op.drop_column("outbox", "phone")
