"""The dispatch list as staff keep it: each verb is one transaction, with its history."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from service.audit import REASON_LIMIT, Deed, Recorded, record_within
from service.clock import Clock, now
from service.identity.roles import Actor, Role
from service.storage import Database, hold
from tickets.dispatch.rule_files import seed_rules
from tickets.dispatch.rules import Rule, RulesRefused, check_together, rule_of
from tickets.dispatch.tables import dispatch_history, dispatch_rules

EDITORS = (Role.DISPATCHER, Role.SUPERVISOR)

_Rules = dict[str, Rule]
_Change = Callable[[_Rules], dict[str, Rule | None]]
_BATCH = 500


VERBS = {
    "seed": "随产品装入",
    "put": "修改",
    "ruling": "裁定",
    "remove": "删除",
    "import": "导入",
    "undo": "撤销",
    "units": "随单位改名",
}
"""What a change of the list says was done, as staff read it."""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What was done with one rule; before is None when it was new, after when it was removed."""

    revision: int
    at: datetime
    actor: str
    verb: str
    key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str


@dataclass(frozen=True, slots=True)
class RuleStore:
    """The dispatch list of an installation."""

    database: Database
    clock: Clock = now

    async def seed(self) -> None:
        """Begin with the list of the product where none was ever kept."""

        def begin(connection: Connection) -> None:
            hold(connection, "dispatch_rules")
            if not revision_within(connection):
                self._record(connection, Actor("import"), "seed", {}, {rule.key: rule for rule in seed_rules()})

        if not await self.database.read(revision_within):
            await self.database.write(begin)

    async def revision(self) -> int:
        """Grows with every change, so that a process knows when to read the list anew."""
        return await self.database.read(revision_within)

    async def all(self) -> list[Rule]:
        """The list, by number; rules of other days included."""
        return await self.database.read(rules_within)

    async def put(self, actor: Actor, *rules: Rule, reason: str = "", seen: int | None = None) -> int:
        """Add rules, or change those with their numbers; the revision.

        Args:
            seen: the revision at which they were looked at, so that nobody overwrites another's work.

        Raises:
            RulesRefused: no right to, a rule cannot stand beside the others, or somebody has changed one meanwhile.
        """
        checked = {rule.key: rule_of(rule.as_dict(), f"“{rule.key}”") for rule in rules}

        def work(connection: Connection) -> int:
            hold(connection, "dispatch_rules")
            newest = select(func.max(dispatch_history.c.revision)).where(dispatch_history.c.key.in_(checked))
            if seen is not None and (connection.scalar(newest) or 0) > seen:
                raise RulesRefused("别人刚刚改过这一条，请看过现在的内容再改。", "key")
            return self._change_within(connection, actor, "put", lambda _: dict(checked), reason)

        return await self.database.write(work)

    def put_within(self, connection: Connection, actor: Actor, rules: Iterable[Rule], reason: str) -> int:
        """See `put`; within the transaction of what it is done for."""
        checked = {rule.key: rule_of(rule.as_dict(), f"“{rule.key}”") for rule in rules}
        return self._change_within(connection, actor, "put", lambda _: dict(checked), reason)

    async def keep_ruling(self, actor: Actor, rule: Rule) -> int:
        """Keep what was decided after a joint investigation; the revision.

        Raises:
            RulesRefused: it does not say who decided and when, or see `put`.
        """
        return await self.database.write(lambda connection: self.keep_ruling_within(connection, actor, rule))

    def keep_ruling_within(self, connection: Connection, actor: Actor, rule: Rule) -> int:
        """See `keep_ruling`; within the transaction of the decision itself."""
        if not rule.decided_by or rule.decided_on is None:
            raise RulesRefused("请写明是谁在哪一天裁定的。")
        checked = rule_of(rule.as_dict(), f"“{rule.key}”")
        return self._change_within(connection, actor, "ruling", lambda _: {checked.key: checked})

    async def remove(self, actor: Actor, key: str, *, reason: str = "") -> int:
        """Take a rule from the list; the revision.

        Raises:
            RulesRefused: no right to, or there is none.
        """

        def change(rules: _Rules) -> dict[str, Rule | None]:
            if key not in rules:
                raise RulesRefused(f"派单目录里没有编号“{key}”。")
            return {key: None}

        return await self._change(actor, "remove", change, reason)

    async def undo(self, actor: Actor, revision: int, *, reason: str = "") -> int:
        """Take back what one change did; the revision.

        Raises:
            RulesRefused: no right to, there was no such change, or somebody has changed one of its rules since.
        """
        these = select(dispatch_history).where(dispatch_history.c.revision == revision)
        did = await self.database.read(lambda connection: connection.execute(these).all())
        if not did:
            raise RulesRefused("没有这次改动。")

        def change(rules: _Rules) -> dict[str, Rule | None]:
            for row in did:
                now_is = rules[row.key].as_dict() if row.key in rules else None
                if now_is != row.after:
                    raise RulesRefused(f"“{row.key}”后来又改过，不能整个撤销；请直接改这一条。")
            return {row.key: rule_of(row.before, f"“{row.key}”") if row.before else None for row in did}

        return await self._change(actor, "undo", change, reason)

    def follow_units_within(self, connection: Connection, actor: Actor, renamed: Mapping[str, str]) -> None:
        """Write the new names of units into the rules that name them, within the transaction that gives the names.

        Args:
            renamed: new names by old ones; several may become one.
        """
        rules = _by_key(connection)
        followed = {rule.key: _with_names(rule, renamed) for rule in rules.values()}
        changed = {key: rule for key, rule in followed.items() if rule != rules[key]}
        if changed:
            self._change_within(connection, actor, "units", lambda _: dict(changed), "单位改名或由别的单位接续")

    async def replace(self, actor: Actor, wanted: Iterable[Rule], *, reason: str = "") -> int:
        """Keep these rules and no others, as a file has them; the revision.

        Raises:
            RulesRefused: no right to, or the rules contradict each other; nothing is changed.
        """
        listed = list(wanted)
        check_together(listed)
        return await self._change(
            actor, "import", lambda rules: dict.fromkeys(rules) | {rule.key: rule for rule in listed}, reason
        )

    async def history(self, key: str | None = None, limit: int = 50) -> list[RuleChange]:
        """What was changed, the newest first."""
        statement = select(dispatch_history).order_by(dispatch_history.c.id.desc()).limit(limit)
        if key is not None:
            statement = statement.where(dispatch_history.c.key == key)
        rows = await self.database.read(lambda connection: connection.execute(statement).all())
        return [RuleChange(r.revision, r.at, r.actor, r.verb, r.key, r.before, r.after, r.reason or "") for r in rows]

    async def _change(self, actor: Actor, verb: str, change: _Change, reason: str) -> int:
        work = partial(self._change_within, actor=actor, verb=verb, change=change, reason=reason)
        return await self.database.write(work)

    def _change_within(self, connection: Connection, actor: Actor, verb: str, change: _Change, reason: str = "") -> int:
        if not actor.is_any(*EDITORS):
            raise RulesRefused("您没有修改派单目录的权限，请联系管理员。")
        if len(reason) > REASON_LIMIT:
            raise RulesRefused(f"为什么改，最多写 {REASON_LIMIT} 个字。", "reason")
        hold(connection, "dispatch_rules")
        rules = _by_key(connection)
        wanted = change(rules)
        changed = {key: rule for key, rule in wanted.items() if rules.get(key) != rule}
        if not changed:
            raise RulesRefused("没有要改的：都已经是这样了。")
        check_together(rule for rule in (rules | wanted).values() if rule is not None)
        done = {"verb": verb, "rules": len(changed)}
        record_within(connection, Recorded(self.clock(), actor.name, Deed.SETTINGS, "dispatch rules", reason, done))
        return self._record(connection, actor, verb, rules, changed, reason)

    def _record(
        self,
        connection: Connection,
        actor: Actor,
        verb: str,
        before: _Rules,
        changed: Mapping[str, Rule | None],
        reason: str = "",
    ) -> int:
        revision = revision_within(connection) + 1
        did = {"revision": revision, "at": self.clock(), "actor": actor.name, "verb": verb, "reason": reason}
        keys = list(changed)
        for start in range(0, len(keys), _BATCH):
            connection.execute(delete(dispatch_rules).where(dispatch_rules.c.key.in_(keys[start : start + _BATCH])))
        contents = {key: rule.as_dict() if rule else None for key, rule in changed.items()}
        if rows := [{"key": key, "content": content} for key, content in contents.items() if content]:
            connection.execute(insert(dispatch_rules), rows)
        told = [
            {"key": key, "before": before[key].as_dict() if key in before else None, "after": content} | did
            for key, content in contents.items()
        ]
        if told:
            connection.execute(insert(dispatch_history), told)
        return revision


