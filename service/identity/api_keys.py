"""Keys for other systems: what each may do, and for whom. A key is shown once and kept as a hash.

A key is `ltb_<id>_<secret>`. The secret has 256 random bits, so one round of SHA-256 keeps it; a slow hash is for
what people choose.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from service.audit import Deed, Recorded, audit, record_within
from service.clock import china_date
from service.identity.roles import UNIT_ROLES, Actor, Role
from service.identity.tables import api_keys
from service.storage import hold

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_KEY = re.compile(r"ltb_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_USE_NOTED_EVERY = timedelta(minutes=1)  # a write for every request would cost more than it tells

HOTLINE_ROLES = frozenset({Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR, Role.AUDITOR})


class Scope(StrEnum):
    """What a key may be used for; what it may do there, its roles and units say."""

    READ = "tickets:read"
    WRITE = "tickets:write"
    PERSONAL = "tickets:personal"
    OPEN311 = "open311:write"
    HOTLINE_ASK = "hotline:ask"
    HOTLINE_SMS = "hotline:sms"


_OF_TICKETS = frozenset({Scope.READ, Scope.WRITE, Scope.PERSONAL})


class KeyRefused(Exception):
    """The key cannot be made or revoked like this; the message says why, in Chinese.

    Attributes:
        field: the field of `NewKey` that is wrong; empty where it is none.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to be made.

    Attributes:
        units: the only ones whose tickets it sees; it needs a unit's role then, and no role of the hotline.
        expires_on: the last day in China on which it counts; None: it counts until it is revoked.
    """

    name: str
    scopes: frozenset[Scope]
    roles: frozenset[Role] = frozenset()
    units: frozenset[str] = frozenset()
    expires_on: date | None = None

    def check(self) -> None:
        """See that it makes sense, and gives no more than it says.

        Raises:
            KeyRefused: see there.
        """
        if not _NAME.fullmatch(self.name):
            raise KeyRefused("密钥的名称只能用小写字母、数字和 . _ -，2 到 40 个字符，以字母或数字开头。", "name")
        if not self.scopes:
            raise KeyRefused(f"请写明可以做什么（范围），至少一个：{'、'.join(Scope)}。", "scopes")
        if unfit := sorted(self.roles - HOTLINE_ROLES - UNIT_ROLES):
            fit = "、".join(sorted(HOTLINE_ROLES | UNIT_ROLES))
            raise KeyRefused(f"接口密钥不能有 {unfit[0]} 这个角色，可以写：{fit}。", "roles")
        if self.units and self.roles & HOTLINE_ROLES:
            raise KeyRefused("单位的密钥只能看本单位的工单，不能再有热线的角色；请分成两个密钥。", "roles")
        if bool(self.units) != bool(self.roles & UNIT_ROLES):
            raise KeyRefused("单位要和单位经办人（unit_clerk）或单位负责人（unit_head）的角色一起写。", "units")
        if self.scopes & _OF_TICKETS and not self.roles:
            raise KeyRefused("请写明它以什么身份做事（角色）；没有 tickets: 开头的范围的密钥不用写。", "roles")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as the installation knows it, without its secret."""

    id: str
    name: str
    scopes: frozenset[Scope]
    roles: frozenset[Role]
    units: frozenset[str]
    created_at: datetime
    last_used_at: datetime | None
    expires_on: date | None
    revoked_at: datetime | None

    def counts_at(self, at: datetime) -> bool:
        """Whether it can be used at a moment."""
        return self.revoked_at is None and (self.expires_on is None or china_date(at) <= self.expires_on)

    @property
    def actor(self) -> Actor:
        """Who acts when it is used."""
        return Actor(f"api:{self.name}", self.roles, self.units)


