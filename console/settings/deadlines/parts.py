"""What the pages about time share: who may, a part as it is kept, and saving it."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from console.forms import Form
from console.rights import only
from console.visit import Visit
from service.identity.roles import Role
from service.kept.versions import SettingsVersion
from tickets.deadlines.kind import DEADLINES
from tickets.deadlines.refused import TimeSettingsRefused
from tickets.deadlines.settings import TimeSettings
from tickets.deadlines.span import Span
from tickets.states import OPEN
from tickets.tables import tickets

EDITORS = only(*DEADLINES.editors, Role.ADMINISTRATOR)
KIND = DEADLINES
WEEKDAYS = "一二三四五六日"


def time_of(visit: Visit) -> TimeSettings:
    """What is set about time."""
    return visit.office.desk.lifecycle.time


async def planned(visit: Visit, *parts: str) -> list[SettingsVersion]:
    """What of some parts will count later."""
    return [each for each in await time_of(visit).kept.coming() if each.part in parts]


async def save(
    visit: Visit, form: Form, part: str, content: Any, note: str, begins: datetime | None
) -> SettingsVersion:
    """Keep a part anew, unless somebody has changed it since the form was opened.

    Raises:
        TimeSettingsRefused: see `TimeSettings.change`.
    """
    return await time_of(visit).change(
        visit.actor, part, content, note=note, effective_from=begins, replaces=form.number("version")
    )


def span_in(form: Form, name: str, missing: str = "") -> str:
    """A length of time as it is kept, 5个工作日; what cannot be read is complained of.

    Args:
        missing: the complaint when there is none; none: there may be none.
    """
    written = form.text(name, missing=missing)
    try:
        return str(Span.parse(written)) if written else ""
    except TimeSettingsRefused as refused:
        form.complain(name, str(refused))
        return written


async def open_tickets(visit: Visit, since: datetime | None = None, until: datetime | None = None) -> int:
    """How many tickets are open, or have their promise run over a time.

    Args:
        since: their promise is due at that moment or later.
        until: they were registered before.
    """
    wanted = select(func.count()).select_from(tickets).where(tickets.c.state.in_(sorted(OPEN)))
    if since is not None:
        wanted = wanted.where(tickets.c.promised_at >= since)
    if until is not None:
        wanted = wanted.where(tickets.c.created_at < until)
    return await visit.office.database.read(lambda connection: connection.execute(wanted).scalar_one())
