"""`liaotianban simulate wechat`: WeChat's platform and a follower's phone, on this machine, without an account."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from program.commands.exported import exported
from program.commands.installation import settings
from program.commands.output import fail, say

if TYPE_CHECKING:
    from channels.wechat.templates import Templates
    from program.commands.exported import Values
    from simulators.wechat.account import Account
    from simulators.wechat.phone import Phone

simulate = typer.Typer(help="没有账号也能试：在本机模拟外面的服务。", no_args_is_help=True)

TOKEN = "liaotianbanSimulator"  # noqa: S105  # of nobody
HOW_TO_USE = "把下面几行粘贴到要启动聊天办的那个终端里，再在那里运行 make run。只在那个终端里有效，不用写进文件："
AES_KEY = "simulatorsimulatorsimulatorsimulatorsimulat"
_LOOKS, _LOOK_SECONDS = 80, 0.1  # an answer that was put off comes sooner


@simulate.callback()
def _several() -> None:
    """没有账号也能试：在本机模拟外面的服务。"""


@simulate.command("wechat")
def simulate_wechat(
    hotline: Annotated[str, typer.Option(help="聊天办的地址。")] = "http://127.0.0.1:8080",
    port: Annotated[int, typer.Option(help="模拟平台监听的端口。")] = 8090,
    mode: Annotated[str, typer.Option(help="消息加解密方式：plain、compatible 或 safe。")] = "safe",
    once: Annotated[str, typer.Option(help="只说这一句，打印答复就结束。")] = "",
) -> None:
    """模拟微信公众平台：打印聊天办要用的设置，在网页上像手机一样聊天，也看得到客服消息和模板消息。"""
    from channels.wechat.templates import OWN, Templates, TemplatesRefused
    from simulators.wechat.account import Account
    from simulators.wechat.pushing import Mode

    if mode not in set(Mode):
        raise fail(f"没有“{mode}”这种加解密方式，请写 {'、'.join(Mode)} 中的一个。")
    try:
        templates = Templates.load(settings().data_dir / OWN)
    except TemplatesRefused as refused:
        raise fail(str(refused)) from refused
    account = Account()
    _approve(account, templates)
    if not once:
        say(HOW_TO_USE)
        typer.echo(exported(simulated_settings(account, port, mode)))
    asyncio.run(_run(account, hotline.rstrip("/"), port, Mode(mode), once))


def _approve(account: "Account", templates: "Templates") -> None:
    """The installation's templates, as if WeChat had approved them all."""
    from simulators.wechat.account import Template

    for template in templates.templates.values():
        for kind, fields in (("", template.fields), ("-sub", template.subscription_fields)):
            id_ = f"template-{template.name}{kind}"
            named = {key: name for name, key in fields.items()}
            account.templates[id_] = Template(id_, template.title, named, subscription=bool(kind))


def simulated_settings(account: "Account", port: int, mode: str) -> "Values":
    """What the service is to be started with."""
    ids = list(account.templates.values())

    def by_name(*, subscription: bool) -> dict[str, str]:
        kept = [each.id for each in ids if each.subscription is subscription]
        return {id_.removeprefix("template-").removesuffix("-sub"): id_ for id_ in kept}

    return {
        "wechat_appid": account.appid,
        "wechat_secret": account.secret,
        "wechat_token": TOKEN,
        "wechat_aes_key": AES_KEY,
        "wechat_mode": mode,
        "wechat_api_url": f"http://127.0.0.1:{port}",
        "wechat_templates": by_name(subscription=False),
        "wechat_subscriptions": by_name(subscription=True),
    }


async def _run(account: "Account", hotline: str, port: int, mode: str, once: str) -> None:
    async with _platform(account, hotline, port, mode) as phone:
        if once:
            await _say_once(phone, once)
            return
        say(f"手机：http://127.0.0.1:{port}/   按 Ctrl+C 停止。")
        await asyncio.Event().wait()


@asynccontextmanager
async def _platform(account: "Account", hotline: str, port: int, mode: str) -> "AsyncIterator[Phone]":
    from aiohttp import ClientSession, web

    from simulators.wechat.api import PlatformApi
    from simulators.wechat.phone import Phone
    from simulators.wechat.pushing import Mode, Pusher, Server

    async with ClientSession() as http:
        pusher = Pusher(account, Server(f"{hotline}/wechat", TOKEN, AES_KEY, Mode(mode)), http)
        app = PlatformApi(account).app()
        phone = Phone(account, pusher)
        phone.install(app)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            yield phone
        except OSError as error:
            raise fail(f"端口 {port} 用不了（{error.strerror}），请用 --port 换一个。") from error
        finally:
            await runner.cleanup()


async def _say_once(phone: "Phone", text: str) -> None:
    """Say one thing, and print what arrives."""
    openid = phone.account.follow().openid
    pushed = await phone.pusher.say(openid, text)
    if not pushed.understood:
        told = f"{phone.pusher.server.url} 没有像微信要求的那样回答。请检查聊天办是否已启动、设置是否和打印的一样。"
        raise fail(told)
    if not pushed.text:
        say("没有在五秒内答上来，等它自己发过来……")
        await _until_something_arrives(phone, openid)
    for arrival in phone.account.arrived_at(openid):
        typer.echo(arrival.words)


async def _until_something_arrives(phone: "Phone", openid: str) -> None:
    for _ in range(_LOOKS):
        if phone.account.arrived_at(openid):
            return
        await asyncio.sleep(_LOOK_SECONDS)
    raise fail("等了一会儿，还是没有收到答复。")