def add_within(connection: Connection, wanted: NewKey, at: datetime, by: str = "command line", reason: str = "") -> str:
    """Make a key; its text, which is nowhere to be read again.

    Raises:
        KeyRefused: see `NewKey.check`, the name is taken, or the last day has passed.
    """
    wanted.check()
    if wanted.expires_on is not None and wanted.expires_on < china_date(at):
        raise KeyRefused("到期的日子已经过去了，请写今天或以后的日子；一直有效就不写。", "expires_on")
    hold(connection, f"api key {wanted.name}")
    if connection.execute(select(api_keys.c.id).where(api_keys.c.name == wanted.name)).one_or_none():
        raise KeyRefused(
            f"已经有名称为 {wanted.name} 的密钥，请换一个名称；停用过的名称也不再用，免得记录混在一起。", "name"
        )
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    values = {
        "id": key_id,
        "name": wanted.name,
        "secret_hash": _hash(secret),
        "scopes": sorted(wanted.scopes),
        "roles": sorted(wanted.roles),
        "units": sorted(wanted.units),
        "created_at": at,
        "expires_on": wanted.expires_on,
    }
    connection.execute(insert(api_keys).values(values))
    details = {"scopes": values["scopes"], "roles": values["roles"], "units": values["units"]}
    if wanted.expires_on is not None:
        details["expires_on"] = wanted.expires_on.isoformat()
    record_within(connection, Recorded(at, by, Deed.KEY_ADDED, wanted.name, reason, details))
    return f"ltb_{key_id}_{secret}"


def revoke_within(connection: Connection, name: str, at: datetime, by: str = "command line", reason: str = "") -> None:
    """End a key at once and for ever.

    Raises:
        KeyRefused: there is no such key in use.
    """
    this = (api_keys.c.name == name) & api_keys.c.revoked_at.is_(None)
    if not connection.execute(update(api_keys).where(this).values(revoked_at=at)).rowcount:
        raise KeyRefused(f"没有名称为 {name}、还在用的密钥。看有哪些：liaotianban api-key list")
    record_within(connection, Recorded(at, by, Deed.KEY_REVOKED, name, reason))


def every(connection: Connection) -> list[ApiKey]:
    """All keys, those revoked included, by name."""
    return [_key(row) for row in connection.execute(select(api_keys).order_by(api_keys.c.name))]


def in_use_made_by(username: str, at: datetime) -> Callable[[Connection], list[str]]:
    """A unit of work: the names of the keys somebody made that can be used still: they open without their account."""
    theirs = (audit.c.actor == username) & (audit.c.deed == Deed.KEY_ADDED)
    made = select(api_keys).where(api_keys.c.name.in_(select(audit.c.subject).where(theirs))).order_by(api_keys.c.name)
    return lambda connection: [key.name for key in map(_key, connection.execute(made)) if key.counts_at(at)]


def key_of(text: str, at: datetime) -> Callable[[Connection], ApiKey | None]:
    """A unit of work: the key somebody shows, if it is one and counts at a moment. Takes as long for a wrong one."""
    parts = _KEY.fullmatch(text)
    key_id, secret = parts.groups() if parts else ("", "")
    statement = select(api_keys).where(api_keys.c.id == key_id)

    def work(connection: Connection) -> ApiKey | None:
        row = connection.execute(statement).one_or_none()
        right = hmac.compare_digest(row.secret_hash if row else _hash(""), _hash(secret))
        key = _key(row) if row is not None and right else None
        return key if key is not None and key.counts_at(at) else None

    return work


def should_note_use(key: ApiKey, at: datetime) -> bool:
    """Whether the last use that is kept is older than a minute."""
    return key.last_used_at is None or at - key.last_used_at >= _USE_NOTED_EVERY


def note_use_within(connection: Connection, key: ApiKey, at: datetime) -> None:
    """Keep when a key was last used."""
    connection.execute(update(api_keys).where(api_keys.c.id == key.id).values(last_used_at=at))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        scopes=frozenset(map(Scope, row.scopes)),
        roles=frozenset(map(Role, row.roles)),
        units=frozenset(row.units),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_on=row.expires_on,
        revoked_at=row.revoked_at,
    )
