"""Puts the delivery of notices together: the ways that are set up in this installation."""

from channels.delivery.courier import Courier
from channels.delivery.receipts import Receipts
from channels.delivery.recipient import Recipients
from channels.delivery.rungs.rung import Rung
from channels.delivery.rungs.sms import SmsRung
from channels.delivery.rungs.wechat_message import WechatMessageRung
from channels.delivery.rungs.wechat_subscription import WechatSubscriptionRung
from channels.delivery.rungs.wechat_template import WechatTemplateRung
from channels.delivery.rungs.widget import Telling, WidgetRung
from channels.delivery.wording import NoticeWording
from channels.delivery.worker import Worker
from channels.sms.stops import is_stopped
from channels.wechat.followers import Follower, Followers
from channels.wechat.proven import follower_with
from channels.wechat.receipts import Receipts as WechatReceipts
from channels.wechat.rendering import as_menu, as_texts
from channels.widget.arrivals import Arrivals
from program.assembly import Parts
from service.identity.citizens import Citizens


def open_worker(parts: Parts, arrivals: Arrivals) -> Worker:
    """The worker of this process."""
    followers = Followers.open(parts.database, parts.keyring, parts.clock)
    rungs = _rungs(parts, arrivals, followers)
    courier = Courier(
        parts.database,
        rungs,
        parts.changeable.ladders,
        NoticeWording(parts.knowledge, parts.keyring),
        _recipients(parts, followers),
        parts.clock,
    )
    return Worker(courier, Receipts(parts.database, rungs, parts.clock), parts.settings.redis_url)


def _rungs(parts: Parts, arrivals: Arrivals, followers: Followers) -> dict[str, Rung]:
    telling = Telling(parts.assistant)
    rungs: dict[str, Rung] = {"widget": WidgetRung(telling, arrivals)}
    if parts.wechat is not None:
        site = parts.settings.public_url.rstrip("/")
        reports = WechatReceipts(parts.database, followers, parts.clock)
        rungs["wechat_message"] = WechatMessageRung(
            parts.wechat,
            followers.take_message,
            lambda reply: as_texts(reply, site),
            telling,
            lambda reply: as_menu([reply], site),
        )
        rungs["wechat_template"] = WechatTemplateRung(parts.wechat, reports.of, site, parts.clock)
        rungs["wechat_subscription"] = WechatSubscriptionRung(parts.wechat, reports.of, site)
    if parts.sms.gateways:
        rungs["sms"] = SmsRung(parts.sms)
    return rungs


def _recipients(parts: Parts, followers: Followers) -> Recipients:
    citizens = Citizens.open(parts.settings, parts.database, parts.keyring, parts.clock)
    sms_cipher = parts.keyring.cipher("sms")

    async def proven(phone: str) -> Follower | None:
        return await follower_with(phone, parts.database, citizens, followers)

    async def phone_of(conversation: str) -> str | None:
        return next(iter(await citizens.phones(conversation)), None)

    async def opted_out(phone: str) -> bool:
        return await parts.database.read(lambda connection: is_stopped(connection, sms_cipher, phone))

    return Recipients(
        parts.database,
        parts.keyring.cipher("tickets"),
        follower_of=followers.of_conversation,
        follower_with=proven,
        phone_of=phone_of,
        opted_out=opted_out,
    )
