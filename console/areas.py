"""Every area of the console, in the order of the rail. A new one is a line here; see docs/console.md."""

from console import accounts, audit_log, channels_page, chats, me, search, sign_in, start, waiting
from console.area import Area
from console.charts import area as charts
from console.desk import area as desk
from console.knowledge import area as knowledge
from console.notices import area as notices
from console.tickets import area as tickets

AREAS: tuple[Area, ...] = (
    sign_in.AREA,
    start.AREA,
    search.AREA,
    desk.AREA,
    chats.AREA,
    tickets.AREA,
    notices.AREA,
    knowledge.AREA,
    charts.AREA,
    channels_page.AREA,
    accounts.AREA,
    audit_log.AREA,
    me.AREA,
    waiting.AREA,
)
