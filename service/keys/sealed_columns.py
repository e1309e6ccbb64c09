"""Which columns of which tables hold encrypted fields and keyed hashes: the tables say so themselves.

Column("place", LargeBinary, info={"cipher": "tickets"})
Column("phone_hash", String(64), info={"keyed_hash_of": "phone", "cipher": "tickets"})
Column("vector", LargeBinary, info={"cipher": None})            # bytes that are no secret
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, LargeBinary, MetaData, Table


class Undeclared(Exception):
    """A column does not say whether it is encrypted, or names a source that does not exist."""


@dataclass(frozen=True, slots=True)
class KeyedHash:
    """A column that holds the keyed hash of an encrypted field of the same row."""

    of: str
    purpose: str


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with encrypted columns.

    Attributes:
        fields: by column, the purpose of the cipher that wrote it.
        hashes: by column, what it is a hash of.
    """

    table: Table
    fields: Mapping[str, str]
    hashes: Mapping[str, KeyedHash]

    @property
    def key(self) -> list[Column[Any]]:
        """The columns that name a row."""
        return list(self.table.primary_key.columns)


def sealed_tables(metadata: MetaData) -> list[SealedTable]:
    """Every table with encrypted columns, by name.

    Raises:
        Undeclared: see there.
    """
    found = (_sealed(table) for table in metadata.tables.values())
    return sorted((sealed for sealed in found if sealed.fields), key=lambda sealed: sealed.table.name)


def _sealed(table: Table) -> SealedTable:
    fields: dict[str, str] = {}
    hashes: dict[str, KeyedHash] = {}
    for column in table.columns:
        if isinstance(column.type, LargeBinary):
            if "cipher" not in column.info:
                raise Undeclared(f"{table.name}.{column.name}: add info={{'cipher': purpose or None}}")
            if column.info["cipher"] is not None:
                fields[column.name] = column.info["cipher"]
        elif "keyed_hash_of" in column.info:
            hashes[column.name] = KeyedHash(column.info["keyed_hash_of"], column.info["cipher"])
    for name, hashed in hashes.items():
        if hashed.of not in fields:
            raise Undeclared(f"{table.name}.{name}: {hashed.of} is no encrypted column")
    return SealedTable(table, fields, hashes)
