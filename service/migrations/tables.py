"""Every table of the installation, gathered so that migrations can be compared with the code."""

from bot import tables as bot
from channels.api import tables as api
from channels.open311 import tables as open311
from handover import tables as handover
from knowledge_base import tables as knowledge_base
from service import audit, inbox, outbox, tasks
from service.identity import tables as identity
from service.storage import metadata
from tickets import tables as tickets
from tickets.alarms import store as alarms
from tickets.attachments import tables as attachments
from tickets.deadlines import tables as deadlines
from tickets.dispatch import tables as dispatch
from tickets.similar import store as similar

__all__ = [
    "alarms",
    "api",
    "attachments",
    "audit",
    "bot",
    "deadlines",
    "dispatch",
    "handover",
    "identity",
    "inbox",
    "knowledge_base",
    "metadata",
    "open311",
    "outbox",
    "similar",
    "tasks",
    "tickets",
]
