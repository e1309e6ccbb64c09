"""Tables of dispatch: the list, what was done with it, and the models learned from closed tickets."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from service.storage import Moment, metadata

_RowId = BigInteger().with_variant(Integer, "sqlite")

dispatch_rules = Table(
    "dispatch_rules",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("content", JSON, nullable=False),  # Rule.as_dict
)

dispatch_history = Table(
    "dispatch_history",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("revision", BigInteger, nullable=False, index=True),  # one for all that was done at once
    Column("at", Moment, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("verb", String(20), nullable=False),
    Column("key", String(200), nullable=False),
    Column("before", JSON),
    Column("after", JSON),
    Column("reason", String(500)),
)

dispatch_proposals = Table(
    "dispatch_proposals",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("category", String(60), nullable=False),
    Column("street", String(40), nullable=False),  # empty: wherever it is
    Column("unit", String(40), nullable=False),  # the code of the one it should go to
    Column("evidence", JSON, nullable=False),  # see tickets.dispatch.corrections
    Column("found_at", Moment, nullable=False),
    Column("dismissed_at", Moment),
    Column("dismissed_by", String(64)),
    UniqueConstraint("category", "street", "unit"),
)

dispatch_models = Table(
    "dispatch_models",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("trained_at", Moment, nullable=False),
    Column("fingerprint", String(64), nullable=False),  # SHA-256 of the content before encryption
    Column("tickets", Integer, nullable=False),
    Column("quality", JSON, nullable=False),  # on tickets held out, of it and of the one before
    Column("in_use", Boolean, nullable=False),
    Column("content", LargeBinary, nullable=False, info={"cipher": "tickets"}),
    Index(None, "in_use", "id"),
)
