"""Tables of staff accounts, and of keys for other systems."""

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

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(12), primary_key=True),  # the part of a key that may be read
    Column("name", String(40), nullable=False, unique=True),
    Column("secret_hash", String(64), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("units", JSON, nullable=False),  # codes of the only units whose tickets it sees
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),  # to the minute
    Column("revoked_at", Moment),
)
