"""What came from a follower: a message or an event, read from WeChat's XML."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from xml.parsers.expat import ExpatError

from wechatpy import parse_message

from channels.wechat.arriving.envelope import Malformed
from service.storage import storable

_OPENID_LIMIT = 64  # characters; they have 28
_LONGEST_TIME = 10  # digits


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message or event.

    Attributes:
        openid: of the follower.
        account: the public account's own name (gh_…), from whom the reply comes.
        kind: WeChat's MsgType in lower case; `event.` and the event's name for an event.
        sent: by WeChat's clock, to the second.
        fields: all others, as WeChat names them; a value may be text, a dict, a list or None.
    """

    openid: str = field(repr=False)
    account: str
    kind: str
    sent: datetime
    fields: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, xml: str) -> "Arrival":
        """Read a message.

        Raises:
            Malformed: it is none.
        """
        try:
            message = parse_message(xml)
        # wechatpy checks nothing: no XML, no <xml>, no MsgType, an element where text belongs, entities.
        except (ExpatError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            reason = "no message"
            raise Malformed(reason) from error
        if message is None:
            reason = "empty"
            raise Malformed(reason)
        return cls.from_fields(message._data)  # events wechatpy does not know have nothing else

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> "Arrival":
        """A message by its fields; `fields` of an arrival gives the same again.

        Raises:
            Malformed: it says not from whom, when, or what it is.
        """
        openid, account = (_needed(fields, name) for name in ("FromUserName", "ToUserName"))
        kind, time = _needed(fields, "MsgType").lower(), _needed(fields, "CreateTime")
        if len(openid) > _OPENID_LIMIT or not openid.isascii() or not openid.isprintable():
            reason = "no openid"
            raise Malformed(reason)
        if not (time.isascii() and time.isdigit()) or len(time) > _LONGEST_TIME:
            reason = "no time"
            raise Malformed(reason)
        if kind == "event":
            kind = f"event.{_needed(fields, 'Event').lower()}"
        return cls(openid, account, kind, datetime.fromtimestamp(int(time), UTC), fields)

    @property
    def is_event(self) -> bool:
        """Whether the follower did something else than write."""
        return self.kind.startswith("event.")

    @property
    def key(self) -> str:
        """The same for every delivery of the same message, and for no other (64 hex digits)."""
        if self.is_event:
            names = ("MsgID", "Ticket", "EventKey")
            parts = [str(int(self.sent.timestamp())), self.kind, *(self.text(name) for name in names)]
        else:
            parts = [self.text("MsgId") or str(int(self.sent.timestamp())), self.kind]
        return sha256("\n".join((self.account, self.openid, *parts)).encode(errors="replace")).hexdigest()

    def text(self, name: str) -> str:
        """A field's text; empty where there is none."""
        return text_in(self.fields, name)


def text_in(fields: dict[str, Any], name: str) -> str:
    """The text of one of several fields; empty where there is none."""
    value = fields.get(name)
    return storable(value) if isinstance(value, str) else ""


def _needed(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        reason = f"no {name}"
        raise Malformed(reason)
    return value
