"""Models in the database: every process uses the one in use; the ones before are kept for a while."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from service.clock import Clock, now
from service.encryption import Cipher
from service.storage import Database, hold
from tickets.dispatch.model import Model
from tickets.dispatch.model_file import ModelUnreadable, dump, fingerprint, load
from tickets.dispatch.tables import dispatch_models

KEPT = 3  # models, the one in use among them


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model, and where it comes from."""

    id: int
    trained_at: datetime
    tickets: int
    quality: dict[str, float]
    model: Model


@dataclass(frozen=True, slots=True)
class ModelStore:
    """Models encrypted under the tickets' key: they hold traces of what citizens wrote."""

    database: Database
    cipher: Cipher
    clock: Clock = now

    async def current_id(self) -> int:
        """The number of the model in use; 0 if there is none."""
        statement = select(dispatch_models.c.id).where(dispatch_models.c.in_use)
        return await self.database.read(lambda connection: connection.scalar(statement)) or 0

    async def trained_at(self) -> datetime | None:
        """When the model in use was trained; None if there is none."""
        statement = select(dispatch_models.c.trained_at).where(dispatch_models.c.in_use)
        trained: datetime | None = await self.database.read(lambda connection: connection.scalar(statement))
        return trained

    async def current(self) -> StoredModel | None:
        """The model in use.

        Raises:
            ModelUnreadable: the bytes are not what was stored.
        """
        statement = select(dispatch_models).where(dispatch_models.c.in_use)
        row = await self.database.read(lambda connection: connection.execute(statement).one_or_none())
        if row is None:
            return None
        content = self.cipher.decrypt(row.content)
        if fingerprint(content) != row.fingerprint:
            raise ModelUnreadable("fingerprint")
        return StoredModel(row.id, row.trained_at, row.tickets, row.quality, load(content))

    async def put(self, model: Model, tickets: int, quality: Mapping[str, float]) -> int:
        """Use a model from now on; its number."""
        content = dump(model)
        row = {
            "trained_at": self.clock(),
            "fingerprint": fingerprint(content),
            "tickets": tickets,
            "quality": dict(quality),
            "in_use": True,
            "content": self.cipher.encrypt(content),
        }

        def store(connection: Connection) -> int:
            hold(connection, "dispatch_models")
            connection.execute(update(dispatch_models).values(in_use=False))
            added = insert(dispatch_models).values(row).returning(dispatch_models.c.id)
            number: int = connection.execute(added).scalar_one()
            newest = select(dispatch_models.c.id).order_by(dispatch_models.c.id.desc()).limit(KEPT)
            kept = list(connection.scalars(newest))
            connection.execute(delete(dispatch_models).where(dispatch_models.c.id.not_in(kept)))
            return number

        return await self.database.write(store)
