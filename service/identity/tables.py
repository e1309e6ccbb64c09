"""Tables of staff accounts."""

from sqlalchemy import JSON, Boolean, Column, String, Table

from service.storage import Moment, metadata

staff = Table(
    "staff",
    metadata,
    Column("username", String(64), primary_key=True),
    Column("password_hash", String(255), nullable=False),
    Column("roles", JSON, nullable=False),
    Column("units", JSON, nullable=False),  # codes of the units they belong to
    Column("must_change_password", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
)
