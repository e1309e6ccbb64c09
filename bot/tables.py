"""Tables of conversations: where the dialogue stands, and what was said."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from service.storage import Moment, metadata

_RowId = BigInteger().with_variant(Integer, "sqlite")

sessions = Table(
    "conversation_sessions",
    metadata,
    Column("conversation", String(64), primary_key=True),
    Column("state", LargeBinary, nullable=False, info={"cipher": "conversations"}),
    Column("updated_at", Moment, nullable=False, index=True),
)

messages = Table(
    "conversation_messages",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("conversation", String(64), nullable=False),
    Column("turn", String(64), nullable=False),  # the channel's id of the incoming message; shared by its replies
    Column("sender", String(10), nullable=False),  # citizen, assistant or agent
    Column("at", Moment, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False, info={"cipher": "conversations"}),
    Index(None, "conversation", "id"),
    Index(None, "conversation", "turn"),
)
