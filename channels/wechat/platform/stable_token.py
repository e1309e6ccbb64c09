"""Where access tokens come from: the platform's `stable_token`, which gives everyone who asks the same one."""

from dataclasses import replace
from datetime import timedelta

from channels.outcomes import Remedy, SendRefused, SendUnknown
from channels.wechat.platform.errors import SERVICE, refusal
from channels.wechat.platform.token import Fetched
from channels.wechat.platform.transport import Transport
from service.clock import Clock

_PATH = "/cgi-bin/stable_token"


class StableToken:
    """See `channels.wechat.platform.token.TokenSource`."""

    def __init__(self, transport: Transport, appid: str, secret: str, clock: Clock) -> None:
        self._transport = transport
        self._asking = {"grant_type": "client_credential", "appid": appid, "secret": secret}
        self._clock = clock

    async def fetch(self) -> Fetched:
        """See there."""
        return await self._ask(force_refresh=False)

    async def force(self) -> Fetched:
        """See there."""
        return await self._ask(force_refresh=True)

    async def _ask(self, *, force_refresh: bool) -> Fetched:
        try:
            answer = await self._transport.exchange(_PATH, self._asking | {"force_refresh": force_refresh}, {})
        except SendUnknown as unknown:  # nobody was written to
            raise SendRefused(SERVICE, "no_token", unknown.reason, Remedy.RETRY) from unknown
        if "access_token" not in answer:
            refused = refusal(_PATH, int(answer.get("errcode", 0)), str(answer.get("errmsg", "")), self._clock())
            # 40001 here is about the AppSecret: no other token will come of asking again.
            raise replace(refused, remedy=Remedy.ALARM) if refused.remedy is Remedy.REFRESH else refused
        return Fetched(str(answer["access_token"]), timedelta(seconds=int(answer["expires_in"])))
