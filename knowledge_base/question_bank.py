"""The questions by which every change to the base is tried: staff's own, and what people asked lately.

Of its own questions staff say which entry should answer, or that none may.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from knowledge_base import tables
from knowledge_base.entry import Entry
from knowledge_base.gate import BankQuestion, Origin, lot_questions
from knowledge_base.knowledge import Knowledge
from knowledge_base.text import exact_key
from knowledge_base.versions import AUTHORS
from service.clock import Clock, now
from service.encryption import Cipher
from service.identity.roles import Actor, Role
from service.privacy import mask_personal_data
from service.storage import Database

LIMIT = 2_000  # questions; each is asked at every publication
LONGEST = 300  # characters

_REPEATED = 5  # how often a question may have been asked on average before fewer different ones are found
_ASKED = 1_000  # questions of citizens that are tried, the newest
_ASKED_FOR = timedelta(days=90)
_KEPT = timedelta(days=30)
_THERE = tables.test_questions.c.removed_at.is_(None)


class QuestionRefused(Exception):
    """The question is not taken; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class StaffQuestion:
    """A question and the entry that should answer it; none means that no entry may."""

    question: str
    expected: str | None
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class QuestionBank:
    """Staff's questions, kept by whoever writes entries."""

    database: Database
    clock: Clock = now

    async def all(self) -> list[StaffQuestion]:
        """All of them, the oldest first."""
        table = tables.test_questions
        statement = select(table).where(_THERE).order_by(table.c.id)
        rows = await self.database.read(lambda connection: connection.execute(statement).all())
        return [StaffQuestion(row.question, row.expected, row.author, row.at) for row in rows]

    async def add(self, actor: Actor, question: str, expected: str | None) -> StaffQuestion:
        """Keep a question; asked in the same words before, it expects the new answer from now on.

        Raises:
            QuestionRefused: no right to, nothing to ask, an entry that is not there, or too many already.
        """
        _check_right(actor)
        text = mask_personal_data(question.strip())
        if len(exact_key(text)) < 2:
            raise QuestionRefused("问题太短了，请写成市民会问的一句话。")
        if len(text) > LONGEST:
            raise QuestionRefused(f"问题超过 {LONGEST} 字，请写短一些。")
        kept = StaffQuestion(text, expected, actor.name, self.clock())
        table = tables.test_questions

        def keep(connection: Connection) -> None:
            if expected and connection.scalar(select(tables.entries.c.slug).where(_published(expected))) is None:
                raise QuestionRefused(f"没有已发布的条目 {expected}，请先发布它，或者检查编号。")
            connection.execute(delete(table).where(table.c.question == text))
            if (connection.scalar(select(func.count()).select_from(table).where(_THERE)) or 0) >= LIMIT:
                raise QuestionRefused(f"已经有 {LIMIT} 个测试问题，每次发布都要问一遍。请先删掉一些不再需要的。")
            values = {"question": text, "expected": expected, "author": kept.author, "at": kept.at}
            connection.execute(insert(table).values(values))

        await self.database.write(keep)
        return kept

    async def remove(self, actor: Actor, question: str) -> int:
        """Ask it no longer; for thirty days it can be put back, by the number this gives.

        Raises:
            QuestionRefused: no right to, or it is not there.
        """
        _check_right(actor)
        table, at = tables.test_questions, self.clock()

        def put_away(connection: Connection) -> int | None:
            connection.execute(delete(table).where(table.c.removed_at < at - _KEPT))
            this = _THERE & (table.c.question == question.strip())
            away: int | None = connection.scalar(update(table).where(this).values(removed_at=at).returning(table.c.id))
            return away

        number = await self.database.write(put_away)
        if number is None:
            raise QuestionRefused("没有这个测试问题，请照原样写。")
        return number

    async def put_back(self, actor: Actor, number: int) -> str:
        """Ask a question again that was taken out; its words.

        Raises:
            QuestionRefused: no right to, or it has gone for good.
        """
        _check_right(actor)
        table = tables.test_questions
        back = update(table).where(table.c.id == number).values(removed_at=None).returning(table.c.question)
        question: str | None = await self.database.write(lambda connection: connection.scalar(back))
        if question is None:
            raise QuestionRefused("这个问题已经不在了，请重新加一次。")
        return question


def asked_since(cipher: Cipher, moment: datetime, limit: int) -> Callable[[Connection], list[str]]:
    """A unit of work: what was typed since a moment and is not forgotten yet, masked, each once, the newest first."""
    columns = select(tables.answers.c.question).where(
        tables.answers.c.at >= moment,
        tables.answers.c.question.is_not(None),
        tables.answers.c.verb.in_(("answer", "choices", "no_answer")),
    )

    def read(connection: Connection) -> list[str]:
        found: dict[str, str] = {}
        newest_first = columns.order_by(tables.answers.c.at.desc()).limit(limit * _REPEATED)
        for question in connection.scalars(newest_first):
            text = cipher.decrypt_text(question) or ""
            found.setdefault(exact_key(text), text)
            if len(found) >= limit:
                break
        return list(found.values())

    return read


async def bank_for(
    database: Database, cipher: Cipher, knowledge: Knowledge, changed: Sequence[Entry], clock: Clock = now
) -> list[BankQuestion]:
    """All questions by which a change of some entries is tried."""
    staffs = await QuestionBank(database, clock).all()
    asked = await database.read(asked_since(cipher, clock() - _ASKED_FOR, _ASKED))
    return [
        *(BankQuestion(q.question, Origin.TEST, frozenset({q.expected} if q.expected else ())) for q in staffs),
        *(BankQuestion(text, Origin.ASKED, None) for text in asked),
        *await lot_questions(knowledge, changed),
    ]


def _published(slug: str) -> ColumnElement[bool]:
    return (tables.entries.c.slug == slug) & tables.entries.c.removed.is_(False)


def _check_right(actor: Actor) -> None:
    if not actor.is_any(*AUTHORS, Role.REVIEWER):
        raise QuestionRefused("您没有编辑测试问题的权限，请联系管理员。")
