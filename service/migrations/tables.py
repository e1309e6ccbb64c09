"""Every table of the installation, gathered so that migrations can be compared with the code."""

from bot import tables as bot
from channels.api import tables as api
from channels.open311 import tables as open311
from knowledge_base import tables as knowledge_base
from service import audit, inbox, nightly, outbox, tasks
from service.identity import tables as identity
from service.storage import metadata
from tickets import consent
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
    "consent",
    "deadlines",
    "dispatch",
    "identity",
    "inbox",
    "knowledge_base",
    "metadata",
    "nightly",
    "open311",
    "outbox",
    "similar",
    "tasks",
    "tickets",
]
