"""`liaotianban simulate sms`: both clouds' SMS and the phones behind them, on this machine, without an account."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from program.commands.exported import exported
from program.commands.installation import settings
from program.commands.output import fail, say
from program.commands.simulate import HOW_TO_USE

if TYPE_CHECKING:
    from channels.sms.templates import Texts
    from program.commands.exported import Values
    from simulators.sms.account import Account
    from simulators.sms.carrier import Arrived
    from simulators.sms.server import SimulatedSms

simulate = typer.Typer()

SECRET = "liaotianban-simulator-callbacks"  # noqa: S105  # of nobody; the same again when it is started anew
_FIRST_ID = 100001


@dataclass(frozen=True, slots=True)
class Approved:
    """The templates of an installation, as if both clouds had approved them.

    Attributes:
        aliyun, tencent: the ids, by the key of a text.
        texts: what was approved, by id.
        codes: the ids of texts with a verification code.
    """

    aliyun: Mapping[str, str]
    tencent: Mapping[str, str]
    texts: Mapping[str, str]
    codes: frozenset[str]

    @classmethod
    def of(cls, texts: "Texts") -> "Approved":
        """All texts of an installation that can be applied for."""
        aliyun: dict[str, str] = {}
        tencent: dict[str, str] = {}
        approved: dict[str, str] = {}
        codes: set[str] = set()
        wordings = [wording for name in texts.purposes for wording in texts.wordings(name) if wording.complete]
        for number, wording in enumerate(wordings, _FIRST_ID):
            aliyun[wording.key], tencent[wording.key] = f"SMS_{number}", str(number)
            approved |= {f"SMS_{number}": wording.for_aliyun(), str(number): wording.for_tencent()}
            if "code" in wording.variables:
                codes |= {f"SMS_{number}", str(number)}
        return cls(aliyun, tencent, approved, frozenset(codes))


@simulate.command("sms")
def simulate_sms(
    port: Annotated[int, typer.Option(help="监听的端口。")] = 8091,
    hotline: Annotated[str, typer.Option(help="聊天办的地址，回执和回复推到这里。")] = "http://127.0.0.1:8080",
    report_after: Annotated[float, typer.Option(min=0, help="几秒后推送送达回执。")] = 3.0,
) -> None:
    """模拟阿里云和腾讯云的短信：打印要用的设置，把“手机”收到的短信显示在网页上，可以直接回复。"""
    from channels.sms.misconfigured import SmsMisconfigured
    from channels.sms.templates import Texts
    from service.clock import now
    from simulators.sms.account import Account
    from simulators.sms.carrier import Carrier
    from simulators.sms.server import SimulatedSms

    chosen = settings()
    try:
        approved = Approved.of(Texts.load(chosen))
    except SmsMisconfigured as wrong:
        raise fail(str(wrong)) from wrong
    secret = chosen.sms_callback_secret or SECRET
    account = Account(templates=approved.texts, codes=approved.codes)
    simulated = SimulatedSms(account, Carrier(now), f"{hotline}/sms/{secret}", report_after, _told)
    say(HOW_TO_USE)
    typer.echo(exported(simulated_settings(account, secret, port, approved)))
    say(f"手机上的短信：http://127.0.0.1:{port}/   按 Ctrl+C 停止。")
    asyncio.run(_serve(simulated, port))


def simulated_settings(account: "Account", secret: str, port: int, approved: Approved) -> "Values":
    """What the service is to be started with."""
    address = f"http://127.0.0.1:{port}"
    values: dict[str, str | Mapping[str, str] | list[str]] = {
        "sms_gateways": ["aliyun", "tencent"],
        "sms_callback_secret": secret,
        "sms_quiet_from": "00:00:00",  # whoever tries it tries it by night as well
        "sms_quiet_until": "00:00:00",
        "sms_tencent_app_id": account.app_id,
    }
    for cloud, ids in (("aliyun", approved.aliyun), ("tencent", approved.tencent)):
        values |= {
            f"sms_{cloud}_url": f"{address}/{cloud}",
            f"sms_{cloud}_key_id": account.key_id,
            f"sms_{cloud}_key_secret": account.key_secret,
            f"sms_{cloud}_sign": account.sign,
            f"sms_{cloud}_templates": ids,
        }
    return values


def _told(message: "Arrived") -> None:
    from service.privacy import mask_personal_data

    phone = mask_personal_data(message.phone.removeprefix("+86"))
    typer.echo(f"{phone} 收到（{message.gateway}）：【{message.sign}】{message.text}")


async def _serve(simulated: "SimulatedSms", port: int) -> None:
    from aiohttp import web

    runner = web.AppRunner(simulated.app(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()
    except OSError as error:
        raise fail(f"端口 {port} 用不了（{error.strerror}），请用 --port 换一个。") from error
    finally:
        await runner.cleanup()
