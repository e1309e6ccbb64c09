"""Signatures of tickets, by which repeats are found, and alarms."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0011"
down_revision = "0010"


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "ticket_signatures",
        sa.Column("ticket_id", _id(), nullable=False),
        sa.Column("topic", _id(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_ticket_signatures_ticket_id_tickets"),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_ticket_signatures"),
    )
    op.create_index("ix_ticket_signatures_topic", "ticket_signatures", ["topic"])
    op.create_index("ix_ticket_signatures_at", "ticket_signatures", ["at"])
    op.create_table(
        "alarms",
        sa.Column("id", _id(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("roles", sa.String(300), nullable=False),
        sa.Column("raised_at", Moment(), nullable=False),
        sa.Column("graded_at", Moment(), nullable=False),
        sa.Column("acknowledged_at", Moment(), nullable=True),
        sa.Column("acknowledged_by", sa.String(64), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("closed_by", sa.String(64), nullable=True),
        sa.Column("outcome", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alarms"),
        sa.UniqueConstraint("key", "episode", name="uq_alarms_key_episode"),
    )
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_alarms_open", "alarms", ["grade", "raised_at"], sqlite_where=still_open, postgresql_where=still_open
    )
    op.create_table(
        "alarm_tickets",
        sa.Column("alarm_id", _id(), nullable=False),
        sa.Column("ticket_id", _id(), nullable=False),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarms.id"], name="fk_alarm_tickets_alarm_id_alarms"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_alarm_tickets_ticket_id_tickets"),
        sa.PrimaryKeyConstraint("alarm_id", "ticket_id", name="pk_alarm_tickets"),
    )
    op.create_index("ix_alarm_tickets_ticket_id", "alarm_tickets", ["ticket_id"])


def downgrade() -> None:
    op.drop_table("alarm_tickets")
    op.drop_table("alarms")
    op.drop_table("ticket_signatures")
