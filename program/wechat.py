"""Puts the public account together from the parts of a process."""

from channels.wechat.arriving.answering import Answering
from channels.wechat.arriving.envelope import Mode, Seals
from channels.wechat.arriving.pace import Pace
from channels.wechat.arriving.replays import RedisReplays, SqlReplays
from channels.wechat.arriving.voice import load_recogniser
from channels.wechat.arriving.webhook import Webhook
from channels.wechat.followers import Followers
from channels.wechat.held_files import HeldFiles
from channels.wechat.platform.codes import Codes
from channels.wechat.receipts import Receipts
from channels.wechat.scenes import Scenes
from channels.wechat.sending import Sender
from channels.wechat.serving import PublicAccount
from channels.wechat.telling import Telling
from channels.wechat.waiting import Waiting
from channels.wechat.wording import WECHAT_WORDS
from program.assembly import Parts
from service.clock import Clock
from service.kept.sentences import Spoken
from service.settings import Settings
from tickets.attachments.store import Attachments


def open_account(parts: Parts) -> PublicAccount:
    """The account of the settings.

    Without a client for WeChat's API all is answered within WeChat's own request, or with the next message.

    Raises:
        WechatMisconfigured: see there.
    """
    client = parts.wechat
    settings, database, keyring, clock = parts.settings, parts.database, parts.keyring, parts.clock
    cipher = keyring.cipher("wechat")
    followers = Followers(database, cipher, clock)
    waiting = Waiting(database, cipher, followers, client is not None, clock)
    wording = Spoken(parts.changeable.stores[WECHAT_WORDS].kind.shipped())
    parts.changeable.follow(WECHAT_WORDS, wording.use)
    held = HeldFiles(database, Attachments.open(settings, database, keyring, clock), cipher, clock)
    answering = Answering(
        assistant=parts.assistant,
        knowledge=parts.knowledge,
        desk=parts.desk,
        held=held,
        scenes=Scenes(parts.knowledge, Codes(client.calls, database, clock) if client else None),
        media=client.media if client else None,
        recogniser=load_recogniser(settings.wechat_voice_recogniser),
        wording=wording,
        settings=settings,
        pace=Pace(),
    )
    webhook = Webhook(
        seals=seals_of(settings, clock),
        replays=RedisReplays(parts.redis) if parts.redis else SqlReplays(database, clock),
        followers=followers,
        citizens=parts.verification.citizens,
        receipts=Receipts(database, followers, clock),
        answering=answering,
        telling=Telling(database, cipher, followers, waiting, clock),
        sender=Sender(client, followers, waiting) if client else None,
        site=settings.public_url.rstrip("/"),
    )
    return PublicAccount(webhook, held, settings)


def seals_of(settings: Settings, clock: Clock) -> Seals:
    """What the settings say about the account.

    Raises:
        WechatMisconfigured: see there.
    """
    keys = tuple(key for key in (settings.wechat_aes_key, settings.wechat_previous_aes_key) if key)
    return Seals(settings.wechat_appid, settings.wechat_token, Mode(settings.wechat_mode), keys, clock)
