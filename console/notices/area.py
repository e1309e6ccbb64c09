"""What notices bring to the console."""

from collections.abc import Callable

from sqlalchemy import Connection

from channels.delivery.lists import count
from console.area import Area, Need, RailItem, Route
from console.notices import costs, listing, one, replies, ways
from console.office import Office
from console.rights import HOTLINE, only
from service.identity.roles import Actor, Role
from service.outbox import NoticeState

_SUPERVISORS = only(Role.SUPERVISOR)
_ONE = "/notices/{notice}"


def _undelivered(_office: Office, _actor: Actor) -> Callable[[Connection], int]:
    return count(NoticeState.UNDELIVERED)


AREA = Area(
    routes=(
        Route("GET", "/notices", HOTLINE, listing.show_list, "给诉求人的通知"),
        Route("GET", "/notices/ways", _SUPERVISORS, ways.show_ways, "通知方式的情况"),
        Route("POST", "/notices/ways/{way}/try", _SUPERVISORS, ways.open_way, "马上再试一种通知方式"),
        Route("GET", "/notices/costs", _SUPERVISORS, costs.show_costs, "短信费用"),
        Route("GET", "/notices/replies", HOTLINE, replies.show_replies, "对不上工单的短信回复"),
        Route("POST", "/notices/replies/full", HOTLINE, replies.show_in_full, "看短信回复的完整内容，要写原因"),
        Route("GET", _ONE, HOTLINE, one.show_notice, "一条通知"),
        Route("POST", f"{_ONE}/retry", HOTLINE, one.send_again, "重送通知"),
        Route("POST", f"{_ONE}/cancel", HOTLINE, one.call_off, "取消通知"),
        Route("POST", f"{_ONE}/elsewhere", HOTLINE, one.send_elsewhere, "通知改发另一个号码，要写原因"),
    ),
    rail=(RailItem("通知", "inbox", "/notices", need="undelivered", about="送到没有、没送到的怎么办"),),
    needs=(Need("undelivered", "条通知没有送到", "/notices", _undelivered),),
)
