"""What we ask of the platform: one client a process."""

from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from aiohttp import ClientSession

from channels.outcomes import Remedy, SendRefused
from channels.wechat import customer_messages as custom
from channels.wechat.bubbles import TEXT_BYTES, split
from channels.wechat.calls import Calls
from channels.wechat.errors import SERVICE
from channels.wechat.fields import FieldRefused
from channels.wechat.media import Media
from channels.wechat.rendering import Menu
from channels.wechat.stable_token import StableToken
from channels.wechat.templates import OWN, Data, Facts, Purpose, Templates
from channels.wechat.token import AccessTokens
from channels.wechat.transport import Transport
from service.clock import Clock
from service.encryption import Keyring
from service.settings import Settings
from service.storage import Database

_TEMPLATE = "/cgi-bin/message/template/send"
_SUBSCRIPTION = "/cgi-bin/message/subscribe/bizsend"
_NOT_ALLOWED = frozenset({"40200", "48001"})
_NOT_THIS_MENU = frozenset({"40008", "45002", "47001"})
_NO_RECORDS = frozenset({"48001", "65400"})
_REMEMBERED = timedelta(days=1)
_SHORTEST = 250  # bytes; nothing this short is too long


@dataclass(eq=False)
class PartlySent(SendRefused):
    """The beginning of a long text arrived, the rest was refused.

    Attributes:
        rest: what has not arrived, in pieces.
    """

    rest: tuple[str, ...] = ()


