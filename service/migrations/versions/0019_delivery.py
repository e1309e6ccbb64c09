"""How far notices have come, each attempt to deliver one, and which services are left alone."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0019"
down_revision = "0018"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITING = sa.text("state = 'waiting'")
_UNDELIVERED = sa.text("state = 'undelivered'")


def _added() -> list[sa.Column[Any]]:
    return [
        sa.Column("news", sa.LargeBinary()),
        sa.Column("state", sa.String(12), nullable=False, server_default="waiting"),
        sa.Column("holder", sa.String(32)),
        sa.Column("rung", sa.String(20)),
        sa.Column("rung_since", Moment()),
        sa.Column("slot_at", Moment()),
        sa.Column("round", sa.Integer(), nullable=False, server_default="0"),
    ]


def upgrade() -> None:
    for column in _added():
        op.add_column("outbox", column)
    op.execute("UPDATE outbox SET state = 'sent' WHERE sent_at IS NOT NULL")
    op.execute("UPDATE outbox SET news = content, content = NULL WHERE kind = 'ticket'")
    op.drop_index("ix_outbox_waiting", "outbox")
    for name, columns, which in (
        ("waiting", ["due_at", "id"], _WAITING),
        ("before", ["subject", "conversation", "id"], _WAITING),
        ("undelivered", ["id"], _UNDELIVERED),
    ):
        op.create_index(f"ix_outbox_{name}", "outbox", columns, sqlite_where=which, postgresql_where=which)
    op.create_table(
        "delivery_attempts",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("notice", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("rung", sa.String(20), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("provider_id", sa.String(100)),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment()),
        sa.Column("received_at", Moment()),
        sa.Column("ask_at", Moment()),
        sa.Column("remedy", sa.String(20)),
        sa.Column("code", sa.String(60)),
        sa.Column("reason", sa.Text()),
        sa.Column("cost_fen", sa.Float()),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_attempts"),
        sa.ForeignKeyConstraint(
            ["notice"], ["outbox.id"], name="fk_delivery_attempts_notice_outbox", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_delivery_attempts_notice", "delivery_attempts", ["notice"])
    op.create_index("ix_delivery_attempts_provider_id_rung", "delivery_attempts", ["provider_id", "rung"])
    op.create_index("ix_delivery_attempts_started_at", "delivery_attempts", ["started_at"])
    asked = sa.text("ask_at IS NOT NULL")
    op.create_index(
        "ix_delivery_attempts_asked", "delivery_attempts", ["ask_at"], sqlite_where=asked, postgresql_where=asked
    )
    op.create_table(
        "delivery_breakers",
        sa.Column("rung", sa.String(20), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("next_at", Moment(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("rung", name="pk_delivery_breakers"),
    )


def downgrade() -> None:
    op.drop_table("delivery_breakers")
    op.drop_table("delivery_attempts")
    for name in ("undelivered", "before", "waiting"):
        op.drop_index(f"ix_outbox_{name}", "outbox")
    op.execute("UPDATE outbox SET content = news WHERE kind = 'ticket'")
    for column in reversed(_added()):
        op.drop_column("outbox", column.name)
    unsent = sa.text("sent_at IS NULL")
    op.create_index("ix_outbox_waiting", "outbox", ["due_at"], sqlite_where=unsent, postgresql_where=unsent)
