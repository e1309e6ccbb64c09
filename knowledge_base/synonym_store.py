"""Synonyms as staff keep them: each verb is one transaction, with its history and a new revision of the base."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from knowledge_base.revisions import next_revision
from knowledge_base.synonyms import GROUPS_LIMIT, Groups, Synonyms, SynonymsRefused, check_group
from knowledge_base.tables import synonym_history, synonyms
from service.audit import Deed, Recorded, record_within
from service.clock import Clock, now
from service.identity.roles import Actor, Role
from service.storage import Database, hold

EDITORS = (Role.CURATOR, Role.REVIEWER)

_BATCH = 500

_Change = Callable[[Groups], Groups]
"""What is wanted of the groups there are: the new words of some, none for those to be removed."""
_ChangeWithin = Callable[[Connection, Groups], Groups]


@dataclass(frozen=True, slots=True)
class SynonymChange:
    """What was done with one official word.

    Attributes:
        revision: of the base, by which all that was done at once can be undone.
        before: its words until then; none when it was new.
        after: its words from then on; none when it was removed.
    """

    revision: int
    at: datetime
    actor: str
    verb: str
    official: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SynonymStore:
    """The synonyms of an installation."""

    database: Database
    clock: Clock = now

    async def seed(self) -> None:
        """Begin with the synonyms of the product where none were ever kept."""

        def begin(connection: Connection) -> None:
            hold(connection, "synonyms")
            if not connection.scalar(select(func.count()).select_from(synonym_history)):
                self._record(connection, Actor("import"), "seed", {}, Synonyms.default().groups)

        if not await self.database.read(lambda connection: connection.scalar(select(synonym_history.c.id).limit(1))):
            await self.database.write(begin)

    async def all(self) -> Synonyms:
        """What is kept now."""
        return Synonyms(await self.database.read(_read))

    async def add(self, actor: Actor, official: str, words: Iterable[str]) -> int:
        """Add everyday words to an official one, new or there already; the revision.

        Raises:
            SynonymsRefused: no right to, or a word that cannot be taken.
        """

        def change(groups: Groups) -> Groups:
            before = groups.get(official, ())
            return {official: check_group(official, (*before, *words), groups, before)}

        return await self._change(actor, "add", change)

    async def put(self, actor: Actor, official: str, words: Iterable[str]) -> int:
        """Keep exactly these everyday words for an official one, new or there already; the revision.

        Raises:
            SynonymsRefused: no right to, or a word that cannot be taken.
        """

        def change(groups: Groups) -> Groups:
            others = {name: kept for name, kept in groups.items() if name != official}
            return {official: check_group(official, words, others, groups.get(official, ()))}

        return await self._change(actor, "set", change)

    async def remove(self, actor: Actor, official: str, words: Iterable[str] = ()) -> int:
        """Take these words from an official one, or all of it where none are named; the revision.

        Raises:
            SynonymsRefused: no right to, or it is not there.
        """
        unwanted = set(words)

        def change(groups: Groups) -> Groups:
            before = groups.get(official)
            if before is None:
                raise SynonymsRefused(f"没有“{official}”这个正式说法。用 kb synonyms list 看有哪些。")
            if missing := unwanted - set(before):
                raise SynonymsRefused(f"“{official}”里没有“{'”“'.join(sorted(missing))}”。")
            return {official: tuple(word for word in before if word not in unwanted) if unwanted else ()}

        return await self._change(actor, "remove", change)

    async def replace(self, actor: Actor, wanted: Mapping[str, Iterable[str]]) -> int:
        """Keep these groups and no others, as a file has them; the revision.

        Raises:
            SynonymsRefused: no right to, or a word that cannot be taken; nothing is changed.
        """

        def change(groups: Groups) -> Groups:
            listed = {official.strip(): tuple(words) for official, words in wanted.items()}
            kept_before = {word for same in (groups, Synonyms.default().groups) for ws in same.values() for word in ws}
            checked = {name: check_group(name, words, listed, kept_before) for name, words in listed.items()}
            return dict.fromkeys(groups, ()) | checked

        return await self._change(actor, "import", change)

    async def undo(self, actor: Actor, revision: int) -> int:
        """Take back all that one verb changed, unless it was changed again since; the new revision.

        Raises:
            SynonymsRefused: no right to, nothing was changed then, or somebody has changed it since.
        """

        def change(connection: Connection, groups: Groups) -> Groups:
            rows = connection.execute(select(synonym_history).where(synonym_history.c.revision == revision)).all()
            if not rows:
                raise SynonymsRefused(f"没有编号为 {revision} 的改动。用 kb synonyms history 看编号。")
            changed = [row.official for row in rows if groups.get(row.official, ()) != tuple(row.after)]
            if changed:
                raise SynonymsRefused(f"“{changed[0]}”后来又改过，没有撤销。请直接改。")
            return {row.official: tuple(row.before) for row in rows}

        return await self._write(actor, "undo", change)

    async def history(self, limit: int = 50) -> list[SynonymChange]:
        """What was changed, the newest first."""
        statement = select(synonym_history).order_by(synonym_history.c.id.desc()).limit(limit)
        rows = await self.database.read(lambda connection: connection.execute(statement).all())
        return [
            SynonymChange(r.revision, r.at, r.actor, r.verb, r.official, tuple(r.before), tuple(r.after)) for r in rows
        ]

    async def _change(self, actor: Actor, verb: str, change: _Change) -> int:
        return await self._write(actor, verb, lambda _connection, groups: change(groups))

    async def _write(self, actor: Actor, verb: str, change: _ChangeWithin) -> int:
        if not actor.is_any(*EDITORS):
            raise SynonymsRefused("您没有修改同义词的权限，请联系管理员。")

        def run(connection: Connection) -> int:
            hold(connection, "synonyms")
            groups = _read(connection)
            wanted = change(connection, groups)
            changed = {name: words for name, words in wanted.items() if groups.get(name, ()) != words}
            if not changed:
                raise SynonymsRefused("没有要改的：都已经是这样了。")
            if len(groups) + len(changed.keys() - groups) > GROUPS_LIMIT:
                raise SynonymsRefused(f"正式说法超过 {GROUPS_LIMIT} 个，请先删掉没用的。")
            done = {"verb": verb, "groups": len(changed)}
            record_within(connection, Recorded(self.clock(), actor.name, Deed.SETTINGS, "synonyms", details=done))
            return self._record(connection, actor, verb, groups, changed)

        return await self.database.write(run)

    def _record(self, connection: Connection, actor: Actor, verb: str, groups: Groups, changed: Groups) -> int:
        at, last = self.clock(), next_revision(connection)
        names = list(changed)
        for start in range(0, len(names), _BATCH):
            connection.execute(delete(synonyms).where(synonyms.c.official.in_(names[start : start + _BATCH])))
        rows = [{"official": name, "words": list(words)} for name, words in changed.items() if words]
        if rows:
            connection.execute(insert(synonyms), rows)
        did = {"revision": last, "at": at, "actor": actor.name, "verb": verb}
        told = [
            {"official": name, "before": list(groups.get(name, ())), "after": list(words)} | did
            for name, words in changed.items()
        ]
        connection.execute(insert(synonym_history), told)
        return last


def synonyms_since(connection: Connection, known: int) -> Synonyms | None:
    """The synonyms, if they have changed after a revision of the base."""
    last = connection.scalar(select(func.max(synonym_history.c.revision))) or 0
    return Synonyms(_read(connection)) if last > known else None


def _read(connection: Connection) -> Groups:
    rows = connection.execute(select(synonyms.c.official, synonyms.c.words).order_by(synonyms.c.official))
    return {row.official: tuple(row.words) for row in rows}
