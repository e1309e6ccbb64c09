"""Phrases agents say often (常用语): the hotline's, and everybody's own. Units of work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    Row,
    String,
    Table,
    delete,
    func,
    insert,
    or_,
    select,
)

from handover.talk import HandoverRefused
from service import seeds
from service.identity.roles import Actor, Role
from service.privacy import mask_personal_data
from service.storage import Moment, metadata

PHRASE_LIMIT = 300  # characters
_MOST = 50  # of one person, and of the hotline

phrases = Table(
    "handover_phrases",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("person", String(64), index=True),  # none: the hotline's, for everybody
    Column("text", String(PHRASE_LIMIT), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(64), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something that is said often.

    Attributes:
        person: whose it is; None: the hotline's.
    """

    id: int
    text: str
    person: str | None


def usable(actor: Actor) -> Callable[[Connection], list[Phrase]]:
    """A unit of work: what somebody may use, their own first, in the order in which it was written."""
    whose = or_(phrases.c.person == actor.name, phrases.c.person.is_(None))
    statement = select(phrases).where(whose).order_by(phrases.c.person.is_(None), phrases.c.id)
    return lambda connection: [_phrase(row) for row in connection.execute(statement)]


def may_change(actor: Actor, person: str | None) -> bool:
    """Whether somebody may write this person's phrases, or the hotline's."""
    return actor.is_any(Role.SUPERVISOR) if person is None else actor.name == person


def add_within(connection: Connection, actor: Actor, text: str, person: str | None, at: datetime) -> None:
    """Keep a phrase; one that is there already is kept once.

    Raises:
        HandoverRefused: no right to, nothing in it, too long, somebody's number in it, or too many.
    """
    _check_right(actor, person)
    if not text or len(text) > PHRASE_LIMIT:
        raise HandoverRefused(f"常用语要写点内容，最多 {PHRASE_LIMIT} 个字。")
    if mask_personal_data(text) != text:
        raise HandoverRefused("里面像是有电话或者证件号码。常用语里不要留市民的信息，请去掉再存。")
    whose = phrases.c.person.is_not_distinct_from(person)
    if connection.scalar(select(phrases.c.id).where(whose, phrases.c.text == text).limit(1)) is not None:
        return
    if (connection.scalar(select(func.count()).where(whose)) or 0) >= _MOST:
        raise HandoverRefused(f"常用语最多 {_MOST} 条，先删掉不用的再加。")
    connection.execute(insert(phrases).values(person=person, text=text, at=at, by=actor.name))


def remove_within(connection: Connection, actor: Actor, number: int) -> Phrase:
    """Take a phrase away; it is given back, so that it can be put there again.

    Raises:
        HandoverRefused: no right to, or it has gone.
    """
    row = connection.execute(select(phrases).where(phrases.c.id == number)).one_or_none()
    if row is None:
        raise HandoverRefused("这条常用语已经删掉了。")
    _check_right(actor, row.person)
    connection.execute(delete(phrases).where(phrases.c.id == number))
    return _phrase(row)


def seed(at: datetime) -> Callable[[Connection], None]:
    """A unit of work: begin with the phrases of the product, once."""

    def work(connection: Connection) -> None:
        if seeds.begin_within(connection, "phrases", at):
            texts = yaml.safe_load((Path(__file__).parent / "phrases.yml").read_text(encoding="utf-8"))
            connection.execute(insert(phrases), [{"text": text, "at": at, "by": "import"} for text in texts])

    return work


def _check_right(actor: Actor, person: str | None) -> None:
    if not may_change(actor, person):
        raise HandoverRefused("热线的常用语由值班负责人来改；您可以存成自己的。")


def _phrase(row: Row[tuple[int, str | None, str, datetime, str]]) -> Phrase:
    return Phrase(row.id, row.text, row.person)
