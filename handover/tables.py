"""Tables of hand-overs, of what happened to them, and of the agents who take them."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table

from service.storage import Moment, metadata

_RowId = BigInteger().with_variant(Integer, "sqlite")

handovers = Table(
    "handovers",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("conversation", String(64)),  # emptied when the conversation is forgotten
    Column("channel", String(20), nullable=False),
    Column("why", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("asked_at", Moment, nullable=False, index=True),
    Column("queued_at", Moment, nullable=False),
    Column("told", String(10), nullable=False),
    Column("agent", String(64)),
    Column("taken_at", Moment),
    Column("first_answer_at", Moment),
    Column("citizen_at", Moment, nullable=False),
    Column("agent_at", Moment),
    Column("ended_at", Moment),
    Column("ending", String(10)),
    Index(None, "agent", "id"),
)

_open = handovers.c.ended_at.is_(None)
Index("ix_handovers_open", handovers.c.conversation, unique=True, sqlite_where=_open, postgresql_where=_open)

steps = Table(
    "handover_steps",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("handover_id", _RowId, ForeignKey("handovers.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("deed", String(10), nullable=False),
    Column("about", String(100)),
)

agents = Table(
    "handover_agents",
    metadata,
    Column("username", String(64), primary_key=True),
    Column("number", Integer, nullable=False, unique=True),  # as citizens know them
    Column("on_duty", Boolean, nullable=False),
    Column("seen_at", Moment, nullable=False),  # the last sign of their page
)
