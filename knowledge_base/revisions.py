"""The one counter that tells every process that the knowledge base has changed."""

from sqlalchemy import Connection, literal, select

from knowledge_base.tables import revision
from service.storage import insert_into


def next_revision(connection: Connection) -> int:
    """Count on, within a transaction; whoever else changes the base waits until it ends."""
    statement = (
        insert_into(connection, revision)
        .values(id=1, last=literal(1))
        .on_conflict_do_update(index_elements=["id"], set_={"last": revision.c.last + 1})
        .returning(revision.c.last)
    )
    last: int = connection.execute(statement).scalar_one()
    return last


def last_revision(connection: Connection) -> int:
    """How often the base has changed; 0 before the first time."""
    return connection.scalar(select(revision.c.last)) or 0
