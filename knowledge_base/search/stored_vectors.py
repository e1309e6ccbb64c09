"""Sentence vectors in the database."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from knowledge_base.tables import vectors
from service.storage import Database, insert_into

Vector = np.ndarray[Any, np.dtype[np.float32]]

_BATCH = 500


class StoredVectors:
    """Sentence vectors in the database, so that a text is encoded once per installation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_many(self, hashes: Sequence[str]) -> dict[str, Vector]:
        """The stored vectors among these."""

        def look(connection: Connection) -> dict[str, Vector]:
            found: dict[str, Vector] = {}
            for start in range(0, len(hashes), _BATCH):
                wanted = hashes[start : start + _BATCH]
                rows = connection.execute(select(vectors).where(vectors.c.hash.in_(wanted)))
                found |= {row.hash: np.frombuffer(row.vector, np.float16).astype(np.float32) for row in rows}
            return found

        return await self._database.read(look)

    async def put_many(self, computed: dict[str, Vector]) -> None:
        """Store vectors; those already there stay."""
        rows = [{"hash": key, "vector": value.astype(np.float16).tobytes()} for key, value in sorted(computed.items())]
        # In one order everywhere: two processes that store the same ones would wait for each other otherwise.

        def store(connection: Connection) -> None:
            statement = insert_into(connection, vectors).on_conflict_do_nothing()
            for start in range(0, len(rows), _BATCH):
                connection.execute(statement, rows[start : start + _BATCH])

        await self._database.write(store)
