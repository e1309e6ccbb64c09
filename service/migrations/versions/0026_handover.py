"""conversations with a person: the queue, what happened in it, the agents."""

import sqlalchemy as sa
from alembic import op

from service.storage import Moment

revision = "0026"
down_revision = "0025"

_RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", _RowId, autoincrement=True, nullable=False),
        sa.Column("conversation", sa.String(64)),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("queued_at", Moment(), nullable=False),
        sa.Column("told", sa.String(10), nullable=False),
        sa.Column("agent", sa.String(64)),
        sa.Column("taken_at", Moment()),
        sa.Column("first_answer_at", Moment()),
        sa.Column("citizen_at", Moment(), nullable=False),
        sa.Column("agent_at", Moment()),
        sa.Column("ended_at", Moment()),
        sa.Column("ending", sa.String(10)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_index(op.f("ix_handovers_asked_at"), "handovers", ["asked_at"])
    op.create_index(op.f("ix_handovers_agent_id"), "handovers", ["agent", "id"])
    still_open = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_handovers_open",
        "handovers",
        ["conversation"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_table(
        "handover_steps",
        sa.Column("id", _RowId, autoincrement=True, nullable=False),
        sa.Column("handover_id", _RowId, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("deed", sa.String(10), nullable=False),
        sa.Column("about", sa.String(100)),
        sa.ForeignKeyConstraint(["handover_id"], ["handovers.id"], name=op.f("fk_handover_steps_handover_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_steps")),
    )
    op.create_index(op.f("ix_handover_steps_handover_id"), "handover_steps", ["handover_id"])
    op.create_table(
        "handover_agents",
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("on_duty", sa.Boolean(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_handover_agents")),
        sa.UniqueConstraint("number", name=op.f("uq_handover_agents_number")),
    )


def downgrade() -> None:
    for table in ("handover_agents", "handover_steps", "handovers"):
        op.drop_table(table)
