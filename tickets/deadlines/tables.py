"""What a city has set about time, every version of it."""

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table, UniqueConstraint

from service.storage import Moment, metadata

NOTE_LIMIT = 500  # characters

deadline_settings = Table(
    "deadline_settings",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("part", String(20), nullable=False),
    Column("version", Integer, nullable=False),  # of the part, from 1
    Column("effective_from", Moment, nullable=False),
    Column("content", JSON, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("note", String(NOTE_LIMIT), nullable=False),
    UniqueConstraint("part", "version"),
    Index(None, "part", "effective_from"),
)
"""Rows are only ever added: what was in force at any moment can be told for good."""
