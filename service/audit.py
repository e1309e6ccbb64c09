"""What must be answered for later: who signed in, looked at personal data, exported it, changed rights, and why.

A line is written in the transaction that does what it tells of, so nothing is done unrecorded. Lines hold no personal
data of citizens. They are numbered without gaps, and each holds a hash of itself and of the one before: who changes,
removes or inserts a line breaks the chain from there on, and `verify` says where (`liaotianban audit verify`). The
database refuses to change or delete lines (migration 0016). Who can also switch that off and compute every hash anew
is found out by a hash that was noted elsewhere: every export of lines holds them, and `verify` compares.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import JSON, BigInteger, Column, Connection, Index, Integer, Row, Select, String, Table, insert, select

from service.storage import Moment, before_commit, hold, metadata

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False, index=True),
    Column("actor", String(100), nullable=False),
    Column("deed", String(30), nullable=False),
    Column("subject", String(100), nullable=False),  # a ticket's number, a file's or key's name
    Column("reason", String(500), nullable=False),
    Column("details", JSON),
    Column("hash", String(64), nullable=False),
)
Index(None, audit.c.subject, audit.c.id)
Index(None, audit.c.actor, audit.c.id)
Index(None, audit.c.deed, audit.c.id)

REASON_LIMIT = 500


class Deed(StrEnum):
    """What is recorded."""

    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_PAUSED = "sign_in_paused"
    SIGN_OUT = "sign_out"
    SESSION_ENDED = "session_ended"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # a deed, not a password
    PASSWORD_RESET = "password_reset"  # noqa: S105
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_RESET = "second_factor_reset"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    RIGHTS = "rights"
    LOOK = "look"
    FILE = "file"
    NOTICE = "notice"
    TRIAL = "trial"
    EXPORT = "export"
    IMPORT = "import"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    SETTINGS = "settings"
    KEY_ADDED = "key_added"
    KEY_REVOKED = "key_revoked"
    KEYS_ROTATED = "keys_rotated"
    AUDIT_READ = "audit_read"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> "Deed":
        """Whatever else stands in a line was not written by us: it must not keep the others from being read."""
        return cls.UNKNOWN

    @property
    def label(self) -> str:
        """What was done, as staff read it."""
        return _LABELS[self]


_LABELS = {
    Deed.SIGN_IN: "登录",
    Deed.SIGN_IN_FAILED: "登录失败",
    Deed.SIGN_IN_PAUSED: "登录暂停",
    Deed.SIGN_OUT: "退出",
    Deed.SESSION_ENDED: "结束会话",
    Deed.PASSWORD_CHANGED: "改密码",
    Deed.PASSWORD_RESET: "重置密码",
    Deed.SECOND_FACTOR_ADDED: "设好动态码",
    Deed.SECOND_FACTOR_RESET: "重置动态码",
    Deed.RECOVERY_CODE_USED: "用恢复码登录",
    Deed.RECOVERY_CODES_MADE: "换恢复码",
    Deed.ACCOUNT_ADDED: "新建账号",
    Deed.ACCOUNT_DISABLED: "停用账号",
    Deed.ACCOUNT_ENABLED: "启用账号",
    Deed.RIGHTS: "改权限",
    Deed.LOOK: "查看完整信息",
    Deed.FILE: "下载附件",
    Deed.NOTICE: "处理通知",
    Deed.TRIAL: "试发消息",
    Deed.EXPORT: "导出",
    Deed.IMPORT: "导入",
    Deed.PUBLISH: "发布",
    Deed.WITHDRAW: "撤下",
    Deed.SETTINGS: "改设置",
    Deed.KEY_ADDED: "新建接口密钥",
    Deed.KEY_REVOKED: "停用接口密钥",
    Deed.KEYS_ROTATED: "更换加密密钥",
    Deed.AUDIT_READ: "查审计记录",
    Deed.UNKNOWN: "认不出是什么",
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """One thing that was done.

    Attributes:
        reason: why, as the one who did it gave it.
        details: counts and the like, nothing personal.
    """

    at: datetime
    actor: str
    deed: Deed
    subject: str
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the audit."""

    number: int
    done: Recorded
    hash: str


