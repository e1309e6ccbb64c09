"""What an agent has written down during a call and not registered yet: one draft a person. Units of work."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, LargeBinary, String, Table, delete, select

from service.encryption import Cipher
from service.storage import Moment, insert_into, metadata

desk_drafts = Table(
    "desk_drafts",
    metadata,
    Column("person", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False, info={"cipher": "tickets"}),
    Column("at", Moment, nullable=False, index=True),
)


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A form as it was left.

    Attributes:
        fields: what was typed, by field.
    """

    fields: Mapping[str, str]
    at: datetime


def draft_of(person: str, cipher: Cipher) -> Callable[[Connection], KeptDraft | None]:
    """A unit of work: what somebody left; None where nothing is."""
    statement = select(desk_drafts).where(desk_drafts.c.person == person)

    def work(connection: Connection) -> KeptDraft | None:
        row = connection.execute(statement).one_or_none()
        return None if row is None else KeptDraft(json.loads(cipher.decrypt_text(row.content) or "{}"), row.at)

    return work


def keep_within(connection: Connection, cipher: Cipher, person: str, fields: Mapping[str, str], at: datetime) -> None:
    """Keep a form as it stands, in place of the one before."""
    values = {"content": cipher.encrypt_text(json.dumps(fields, ensure_ascii=False)), "at": at}
    statement = insert_into(connection, desk_drafts).values(person=person, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["person"], set_=values))


def drop_within(connection: Connection, person: str) -> None:
    """It was registered, or is not wanted any more."""
    connection.execute(delete(desk_drafts).where(desk_drafts.c.person == person))


def forget_within(connection: Connection, before: datetime) -> int:
    """Delete drafts nobody came back to; how many went."""
    return connection.execute(delete(desk_drafts).where(desk_drafts.c.at < before)).rowcount
