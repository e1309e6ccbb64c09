"""Lines proposed for the dispatch list, from what dispatchers put right. Nothing of the list changes by itself."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from service.clock import Clock, china_date, now
from service.identity.roles import Actor
from service.nightly import begin_within, done_within, is_night
from service.storage import Database, hold
from tickets.dispatch.corrections import Correction, Settled, corrections
from tickets.dispatch.matching import DispatchList
from tickets.dispatch.request import Request
from tickets.dispatch.rule_store import EDITORS, RuleStore, rules_within
from tickets.dispatch.rules import Rule, RulesRefused
from tickets.dispatch.tables import dispatch_proposals
from tickets.moves import Verb
from tickets.tables import tickets, timeline
from tickets.units import Unit, directory, heir_of

JOB = "dispatch_proposals"
LOOKED_AT = timedelta(days=180)
_CALLS = (Verb.DISPATCH, Verb.REASSIGN, Verb.RULE)
_MOST = 200
_columns = dispatch_proposals.c
WAITING = _columns.dismissed_at.is_(None)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A line that is proposed, and what it rests on."""

    id: int
    correction: Correction
    found_at: datetime

    def rule(self, name: str, day: date) -> Rule:
        """The line from a day on.

        Args:
            name: of the unit.
        """
        correction = self.correction
        shares = f"同类 {correction.tickets} 张里 {correction.right} 张由它办"
        return Rule(
            key="-".join(filter(None, ("建议", correction.category, correction.street, f"{day:%Y%m%d}"))),
            lead=name,
            category=correction.category,
            place=correction.street,
            effective_from=day,
            basis=f"近半年 {correction.corrected} 张先派给别的单位，又改派过来；{shares}",
        )


@dataclass(frozen=True, slots=True)
class Proposals:
    """Finds what might stand in the list, and puts there what somebody agrees with."""

    database: Database
    rules: RuleStore
    clock: Clock = now

    async def find_at_night(self) -> int | None:
        """Look once a night, in one of however many processes; how many lines are proposed."""
        at = self.clock()
        if not is_night(at) or not await self.database.write(lambda connection: begin_within(connection, JOB, at)):
            return None
        found = await self.find()
        await self.database.write(lambda connection: done_within(connection, JOB, self.clock()))
        return found

    async def find(self) -> int:
        """Look at the tickets of half a year; how many lines are proposed."""
        at = self.clock()
        found = await self.database.read(lambda connection: _missing(connection, at))

        def keep(connection: Connection) -> int:
            known = {_kind(row): row for row in connection.execute(select(dispatch_proposals))}
            kinds = {(each.category, each.street, each.unit) for each in found}
            stale = [row.id for kind, row in known.items() if kind not in kinds and row.dismissed_at is None]
            connection.execute(delete(dispatch_proposals).where(_columns.id.in_(stale)))
            for each in found:
                row = known.get((each.category, each.street, each.unit))
                values = {"evidence": _evidence(each), "found_at": at}
                if row is None:
                    kind = {"category": each.category, "street": each.street, "unit": each.unit}
                    connection.execute(insert(dispatch_proposals).values(kind | values))
                    continue
                if row.dismissed_at is not None and each.corrected < 2 * sum(row.evidence["first"].values()):
                    continue  # somebody said no, and little has happened since
                connection.execute(
                    update(dispatch_proposals).where(_columns.id == row.id).values(values | {"dismissed_at": None})
                )
            return connection.scalar(count_waiting()) or 0

        return await self.database.write(keep)

    async def accept(self, actor: Actor, number: int, day: date, reason: str) -> Rule:
        """Put a line into the list from a day on; a rule that says otherwise of the same ends the day before.

        Raises:
            RulesRefused: no right to, it is gone, its unit is no longer in use, or it does not fit with the list.
        """

        def work(connection: Connection) -> Rule:
            hold(connection, "dispatch_rules")
            proposal = _held(connection, number)
            unit = next((each for each in directory(connection) if each.code == proposal.correction.unit), None)
            if unit is None or not unit.active:
                raise RulesRefused("这个单位已经停用了，等夜里重新看过再说。")
            rule = proposal.rule(unit.name, day)
            ended = [
                replace(other, expires_on=day - timedelta(days=1))
                for other in rules_within(connection)
                if other.conditions == rule.conditions and other.overlaps(rule)
            ]
            self.rules.put_within(connection, actor, (*ended, rule), reason)
            connection.execute(delete(dispatch_proposals).where(_columns.id == number))
            return rule

        return await self.database.write(work)

    async def dismiss(self, actor: Actor, number: int) -> None:
        """Propose it no longer, unless it happens twice as often.

        Raises:
            RulesRefused: no right to, or it is gone.
        """

        def work(connection: Connection) -> None:
            if not actor.is_any(*EDITORS):
                raise RulesRefused("您没有修改派单目录的权限，请联系管理员。")
            _held(connection, number)
            said = {"dismissed_at": self.clock(), "dismissed_by": actor.name}
            connection.execute(update(dispatch_proposals).where(_columns.id == number).values(said))

        await self.database.write(work)

    async def propose_again(self, actor: Actor, number: int) -> None:
        """Take a dismissal back.

        Raises:
            RulesRefused: no right to.
        """
        if not actor.is_any(*EDITORS):
            raise RulesRefused("您没有修改派单目录的权限，请联系管理员。")
        back = update(dispatch_proposals).where(_columns.id == number).values(dismissed_at=None, dismissed_by=None)
        await self.database.write(lambda connection: connection.execute(back))


