"""What SMS cost: half a year at a time, by month and gateway."""

import re
from datetime import date

from aiohttp import web

from channels.sms.costs import months_back
from console.visit import Visit
from service.clock import china_date

_GATEWAYS = {"aliyun": "阿里云", "tencent": "腾讯云", "http": "本地短信平台", "console": "只打印，不发送"}
"""The gateways as staff call them."""

_AT_ONCE = 6
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


async def show_costs(visit: Visit) -> web.Response:
    """The months up to one, the last first."""
    this = china_date(visit.now).replace(day=1)
    last = min(_month(visit.query.get("until", "")) or this, this)
    months = months_back(last, _AT_ONCE + 1)
    later = months_back(this, _AT_ONCE + 1)
    found = await visit.office.database.read(visit.office.sms_costs.of(months[:_AT_ONCE], visit.now))
    return visit.page(
        "notices/costs.html",
        costs=found,
        total_fen=sum(cost.fen for cost in found),
        gateways=_GATEWAYS,
        first=months[_AT_ONCE - 1],
        last=last,
        earlier=f"{months[_AT_ONCE]:%Y-%m}",
        is_newest=last == this,
        newest=f"{later[0]:%Y-%m}",
    )


def _month(text: str) -> date | None:
    found = _MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found and int(found[1]) >= 2000 else None
