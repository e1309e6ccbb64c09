"""The dispatch list as staff keep it: each verb is one transaction, with its history."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from service.audit import Deed, Recorded, record_within
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
        return list((await self.database.read(_read)).values())

    async def put(self, actor: Actor, rule: Rule) -> int:
        """Add a rule, or change the one with its number; the revision.

        Raises:
            RulesRefused: no right to, or the rule cannot stand beside the others.
        """
        checked = rule_of(rule.as_dict(), f"“{rule.key}”")
        return await self._change(actor, "put", lambda _: {checked.key: checked})

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

    async def remove(self, actor: Actor, key: str) -> int:
        """Take a rule from the list; the revision.

        Raises:
            RulesRefused: no right to, or there is none.
        """

        def change(rules: _Rules) -> dict[str, Rule | None]:
            if key not in rules:
                raise RulesRefused(f"派单目录里没有编号“{key}”。")
            return {key: None}

        return await self._change(actor, "remove", change)

    async def replace(self, actor: Actor, wanted: Iterable[Rule]) -> int:
        """Keep these rules and no others, as a file has them; the revision.

        Raises:
            RulesRefused: no right to, or the rules contradict each other; nothing is changed.
        """
        listed = list(wanted)
        check_together(listed)
        return await self._change(
            actor, "import", lambda rules: dict.fromkeys(rules) | {rule.key: rule for rule in listed}
        )

    async def history(self, key: str | None = None, limit: int = 50) -> list[RuleChange]:
        """What was changed, the newest first."""
        statement = select(dispatch_history).order_by(dispatch_history.c.id.desc()).limit(limit)
        if key is not None:
            statement = statement.where(dispatch_history.c.key == key)
        rows = await self.database.read(lambda connection: connection.execute(statement).all())
        return [RuleChange(r.revision, r.at, r.actor, r.verb, r.key, r.before, r.after) for r in rows]

    async def _change(self, actor: Actor, verb: str, change: _Change) -> int:
        return await self.database.write(lambda connection: self._change_within(connection, actor, verb, change))

    def _change_within(self, connection: Connection, actor: Actor, verb: str, change: _Change) -> int:
        if not actor.is_any(*EDITORS):
            raise RulesRefused("您没有修改派单目录的权限，请联系管理员。")
        hold(connection, "dispatch_rules")
        rules = _read(connection)
        wanted = change(rules)
        changed = {key: rule for key, rule in wanted.items() if rules.get(key) != rule}
        if not changed:
            raise RulesRefused("没有要改的：都已经是这样了。")
        check_together(rule for rule in (rules | wanted).values() if rule is not None)
        done = {"verb": verb, "rules": len(changed)}
        record_within(connection, Recorded(self.clock(), actor.name, Deed.SETTINGS, "dispatch rules", details=done))
        return self._record(connection, actor, verb, rules, changed)

    def _record(
        self,
        connection: Connection,
        actor: Actor,
        verb: str,
        before: _Rules,
        changed: Mapping[str, Rule | None],
    ) -> int:
        revision = revision_within(connection) + 1
        did = {"revision": revision, "at": self.clock(), "actor": actor.name, "verb": verb}
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


def revision_within(connection: Connection) -> int:
    """The newest revision; 0 before the first."""
    newest: int | None = connection.scalar(select(func.max(dispatch_history.c.revision)))
    return newest or 0


def _read(connection: Connection) -> _Rules:
    rows = connection.execute(select(dispatch_rules).order_by(dispatch_rules.c.key))
    return {row.key: rule_of(row.content, f"“{row.key}”") for row in rows}