def waiting(connection: Connection) -> list[Proposal]:
    """A unit of work: the lines that are proposed, the most frequent first."""
    rows = connection.execute(select(dispatch_proposals).where(WAITING).limit(_MOST))
    return sorted(map(_proposal, rows), key=lambda each: (-each.correction.corrected, each.id))


def count_waiting() -> Select[int]:
    """The statement that counts the lines that are proposed."""
    return select(func.count()).select_from(dispatch_proposals).where(WAITING)


def _missing(connection: Connection, at: datetime) -> list[Correction]:
    """What was put right and the list does not say yet."""
    by_code = {unit.code: unit for unit in directory(connection)}
    listed, day = DispatchList(rules_within(connection)), china_date(at)
    found = corrections(_settled(connection, at - LOOKED_AT, by_code))
    return [each for each in found if not _is_listed(listed, each, by_code, day)][:_MOST]


def _is_listed(listed: DispatchList, found: Correction, by_code: dict[str, Unit], day: date) -> bool:
    match = listed.match(Request("", found.street, found.category), day)
    return match is not None and match.decided is not None and match.decided.lead == by_code[found.unit].name


def _settled(connection: Connection, since: datetime, by_code: dict[str, Unit]) -> Iterator[Settled]:
    """The tickets moved since then whose unit has taken them on; units that were succeeded count as their heirs."""
    call = timeline.c
    columns = (tickets.c.id, tickets.c.number, tickets.c.category, tickets.c.street, tickets.c.lead, call.details)
    calls = (
        select(*columns)
        .join_from(tickets, timeline, call.ticket_id == tickets.c.id)
        .where(tickets.c.updated_at >= since, tickets.c.category.is_not(None), tickets.c.lead.is_not(None))
        .where(call.verb.in_(_CALLS))
        .order_by(tickets.c.id, call.id)
    )
    for _, lines in groupby(connection.execute(calls), key=lambda row: row.id):
        each = list(lines)
        row, called = each[0], [line.details.get("unit", "") for line in each]
        if not {row.lead, called[0], called[-1]} <= by_code.keys():
            continue
        first, last, lead = (heir_of(by_code[code], by_code) for code in (called[0], called[-1], row.lead))
        if last == lead and last.active:  # who was asked last has taken it on
            yield Settled(row.number, row.category, row.street or "", first.code, last.code)


def _held(connection: Connection, number: int) -> Proposal:
    row = connection.execute(
        select(dispatch_proposals).where(_columns.id == number, WAITING).with_for_update()
    ).one_or_none()
    if row is None:
        raise RulesRefused("这条建议别人刚刚处理过了。")
    return _proposal(row)


def _kind(row: Row[Any]) -> tuple[str, str, str]:
    return row.category, row.street, row.unit


def _evidence(found: Correction) -> dict[str, Any]:
    told = asdict(found)
    return {name: told[name] for name in ("first", "tickets", "right", "numbers")}


def _proposal(row: Row[Any]) -> Proposal:
    evidence = row.evidence | {"numbers": tuple(row.evidence["numbers"])}
    return Proposal(row.id, Correction(row.category, row.street, row.unit, **evidence), row.found_at)
