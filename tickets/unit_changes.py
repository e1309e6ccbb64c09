"""The list of units as administrators keep it: changed now or on a day to come, with reasons and history.

A change that is planned says only what becomes different, so it bears what else is changed until its day. It fits with
every other plan: what would not, is refused when it is written. A unit that is renamed or succeeded takes its rules of
the dispatch list, its entries and whatever else belongs to it along (`unit_belongings`), in the same transaction; its
open tickets follow as moves of their own (`succession`).
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection, insert, select, update

from service.audit import REASON_LIMIT, Deed, Recorded, record_within
from service.clock import Clock, china_date, chinese_day, now
from service.identity.roles import Actor, Role
from service.storage import Database, hold
from tickets.dispatch.rule_store import RuleStore
from tickets.unit_belongings import OWN, Belonging, Moved, dispatch_list
from tickets.unit_history import (
    WAITING,
    UnitPlan,
    differences,
    newest_change,
    plan_of,
    plans_within,
    unit_history,
    unit_plans,
)
from tickets.unit_ties import Ties, ties_within
from tickets.units import Unit, UnitRefused, check_units, directory, heir_of, put_within

_log = logging.getLogger(__name__)

_LATEST = 366 * 5  # days ahead


@dataclass(frozen=True, slots=True)
class UnitList:
    """The units of an installation, and what becomes of them.

    Attributes:
        others: what belongs to units beside the dispatch list and goes along.
    """

    database: Database
    clock: Clock = now
    others: Sequence[Belonging] = OWN

    @property
    def belongings(self) -> tuple[Belonging, ...]:
        """All that belongs to units."""
        return dispatch_list(RuleStore(self.database, self.clock)), *self.others

    async def ties(self, unit: Unit) -> Ties:
        """What hangs on a unit now."""
        return await self.database.read(lambda connection: ties_within(connection, unit, self.belongings))

    async def put(
        self,
        actor: Actor,
        wanted: Iterable[Unit],
        *,
        reason: str,
        begins_on: date | None = None,
        seen: int | None = None,
    ) -> int:
        """Add units, or change those whose code is known; how many are new or become different.

        Args:
            begins_on: the day in China from which it counts; today if None.
            seen: the number of the newest change of the unit, as the one who writes this one knew it.

        Raises:
            UnitRefused: no right to, no reason, nothing to change, somebody else was faster, or see `put_within`.
        """
        listed = list(wanted)

        def run(connection: Connection) -> int:
            at = _begin(connection, actor, self.clock, reason)
            known = {unit.code: unit for unit in directory(connection)}
            changed = [unit for unit in listed if known.get(unit.code) != unit]
            if not changed:
                raise UnitRefused("没有要改的：都已经是这样了。")
            if seen is not None and seen != newest_change(connection, listed[0].code):
                raise UnitRefused("别人刚刚改过这个单位，请看过现在的内容再改。")
            if begins_on is not None and begins_on > china_date(at):
                if (begins_on - china_date(at)).days > _LATEST:
                    raise UnitRefused("最多提前五年安排。", "begins_on")
                self._plan_within(connection, actor, changed, known, begins_on, at, reason)
            else:
                if begins_on is not None and begins_on < china_date(at):
                    raise UnitRefused("从哪天起不能早于今天。", "begins_on")
                self._keep_within(connection, actor, changed, known, at, reason)
            _check_plans(connection)
            return len(changed)

        return await self.database.write(run)

    async def withdraw(self, actor: Actor, plan: int) -> UnitPlan:
        """Take a change back whose day has not come.

        Raises:
            UnitRefused: no right to, there is none, or others are built on it.
        """

        def run(connection: Connection) -> UnitPlan:
            at = _begin(connection, actor, self.clock, "撤回")
            row = connection.execute(select(unit_plans).where(unit_plans.c.id == plan, WAITING)).one_or_none()
            if row is None:
                raise UnitRefused("这项改动已经生效或者撤回了。")
            this = unit_plans.c.id == plan
            connection.execute(update(unit_plans).where(this).values(withdrawn_at=at))
            _check_plans(connection)
            done = {"withdrawn": row.begins_on.isoformat(), "changes": row.changes}
            record_within(connection, Recorded(at, actor.name, Deed.SETTINGS, f"unit {row.code}", details=done))
            return plan_of(row)

        return await self.database.write(run)

    async def restore(self, actor: Actor, change: int, *, reason: str) -> Unit:
        """Make a unit again what it was before one change; the unit.

        Raises:
            UnitRefused: there is no such change, the unit was new by it, or see `put`.
        """
        row = await self.database.read(
            lambda connection: connection.execute(select(unit_history).where(unit_history.c.id == change)).one_or_none()
        )
        if row is None or row.before is None:
            raise UnitRefused("这里没有更早的样子可以恢复；不要的单位请停用。")
        before = Unit(**row.before)
        await self.put(actor, [before], reason=reason)
        return before

    async def begin_due(self) -> int:
        """Carry out the plans whose day has come, each by itself; how many.

        One that cannot be carried out, which plans are checked against, is logged and stays to be withdrawn.
        """
        today = china_date(self.clock())
        due = [plan for plan in await self.database.read(plans_within) if plan.begins_on <= today]
        begun = 0
        for plan in due:
            try:
                begun += await self.database.write(partial(self._begin_plan, plan=plan))
            except UnitRefused as refused:
                _log.error("the planned change %s of the unit %s cannot begin: %s", plan.id, plan.code, refused)
        return begun

    def _begin_plan(self, connection: Connection, plan: UnitPlan) -> int:
        """One plan; none where another process was faster, or somebody withdrew it."""
        hold(connection, "units")
        at = self.clock()
        this = update(unit_plans).where(unit_plans.c.id == plan.id, WAITING).values(begun_at=at)
        if not connection.execute(this).rowcount:
            return 0
        known = {unit.code: unit for unit in directory(connection)}
        by = Actor(plan.actor, frozenset({Role.ADMINISTRATOR}))
        self._keep_within(connection, by, [plan.applied_to(known.get(plan.code))], known, at, plan.reason)
        return 1

    def _keep_within(
        self,
        connection: Connection,
        actor: Actor,
        changed: list[Unit],
        known: Mapping[str, Unit],
        at: datetime,
        reason: str,
    ) -> None:
        by_code = dict(known) | {unit.code: unit for unit in changed}
        put_within(connection, changed, at)
        _check_retired(changed, by_code)
        self._check_left_alone(connection, changed, known)
        rows = []
        for unit in changed:
            before = known.get(unit.code)
            told = {"before": before and asdict(before), "after": asdict(unit)}
            rows.append({"code": unit.code, "at": at, "actor": actor.name, "reason": reason.strip()} | told)
        connection.execute(insert(unit_history), rows)
        if moved := _moved(changed, known, by_code):
            for belonging in self.belongings:
                belonging.follow(connection, actor, moved, at)
        one = len(changed) == 1
        subject = f"unit {changed[0].code}" if one else "units"
        details = differences(known.get(changed[0].code), changed[0]) if one else {"units": len(changed)}
        record_within(connection, Recorded(at, actor.name, Deed.SETTINGS, subject, reason.strip(), details))

    def _check_left_alone(self, connection: Connection, changed: Iterable[Unit], known: Mapping[str, Unit]) -> None:
        """Refuse to retire a unit with nobody to take over what hangs on it."""
        for unit in changed:
            before = known.get(unit.code)
            if before is None or not before.active or unit.active or unit.successor:
                continue
            if hangs := ties_within(connection, before, self.belongings).told:
                message = f"“{before.name}”还有 {hangs}，停用以后就没人管了。请选由哪个单位接续。"
                raise UnitRefused(message, "successor")

    def _plan_within(
        self,
        connection: Connection,
        actor: Actor,
        changed: list[Unit],
        known: Mapping[str, Unit],
        begins_on: date,
        at: datetime,
        reason: str,
    ) -> None:
        did = {"begins_on": begins_on, "at": at, "actor": actor.name, "reason": reason.strip()}
        for unit in changed:
            if not unit.active and not unit.successor:
                message = f"到那天之前，还可能有工单派给“{unit.name}”。请先选好由哪个单位接续。"
                raise UnitRefused(message, "successor")
            changes = differences(known.get(unit.code), unit)
            connection.execute(insert(unit_plans).values(code=unit.code, changes=changes, **did))
            told = {"begins_on": begins_on.isoformat()} | changes
            done = Recorded(at, actor.name, Deed.SETTINGS, f"unit {unit.code}", reason.strip(), told)
            record_within(connection, done)


def _begin(connection: Connection, actor: Actor, clock: Clock, reason: str) -> datetime:
    if Role.ADMINISTRATOR not in actor.roles:
        raise UnitRefused("单位名单由系统管理员来改。")
    if not reason.strip() or len(reason.strip()) > REASON_LIMIT:
        raise UnitRefused(f"请写明为什么改，最多 {REASON_LIMIT} 字，如机构改革的文号。", "reason")
    hold(connection, "units")
    return clock()


def _check_retired(changed: Iterable[Unit], by_code: Mapping[str, Unit]) -> None:
    """Refuse to retire a unit above others that stay, or to have one take over that is no longer in use."""
    for unit in changed:
        if unit.successor and not (heir := heir_of(unit, by_code)).active:
            raise UnitRefused(f"“{heir.name}”已经停用，不能接续“{unit.name}”，请选一个在用的单位。", "successor")
        below = sorted(each.name for each in by_code.values() if each.parent == unit.code and each.active)
        if not unit.active and below:
            named = "、".join(below[:3])
            raise UnitRefused(
                f"“{unit.name}”下面还有 {len(below)} 个在用的单位（{named}），请先给它们换上级。", "active"
            )


def _check_plans(connection: Connection) -> None:
    """Refuse what would keep a plan from being carried out on its day."""
    by_code = {unit.code: unit for unit in directory(connection)}
    for plan in plans_within(connection):
        try:
            unit = plan.applied_to(by_code.get(plan.code))
            by_code[unit.code] = unit
            check_units([unit], by_code)
            _check_retired([unit], by_code)
        except UnitRefused as refused:
            message = f"这样改，{chinese_day(plan.begins_on)}起单位 {plan.code} 的改动就做不成了：{refused}"
            raise UnitRefused(message, refused.field) from refused


def _moved(changed: Iterable[Unit], known: Mapping[str, Unit], by_code: Mapping[str, Unit]) -> list[Moved]:
    """The units that are renamed, or have another do their work from now on."""
    pairs = [Moved(known[unit.code], heir_of(unit, by_code)) for unit in changed if unit.code in known]
    return [each for each in pairs if (each.before.code, each.before.name) != (each.heir.code, each.heir.name)]
