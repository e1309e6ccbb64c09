"""What must be answered for later: who looked at personal data, exported it, or gave out a key, and why.

A line is written in the transaction that gives what it tells of, so nothing is given unrecorded. Lines are never
changed, and hold no personal data themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Connection, Index, Integer, String, Table, insert, select

from service.storage import Moment, metadata

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False, index=True),
    Column("actor", String(100), nullable=False),
    Column("deed", String(30), nullable=False),
    Column("subject", String(100), nullable=False),  # a ticket's number, a file's or key's name
    Column("reason", String(500), nullable=False),
    Column("details", JSON),
)
Index(None, audit.c.subject, audit.c.id)

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
    EXPORT = "export"
    IMPORT = "import"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    SETTINGS = "settings"
    KEY_ADDED = "key_added"
    KEY_REVOKED = "key_revoked"
    KEYS_ROTATED = "keys_rotated"
    AUDIT_READ = "audit_read"

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
    Deed.EXPORT: "导出",
    Deed.IMPORT: "导入",
    Deed.PUBLISH: "发布",
    Deed.WITHDRAW: "撤下",
    Deed.SETTINGS: "改设置",
    Deed.KEY_ADDED: "新建接口密钥",
    Deed.KEY_REVOKED: "停用接口密钥",
    Deed.KEYS_ROTATED: "更换加密密钥",
    Deed.AUDIT_READ: "查审计记录",
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


def record_within(connection: Connection, done: Recorded) -> None:
    """Keep what was done, within the transaction that does it."""
    values = {
        "at": done.at,
        "actor": done.actor,
        "deed": done.deed,
        "subject": done.subject,
        "reason": done.reason,
        "details": dict(done.details) or None,
    }
    connection.execute(insert(audit).values(values))


def recorded_of(subject: str) -> Callable[[Connection], list[Recorded]]:
    """A unit of work: what was done with a subject, oldest first."""
    statement = select(audit).where(audit.c.subject == subject).order_by(audit.c.id)
    return lambda connection: [
        Recorded(row.at, row.actor, Deed(row.deed), row.subject, row.reason, row.details or {})
        for row in connection.execute(statement)
    ]
