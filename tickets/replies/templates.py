"""Beginnings of replies that are written often (常用答复): of a unit, or of the hotline for all. Units of work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    Row,
    String,
    Table,
    Text,
    delete,
    insert,
    or_,
    select,
    update,
)

from service import seeds
from service.identity.roles import Actor, Role
from service.storage import Moment, metadata
from tickets.tables import UNIT_CODE

TITLE_LIMIT = 40
BODY_LIMIT = 2000
_SHOWN = 200
_GONE = "这条常用答复已经删掉了。"

templates = Table(
    "reply_templates",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("unit", UNIT_CODE, index=True),  # none: the hotline's, for everybody
    Column("category", String(60)),  # none: for every request
    Column("title", String(TITLE_LIMIT), nullable=False),
    Column("body", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", String(64), nullable=False),
    Column("removed_at", Moment),  # it can be put back for a while
)
_THERE = templates.c.removed_at.is_(None)
_KEPT = timedelta(days=30)


class TemplateRefused(Exception):
    """It cannot be kept like this; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class ReplyTemplate:
    """The beginning of a reply.

    Attributes:
        id: None before it is kept.
        unit: whose it is; None: the hotline's, for everybody.
        category: of which requests, a category or one that has others below it; None: of all.
        body: what is still to be filled in stands in 【】.
    """

    title: str
    body: str
    unit: str | None = None
    category: str | None = None
    id: int | None = None


@cache
def shipped() -> tuple[ReplyTemplate, ...]:
    """Those the product brings, for every unit."""
    text = (Path(__file__).parent / "templates.yml").read_text(encoding="utf-8")
    return tuple(ReplyTemplate(**each) for each in yaml.safe_load(text))


def seed(at: datetime) -> Callable[[Connection], None]:
    """A unit of work: begin with those of the product, once."""

    def work(connection: Connection) -> None:
        if seeds.begin_within(connection, "reply templates", at):
            kept = [{"title": each.title, "body": each.body, "category": each.category} for each in shipped()]
            connection.execute(insert(templates), [each | {"changed_at": at, "changed_by": "import"} for each in kept])

    return work


def fitting(actor: Actor, category: str | None) -> Callable[[Connection], list[ReplyTemplate]]:
    """A unit of work: what somebody may use for a request of a category, the most particular first."""
    top = category.partition("/")[0] if category else None
    fits = or_(templates.c.category.is_(None), templates.c.category.in_([each for each in (category, top) if each]))
    whose = or_(templates.c.unit.is_(None), templates.c.unit.in_(sorted(actor.units)))
    statement = select(templates).where(_THERE, fits, whose).limit(_SHOWN)

    def work(connection: Connection) -> list[ReplyTemplate]:
        found = [_template(row) for row in connection.execute(statement)]
        return sorted(found, key=lambda each: (each.unit is None, -len(each.category or ""), each.title))

    return work


def readable(actor: Actor) -> Callable[[Connection], list[ReplyTemplate]]:
    """A unit of work: every one somebody may use, by title."""
    whose = or_(templates.c.unit.is_(None), templates.c.unit.in_(sorted(actor.units)))
    statement = select(templates).where(_THERE, whose).order_by(templates.c.title, templates.c.id).limit(_SHOWN)
    return lambda connection: [_template(row) for row in connection.execute(statement)]


def may_change(actor: Actor, unit: str | None) -> bool:
    """Whether somebody may write those of a unit, or the hotline's."""
    return actor.is_any(Role.AGENT, Role.DISPATCHER) if unit is None else unit in actor.units


def put_within(connection: Connection, actor: Actor, template: ReplyTemplate, at: datetime) -> None:
    """Add one, or change the one with its id.

    Raises:
        TemplateRefused: it is not theirs, has gone, or has no words.
    """
    if not template.title or not template.body:
        raise TemplateRefused("名称和内容都要写。")
    if len(template.title) > TITLE_LIMIT or len(template.body) > BODY_LIMIT:
        raise TemplateRefused(f"名称最多 {TITLE_LIMIT} 个字，内容最多 {BODY_LIMIT} 个字。")
    _check_right(actor, template.unit)
    values: dict[str, Any] = {"changed_at": at, "changed_by": actor.name} | {
        name: getattr(template, name) for name in ("title", "body", "unit", "category")
    }
    if template.id is None:
        connection.execute(insert(templates).values(values))
        return
    find(connection, actor, template.id)
    connection.execute(update(templates).where(templates.c.id == template.id).values(values))


def remove_within(connection: Connection, actor: Actor, number: int, at: datetime) -> None:
    """Take one away; for thirty days it can be put back.

    Raises:
        TemplateRefused: it is not theirs, or has gone.
    """
    find(connection, actor, number)
    connection.execute(delete(templates).where(templates.c.removed_at < at - _KEPT))
    connection.execute(update(templates).where(templates.c.id == number).values(removed_at=at))


def put_back_within(connection: Connection, actor: Actor, number: int) -> ReplyTemplate:
    """Put one back that was taken away.

    Raises:
        TemplateRefused: it is not theirs, or has gone for good.
    """
    row = connection.execute(select(templates).where(templates.c.id == number)).one_or_none()
    if row is None:
        raise TemplateRefused(_GONE)
    _check_right(actor, row.unit)
    connection.execute(update(templates).where(templates.c.id == number).values(removed_at=None))
    return _template(row)


def find(connection: Connection, actor: Actor, number: int) -> ReplyTemplate:
    """One somebody may change.

    Raises:
        TemplateRefused: it is not theirs, or has gone.
    """
    row = connection.execute(select(templates).where(_THERE, templates.c.id == number)).one_or_none()
    if row is None:
        raise TemplateRefused(_GONE)
    _check_right(actor, row.unit)
    return _template(row)


def _check_right(actor: Actor, unit: str | None) -> None:
    if not may_change(actor, unit):
        raise TemplateRefused("热线的常用答复由热线的同事来改，单位的由本单位的人来改。")


def _template(row: Row[Any]) -> ReplyTemplate:
    return ReplyTemplate(row.title, row.body, row.unit, row.category, row.id)
