"""Tickets for other systems: register, read, list, move. Each key sees and does what its roles and units allow."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

from aiohttp import web
from pydantic import BaseModel
from sqlalchemy import Connection, Row, select

from channels.api.answered import Answer, AnsweredRequests, OtherRequest, fingerprint
from channels.api.door import idempotency_key
from channels.api.models import (
    ListQuery,
    NewMove,
    NewTicket,
    PossibleMoves,
    TicketPage,
    TicketQuery,
    TicketShown,
    Timeline,
)
from channels.api.operations import Operation, Request
from channels.api.shown import shown, shown_line, shown_move
from channels.widget.errors import ApiError, bad_request
from service.audit import Deed, Recorded, record_within
from service.identity.api_keys import ApiKey, Scope
from service.identity.roles import Actor
from service.storage import hold
from tickets.categories.tree import Categories
from tickets.given import Given
from tickets.intake.phone import parse_phone
from tickets.lifecycle import Lifecycle
from tickets.lists import Filter, ListRefused, page
from tickets.masking import revealed_to, seen_by
from tickets.moves import MOVES, Verb, possible
from tickets.number import find_number
from tickets.parties import parties_of
from tickets.records import WITH_INVOLVED, involved_in, ticket_of, timeline_item
from tickets.refusal import MoveNotAllowed
from tickets.tables import tickets, timeline
from tickets.ticket import Draft, Ticket
from tickets.views import filter_for, may_see

ROOT = "/api/v1/tickets"
ONE = ROOT + "/{number}"


@dataclass(frozen=True, slots=True)
class TicketApi:
    """What can be asked about tickets."""

    lifecycle: Lifecycle
    answered: AnsweredRequests
    categories: Categories

    def operations(self) -> list[Operation]:
        """Every operation, as it is served and documented."""
        read, write = Scope.READ, Scope.WRITE
        moves = ONE + "/moves"
        return [
            Operation(
                "POST", ROOT, "registerTicket", "登记工单", write, self.register, TicketShown, 201, body=NewTicket
            ),
            Operation("GET", ROOT, "listTickets", "列出工单，分页", read, self.list, TicketPage, query=ListQuery),
            Operation("GET", ONE, "getTicket", "看一张工单", read, self.get, TicketShown, query=TicketQuery),
            Operation("GET", ONE + "/timeline", "getTimeline", "一张工单的经过", read, self.timeline, Timeline),
            Operation("GET", moves, "getMoves", "现在可以对它做什么", read, self.moves, PossibleMoves),
            Operation(
                "POST", moves, "makeMove", "办理：派单、签收、答复……", write, self.move, TicketShown, body=NewMove
            ),
        ]

    async def register(self, request: Request) -> web.StreamResponse:
        """Register a request; with a number of another platform only once."""
        wanted, key = request.body, request.key
        draft = self._draft(wanted, key)

        def work(connection: Connection) -> Answer:
            if draft.external is not None:
                _refuse_known(connection, draft.external)
            parties = parties_of(key.actor, None)
            _check_right(Verb.SUBMIT, not MOVES[Verb.SUBMIT].by.isdisjoint(parties))
            ticket = self.lifecycle.submit_within(connection, key.actor, draft)
            return Answer(201, _one(connection, seen_by(key.actor, ticket)))

        return await self._once(request, work)

    async def list(self, request: Request) -> web.StreamResponse:
        """A page of what the key may see, masked."""
        query, actor = request.query, request.key.actor
        found = page(
            _filter(query, actor), self.lifecycle.cipher, order=query.order, after=query.after, limit=query.limit
        )

        def work(connection: Connection) -> TicketPage:
            one = found(connection)
            return TicketPage(
                tickets=shown(connection, [seen_by(actor, ticket) for ticket in one.tickets]), next=one.next
            )

        return told(await self.lifecycle.database.read(work))

    async def get(self, request: Request) -> web.StreamResponse:
        """One ticket, masked; in full where the key may and says why, which is recorded."""
        actor, number = request.key.actor, number_in(request)
        if not request.query.personal:

            def work(connection: Connection) -> TicketShown:
                return shown(connection, [seen_by(actor, self.own(connection, actor, number)[0])])[0]

            return told(await self.lifecycle.database.read(work))
        if Scope.PERSONAL not in request.key.scopes:
            raise ApiError(403, "scope_missing", f"看完整信息需要 {Scope.PERSONAL} 这个范围，请联系热线。")
        if not request.query.reason:
            raise bad_request("看完整信息要在 reason 里写明为什么，会记下来。")
        look = Recorded(self.lifecycle.clock(), actor.name, Deed.LOOK, number, request.query.reason)

        def look_at(connection: Connection) -> TicketShown:
            ticket = self.own(connection, actor, number)[0]
            revealed = revealed_to(actor, ticket)
            record_within(connection, look)
            return shown(connection, [revealed], masked=revealed is not ticket)[0]

        return told(await self.lifecycle.database.write(look_at))

    async def timeline(self, request: Request) -> web.StreamResponse:
        """What happened to a ticket."""
        actor, number = request.key.actor, number_in(request)

        def work(connection: Connection) -> Timeline:
            ticket, _ = self.own(connection, actor, number)
            lines = select(timeline).where(timeline.c.ticket_id == ticket.id).order_by(timeline.c.id)
            items = [timeline_item(row, self.lifecycle.cipher) for row in connection.execute(lines)]
            return Timeline(number=number, timeline=[shown_line(item) for item in items])

        return told(await self.lifecycle.database.read(work))

    async def moves(self, request: Request) -> web.StreamResponse:
        """What the key can do with a ticket now."""
        actor = request.key.actor
        own = partial(self.own, actor=actor, number=number_in(request))
        ticket, involved = await self.lifecycle.database.read(own)
        verbs = possible(ticket, parties_of(actor, ticket, involved))
        moves = [shown_move(verb) for verb in verbs]
        return told(PossibleMoves(number=ticket.number, revision=ticket.revision, moves=moves))

    async def move(self, request: Request) -> web.StreamResponse:
        """Move a ticket."""
        actor, number, wanted = request.key.actor, number_in(request), request.body
        category = self._category(wanted.category)
        given = Given.of(**wanted.model_dump(exclude={"verb", "seen"}) | {"category": category})
        step = self.lifecycle.unit_of_work(actor, number, wanted.verb, given, wanted.seen)

        def work(connection: Connection) -> Answer:
            ticket, involved = self.own(connection, actor, number)
            move = MOVES[wanted.verb]
            _check_right(wanted.verb, not move.by.isdisjoint(parties_of(actor, ticket, involved)))
            if wanted.seen is not None and wanted.seen != ticket.revision:
                raise ApiError(409, "changed", "这张工单刚刚有了变化，请再看一次，再决定怎么办。")
            try:
                given.check(move)
            except MoveNotAllowed as missing:
                raise ApiError(422, "given_missing", str(missing)) from missing
            return Answer(200, _one(connection, seen_by(actor, step(connection))))

        return await self._once(request, work)

    def own(self, connection: Connection, actor: Actor, number: str) -> tuple[Ticket, frozenset[str]]:
        """A ticket the actor may see, and the units assisting or investigating.

        Raises:
            ApiError: 404; a ticket of others and one that does not exist look the same.
        """
        row: Row[tuple[object, ...]] | None = connection.execute(
            WITH_INVOLVED.where(tickets.c.number == number)
        ).one_or_none()
        ticket = None if row is None else ticket_of(row, self.lifecycle.cipher)
        if row is None or ticket is None or not may_see(actor, ticket, involved_in(row)):
            raise no_ticket(number)
        return ticket, involved_in(row)

    async def _once(self, request: Request, work: Callable[[Connection], Answer]) -> web.StreamResponse:
        print_of = fingerprint("POST", request.web.path_qs, request.raw)
        return await once(self.answered, request, print_of, work)

    def _draft(self, wanted: NewTicket, key: ApiKey) -> Draft:
        phone = None
        if wanted.phone:
            phone = parse_phone(wanted.phone)
            if phone is None:
                raise bad_request("phone 不是有效的电话号码；固定电话要带区号。")
        values = wanted.model_dump(exclude={"phone"}) | {"category": self._category(wanted.category)}
        return Draft(id=f"api-{uuid4().hex}", conversation=f"api:{key.name}", phone=phone, **values)

    def _category(self, code: str | None) -> str | None:
        """The code of the category meant; one that was retired means what took its place."""
        if code is None:
            return None
        category = self.categories.current(code)
        if category is None:
            raise bad_request("category 不在分类名单里，请写成“大类/小类”，如 旅游/景区服务。")
        return category.code


def told(body: BaseModel, status: int = 200) -> web.Response:
    """An answer in JSON that nobody between keeps."""
    return _response(Answer(status, body.model_dump_json()))


async def once(
    answered: AnsweredRequests, request: Request, print_of: str, work: Callable[[Connection], Answer]
) -> web.StreamResponse:
    """Carry out what a request asks for, once.

    Raises:
        ApiError: 422 when its idempotency key was another request's.
    """
    try:
        return _response(await answered.once(request.key.id, idempotency_key(request.web), print_of, work))
    except OtherRequest as error:
        message = "这个 Idempotency-Key 已经用在另一个请求上了；每件事请用一个新的值。"
        raise ApiError(422, "idempotency_key_reused", message) from error


def number_in(request: Request) -> str:
    """The ticket's number in the address.

    Raises:
        ApiError: 404 when it is none.
    """
    text = request.web.match_info["number"]
    if find_number(text) != text:
        raise no_ticket(text)
    return text


def no_ticket(number: str) -> ApiError:
    """There is none, or it is not theirs."""
    return ApiError(404, "not_found", f"没有编号为 {number[:30]} 的工单，或者它不归这个密钥看。")


def _response(answer: Answer) -> web.Response:
    headers = {"Cache-Control": "no-store"} | ({"Idempotent-Replayed": "true"} if answer.again else {})
    return web.json_response(text=answer.body, status=answer.status, headers=headers)


def _one(connection: Connection, ticket: Ticket) -> str:
    return shown(connection, [ticket])[0].model_dump_json()


def _refuse_known(connection: Connection, external: str) -> None:
    hold(connection, f"external {external}")
    known = select(tickets.c.number).where(tickets.c.external == external)
    if number := connection.execute(known).scalar_one_or_none():
        raise ApiError(409, "external_known", f"这个外部编号已经登记过了，工单编号是 {number}。")


def _check_right(verb: Verb, has_right: bool) -> None:
    if not has_right:
        who = "、".join(party.label for party in sorted(MOVES[verb].by))
        raise ApiError(403, "forbidden", f"“{verb.label}”由{who}来做，这个密钥没有这个身份。")


def _filter(query: ListQuery, actor: Actor) -> Filter:
    values = query.model_dump(exclude={"state", "open", "unit", "involved", "order", "after", "limit"})
    involved = frozenset(filter(None, (query.involved,)))
    wanted = Filter(states=query.state, is_open=query.open, units=query.unit, involved=involved, **values)
    if query.involved in actor.units:
        return wanted  # theirs by their part in it, whoever leads
    try:
        return filter_for(actor, wanted)
    except ListRefused as refused:
        raise ApiError(403, "forbidden", str(refused)) from refused
