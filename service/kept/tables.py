"""What staff have set, every version of it."""

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table, UniqueConstraint

from service.storage import Moment, metadata

NOTE_LIMIT = 500  # characters

kept_settings = Table(
    "kept_settings",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("part", String(80), nullable=False),
    Column("version", Integer, nullable=False),  # of the part, from 1
    Column("effective_from", Moment, nullable=False),
    Column("content", JSON, nullable=False),  # JSON's null: as the product brings it
    Column("at", Moment, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("note", String(NOTE_LIMIT), nullable=False),
    Column("withdrawn_at", Moment),
    Column("withdrawn_by", String(64)),
    Column("revision", BigInteger, nullable=False, index=True),  # of all settings; grows with every change
    UniqueConstraint("kind", "part", "version"),
    Index(None, "kind", "part", "effective_from"),
    Index(None, "effective_from"),
)
"""Rows are only ever added, and withdrawn before they count: what was in force at any moment can be told for good."""
