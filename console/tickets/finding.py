"""What waits in tickets for whom, and tickets by their numbers for the search of the top bar."""

from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import Connection

from console.area import Found, Need
from console.office import Office
from service.identity.roles import Actor
from service.inbox import unread
from service.privacy import mask_personal_data
from tickets.alarms.store import count_untaken
from tickets.lists import ListRefused, counts
from tickets.number import find_number
from tickets.records import WITH_INVOLVED, involved_in, ticket_of
from tickets.tables import tickets
from tickets.units import directory
from tickets.views import VIEWS, may_see, sees_every_ticket

_SAID = {
    "to_dispatch": "张工单待派单",
    "to_accept": "张工单待签收",
    "mine": "张工单由您经办",
    "today": "张工单今天到期",
    "step_overdue": "张工单环节超时",
    "overdue": "张工单逾期未办结",
    "long_overdue": "张工单逾期超过 30 天",
    "to_decide": "件退单、延期待决定",
    "joint": "张工单联合调查中",
    "to_check": "条答复待审核",
    "to_call": "张工单待回访",
    "to_judge": "张工单反映没解决",
    "assisting": "张工单请您单位协办",
}
_LATE = frozenset({"step_overdue", "overdue", "long_overdue"})
_EXCERPT = 30
_LONGEST_EXTERNAL = 60
_UNITS = 5


def count_waiting(office: Office, actor: Actor) -> Callable[[Connection], dict[str, int]]:
    """How many tickets wait for somebody, by the name of the list in which they stand."""
    at = office.clock()
    wanted = {}
    for name in _SAID:
        if not actor.roles.isdisjoint(VIEWS[name].roles):
            with suppress(ListRefused):
                wanted[name] = VIEWS[name].filter(actor, at)
    counted = counts(list(wanted.values()))
    return lambda connection: dict(zip(wanted, counted(connection), strict=True))


def _alarms(_office: Office, actor: Actor) -> Callable[[Connection], int]:
    return count_untaken(actor)


def _messages(_office: Office, actor: Actor) -> Callable[[Connection], int]:
    found = unread(actor)
    return lambda connection: len({line.subject for line in found(connection)})


NEEDS = (
    *(
        Need(name, said, f"/tickets?view={name}", urgent=name in _LATE)
        for name, said in _SAID.items()
        if name != "to_dispatch"
    ),
    Need("to_dispatch", _SAID["to_dispatch"], "/dispatching"),
    Need("alarms", "条预警没人接手", "/alarms", _alarms, urgent=True),
    Need("messages", "条新消息", "/messages", _messages),
)
"""What may wait for somebody in tickets."""


def find(office: Office, actor: Actor, text: str) -> Callable[[Connection], list[Found]]:
    """The ticket with a number, ours or another platform's, if they may see it."""
    number = find_number(text)
    cipher = office.desk.lifecycle.cipher
    known = [tickets.c.number == number] if number else []
    if len(text) <= _LONGEST_EXTERNAL:
        known.append(tickets.c.external == text)

    def work(connection: Connection) -> list[Found]:
        found = []
        # One after the other, each by its index: joined by "or", SQLite reads every ticket.
        for row in [row for one in known for row in connection.execute(WITH_INVOLVED.where(one).limit(1))]:
            ticket = ticket_of(row, cipher)
            if may_see(actor, ticket, involved_in(row)):
                said = mask_personal_data(ticket.description)[:_EXCERPT]
                found.append(Found(ticket.number, f"/tickets/{ticket.number}", f"{ticket.state.staff_label} · {said}"))
        return found

    return work


def find_units(_office: Office, actor: Actor, text: str) -> Callable[[Connection], list[Found]]:
    """The lists of units by their names; who looks after a unit finds their own."""

    def work(connection: Connection) -> list[Found]:
        named = [unit for unit in directory(connection) if text in unit.name or text == unit.code]
        theirs = [unit for unit in named if sees_every_ticket(actor) or unit.code in actor.units]
        return [Found(unit.name, f"/tickets?view=all&unit={unit.code}", "这个单位的工单") for unit in theirs[:_UNITS]]

    return work
