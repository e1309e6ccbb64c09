"""Opens SMS as the settings have it: gateways, texts, limits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, TCPConnector

from channels.sms.gateways.aliyun import Aliyun
from channels.sms.gateways.console import ConsoleGateway
from channels.sms.gateways.gateway import Gateway
from channels.sms.gateways.generic_http import GenericHttp
from channels.sms.gateways.tencent import Tencent
from channels.sms.ledger import Ledger
from channels.sms.limits import Limits
from channels.sms.misconfigured import SmsMisconfigured
from channels.sms.sending import SmsDesk
from channels.sms.templates import Texts
from service.clock import Clock, now
from service.encryption import Keyring
from service.settings import Settings
from service.storage import Database

_KEPT_OPEN_SECONDS = 10.0  # shorter than either cloud's, so that no request meets a connection just being closed


@asynccontextmanager
async def open_sms(
    settings: Settings, database: Database, keyring: Keyring, clock: Clock = now
) -> AsyncIterator[SmsDesk]:
    """The desk SMS are sent from. Without gateways it refuses every message.

    Raises:
        SmsMisconfigured: settings or files are wrong.
    """
    async with ClientSession(connector=TCPConnector(keepalive_timeout=_KEPT_OPEN_SECONDS)) as session:
        yield SmsDesk(
            database=database,
            ledger=Ledger(keyring.cipher("sms")),
            gateways=gateways(settings, session, clock),
            texts=Texts.load(settings),
            limits=Limits.load(settings),
            settings=settings,
            clock=clock,
        )


def gateways(settings: Settings, session: ClientSession, clock: Clock) -> list[Gateway]:
    """The gateways the settings name, in their order.

    Raises:
        SmsMisconfigured: see there.
    """
    made = {"aliyun": _aliyun, "tencent": _tencent, "http": _http, "console": _console}
    return [made[name](settings, session, clock) for name in settings.sms_gateways]


def _aliyun(settings: Settings, session: ClientSession, clock: Clock) -> Gateway:
    _require(settings, "sms_aliyun_key_id", "sms_aliyun_key_secret", "sms_aliyun_sign")
    return Aliyun(
        session=session,
        clock=clock,
        key_id=settings.sms_aliyun_key_id,
        key_secret=settings.sms_aliyun_key_secret,
        url=settings.sms_aliyun_url.rstrip("/"),
        sign=settings.sms_aliyun_sign,
        templates=settings.sms_aliyun_templates,
        price_fen=settings.sms_aliyun_price_fen,
    )


def _tencent(settings: Settings, session: ClientSession, clock: Clock) -> Gateway:
    required = ("key_id", "key_secret", "app_id", "sign")
    _require(settings, *(f"sms_tencent_{name}" for name in required))
    return Tencent(
        session=session,
        clock=clock,
        key_id=settings.sms_tencent_key_id,
        key_secret=settings.sms_tencent_key_secret,
        app_id=settings.sms_tencent_app_id,
        region=settings.sms_tencent_region,
        url=settings.sms_tencent_url.rstrip("/"),
        sign=settings.sms_tencent_sign,
        templates=settings.sms_tencent_templates,
        variable_length=settings.sms_tencent_variable_length,
        price_fen=settings.sms_tencent_price_fen,
    )


def _http(settings: Settings, session: ClientSession, clock: Clock) -> Gateway:
    if settings.sms_http is None:
        raise SmsMisconfigured(
            "短信平台写了 http，却没有它的设置：请在 liaotianban.toml 里写 [sms_http]，见 docs/sms.md。"
        )
    return GenericHttp(session, clock, settings.sms_http)


def _console(settings: Settings, session: ClientSession, clock: Clock) -> Gateway:
    return ConsoleGateway(settings.sms_console_sign)


def _require(settings: Settings, *names: str) -> None:
    missing = [f"LTB_{name.upper()}" for name in names if not getattr(settings, name)]
    if missing:
        raise SmsMisconfigured(f"短信平台的设置不全，请补上：{'、'.join(missing)}。")
