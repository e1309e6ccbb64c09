"""One public account on the simulated platform: its followers, what it may send them, and what arrived where.

The platform's rules of https://developers.weixin.qq.com/doc/service/ as of 2026: customer messages are counted by
window, templates by consent. What the platform answers a refused call with is raised as `Refused`.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import Any

from service.clock import Clock, now
from simulators.wechat.media import MediaShelf
from simulators.wechat.refused import Refused
from simulators.wechat.tokens import Tokens


class AccountKind(StrEnum):
    """What was registered; only a certified service account may do everything."""

    SERVICE = "service"
    SUBSCRIPTION = "subscription"
    TEST = "test"


class Trigger(StrEnum):
    """What a follower does that lets the account write to them."""

    MESSAGE = "message"
    CLICK = "click"
    FOLLOW = "follow"
    SCAN = "scan"


ALLOWED = {
    Trigger.MESSAGE: (5, timedelta(hours=48)),
    Trigger.CLICK: (3, timedelta(minutes=1)),
    Trigger.FOLLOW: (3, timedelta(minutes=1)),
    Trigger.SCAN: (3, timedelta(minutes=1)),
}
"""How many customer messages each allows, and how long."""


class Via(StrEnum):
    """How something reached a follower."""

    PASSIVE = "passive"
    CUSTOM = "custom"
    TEMPLATE = "template"
    SUBSCRIPTION = "subscription"


@dataclass
class Window:
    """What is left of one permission to write."""

    left: int
    until: datetime


@dataclass
class Follower:
    """One person and this account.

    Attributes:
        blacklisted: the account has blocked them.
        refuses_templates: they have switched template messages off.
        consents: by template, how many subscription messages they still allow; None: any number.
    """

    openid: str
    followed: bool = True
    blacklisted: bool = False
    refuses_templates: bool = False
    windows: dict[Trigger, Window] = field(default_factory=dict)
    consents: dict[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrival:
    """Something a follower sees on their phone.

    Attributes:
        body: as the API or the passive reply gave it, e.g. `{"msgtype": "text", "text": {"content": …}}`.
    """

    id: int
    openid: str
    at: datetime
    via: Via
    body: dict[str, Any]

    @property
    def words(self) -> str:
        """What they read of a message; choices to tap stand below it, a line each."""
        if self.body["msgtype"] != "msgmenu":
            return str(self.body["text"]["content"])
        menu = self.body["msgmenu"]
        lines = (menu["head_content"], *(each["content"] for each in menu["list"]), menu.get("tail_content"))
        return "\n".join(line for line in lines if line)


@dataclass(frozen=True)
class Template:
    """A template the account has.

    Attributes:
        fields: what a field tells, by its key: `{"thing1": "说明"}`.
        subscription: whether it needs a follower's consent.
    """

    id: str
    title: str
    fields: dict[str, str]
    subscription: bool = False


@dataclass(frozen=True)
class QrCode:
    """A code of the account.

    Attributes:
        until: when it ends; None: never.
    """

    url: str
    scene: str
    until: datetime | None


Listener = Callable[[str, dict[str, Any]], None]
"""Takes an openid and an event's own fields, such as `{"Event": "TEMPLATESENDJOBFINISH", "MsgID": 1, …}`.

