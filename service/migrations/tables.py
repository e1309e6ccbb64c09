"""Every table of the installation, gathered so that migrations can be compared with the code."""

from bot import tables as bot
from knowledge_base import tables as knowledge_base
from service import outbox, tasks
from service.identity import tables as identity
from service.storage import metadata
from tickets import tables as tickets
from tickets.dispatch import tables as dispatch

__all__ = ["bot", "dispatch", "identity", "knowledge_base", "metadata", "outbox", "tasks", "tickets"]
