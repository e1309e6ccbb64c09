"""The table of requests that were answered, so that the same request is answered alike."""

from sqlalchemy import Column, ForeignKey, LargeBinary, PrimaryKeyConstraint, SmallInteger, String, Table

from service.storage import Moment, metadata

answered_requests = Table(
    "api_answered_requests",
    metadata,
    Column("api_key", ForeignKey("api_keys.id"), nullable=False),
    Column("idempotency_key", String(255), nullable=False),
    Column("fingerprint", String(64), nullable=False),  # of method, address and body
    Column("status", SmallInteger, nullable=False),
    Column("body", LargeBinary, nullable=False, info={"cipher": "api"}),
    Column("at", Moment, nullable=False, index=True),
    PrimaryKeyConstraint("api_key", "idempotency_key"),
)
