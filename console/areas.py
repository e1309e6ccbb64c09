"""Every area of the console, in the order of the rail. A new one is a line here; see docs/console.md."""

from console import channels_page, search, start, waiting
from console.area import Area
from console.audit import area as audit
from console.charts import area as charts
from console.chats import area as chats
from console.desk import area as desk
from console.first_start import area as first_start
from console.identity import accounts, me, sign_in
from console.knowledge import area as knowledge
from console.notices import area as notices
from console.settings import area as settings
from console.tickets import area as tickets

AREAS: tuple[Area, ...] = (
    sign_in.AREA,
    start.AREA,
    first_start.AREA,
    search.AREA,
    desk.AREA,
    chats.AREA,
    tickets.AREA,
    notices.AREA,
    knowledge.AREA,
    charts.AREA,
    settings.AREA,
    channels_page.AREA,
    accounts.AREA,
    audit.AREA,
    me.AREA,
    waiting.AREA,
)
