"""The groups of open questions, as staff work through them: look, write an entry, or say why not."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    union_all,
    update,
)

from knowledge_base.coverage.grouping import last_change
from knowledge_base.coverage.meaning import most_typical
from knowledge_base.coverage.open_questions import Cause
from knowledge_base.coverage.states import HELD, GapState
from knowledge_base.entry import TO_BE_WRITTEN, Entry
from knowledge_base.lifecycle import EntryLifecycle, hold_entry
from knowledge_base.tables import answers, gaps, versions
from knowledge_base.versions import AUTHORS, OPEN, NotAllowed, Version
from service.clock import Clock, china_date, now
from service.encryption import Cipher
from service.identity.roles import Actor
from service.storage import Database, hold
from service.tasks import UNIT_LIMIT, Task, TaskKind, raise_within
from service.text import exact_key

_WEEK = timedelta(days=7)
_FILLED_FOR = timedelta(days=30)
_ASKING = ("answer", "choices", "no_answer")
_READ = 20  # newest questions of a group that are looked at
_EXAMPLES = 3
_NEAREST = 3
_WORDINGS = 200  # of which the most typical becomes the question of a draft
_SIMILAR = 20
_walk = select(answers.c.id).where(answers.c.gap == gaps.c.id).order_by(answers.c.id.desc()).limit(_READ)
_newest = _walk.correlate(gaps).subquery()
_newest_ids = select(func.aggregate_strings(cast(_newest.c.id, String), ",")).correlate(gaps).scalar_subquery()
"""The newest questions of a group, by a walk along an index of its own."""

_READ_SOME = (
    select(answers.c.gap, answers.c.verb, answers.c.cause, answers.c.nearest, answers.c.question)
    .where(answers.c.id.in_(bindparam("some", expanding=True)))
    .order_by(answers.c.id.desc())
)
_NO_RIGHT = "您没有处理问题组的权限，请联系管理员。"


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that ask the same and were left open.

    Attributes:
        conversations: how many different ones asked, ever; who asks five times counts once.
        last_week, week_before: the same, of the last 7 days and of the 7 before.
        examples: the newest wordings, masked; none once they are forgotten.
        causes: why its newest questions count as open, with how many.
        nearest: slugs of the entries search found nearest, the most frequent first.
        entry: the draft that is to answer it.
    """

    id: int
    name: str
    state: GapState
    conversations: int
    questions: int
    last_week: int
    week_before: int
    first_at: datetime
    last_at: datetime
    examples: tuple[str, ...]
    causes: dict[str, int]
    nearest: tuple[str, ...]
    entry: str | None
    note: str | None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of the answer to a group, in the thirty days after it was published.

    Attributes:
        asked: how often it was asked for: told by the entry, or left open in the group again.
        answered: how often of these it was told and not left open.
    """

    at: datetime
    asked: int
    answered: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """The groups of open questions."""

    database: Database
    cipher: Cipher
    lifecycle: EntryLifecycle
    clock: Clock = now

    async def most_asked(self, states: Sequence[GapState] = (GapState.OPEN,), limit: int = 50) -> list[Gap]:
        """Groups, those most asked in the last 7 days first. Those whose wording is forgotten are not shown."""
        at = self.clock()
        chosen = _with_counts(at).where(gaps.c.state.in_(states), gaps.c.name.is_not(None)).limit(limit)

        def read(connection: Connection) -> list[Gap]:
            return self._gaps(connection, connection.execute(chosen).all())

        return await self.database.read(read)

    async def one(self, gap: int) -> Gap:
        """A group by its number.

        Raises:
            NotAllowed: there is none.
        """
        statement = _with_counts(self.clock()).where(gaps.c.id == gap)

        def find(connection: Connection) -> Gap:
            row = connection.execute(statement).one_or_none()
            if row is None:
                raise NotAllowed(f"没有编号为 {gap} 的问题组。")
            return self._gaps(connection, [row])[0]

        return await self.database.read(find)

    async def filled(self, groups: Sequence[Gap]) -> dict[int, Filled]:
        """What came of the answers to those groups that have one, by their numbers."""
        since = {gap.id: gap.closed_at for gap in groups if gap.closed_at}
        counts = [
            _counts_since(gap.id, gap.entry, gap.closed_at)
            for gap in groups
            if gap.state is GapState.ANSWERED and gap.entry and gap.closed_at
        ]
        if not counts:
            return {}
        rows = await self.database.read(lambda connection: connection.execute(union_all(*counts)).all())
        return {gap: Filled(since[gap], told + still_open - both, told - both) for gap, told, still_open, both in rows}

    async def draft(self, actor: Actor, gap: int, unit: str, due_on: date) -> Version:
        """Begin the entry that answers a group, and assign it to the unit that knows the answer.

        The draft asks what people asked; its answer is still to be written. When it is published, the task and the
        group close and whoever asked to be told is told.

        Args:
            due_on: the day by which the unit has written it, in China.

        Raises:
            NotAllowed: no right to, no such unit or day, an entry is being written, or no wording is left.
        """
        unit = unit.strip()
        if not unit or len(unit) > UNIT_LIMIT:
            raise NotAllowed(f"请写明由哪个单位来写，{UNIT_LIMIT} 个字以内。")
        if due_on < china_date(self.clock()):
            raise NotAllowed(f"截止日期 {due_on} 已经过了，请换一天。")

        slug = f"gap-{gap}"

        def begin(connection: Connection) -> Version:
            hold_entry(connection, slug)
            hold(connection, HELD)
            at = self.clock()
            row = self._row(connection, gap)
            self._check_free(connection, row)
            question, *similar = self._wordings(connection, gap)
            version = self.lifecycle.save_within(
                connection,
                actor,
                Entry(
                    slug=slug,
                    question=question,
                    similar_questions=tuple(similar),
                    answer=TO_BE_WRITTEN,
                    issuing_unit=unit,
                ),
            )
            task = Task(TaskKind.WRITE, slug, unit, due_on, f"write:{slug}:{version.number}", actor.name)
            raise_within(connection, [task], at)
            _change(connection, gap, state=GapState.DRAFTED, entry=slug, closed_at=None, closed_by=None, note=None)
            return version

        return await self.database.write(begin)

    async def dismiss(self, actor: Actor, gap: int, reason: str) -> None:
        """Say that a group needs no entry. It keeps counting and is not shown among the open ones.

        Raises:
            NotAllowed: no right to, no reason, or the group is not open.
        """
        if not actor.is_any(*AUTHORS):
            raise NotAllowed(_NO_RIGHT)
        if not reason.strip():
            raise NotAllowed("请写明不处理的原因。")

        def close(connection: Connection) -> None:
            hold(connection, HELD)
            row = self._row(connection, gap)
            if row.state != GapState.OPEN:
                raise NotAllowed(f"这组问题{GapState(row.state).label}，不能再标为不处理。")
            note, at = reason.strip(), self.clock()
            _change(connection, gap, state=GapState.DISMISSED, note=note, closed_at=at, closed_by=actor.name)

        await self.database.write(close)

    async def reopen(self, actor: Actor, gap: int) -> None:
        """Take it back that a group needs no entry.

        Raises:
            NotAllowed: no right to, or nobody said so of it.
        """
        if not actor.is_any(*AUTHORS):
            raise NotAllowed(_NO_RIGHT)

        def open_again(connection: Connection) -> None:
            hold(connection, HELD)
            if self._row(connection, gap).state != GapState.DISMISSED:
                raise NotAllowed("这组问题没有标为不处理，不用恢复。")
            _change(connection, gap, state=GapState.OPEN, note=None, closed_at=None, closed_by=None)

        await self.database.write(open_again)

    @staticmethod
    def _row(connection: Connection, gap: int) -> Row[Any]:
        row = connection.execute(select(gaps).where(gaps.c.id == gap)).one_or_none()
        if row is None:
            raise NotAllowed(f"没有编号为 {gap} 的问题组。")
        return row

    @staticmethod
    def _check_free(connection: Connection, row: Row[Any]) -> None:
        being_written = select(versions.c.author).where(versions.c.slug == row.entry, versions.c.state.in_(OPEN))
        author = connection.scalar(being_written)
        if author is not None:
            raise NotAllowed(f"{author} 正在写这一条（{row.entry}），不用再起草。")

    def _wordings(self, connection: Connection, gap: int) -> list[str]:
        """The most typical wording, then others that differ from it and from each other, the newest first."""
        distinct = {exact_key(wording): wording for wording in reversed(self._newest(connection, gap, _WORDINGS))}
        wordings = list(reversed(distinct.values()))
        if not wordings:
            raise NotAllowed("这组问题的原话已按规定删除，没法自动起草，请直接新建条目。")
        typical = most_typical(wordings)
        return [typical, *(wording for wording in wordings if wording != typical)][: _SIMILAR + 1]

    def _newest(self, connection: Connection, gap: int, count: int) -> list[str]:
        kept = (answers.c.gap == gap) & answers.c.question.is_not(None)
        statement = select(answers.c.question).where(kept).order_by(answers.c.id.desc()).limit(count)
        return [self.cipher.decrypt_text(sealed) or "" for sealed in connection.scalars(statement)]

    def _gaps(self, connection: Connection, rows: Sequence[Row[Any]]) -> list[Gap]:
        newest: dict[int, list[Row[*tuple[Any, ...]]]] = {row.id: [] for row in rows}
        some = [int(number) for row in rows for number in (row.newest or "").split(",") if number]
        for one in connection.execute(_READ_SOME, {"some": some}):
            newest[one.gap].append(one)
        return [self._gap(row, newest[row.id]) for row in rows]

    def _gap(self, row: Row[Any], newest: Sequence[Row[*tuple[Any, ...]]]) -> Gap:
        asked = [one for one in newest if one.verb != "tell_me"]
        near = Counter(slug for one in asked for slug in one.nearest or ())
        return Gap(
            id=row.id,
            name=self.cipher.decrypt_text(row.name) or "",
            state=GapState(row.state),
            conversations=row.conversations,
            questions=row.questions,
            last_week=row.last_week or 0,
            week_before=row.week_before or 0,
            first_at=row.first_at,
            last_at=row.last_at,
            examples=self._examples(newest),
            causes=dict(Counter(Cause(one.cause).label for one in asked).most_common()),
            nearest=tuple(slug for slug, _ in near.most_common(_NEAREST)),
            entry=row.entry,
            note=row.note,
            closed_at=row.closed_at,
        )

    def _examples(self, newest: Sequence[Row[*tuple[Any, ...]]]) -> tuple[str, ...]:
        """The first wordings that differ; no more are opened than it takes."""
        distinct: dict[str, str] = {}
        for one in newest:
            if one.question is not None and len(distinct) < _EXAMPLES:
                wording = self.cipher.decrypt_text(one.question) or ""
                distinct.setdefault(exact_key(wording), wording)
        return tuple(distinct.values())


def _with_counts(at: datetime) -> Select[Any]:
    """Groups with how many conversations asked in each of the last two weeks, those of the last week first."""
    this_week = answers.c.at >= at - _WEEK
    last = func.count(func.distinct(case((this_week, answers.c.conversation)))).label("last_week")
    before = func.count(func.distinct(case((~this_week, answers.c.conversation)))).label("week_before")
    # A sum is in no index: else SQLite walks all questions there ever were, in the order of their groups.
    group = (answers.c.gap + literal_column("0")).label("gap")
    recent = (
        select(group, last, before)
        .where(answers.c.gap.is_not(None), answers.c.at >= at - 2 * _WEEK)
        .group_by(group)
        .subquery()
    )
    order = (func.coalesce(recent.c.last_week, 0).desc(), gaps.c.conversations.desc(), gaps.c.id)
    joined = gaps.outerjoin(recent, recent.c.gap == gaps.c.id)
    return (
        select(gaps, recent.c.last_week, recent.c.week_before, _newest_ids.label("newest"))
        .select_from(joined)
        .order_by(*order)
    )


def _counts_since(gap: int, slug: str, since: datetime) -> Select[Any]:
    """A group's number; how often its entry was told since it was answered, was left open again, and both at once."""
    a = answers.c
    then = (a.at > since) & (a.at < since + _FILLED_FOR)
    told = (a.verb == "answer") & (a.entry == slug)
    left_open = (a.gap == gap) & a.verb.in_(_ASKING)
    counts = (select(func.count()).where(then, each).scalar_subquery() for each in (told, left_open, told & left_open))
    return select(literal(gap), *counts)


def _change(connection: Connection, gap: int, **values: Any) -> None:
    values["changed"] = last_change(connection) + 1
    connection.execute(update(gaps).where(gaps.c.id == gap).values(values))
