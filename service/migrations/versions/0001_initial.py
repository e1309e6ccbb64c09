"""conversations, knowledge, tickets and staff."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "conversation_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("conversation", sa.String(length=64), nullable=False),
        sa.Column("turn", sa.String(length=64), nullable=False),
        sa.Column("sender", sa.String(length=10), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_messages")),
    )
    with op.batch_alter_table("conversation_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conversation_messages_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_conversation_messages_conversation_id"), ["conversation", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_conversation_messages_conversation_turn"), ["conversation", "turn"], unique=False
        )

    op.create_table(
        "conversation_sessions",
        sa.Column("conversation", sa.String(length=64), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("conversation", name=op.f("pk_conversation_sessions")),
    )
    with op.batch_alter_table("conversation_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conversation_sessions_updated_at"), ["updated_at"], unique=False)

    op.create_table(
        "kb_answers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("conversation", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=True),
        sa.Column("entry", sa.String(length=100), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_answers")),
    )
    with op.batch_alter_table("kb_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kb_answers_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_kb_answers_entry"), ["entry"], unique=False)

    op.create_table(
        "kb_entries",
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_kb_entries")),
    )
    with op.batch_alter_table("kb_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kb_entries_revision"), ["revision"], unique=False)

    op.create_table(
        "kb_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_revision")),
    )
    op.create_table(
        "kb_vectors",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_kb_vectors")),
    )
    op.create_table(
        "staff",
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_staff")),
    )
    op.create_table(
        "ticket_numbers",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_ticket_numbers")),
    )
    op.create_table(
        "tickets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("conversation", sa.String(length=64), nullable=False),
        sa.Column("draft", sa.String(length=64), nullable=False),
        sa.Column("description", sa.LargeBinary(), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=True),
        sa.Column("requester_name", sa.LargeBinary(), nullable=True),
        sa.Column("requester_phone", sa.LargeBinary(), nullable=True),
        sa.Column("requester_phone_hash", sa.String(length=64), nullable=True),
        sa.Column("matter", sa.String(length=100), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("promised_by", sa.Date(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("draft", name=op.f("uq_tickets_draft")),
        sa.UniqueConstraint("number", name=op.f("uq_tickets_number")),
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tickets_conversation"), ["conversation"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_requester_phone_hash"), ["requester_phone_hash"], unique=False)

    op.create_table(
        "ticket_timeline",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("verb", sa.String(length=30), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_timeline_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_timeline")),
    )
    with op.batch_alter_table("ticket_timeline", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_timeline_ticket_id"), ["ticket_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("ticket_timeline", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_timeline_ticket_id"))

    op.drop_table("ticket_timeline")
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tickets_requester_phone_hash"))
        batch_op.drop_index(batch_op.f("ix_tickets_created_at"))
        batch_op.drop_index(batch_op.f("ix_tickets_conversation"))

    op.drop_table("tickets")
    op.drop_table("ticket_numbers")
    op.drop_table("staff")
    op.drop_table("kb_vectors")
    op.drop_table("kb_revision")
    with op.batch_alter_table("kb_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kb_entries_revision"))

    op.drop_table("kb_entries")
    with op.batch_alter_table("kb_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kb_answers_entry"))
        batch_op.drop_index(batch_op.f("ix_kb_answers_at"))

    op.drop_table("kb_answers")
    with op.batch_alter_table("conversation_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversation_sessions_updated_at"))

    op.drop_table("conversation_sessions")
    with op.batch_alter_table("conversation_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversation_messages_conversation_turn"))
        batch_op.drop_index(batch_op.f("ix_conversation_messages_conversation_id"))
        batch_op.drop_index(batch_op.f("ix_conversation_messages_at"))

    op.drop_table("conversation_messages")
