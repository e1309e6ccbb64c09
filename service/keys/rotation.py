"""Moves everything that is encrypted under the current key, while it is in use.

Nothing has to be remembered about how far it came: a field says which key wrote it. So a run that was
killed is simply run again, two at once do no harm, and it is finished when nothing is left to do.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from redis.asyncio import Redis
from sqlalchemy import Connection, LargeBinary, Row, Select, bindparam, func, or_, select, tuple_, update

from service.encryption import HEAD_BYTES, UNMARKED, Cipher, Keyring, Undecipherable, head_of
from service.keys.sealed_columns import SealedTable, sealed_tables
from service.storage import Database, metadata

BATCH = 1_000
"""Rows that are rewritten in one transaction: a fraction of a second, in which SQLite's other writers wait."""

_LOOKED_AT = 20_000  # rows whose beginnings are read at once
_SNAPSHOTS = "ltb:session:*"
_REPLACE = """
if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('set', KEYS[1], ARGV[2], 'KEEPTTL') return 1 end
return 0
"""

_Rows = Sequence[Row[Any]]
_Change = tuple[Row[Any], dict[str, Any]]


class Place(NamedTuple):
    """A field that cannot be moved: table, column and the row's key."""

    table: str
    column: str
    row: str


@dataclass(slots=True)
class Pass:
    """What one pass over everything did: how many fields it wrote anew, and which it cannot."""

    moved: int = 0
    stuck: list[Place] = field(default_factory=list)


class Mover:
    """Writes what is encrypted anew, batch by batch."""

    def __init__(self, database: Database, keyring: Keyring, batch: int = BATCH) -> None:
        self._database = database
        self._keyring = keyring
        self._batch = batch
        self._tables = sealed_tables(metadata)
        self._ciphers: dict[str, Cipher] = {}

    @property
    def current(self) -> bytes:
        """How the fields begin that the current key wrote."""
        return head_of(self._keyring.keys().current)

    async def count(self) -> Counter[bytes]:
        """How many fields there are, by how they begin: `head_of` a key, or `UNMARKED`."""
        counted: Counter[bytes] = Counter()
        for sealed in self._tables:
            heads = [_head(sealed, name).label(f"head_{name}") for name in sealed.fields]
            async for rows in self._walk(sealed, select(*sealed.key, *heads), _LOOKED_AT):
                values = (value for row in rows for value in row[len(sealed.key) :] if value is not None)
                counted.update(UNMARKED if head[:1] == UNMARKED else head for head in values)
        return counted

    async def move_fields(self, tell: Callable[[int], None]) -> Pass:
        """One pass: encrypt anew, with their hashes, the fields that another key wrote.

        Rows that somebody is changing right now are left to the next pass.

        Args:
            tell: given the number of fields moved so far.
        """
        done = Pass()
        for sealed in self._tables:
            others = [_head(sealed, name) != self.current for name in sealed.fields]
            columns = [sealed.table.c[name] for name in (*sealed.fields, *sealed.hashes)]
            rows = select(*sealed.key, *columns).where(or_(*others)).with_for_update(skip_locked=True, key_share=True)
            after: _Rows = ()
            while True:
                after = await self._database.write(self._moving(sealed, _following(sealed, rows, after), done))
                if not after:
                    break
                tell(done.moved)
        return done

    async def move_hashes(self) -> Pass:
        """One pass: look at every keyed hash, and write anew those that are not the current key's.

        A hash goes with its field; but one taken a moment before the key changed can stand beside a
        field encrypted a moment after.
        """
        done = Pass()
        for sealed in (sealed for sealed in self._tables if sealed.hashes):
            sources = {hashed.of for hashed in sealed.hashes.values()}
            columns = [sealed.table.c[name] for name in (*sources, *sealed.hashes)]
            present = or_(*(sealed.table.c[name].is_not(None) for name in sealed.hashes))
            async for rows in self._walk(sealed, select(*sealed.key, *columns).where(present), self._batch):
                changes = [(row, values) for row in rows if (values := self._hashes_anew(sealed, row, done))]
                await self._database.write(_writing(sealed, changes, unless_changed=tuple(sealed.hashes)))
                done.moved += len(changes)
        return done

    async def move_snapshots(self, redis: Redis) -> int:
        """Encrypt anew the dialogues that stand in Redis; how many."""
        cipher, moved = self._cipher("conversations"), 0
        async for name in redis.scan_iter(match=_SNAPSHOTS, count=1_000):
            sealed = await redis.get(name)
            if not isinstance(sealed, bytes) or sealed.startswith(self.current):
                continue
            try:
                anew = cipher.encrypt(cipher.decrypt(sealed))
            except Undecipherable:
                continue  # nobody could go on with it before either: that dialogue begins anew
            moved += await redis.eval(_REPLACE, 1, name, sealed, anew)
        return moved

    async def _walk(self, sealed: SealedTable, rows: Select[Any], limit: int) -> AsyncIterator[_Rows]:
        found: _Rows = ()
        while found := await self._database.read(_reading(_following(sealed, rows, found).limit(limit))):
            yield found

    def _moving(self, sealed: SealedTable, rows: Select[Any], done: Pass) -> Callable[[Connection], _Rows]:
        def move(connection: Connection) -> _Rows:
            found = connection.execute(rows.limit(self._batch)).all()
            changes = [(row, values) for row in found if (values := self._fields_anew(sealed, row, done))]
            _writing(sealed, changes)(connection)
            done.moved += sum(name in sealed.fields for _, values in changes for name in values)
            return found

        return move

    def _fields_anew(self, sealed: SealedTable, row: Row[Any], done: Pass) -> dict[str, Any]:
        """A row's fields under the current key, and the hashes made of them."""
        held = row._mapping
        anew: dict[str, Any] = {}
        for name, purpose in sealed.fields.items():
            if held[name] is None or held[name].startswith(self.current):
                continue
            try:
                plain = self._cipher(purpose).decrypt(held[name])
            except Undecipherable:
                done.stuck.append(_place(sealed, row, name))
                continue
            anew[name] = self._cipher(purpose).encrypt(plain)
            for column, hashed in sealed.hashes.items():
                if hashed.of == name and held[column] is not None:
                    anew[column] = self._cipher(hashed.purpose).keyed_hash(plain.decode())
        return anew

    def _hashes_anew(self, sealed: SealedTable, row: Row[Any], done: Pass) -> dict[str, Any]:
        """A row's hashes that differ from what they should be. One whose field is gone cannot be made anew."""
        held = row._mapping
        anew: dict[str, Any] = {}
        for name, hashed in sealed.hashes.items():
            if held[name] is None:
                continue
            try:
                plain = self._cipher(sealed.fields[hashed.of]).decrypt_text(held[hashed.of])
            except Undecipherable:
                plain = None
            if plain is None:
                done.stuck.append(_place(sealed, row, name))
            elif held[name] != (right := self._cipher(hashed.purpose).keyed_hash(plain)):
                anew[name] = right
        return anew

    def _cipher(self, purpose: str) -> Cipher:
        if purpose not in self._ciphers:
            self._ciphers[purpose] = self._keyring.cipher(purpose)
        return self._ciphers[purpose]


