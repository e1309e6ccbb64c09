"""Every table of the installation, gathered so that migrations can be compared with the code."""

from bot import tables as bot
from channels.api import tables as api
from channels.delivery import attempts, breaker
from channels.hotline import tables as hotline
from channels.open311 import tables as open311
from channels.sms import tables as sms
from channels.wechat import codes as wechat_codes
from channels.wechat import tables as wechat
from channels.wechat import token as wechat_tokens
from console.desk import drafts as desk_drafts
from console.first_start import marks as first_start
from console.tickets.lists import saved as saved_filters
from handover import phrases
from handover import tables as handover
from knowledge_base import tables as knowledge_base
from knowledge_base import unsaved as unsaved_entries
from service import audit, inbox, jobs, nightly, outbox, seeds, tasks
from service.identity import citizens, codes
from service.identity import tables as identity
from service.kept import tables as kept
from service.storage import metadata
from tickets import consent, unit_history
from tickets import tables as tickets
from tickets.alarms import store as alarms
from tickets.attachments import tables as attachments
from tickets.dispatch import tables as dispatch
from tickets.replies import drafts as reply_drafts
from tickets.replies import templates as reply_templates
from tickets.similar import store as similar

__all__ = [
    "alarms",
    "api",
    "attachments",
    "attempts",
    "audit",
    "bot",
    "breaker",
    "citizens",
    "codes",
    "consent",
    "desk_drafts",
    "dispatch",
    "first_start",
    "handover",
    "hotline",
    "identity",
    "inbox",
    "jobs",
    "kept",
    "knowledge_base",
    "metadata",
    "nightly",
    "open311",
    "outbox",
    "phrases",
    "reply_drafts",
    "reply_templates",
    "saved_filters",
    "seeds",
    "similar",
    "sms",
    "tasks",
    "tickets",
    "unit_history",
    "unsaved_entries",
    "wechat",
    "wechat_codes",
    "wechat_tokens",
]
