"""Alarms for other systems: those told to the roles of a key, taken care of and closed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy import Connection, select

from channels.api.answered import Answer, fingerprint
from channels.api.models import AlarmList, AlarmOutcome, AlarmShown, ClosedAlarm
from channels.api.operations import Operation, Request
from channels.api.tickets import TicketApi, once, told
from channels.widget.errors import ApiError
from service.clock import CHINA
from service.identity.api_keys import Scope
from tickets.alarms.store import OpenAlarm, acknowledge_within, close_within, open_alarm, open_alarms
from tickets.tables import tickets

ROOT = "/api/v1/alarms"
ONE = ROOT + "/{alarm}"
_LONGEST_ID = 18  # digits; what a database counts has no more


@dataclass(frozen=True, slots=True)
class AlarmApi:
    """What can be asked about alarms."""

    tickets: TicketApi

    def operations(self) -> list[Operation]:
        """Every operation, as it is served and documented."""
        read, write = Scope.READ, Scope.WRITE
        seen, closed = ONE + "/acknowledge", ONE + "/close"
        return [
            Operation("GET", ROOT, "listAlarms", "还没关闭的预警", read, self.list, AlarmList),
            Operation("POST", seen, "acknowledgeAlarm", "看到了，有人处理", write, self.acknowledge, AlarmShown),
            Operation(
                "POST", closed, "closeAlarm", "处理好了，关闭", write, self.close, ClosedAlarm, body=AlarmOutcome
            ),
        ]

    async def list(self, request: Request) -> web.StreamResponse:
        """The alarms told to the key's roles and not closed."""
        found = open_alarms(request.key.actor)

        def work(connection: Connection) -> AlarmList:
            return AlarmList(alarms=_shown(connection, found(connection)))

        return told(await self.tickets.lifecycle.database.read(work))

    async def acknowledge(self, request: Request) -> web.StreamResponse:
        """Somebody takes care."""
        actor, which, lifecycle = request.key.actor, _number_in(request), self.tickets.lifecycle

        def work(connection: Connection) -> Answer:
            acknowledge_within(connection, actor, which, lifecycle.clock())
            alarm = _shown(connection, [open_alarm(connection, actor, which)])[0]
            return Answer(200, alarm.model_dump_json())

        return await self._once(request, work)

    async def close(self, request: Request) -> web.StreamResponse:
        """It has been dealt with."""
        actor, which, lifecycle = request.key.actor, _number_in(request), self.tickets.lifecycle
        outcome = request.body.outcome

        def work(connection: Connection) -> Answer:
            close_within(connection, lifecycle.cipher, actor, which, outcome, lifecycle.clock())
            return Answer(200, ClosedAlarm(id=which).model_dump_json())

        return await self._once(request, work)

    async def _once(self, request: Request, work: Callable[[Connection], Answer]) -> web.StreamResponse:
        print_of = fingerprint("POST", request.web.path_qs, request.raw)
        return await once(self.tickets.answered, request, print_of, work)


def _shown(connection: Connection, found: Sequence[OpenAlarm]) -> list[AlarmShown]:
    behind = {ticket for alarm in found for ticket in alarm.tickets}
    statement = select(tickets.c.id, tickets.c.number).where(tickets.c.id.in_(behind))
    numbers = {row.id: row.number for row in connection.execute(statement)}
    return [
        AlarmShown(
            id=alarm.id,
            kind=alarm.kind,
            kind_label=alarm.kind.label,
            grade=alarm.grade.name.lower(),
            grade_label=alarm.grade.label,
            title=alarm.title,
            tickets=[numbers[ticket] for ticket in alarm.tickets],
            raised_at=alarm.raised_at.astimezone(CHINA),
            acknowledged_by=alarm.acknowledged_by,
        )
        for alarm in found
    ]


def _number_in(request: Request) -> int:
    text = request.web.match_info["alarm"]
    if not (text.isascii() and text.isdecimal()) or len(text) > _LONGEST_ID:
        raise ApiError(404, "not_found", "没有这个编号的预警。")
    return int(text)
