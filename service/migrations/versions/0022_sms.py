"""SMS that were sent, their reports, what people answered, who wants no more."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0022"
down_revision = "0021"

_RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "sms_messages",
        sa.Column("id", _RowId, autoincrement=True, nullable=False),
        sa.Column("order_id", sa.String(200), nullable=False),
        sa.Column("reference", sa.String(32), nullable=False),
        sa.Column("phone", sa.LargeBinary()),
        sa.Column("phone_hash", sa.String(64)),
        sa.Column("text", sa.LargeBinary()),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("gateway", sa.String(20)),
        sa.Column("template", sa.String(64)),
        sa.Column("provider_id", sa.String(100)),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("parts", sa.SmallInteger()),
        sa.Column("cost_fen", sa.Float()),
        sa.Column("failure", sa.Text()),
        sa.Column("failure_code", sa.String(100)),
        sa.Column("remedy", sa.String(20)),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment()),
        sa.Column("lease_until", Moment()),
        sa.Column("settled_at", Moment()),
        sa.Column("ask_at", Moment()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_messages")),
        sa.UniqueConstraint("order_id", name=op.f("uq_sms_messages_order_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_sms_messages_reference")),
    )
    for column in ("phone_hash", "provider_id", "created_at", "ask_at"):
        op.create_index(op.f(f"ix_sms_messages_{column}"), "sms_messages", [column])
    op.create_table(
        "sms_early_reports",
        sa.Column("id", _RowId, autoincrement=True, nullable=False),
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("provider_id", sa.String(100), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_hash", sa.String(64), nullable=False),
        sa.Column("delivered", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.String(100), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_early_reports")),
    )
    op.create_index(op.f("ix_sms_early_reports_received_at"), "sms_early_reports", ["received_at"])
    op.create_index(op.f("ix_sms_early_reports_gateway_provider_id"), "sms_early_reports", ["gateway", "provider_id"])
    op.create_table(
        "sms_replies",
        sa.Column("id", _RowId, autoincrement=True, nullable=False),
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("identity_hash", sa.String(64), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_hash", sa.String(64), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("said_at", Moment(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("meaning", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(100)),
        sa.Column("problem", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_replies")),
        sa.UniqueConstraint("identity_hash", name=op.f("uq_sms_replies_identity_hash")),
    )
    for column in ("phone_hash", "received_at"):
        op.create_index(op.f(f"ix_sms_replies_{column}"), "sms_replies", [column])
    op.create_table(
        "sms_stops",
        sa.Column("id", _RowId, autoincrement=True, nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_hash", sa.String(64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("source", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_stops")),
    )
    op.create_index(op.f("ix_sms_stops_phone_hash"), "sms_stops", ["phone_hash"])


def downgrade() -> None:
    for table in ("sms_stops", "sms_replies", "sms_early_reports", "sms_messages"):
        op.drop_table(table)
