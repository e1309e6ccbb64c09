"""Tables of tickets, their timeline and their numbering."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Integer, LargeBinary, String, Table

from service.storage import Moment, metadata

_RowId = BigInteger().with_variant(Integer, "sqlite")

tickets = Table(
    "tickets",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("conversation", String(64), nullable=False, index=True),
    Column("draft", String(64), nullable=False, unique=True),  # one draft becomes one ticket, however often it is sent
    Column("description", LargeBinary, nullable=False, info={"cipher": "tickets"}),
    Column("place", LargeBinary, info={"cipher": "tickets"}),
    Column("requester_name", LargeBinary, info={"cipher": "tickets"}),
    Column("requester_phone", LargeBinary, info={"cipher": "tickets"}),
    Column(
        "requester_phone_hash", String(64), index=True, info={"keyed_hash_of": "requester_phone", "cipher": "tickets"}
    ),
    Column("matter", String(100)),
    Column("created_at", Moment, nullable=False, index=True),
    Column("promised_by", Date, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

timeline = Table(
    "ticket_timeline",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("verb", String(30), nullable=False),
    Column("note", LargeBinary, info={"cipher": "tickets"}),
)

ticket_numbers = Table(
    "ticket_numbers",
    metadata,
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)
