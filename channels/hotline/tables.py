"""The table of guides that were sent to callers."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from service.storage import Moment, metadata

_SEALED = {"cipher": "citizens"}

hotline_guides = Table(
    "hotline_guides",
    metadata,
    Column("id", String(32), primary_key=True),  # names the order to send
    Column("api_key", ForeignKey("api_keys.id")),  # of the system that asked for it …
    Column("staff", String(64)),  # … or the username of who did
    Column("fingerprint", String(64), nullable=False),  # of the request
    Column("entry", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("text", LargeBinary, nullable=False, info=_SEALED),
    Column("phone", LargeBinary, nullable=False, info=_SEALED),
    Column("phone_hash", String(64), nullable=False, info={"keyed_hash_of": "phone"} | _SEALED),
    Column("asked_at", Moment, nullable=False, index=True),
    Column("sent_at", Moment),
    Column("refused", String(100)),  # the gateway's code
    Index(None, "phone_hash", "asked_at"),
)
