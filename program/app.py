"""The web application of one process."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from aiohttp import web

from channels.api import serving as ticket_api
from channels.api.answered import AnsweredRequests
from channels.handover.chats import Chats
from channels.handover.desk import ChatDesk
from channels.hotline.asking import Asking
from channels.hotline.guide_sms import SmsGuides
from channels.hotline.guides import Guides, GuideTexts
from channels.hotline.operations import HotlineApi
from channels.open311 import serving as open311
from channels.sms.callbacks import Callbacks
from channels.wechat.followers import Followers
from channels.wechat.trial import WechatTrial
from channels.widget.api import WidgetApi
from channels.widget.arrivals import Arrivals
from channels.widget.cors import allow_embedding
from channels.widget.errors import ApiError
from channels.widget.files import Files
from channels.widget.limits import RateLimits
from channels.widget.pages import Pages
from channels.widget.session import WidgetSessions
from console import frame as console
from console.charts.kept import KeptCharts
from console.office import Office
from program import background, health
from program.assembly import Parts
from program.delivering import open_worker
from program.wechat import open_account
from service.identity.citizens import Citizens
from service.identity.sign_in import SignIn
from service.jobs import Jobs
from service.kept.kind import Contents
from service.routes import route_of
from service.running_settings import RUNNING
from tickets.attachments.store import Attachments

_log = logging.getLogger(__name__)


def build_app(parts: Parts) -> web.Application:
    """The application over open parts."""
    settings = parts.settings
    app = web.Application(middlewares=[_plain_errors, health.count_requests])
    _guard_answers(app)
    allow_embedding(app, settings.widget_origins)
    sessions = WidgetSessions(parts.keyring.cipher("widget"), timedelta(days=settings.conversation_days), parts.clock)
    arrivals = Arrivals()
    worker = open_worker(parts, arrivals)
    api = WidgetApi(
        assistant=parts.assistant,
        knowledge=parts.knowledge,
        sessions=sessions,
        limits=RateLimits(settings),
        arrivals=arrivals,
        receipts=worker.receipts,
        settings=settings,
    )
    app.add_routes(api.routes())
    Pages(parts.knowledge, settings).install(app)
    Files(settings.files_dir).install(app)
    health.install(app, parts)
    _install_surface(app, parts)
    if settings.wechat_appid and settings.wechat_token:
        open_account(parts).install(app)
    console.install(app, open_office(parts, arrivals))
    if settings.sms_callback_secret:
        app.add_routes(Callbacks.open(settings, parts.sms, parts.desk.lifecycle).routes())

    def keep_sessions(_contents: Contents) -> None:
        sessions.lifetime = timedelta(days=settings.conversation_days)

    parts.changeable.follow(RUNNING, keep_sessions)

    async def run_jobs(_app: web.Application) -> AsyncIterator[None]:
        jobs = asyncio.create_task(background.run(parts, arrivals, worker))
        yield
        jobs.cancel()
        with suppress(asyncio.CancelledError):
            await jobs

    async def end_waiting(_app: web.Application) -> None:
        arrivals.close()

    app.cleanup_ctx.append(run_jobs)
    app.on_shutdown.append(end_waiting)
    return app


def _install_surface(app: web.Application, parts: Parts) -> None:
    """Add what other systems use."""
    settings, database, clock = parts.settings, parts.database, parts.clock
    lifecycle = parts.desk.lifecycle
    access = ticket_api.open_access(settings, database, clock)
    answered = AnsweredRequests(database, parts.keyring.cipher("api"), clock)
    attachments = Attachments.open(settings, database, parts.keyring, clock)
    guide_sms = _guide_sms(parts)
    hotline = HotlineApi(
        asking=Asking(parts.assistant, parts.knowledge, GuideTexts(guide_sms)),
        knowledge=parts.knowledge,
        answer_log=parts.answer_log,
        guides=_guides(parts),
        sms=guide_sms,
        answered=answered,
    )
    ticket_api.install(
        app,
        settings,
        lifecycle,
        access,
        answered,
        attachments,
        parts.routing,
        parts.recurrence,
        parts.changeable.categories,
        hotline.operations(),
    )
    open311.install(app, settings, lifecycle, access, answered, parts.changeable.categories)


def _guide_sms(parts: Parts) -> SmsGuides | None:
    return SmsGuides(parts.sms, parts.settings.public_url) if parts.sms.gateways else None


def _wechat_trial(parts: Parts) -> WechatTrial | None:
    if parts.wechat is None:
        return None
    followers = Followers.open(parts.database, parts.keyring, parts.clock)
    return WechatTrial(
        parts.wechat, followers, Citizens.open(parts.settings, parts.database, parts.keyring, parts.clock)
    )


def _guides(parts: Parts) -> Guides:
    cipher = parts.keyring.cipher("citizens")
    return Guides(parts.database, cipher, parts.settings, parts.clock)


def open_office(parts: Parts, arrivals: Arrivals) -> Office:
    """What staff's pages work on."""
    settings, database, clock = parts.settings, parts.database, parts.clock
    lifecycle, cipher = parts.desk.lifecycle, parts.keyring.cipher("conversations")
    knowledge = parts.knowledge
    return Office(
        settings=settings,
        clock=clock,
        keyring=parts.keyring,
        database=database,
        entries=parts.entries,
        knowledge=knowledge,
        desk=parts.desk,
        routing=parts.routing,
        recurrence=parts.recurrence,
        attachments=Attachments.open(settings, database, parts.keyring, clock),
        categories=parts.changeable.categories,
        sign_in=SignIn.open(settings, database, parts.keyring, clock),
        jobs=Jobs(database, clock),
        chat_desk=ChatDesk(database, parts.assistant, arrivals, knowledge, lifecycle, cipher, settings, clock),
        chats=Chats(database, parts.transcript, knowledge, settings, clock),
        guides=_guides(parts),
        guide_sms=_guide_sms(parts),
        sms=parts.sms,
        wechat=parts.wechat,
        wechat_trial=_wechat_trial(parts),
        charts=KeptCharts(clock),
        changeable=parts.changeable,
    )


def _guard_answers(app: web.Application) -> None:
    """See that every answer is taken for what it says it is, and that nothing runs in those that need nothing to."""

    async def guard(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.popall("Server", None)  # which versions serve here is for who runs it
        if request.match_info.apps[-1] is app:  # the console guards its own
            response.headers.setdefault("X-Content-Type-Options", "nosniff")
            response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")

    app.on_response_prepare.append(guard)


@web.middleware
async def _plain_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """No traceback reaches a citizen; addresses of the API answer in its own form."""
    api = request.path.startswith("/api/")
    try:
        return await handler(request)
    except ApiError:
        raise
    except web.HTTPException as error:
        if api and error.status >= 400:
            raise ApiError(error.status, "not_found", "没有这个地址，或者不支持这种请求方式。") from error
        raise
    except Exception:  # noqa: BLE001  # the last place where an error can be told kindly
        _log.exception("%s %s failed", request.method, route_of(request))
        message = "我们这边出了点问题，您的话没有丢，请再发一次；着急的话请拨打12345。"
        if api:
            return ApiError(500, "failed", message)
        return web.Response(status=500, text=message)