@dataclass(frozen=True, slots=True)
class ListChange:
    """What was done with the list at once.

    Attributes:
        key: one of the rules it concerned.
        rules: how many.
    """

    revision: int
    at: datetime
    actor: str
    verb: str
    reason: str
    key: str
    rules: int


def latest_changes(limit: int) -> Callable[[Connection], list[ListChange]]:
    """A unit of work: what was done with the list last, the newest first, each deed once."""
    columns = dispatch_history.c
    firsts = [func.min(columns[name]).label(name) for name in ("at", "actor", "verb", "reason", "key")]
    counted = func.count().label("rules")
    newest = select(columns.revision, *firsts, counted).where(columns.verb != "seed").group_by(columns.revision)
    newest = newest.order_by(columns.revision.desc()).limit(limit)

    def look(connection: Connection) -> list[ListChange]:
        rows = connection.execute(newest).all()
        return [ListChange(r.revision, r.at, r.actor, r.verb, r.reason or "", r.key, r.rules) for r in rows]

    return look


def revision_within(connection: Connection) -> int:
    """The newest revision; 0 before the first."""
    newest: int | None = connection.scalar(select(func.max(dispatch_history.c.revision)))
    return newest or 0


def rules_within(connection: Connection) -> list[Rule]:
    """The list, by number; rules of other days included."""
    return list(_by_key(connection).values())


def _by_key(connection: Connection) -> _Rules:
    rows = connection.execute(select(dispatch_rules).order_by(dispatch_rules.c.key))
    return {row.key: rule_of(row.content, f"“{row.key}”") for row in rows}


def _with_names(rule: Rule, renamed: Mapping[str, str]) -> Rule:
    lead = renamed.get(rule.lead, rule.lead)
    assisting = dict.fromkeys(renamed.get(name, name) for name in rule.assisting)
    return replace(rule, lead=lead, assisting=tuple(name for name in assisting if name != lead))
