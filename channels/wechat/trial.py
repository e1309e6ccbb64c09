"""A customer message to oneself, to try the public account with."""

from dataclasses import dataclass

from channels.outcomes import Remedy, SendRefused
from channels.wechat.followers import Followers
from channels.wechat.platform.client import WechatClient
from channels.wechat.platform.errors import SERVICE
from channels.wechat.proven import follower_with
from service.identity.citizens import Citizens

HELLO = "这是一条测试消息：公众号的客服消息能收到。"

_NOBODY = "没有人在公众号里验证过这个号码：先关注，说“查工单”，验证手机号，再来试。"
_SILENT = "近 48 小时没有给公众号说过话，微信不让发：先对公众号说一句，再来试。"


@dataclass(frozen=True, slots=True)
class WechatTrial:
    """Says hello to whoever has proved a phone in the account's chat."""

    client: WechatClient
    followers: Followers
    citizens: Citizens

    async def say_hello(self, phone: str) -> None:
        """Send it.

        Args:
            phone: in international form.

        Raises:
            SendRefused: nothing arrived; also where nobody has proved the phone, or has written lately.
            SendUnknown: nobody knows.
        """
        follower = await follower_with(phone, self.followers.database, self.citizens, self.followers)
        if follower is None:
            raise SendRefused(SERVICE, "nobody", _NOBODY, Remedy.PERMANENT)
        if not await self.followers.take_message(follower.conversation):
            raise SendRefused(SERVICE, "quota", _SILENT, Remedy.ANOTHER_WAY)
        await self.client.send_text(follower.openid, HELLO)