def _head(sealed: SealedTable, name: str) -> Any:
    return func.substr(sealed.table.c[name], 1, HEAD_BYTES, type_=LargeBinary)


def _following(sealed: SealedTable, rows: Select[Any], last: _Rows) -> Select[Any]:
    """The rows in the order of their keys, those after the last ones."""
    key = sealed.key
    if last:
        rows = rows.where(tuple_(*key) > tuple_(*last[-1][: len(key)]) if len(key) > 1 else key[0] > last[-1][0])
    return rows.order_by(*key)


def _reading(rows: Select[Any]) -> Callable[[Connection], _Rows]:
    return lambda connection: connection.execute(rows).all()


def _writing(
    sealed: SealedTable, changes: Sequence[_Change], unless_changed: Sequence[str] = ()
) -> Callable[[Connection], None]:
    """A unit of work: new values for rows; those whose `unless_changed` columns are no longer as read stay."""
    table = sealed.table
    guarded = {column.name: column for column in (*sealed.key, *(table.c[name] for name in unless_changed))}
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row, values in changes:
        as_read = {f"read_{name}": row._mapping[name] for name in guarded}
        new = {f"new_{name}": value for name, value in values.items()}
        alike.setdefault(tuple(values), []).append(as_read | new)

    def write(connection: Connection) -> None:
        for names, parameters in alike.items():
            same = [
                column.is_not_distinct_from(bindparam(f"read_{name}", type_=column.type))
                if column.nullable
                else column == bindparam(f"read_{name}", type_=column.type)
                for name, column in guarded.items()
            ]
            new = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
            connection.execute(update(table).where(*same).values(new), parameters)

    return write


def _place(sealed: SealedTable, row: Row[Any], column: str) -> Place:
    return Place(sealed.table.name, column, "/".join(str(part) for part in row[: len(sealed.key)]))
