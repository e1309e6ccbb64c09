"""The job that brings open questions into groups. Each batch is one transaction: a crash loses and repeats nothing."""

import asyncio
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, bindparam, case, delete, func, insert, select, tuple_, update

from knowledge_base.coverage.closing import notices_within
from knowledge_base.coverage.groups import Assigned, Centre, Groups
from knowledge_base.coverage.meaning import Array, Common, Meaning, Read
from knowledge_base.coverage.open_questions import Looked, look
from knowledge_base.coverage.states import HELD, GapState
from knowledge_base.tables import answers, gap_words, gaps
from service.clock import Clock, now
from service.encryption import Cipher
from service.outbox import put_within
from service.privacy import mask_personal_data
from service.storage import Database, hold

_BATCH = 200
_AT_ONCE = 1000  # questions a run; more are left to the next, so that answering citizens comes first
_NAME_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Grouping:
    """Looks at questions whose time has come and groups those left open.

    Attributes:
        seed: texts to compare the very first questions with: the wordings of the base.
    """

    database: Database
    cipher: Cipher
    meaning: Meaning
    seed: Callable[[], Sequence[str]]
    clock: Clock = now

    async def run(self, most: int = _AT_ONCE) -> int:
        """Look at what is due; how many questions that were. Several processes may run at once."""
        groups = Groups(self.meaning.dimension)
        done = 0
        while done < most:
            looked = await self._batch(groups)
            if not looked:
                break
            done += looked
        return done

    async def _batch(self, groups: Groups) -> int:
        at = self.clock()
        batch = await self.database.read(lambda connection: look(connection, self.cipher, at, _BATCH))
        if not batch:
            return 0
        kept = [question for question in batch if question.cause is not None]
        vectorised = await asyncio.to_thread(self.meaning.read, [question.wording for question in kept])
        read = {question.id: one for question, one in zip(kept, vectorised, strict=True)}
        seed = await self._seed() if kept else []
        await self.database.write(lambda connection: self._keep(connection, groups, batch, read, seed, at))
        return len(batch)

    async def _seed(self) -> list[Read]:
        """What the words of the very first questions are weighed by; nothing once there are some."""
        statement = select(gap_words.c.texts).where(gap_words.c.space == self.meaning.space)
        if await self.database.read(lambda connection: connection.scalar(statement)):
            return []
        return await asyncio.to_thread(self.meaning.read, list(self.seed())[:_AT_ONCE])

    def _keep(
        self,
        connection: Connection,
        groups: Groups,
        batch: Sequence[Looked],
        read: dict[int, Read],
        seed: Sequence[Read],
        at: datetime,
    ) -> None:
        hold(connection, HELD)
        ids = [question.id for question in batch]
        undone = set(connection.scalars(select(answers.c.id).where(answers.c.id.in_(ids), _UNSETTLED)))
        here = [question for question in batch if question.id in undone and question.id in read]
        if here:
            self._take_over(connection, groups)
            vectors = self._vectors(connection, [read[question.id] for question in here], seed)
            assigned = groups.assign(vectors, self.meaning.near)
            self._store(connection, here, assigned, groups.seen + 1, at)
        connection.execute(update(answers).where(answers.c.id.in_(ids)).values(settles_at=None))

    def _take_over(self, connection: Connection, groups: Groups) -> None:
        changed = select(gaps.c.id, gaps.c.centre, gaps.c.changed).where(
            gaps.c.changed > groups.seen, gaps.c.space == self.meaning.space
        )
        rows = connection.execute(changed).all()
        groups.take_over(
            [(row.id, Centre.unpack(self.cipher.decrypt(row.centre)) if row.centre else None) for row in rows]
        )
        groups.seen = last_change(connection)

    def _vectors(self, connection: Connection, read: Sequence[Read], seed: Sequence[Read]) -> Array:
        this = gap_words.c.space == self.meaning.space
        row = connection.execute(select(gap_words).where(this)).one_or_none()
        common = Common()
        if row is None:
            common.add(seed)
        else:
            counts = np.frombuffer(zlib.decompress(self.cipher.decrypt(row.counts)), np.float32).copy()
            common = Common(row.texts, counts, np.frombuffer(self.cipher.decrypt(row.mean), np.float32).copy())
        common.add(read)
        values = {
            "texts": common.texts,
            "counts": self.cipher.encrypt(zlib.compress(common.counts.tobytes())),
            "mean": self.cipher.encrypt(common.mean.tobytes()),
        }
        connection.execute(delete(gap_words).where(this))
        connection.execute(insert(gap_words).values(values | {"space": self.meaning.space}))
        return self.meaning.vectors(read, common)

    def _store(
        self, connection: Connection, here: Sequence[Looked], assigned: Sequence[Assigned], change: int, at: datetime
    ) -> None:
        begun: dict[int, Looked] = {}
        for question, group in zip(here, assigned, strict=True):
            if group.group is None:
                begun.setdefault(group.place, question)
        ids = self._begin(connection, list(begun.values()), change)
        new = dict(zip(begun, ids, strict=True))
        placed = [
            (question, new[group.place] if group.group is None else group.group)
            for question, group in zip(here, assigned, strict=True)
        ]
        centres = {group_id: group.centre for (_, group_id), group in zip(placed, assigned, strict=True)}
        self._count(connection, placed, centres, change)
        members = [{"row": question.id, "group": group, "why": question.cause} for question, group in placed]
        this = update(answers).where(answers.c.id == bindparam("row"))
        connection.execute(this.values(gap=bindparam("group"), cause=bindparam("why")), members)
        self._tell_latecomers(connection, placed, at)

    def _begin(self, connection: Connection, first: Sequence[Looked], change: int) -> list[int]:
        if not first:
            return []
        rows = [
            {
                "state": GapState.OPEN,
                "name": self.cipher.encrypt_text(mask_personal_data(question.wording)[:_NAME_LIMIT]),
                "space": self.meaning.space,
                "conversations": 0,
                "questions": 0,
                "first_at": question.at,
                "last_at": question.at,
                "changed": change,
            }
            for question in first
        ]
        statement = insert(gaps).returning(gaps.c.id, sort_by_parameter_order=True)
        return list(connection.execute(statement, rows).scalars())

    def _count(
        self,
        connection: Connection,
        placed: Sequence[tuple[Looked, int]],
        centres: dict[int, Centre],
        change: int,
    ) -> None:
        pairs = {(group, question.conversation) for question, group in placed}
        known = select(answers.c.gap, answers.c.conversation).where(
            tuple_(answers.c.gap, answers.c.conversation).in_(pairs)
        )
        fresh = pairs - {(row.gap, row.conversation) for row in connection.execute(known.distinct())}
        rows: list[dict[str, Any]] = []
        for group, centre in centres.items():
            members = [question for question, of in placed if of == group]
            rows.append(
                {
                    "group": group,
                    "middle": self.cipher.encrypt(centre.pack()),
                    "people": sum(1 for of, _ in fresh if of == group),
                    "asked": sum(not question.waits for question in members),
                    "newest": max(question.at for question in members),
                    "change": change,
                }
            )
        newest = bindparam("newest", type_=gaps.c.last_at.type)
        reopened = gaps.c.closed_at.is_not(None) & (gaps.c.state == GapState.ANSWERED) & (gaps.c.closed_at < newest)
        connection.execute(
            update(gaps)
            .where(gaps.c.id == bindparam("group"))
            .values(
                centre=bindparam("middle"),
                conversations=gaps.c.conversations + bindparam("people"),
                questions=gaps.c.questions + bindparam("asked"),
                last_at=case((gaps.c.last_at < newest, newest), else_=gaps.c.last_at),
                state=case((reopened, GapState.OPEN), else_=gaps.c.state),
                changed=bindparam("change"),
            ),
            rows,
        )

    @staticmethod
    def _tell_latecomers(connection: Connection, placed: Sequence[tuple[Looked, int]], at: datetime) -> None:
        """Tell those who asked to be told just before the answer was published, and are grouped only now."""
        waiting = {group for question, group in placed if question.waits}
        if waiting:
            these = gaps.c.id.in_(waiting) & (gaps.c.state == GapState.ANSWERED)
            rows = connection.execute(select(gaps.c.id, gaps.c.entry).where(these)).all()
            put_within(connection, notices_within(connection, {row.id: row.entry for row in rows}), at)


_UNSETTLED = answers.c.settles_at.is_not(None)


def last_change(connection: Connection) -> int:
    """The number of the newest change of any group."""
    return connection.scalar(select(func.max(gaps.c.changed))) or 0


def forget_groups(connection: Connection, before: datetime, asked_by: int = 3) -> int:
    """Forget name and middle of groups last asked before a moment, and by few people; how many.

    What hardly anybody else asked is one person's wording. What many asked is nobody's: it keeps its name.
    The counts stay.
    """
    hold(connection, HELD)
    old = (gaps.c.last_at < before) & (gaps.c.conversations < asked_by) & gaps.c.centre.is_not(None)
    values = {"name": None, "centre": None, "changed": last_change(connection) + 1}
    return connection.execute(update(gaps).where(old).values(values)).rowcount