Whoever pushes to the account's server listens; CreateTime and the user names are theirs to add.
"""


class Account:
    """The account's standing on the platform."""

    def __init__(
        self,
        appid: str = "wx0123456789abcdef",
        secret: str = "0123456789abcdef0123456789abcdef",  # noqa: S107  # of nobody
        original_id: str = "gh_0123456789ab",
        kind: AccountKind = AccountKind.SERVICE,
        clock: Clock = now,
    ) -> None:
        self.appid = appid
        self.secret = secret
        self.original_id = original_id
        self.kind = kind
        self.clock = clock
        self.followers: dict[str, Follower] = {}
        self.arrived: list[Arrival] = []
        self.listeners: list[Listener] = []
        self.menu: dict[str, Any] | None = None
        self.templates: dict[str, Template] = {}
        self.codes: dict[str, QrCode] = {}  # by what they say
        self.media = MediaShelf(clock)
        self.tokens = Tokens(appid, secret, clock)
        self.keeps_records = True  # whether the customer service function is switched on
        self.sent_templates: dict[tuple[str, str], tuple[int, datetime]] = {}  # by openid and client_msg_id
        self.events_after = 0.0  # seconds from an answer to the event that tells the message's end
        self._ids = count(1)

    def follow(self, openid: str = "") -> Follower:
        """Somebody begins to follow, or comes back; the event itself is sent by whoever pushes."""
        openid = openid or new_openid()
        follower = self.followers.setdefault(openid, Follower(openid))
        follower.followed = True
        self.trigger(openid, Trigger.FOLLOW)
        return follower

    def unfollow(self, openid: str) -> None:
        """Somebody no longer follows: nothing may be written to them."""
        follower = self.follower(openid)
        follower.followed = False
        follower.windows.clear()

    def follower(self, openid: str) -> Follower:
        """One who follows or has followed.

        Raises:
            Refused: 40003, the account has never met them.
        """
        if openid not in self.followers:
            raise Refused(40003, "invalid openid")
        return self.followers[openid]

    def trigger(self, openid: str, trigger: Trigger) -> None:
        """A follower did something that lets the account write; each kind counts anew, not on top."""
        messages, lasts = ALLOWED[trigger]
        self.follower(openid).windows[trigger] = Window(messages, self.clock() + lasts)

    def take_message(self, openid: str) -> None:
        """Use up one customer message, of the window that ends first.

        Raises:
            Refused: 45015 no window is open, 45047 none has a message left, 43019 they are blacklisted.
        """
        follower = self.follower(openid)
        if follower.blacklisted:
            raise Refused(43019, "require remove blacklist")
        at = self.clock()
        is_open = [window for window in follower.windows.values() if at < window.until]
        if not follower.followed or not is_open:
            raise Refused(45015, "response out of time limit or subscription is canceled")
        left = [window for window in is_open if window.left]
        if not left:
            raise Refused(45047, "out of response count limit")
        min(left, key=lambda window: window.until).left -= 1

    def messages_left(self, openid: str) -> int:
        """How many customer messages the account may still write to them now."""
        at = self.clock()
        return sum(window.left for window in self.follower(openid).windows.values() if at < window.until)

    def arrive(self, openid: str, via: Via, body: dict[str, Any]) -> Arrival:
        """Show something on a follower's phone."""
        arrival = Arrival(next(self._ids), openid, self.clock(), via, body)
        self.arrived.append(arrival)
        return arrival

    def arrived_at(self, openid: str, after: int = 0) -> list[Arrival]:
        """What a follower sees, the oldest first; only what came after the arrival with this id."""
        return [arrival for arrival in self.arrived if arrival.openid == openid and arrival.id > after]

    def consent(self, openid: str, template: str, times: int | None = 1) -> None:
        """A follower allows so many more subscription messages of a template; None: any number."""
        consents = self.follower(openid).consents
        before = consents.get(template, 0)
        consents[template] = None if times is None or before is None else before + times

    def take_consent(self, openid: str, template: str) -> None:
        """Use up one consent.

        Raises:
            Refused: 43101, there is none.
        """
        consents = self.follower(openid).consents
        left = consents.get(template, 0)
        if left == 0:
            raise Refused(43101, "user refuse to accept the msg")
        consents[template] = None if left is None else left - 1

    def scan(self, url: str) -> str:
        """The scene of a code somebody holds their phone at; empty where it is no longer good."""
        code = self.codes.get(url)
        good = code is not None and (code.until is None or self.clock() < code.until)
        return code.scene if code is not None and good else ""

    def announce(self, openid: str, **event: Any) -> None:
        """Let those who push know of an event."""
        for listener in self.listeners:
            listener(openid, event)


def new_openid() -> str:
    """An openid as the platform makes them: 28 characters."""
    return "o" + secrets.token_urlsafe(21)[:27]
