"""The public account's part of `doctor`: asks the platform, and says in plain words what to mend.

Nothing is asked while no account is set up; nothing is changed; no token is kept.
"""

import re
from typing import Any

from aiohttp import ClientSession

from channels.outcomes import SendRefused, SendUnknown
from channels.wechat.calls import Calls
from channels.wechat.menu import OWN as OWN_MENU
from channels.wechat.menu import MenuRefused, load_menu, pushed_menu, read_menu
from channels.wechat.stable_token import StableToken
from channels.wechat.template_check import SUBSCRIPTIONS, TEMPLATE_MESSAGES, check_templates
from channels.wechat.templates import OWN as OWN_TEMPLATES
from channels.wechat.templates import Templates, TemplatesRefused
from channels.wechat.transport import Transport
from service.clock import Clock, now
from service.finding import Finding
from service.settings import Settings

_ACCOUNT = "微信公众号"
_SERVER = "微信服务器配置"
_MENU = "微信菜单"
_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")
_NO_MENU = "46003"


class _OneToken:
    """A token for a few calls; see `channels.wechat.calls.Tokens`."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def current(self) -> str:
        return self._token

    async def renewed(self, refused: str) -> str:
        return refused


async def check_account(settings: Settings, clock: Clock = now, menu: Any = None) -> list[Finding]:
    """Look at credentials, whitelist, templates and menu.

    Args:
        menu: what is set of it in the console, as the file has it; the file's where it is not known.
    """
    if not settings.wechat_appid:
        return [Finding(_ACCOUNT, True, "没有设置，不启用。要接入公众号，请看 docs/wechat.md。")]
    if not settings.wechat_secret:
        missing = "有 AppID，没有 AppSecret：只能在对方发消息时当场回复。要主动通知，请设置 LTB_WECHAT_SECRET。"
        return [_server(settings), Finding(_ACCOUNT, False, missing)]
    async with ClientSession() as http:
        transport = Transport(http, settings.wechat_api_url)
        source = StableToken(transport, settings.wechat_appid, settings.wechat_secret, clock)
        try:
            fetched = await source.fetch()
        except SendRefused as error:
            return [_server(settings), Finding(_ACCOUNT, False, f"换不到访问凭据：{error.reason}")]
        calls = Calls(transport, _OneToken(fetched.token), clock)
        minutes = int(fetched.lasts.total_seconds() // 60)
        told = f"AppID、AppSecret 和 IP 白名单都对，换到了访问凭据（还有 {minutes} 分钟有效）。"
        return [
            _server(settings),
            Finding(_ACCOUNT, True, told),
            *await _templates(settings, calls),
            await _menu(settings, calls, menu),
        ]


def _server(settings: Settings) -> Finding:
    if not _TOKEN.fullmatch(settings.wechat_token):
        told = "LTB_WECHAT_TOKEN 要是 3 到 32 位字母和数字，和公众平台“服务器配置”里填的令牌一样；没有它收不到消息。"
        return Finding(_SERVER, False, told)
    if settings.wechat_mode != "plain" and not _AES_KEY.fullmatch(settings.wechat_aes_key):
        told = "LTB_WECHAT_AES_KEY 要是 43 位的 EncodingAESKey，和公众平台“服务器配置”里的一样。"
        return Finding(_SERVER, False, told)
    return Finding(_SERVER, True, "令牌和密钥的格式都对；在公众平台点“提交”时微信会来核对。")


async def _templates(settings: Settings, calls: Calls) -> list[Finding]:
    own = settings.data_dir / OWN_TEMPLATES
    try:
        ours = Templates.load(own)
    except TemplatesRefused as refused:
        return [Finding(TEMPLATE_MESSAGES.subject, False, f"{refused}请改正 {own}。")]
    return [await check_templates(way, settings, ours, calls) for way in (TEMPLATE_MESSAGES, SUBSCRIPTIONS)]


async def _menu(settings: Settings, calls: Calls, content: Any) -> Finding:
    push = "请运行 liaotianban wechat menu push。"
    try:
        file = settings.data_dir / OWN_MENU
        ours = load_menu(file, settings.public_url) if content is None else read_menu(content, settings.public_url)
    except MenuRefused as refused:
        return Finding(_MENU, False, str(refused))
    try:
        theirs: list[dict[str, Any]] = await pushed_menu(calls)
    except SendRefused as refused:
        told = "公众号还没有菜单。" + push if refused.code == _NO_MENU else f"查不到公众号的菜单：{refused.reason}"
        return Finding(_MENU, False, told)
    except SendUnknown as unknown:
        return Finding(_MENU, False, f"查不到公众号的菜单：{unknown.reason}")
    if theirs != ours:
        return Finding(_MENU, False, "公众号的菜单和这里的不一样，" + push)
    return Finding(_MENU, True, "公众号的菜单和这里的一样。")