class Break(NamedTuple):
    """Where the chain is broken, and what is wrong there, in Chinese."""

    number: int
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at the whole chain found.

    Attributes:
        lines: how many there are.
        head: the last line's hash, to be noted elsewhere.
    """

    lines: int
    head: str
    broken: Break | None


BEGINNING = "0" * 64
"""What stands before the first line."""

_LAST_LINE = select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)
_READ_AT_ONCE = 5_000


def record_within(connection: Connection, done: Recorded) -> None:
    """Keep what was done, within the transaction that does it; the line is written as the last of it."""
    before_commit(connection, lambda ending: _append(ending, done))


def _append(connection: Connection, done: Recorded) -> None:
    hold(connection, "audit")
    last = connection.execute(_LAST_LINE).one_or_none()
    number, before = (last.id + 1, last.hash) if last else (1, BEGINNING)
    values = {
        "id": number,
        "at": done.at,
        "actor": done.actor,
        "deed": done.deed,
        "subject": done.subject,
        "reason": done.reason,
        "details": dict(done.details) or None,
        "hash": line_hash(before, number, done),
    }
    connection.execute(insert(audit).values(values))


def line_hash(before: str, number: int, done: Recorded) -> str:
    """The hash of a line, which covers the one before it: SHA-256 of one JSON array (64 hex digits).

    `["<hash before>", <number>, "<moment in UTC, to the microsecond>", "<actor>", "<deed>", "<subject>", "<reason>",
    {<details>}]` with sorted keys, no blanks, UTF-8 without escapes: anybody can compute it without this program.
    """
    moment = done.at.astimezone(UTC).isoformat(timespec="microseconds")
    told = [before, number, moment, done.actor, done.deed, done.subject, done.reason, dict(done.details)]
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def recorded_of(subject: str) -> Callable[[Connection], list[Recorded]]:
    """A unit of work: what was done with a subject, oldest first."""
    statement = select(audit).where(audit.c.subject == subject).order_by(audit.c.id)
    return lambda connection: [line.done for line in _lines(connection, statement)]


def done_to(subject: str, deeds: Collection[Deed], limit: int) -> Callable[[Connection], list[Recorded]]:
    """A unit of work: the newest of these deeds that were done to a subject, the newest first."""
    these = audit.c.deed.in_(sorted(deeds))
    statement = select(audit).where(audit.c.subject == subject, these).order_by(audit.c.id.desc()).limit(limit)
    return lambda connection: [line.done for line in _lines(connection, statement)]


@dataclass(frozen=True, slots=True)
class Search:
    """Which lines are wanted; what is None or empty does not matter.

    Attributes:
        until: the first moment that is too late.
    """

    actor: str = ""
    deed: Deed | None = None
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def statement(self) -> Select[Any]:
        """The newest of them first."""
        wanted = select(audit).order_by(audit.c.id.desc())
        if self.actor:
            wanted = wanted.where(audit.c.actor == self.actor)
        if self.deed:
            wanted = wanted.where(audit.c.deed == self.deed)
        if self.subject:
            wanted = wanted.where(audit.c.subject == self.subject)
        if self.since:
            wanted = wanted.where(audit.c.at >= self.since)
        if self.until:
            wanted = wanted.where(audit.c.at < self.until)
        return wanted


def found(search: Search, limit: int, before: int | None = None) -> Callable[[Connection], list[Line]]:
    """A unit of work: the newest lines that fit, below a number."""
    statement = search.statement().limit(limit)
    if before is not None:
        statement = statement.where(audit.c.id < before)
    return lambda connection: list(_lines(connection, statement))


def last_line(connection: Connection) -> Line | None:
    """The newest line: its number and hash, noted elsewhere, prove later what stood here."""
    return next(iter(found(Search(), 1)(connection)), None)


def verify(
    connection: Connection, noted: Mapping[int, str] | None = None, tell: Callable[[float], object] | None = None
) -> Verified:
    """Look at every line in turn, and say where the first is that does not fit.

    Args:
        noted: hashes by number that were noted elsewhere; the chain has to have them.
        tell: given the share that was looked at, from 0 to 1.
    """
    noted, at, before, seen = noted or {}, 0, BEGINNING, 0
    last, at_once = connection.execute(_LAST_LINE).one_or_none(), _READ_AT_ONCE
    while True:
        try:
            lines = list(_lines(connection, _following(at, at_once)))
        except ValueError:  # one of them holds what no column of ours can; SQLite lets it
            if at_once == 1:
                return Verified(seen, before, Break(at + 1, "这一行被改得读不出来了。"))
            at_once = 1
            continue
        if not lines:
            break
        for line in lines:
            if (what := _wrong(line, at, before, noted)) is not None:
                return Verified(seen, before, Break(line.number, what))
            at, before, seen = line.number, line.hash, seen + 1
        if tell is not None and last is not None:
            tell(min(at / last.id, 1.0))
    if missing := sorted(number for number in noted if number > at):
        return Verified(seen, before, Break(missing[0], "记下过这一行，现在没有了：末尾被删过。"))
    return Verified(seen, before, None)


def _wrong(line: Line, at: int, before: str, noted: Mapping[int, str]) -> str | None:
    if line.number != at + 1:
        return f"前面缺了第 {at + 1} 行。"
    if line.hash != line_hash(before, line.number, line.done):
        return "这一行或前一行被改过。"
    if noted.get(line.number, line.hash) != line.hash:
        return "和记下的校验值不一样：整段被换过。"
    return None


def _following(number: int, limit: int) -> Select[Any]:
    return select(audit).where(audit.c.id > number).order_by(audit.c.id).limit(limit)


def _lines(connection: Connection, statement: Select[Any]) -> Iterator[Line]:
    return map(_line, connection.execute(statement))


def _line(row: Row[Any]) -> Line:
    done = Recorded(row.at, row.actor, Deed(row.deed), row.subject, row.reason, row.details or {})
    return Line(row.id, done, row.hash)
