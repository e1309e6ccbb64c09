"""Tables of SMS: what was sent, reports that came too early, what people answered, who wants no more."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, SmallInteger, String, Table, Text

from service.storage import Moment, metadata

_RowId = BigInteger().with_variant(Integer, "sqlite")
_SEALED = {"cipher": "sms"}
_PHONE_HASH = {"keyed_hash_of": "phone"} | _SEALED

messages = Table(
    "sms_messages",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("order_id", String(200), nullable=False, unique=True),  # an order reaches nobody twice
    Column("reference", String(32), nullable=False, unique=True),  # what the gateway knows it by
    Column("phone", LargeBinary, info=_SEALED),  # number and text are forgotten before the row is
    Column("phone_hash", String(64), index=True, info=_PHONE_HASH),
    Column("text", LargeBinary, info=_SEALED),
    Column("purpose", String(40), nullable=False),
    Column("subject", String(100), nullable=False),  # a ticket's number, an entry's slug
    Column("gateway", String(20)),  # the one it went to last
    Column("template", String(64)),
    Column("provider_id", String(100), index=True),
    Column("state", String(10), nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("parts", SmallInteger),
    Column("cost_fen", Float),
    Column("failure", Text),  # why it did not go out, or not arrive
    Column("failure_code", String(100)),
    Column("remedy", String(20)),  # of the failure
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),  # when it went, or may have gone, to the gateway; none: it surely is only here
    Column("lease_until", Moment),  # until then another process is busy with it
    Column("settled_at", Moment),  # when it arrived or failed
    Column("ask_at", Moment, index=True),  # when the gateway has to be asked what became of it
    Index(None, "created_at", "gateway", "parts", "cost_fen"),  # costs are added up in it alone
)

early_reports = Table(
    "sms_early_reports",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("gateway", String(20), nullable=False),
    Column("provider_id", String(100), nullable=False),
    Column("phone", LargeBinary, nullable=False, info=_SEALED),
    Column("phone_hash", String(64), nullable=False, info=_PHONE_HASH),
    Column("delivered", SmallInteger, nullable=False),
    Column("code", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("received_at", Moment, nullable=False, index=True),
    Index(None, "gateway", "provider_id"),
)

replies = Table(
    "sms_replies",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("gateway", String(20), nullable=False),
    Column("identity", LargeBinary, nullable=False, info=_SEALED),  # the same reply pushed again has the same
    Column("identity_hash", String(64), nullable=False, unique=True, info={"keyed_hash_of": "identity"} | _SEALED),
    Column("phone", LargeBinary, nullable=False, info=_SEALED),
    Column("phone_hash", String(64), nullable=False, index=True, info=_PHONE_HASH),
    Column("text", LargeBinary, nullable=False, info=_SEALED),
    Column("said_at", Moment, nullable=False),
    Column("received_at", Moment, nullable=False, index=True),
    Column("meaning", String(20), nullable=False),
    Column("subject", String(100)),  # the ticket it was taken for
    Column("problem", Text),  # why nothing could be done with it, for staff
)

stops = Table(
    "sms_stops",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("phone", LargeBinary, nullable=False, info=_SEALED),
    Column("phone_hash", String(64), nullable=False, index=True, info=_PHONE_HASH),
    Column("at", Moment, nullable=False),
    Column("source", String(100), nullable=False),  # reply, or the member of staff who entered it
)
