"""What the phone desk brings to the console."""

from collections.abc import Callable

from sqlalchemy import Connection

from console.area import Area, Need, RailItem, Route
from console.desk.answers import find_answers
from console.desk.beside import show_beside
from console.desk.drafts import draft_of
from console.desk.guide import send_guide
from console.desk.page import show_desk
from console.desk.registering import drop_draft, keep_draft, register
from console.office import Office
from console.rights import AGENTS
from service.identity.roles import Actor


def _count_left(office: Office, actor: Actor) -> Callable[[Connection], int]:
    left = draft_of(actor.name, office.desk.lifecycle.cipher)
    return lambda connection: int(left(connection) is not None)


AREA = Area(
    routes=(
        Route("GET", "/desk", AGENTS, show_desk, "接听台"),
        Route("POST", "/desk/answers", AGENTS, find_answers, "按来电人的话找条目"),
        Route("POST", "/desk/guide", AGENTS, send_guide, "把办事指南发到来电人手机"),
        Route("POST", "/desk/beside", AGENTS, show_beside, "来电人以前的工单、同类工单、建议"),
        Route("POST", "/desk/draft", AGENTS, keep_draft, "存下没登记完的"),
        Route("POST", "/desk/draft/drop", AGENTS, drop_draft, "不要没登记完的"),
        Route("POST", "/desk/tickets", AGENTS, register, "登记来电，或补充到已有的工单"),
    ),
    rail=(RailItem("接听台", "phone", "/desk", need="desk_left", about="接电话：边听边找答案，没有的就登记"),),
    needs=(Need("desk_left", "件来电没登记完", "/desk", _count_left),),
)
