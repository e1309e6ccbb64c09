"""The table of files that were added to tickets."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table, UniqueConstraint

from service.storage import Moment, metadata

attachments = Table(
    "ticket_attachments",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("ticket_id", ForeignKey("tickets.id"), nullable=False),
    Column("stored_name", String(64), nullable=False, unique=True),
    Column("file_key", LargeBinary, nullable=False, info={"cipher": "attachments"}),  # of this file alone
    Column("name", LargeBinary, nullable=False, info={"cipher": "attachments"}),
    Column("media_type", String(100), nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes, as the citizen downloads it
    Column("sha256", String(64), nullable=False),
    Column("added_by", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("ticket_id", "sha256"),  # a file is in a ticket once, however often it is sent
)