class WechatClient:
    """Messages to followers. Whoever sends customer messages takes them from the follower's count first."""

    def __init__(self, calls: Calls, templates: Templates, settings: Settings, clock: Clock) -> None:
        self.calls = calls
        self.templates = templates
        self.media = Media(calls, settings)
        self._template_ids: Mapping[str, str] = settings.wechat_templates
        self._subscription_ids: Mapping[str, str] = settings.wechat_subscriptions
        self._clock = clock
        self._menus = settings.wechat_menu_messages
        self._no_menus_until: datetime | None = None

    async def send_text(self, openid: str, text: str) -> None:
        """A customer message; a long text as several, cut where sentences end (`channels.wechat.bubbles.split`).

        Raises:
            SendRefused: nothing arrived.
            PartlySent: only the beginning arrived.
            SendUnknown: nobody knows; ask `was_sent`.
        """
        waiting = deque(split(text))
        sent = 0
        while waiting:
            piece = waiting.popleft()
            try:
                await self.calls.send(custom.SEND, custom.text_message(openid, piece))
            except SendRefused as refused:
                if refused.remedy is Remedy.SPLIT and len(piece.encode()) > _SHORTEST:
                    waiting.extendleft(reversed(split(piece, min(TEXT_BYTES, len(piece.encode())) // 2)))
                    continue
                if not sent:
                    raise
                rest = (piece, *waiting)
                raise PartlySent(
                    SERVICE, refused.code, refused.reason, refused.remedy, refused.after, rest
                ) from refused
            sent += 1

    async def send_menu(self, openid: str, menu: Menu, text: str) -> None:
        """A question whose answers can be tapped.

        Args:
            text: what is sent in its place where the account may not send menus.

        Raises as `send_text`. The platform's record tells nothing of menus that can be recognised (`was_sent`).
        """
        if self._menus and (self._no_menus_until is None or self._clock() >= self._no_menus_until):
            try:
                await self.calls.send(custom.SEND, custom.menu_message(openid, menu))
            except SendRefused as refused:
                if refused.code not in _NOT_ALLOWED | _NOT_THIS_MENU:
                    raise
                if refused.code in _NOT_ALLOWED:
                    self._no_menus_until = self._clock() + _REMEMBERED
            else:
                return
        await self.send_text(openid, text)

    async def was_sent(self, openid: str, text: str, since: datetime) -> bool | None:
        """Whether a text went out since a moment, by the platform's own record; None: it keeps none for this account.

        Raises:
            SendRefused: it could not be asked.
            SendUnknown: it does not answer.
        """
        first = 1
        records: list[dict[str, Any]] = []
        while True:
            try:
                answer = await self.calls.ask(custom.RECORDS, custom.records_asked(since, self._clock(), first))
            except SendRefused as refused:
                if refused.code in _NO_RECORDS:
                    return None
                raise
            told = answer.get("recordlist") or []
            records += told
            if len(told) < custom.RECORDS_AT_ONCE:
                return custom.all_sent(openid, text, records)
            first = int(answer["msgid"]) + 1

    async def send_template(self, openid: str, purpose: str, values: Facts, url: str, id: str) -> str:  # noqa: A002
        """A template message; the platform's id for it, by which TEMPLATESENDJOBFINISH tells of its end.

        Args:
            purpose: see `templates.yml`.
            url: what opens when it is tapped; empty: nothing.
            id: our own. With the same one the platform sends nothing twice within ten minutes, so a lost answer is
                asked for again. Empty is returned where it only says that it has it already.

        Raises:
            SendRefused: nothing arrived.
            SendUnknown: nobody knows; within ten minutes it may be sent again with the same id.
        """
        occasion = self._occasion(purpose, self._template_ids, "LTB_WECHAT_TEMPLATES")
        body: dict[str, Any] = {
            "touser": openid,
            "template_id": self._template_ids[occasion.template.name],
            "data": _filled(occasion.template_data, self._dated(values)),
            "client_msg_id": sha256(id.encode()).hexdigest()[:32],
        }
        if url:
            body["url"] = url
        try:
            answer = await self.calls.ask(_TEMPLATE, body)
        except SendRefused as refused:
            if refused.code != "45065":
                raise
            return ""
        return str(answer.get("msgid", ""))

    async def send_subscription(self, openid: str, purpose: str, values: Facts, url: str) -> str:
        """A subscription message, which uses up a consent; the platform's id for it, if it tells one.

        Raises:
            SendRefused: nothing arrived; 43101 where there is no consent.
            SendUnknown: nobody knows. The subscribe_msg_sent_event tells, if it comes.
        """
        occasion = self._occasion(purpose, self._subscription_ids, "LTB_WECHAT_SUBSCRIPTIONS")
        body: dict[str, Any] = {
            "touser": openid,
            "template_id": self._subscription_ids[occasion.template.name],
            "data": _filled(occasion.subscription_data, self._dated(values)),
        }
        if url:
            body["page"] = url
        answer = await self.calls.send(_SUBSCRIPTION, body)
        return str(answer.get("msgid", ""))

    def _occasion(self, purpose: str, ids: Mapping[str, str], setting: str) -> Purpose:
        occasion = self.templates.purposes.get(purpose)
        if occasion is None:
            reason = f"没有为“{purpose}”写通知内容，需要的话请在 {OWN} 的 purposes 里加上。"
            raise SendRefused(SERVICE, "no_purpose", reason, Remedy.ANOTHER_WAY)
        if not ids.get(occasion.template.name):
            reason = f"没有设置“{occasion.template.title}”的模板 ID（{setting} 里的 {occasion.template.name}）。"
            raise SendRefused(SERVICE, "no_template", reason, Remedy.ANOTHER_WAY)
        return occasion

    def _dated(self, values: Facts) -> Facts:
        return {"at": self._clock(), **values}


def _filled(fill: Any, facts: Facts) -> Data:
    try:
        data: Data = fill(facts)
    except FieldRefused as refused:
        raise SendRefused(SERVICE, "field", str(refused), Remedy.PERMANENT) from refused
    return data


@asynccontextmanager
async def open_client(
    settings: Settings, database: Database, keyring: Keyring, clock: Clock
) -> AsyncIterator[WechatClient]:
    """The client of the account in the settings, until the context ends.

    Raises:
        TemplatesRefused: the installation's own templates cannot be used.
    """
    templates = Templates.load(settings.data_dir / OWN)
    async with ClientSession() as http:
        transport = Transport(http, settings.wechat_api_url)
        source = StableToken(transport, settings.wechat_appid, settings.wechat_secret, clock)
        tokens = AccessTokens(settings.wechat_appid, database, keyring.cipher("wechat"), source, clock)
        yield WechatClient(Calls(transport, tokens, clock), templates, settings, clock)
