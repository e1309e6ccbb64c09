"""The API put together and added to the application."""

import json
from collections.abc import Sequence

from aiohttp import web

from channels.api.access import Access
from channels.api.advice import AdviceApi
from channels.api.alarms import AlarmApi
from channels.api.answered import AnsweredRequests
from channels.api.door import Door
from channels.api.files import FileApi
from channels.api.limits import KeyLimits
from channels.api.openapi import document
from channels.api.operations import Operation
from channels.api.tickets import TicketApi
from service.clock import Clock
from service.settings import Settings
from service.storage import Database
from tickets.attachments.store import Attachments
from tickets.categories.tree import Categories
from tickets.lifecycle import Lifecycle
from tickets.recurrence import Recurrence
from tickets.routing import Routing

DOCUMENT = "/api/v1/openapi.json"


def install(
    app: web.Application,
    settings: Settings,
    lifecycle: Lifecycle,
    access: Access,
    answered: AnsweredRequests,
    attachments: Attachments,
    routing: Routing,
    recurrence: Recurrence,
    categories: Categories,
    others: Sequence[Operation] = (),
) -> None:
    """Add every operation, and the document that tells of them.

    Args:
        others: operations beside those of tickets.
    """
    tickets = TicketApi(lifecycle, answered, categories)
    files = FileApi(tickets, attachments)
    advice, alarms = AdviceApi(tickets, routing, recurrence), AlarmApi(tickets)
    operations: list[Operation] = [
        *(operation for part in (tickets, files, advice, alarms) for operation in part.operations()),
        *others,
    ]
    door = Door(access)
    for operation in operations:
        app.router.add_route(operation.method, operation.path, door.handler(operation))
    told = json.dumps(document(operations, settings.hotline_name), ensure_ascii=False)

    async def tell(_request: web.Request) -> web.Response:
        return web.json_response(text=told)

    app.router.add_get(DOCUMENT, tell)


def open_access(settings: Settings, database: Database, clock: Clock) -> Access:
    """The keys of the installation, with their rates."""
    return Access(database, KeyLimits(settings.api_requests_per_minute, settings.redis_url), clock)
