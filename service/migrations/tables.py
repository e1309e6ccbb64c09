"""Every table of the installation, gathered so that migrations can be compared with the code."""

from bot import tables as bot
from channels.api import tables as api
from channels.open311 import tables as open311
from knowledge_base import tables as knowledge_base
from service import audit, inbox, outbox, tasks
from service.identity import tables as identity
from service.storage import metadata
from tickets import tables as tickets
from tickets.attachments import tables as attachments
from tickets.deadlines import tables as deadlines

__all__ = [
    "api",
    "attachments",
    "audit",
    "bot",
    "deadlines",
    "identity",
    "inbox",
    "knowledge_base",
    "metadata",
    "open311",
    "outbox",
    "tasks",
    "tickets",
]
