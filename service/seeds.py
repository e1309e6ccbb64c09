"""What the product brings once; afterwards it is staff's, and what they took away does not come back."""

from datetime import datetime

from sqlalchemy import Column, Connection, String, Table

from service.storage import Moment, insert_into, metadata

seeds = Table(
    "seeds",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("at", Moment, nullable=False),
)


def begin_within(connection: Connection, name: str, at: datetime) -> bool:
    """Note that something is brought in this transaction; False where it was brought before."""
    bringing = insert_into(connection, seeds).values(name=name, at=at).on_conflict_do_nothing()
    return connection.execute(bringing.returning(seeds.c.name)).first() is not None
