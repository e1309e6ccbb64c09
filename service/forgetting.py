"""What is forgotten once it is older than the settings keep it: each kind of data with how long it is needed."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from channels.api.answered import forget_within as forget_answers
from channels.hotline.guides import forget_guides_within
from channels.sms.forgetting import forget_within as forget_sms
from console.desk.drafts import forget_within as forget_desk_drafts
from handover.queue import forget_within as forget_handovers
from knowledge_base.answer_log import AnswerLog
from knowledge_base.coverage.grouping import forget_groups
from knowledge_base.import_reviews import forget_imports
from knowledge_base.kept_trials import forget_trials
from knowledge_base.unsaved import forget_within as forget_unsaved
from service.assembly import Parts
from service.identity.pauses import forget_within as forget_pauses
from service.identity.sessions import forget_within as forget_staff_sessions
from service.identity.sign_in import SignIn
from service.inbox import forget_within as forget_lines
from service.jobs import forget_within as forget_jobs
from service.outbox import forget_within as forget_notices

_log = logging.getLogger(__name__)

_Work = Callable[[Connection], int]


async def forget(parts: Parts) -> None:
    """Delete what is older than the settings keep it; a transaction for each kind, so that no other waits long."""
    now = parts.clock()
    forgotten = {
        "sessions": await parts.sessions.forget(now - timedelta(minutes=parts.settings.session_minutes)),
        "messages": await parts.transcript.forget(now - timedelta(days=parts.settings.conversation_days)),
        "verified phone numbers": await parts.verification.citizens.forget(),
    }
    for name, work in _works(parts, now).items():
        forgotten[name] = await parts.database.write(work)
    for name, number in forgotten.items():
        if number:
            _log.info("forgot %s %s", number, name)


def _works(parts: Parts, now: datetime) -> Mapping[str, _Work]:
    settings = parts.settings
    said = now - timedelta(days=settings.conversation_days)
    lifetimes = SignIn.open(settings, parts.database, parts.keyring, parts.clock).lifetimes
    personal, rows = timedelta(days=settings.sms_personal_days), timedelta(days=settings.sms_rows_days)
    return {
        "questions": lambda connection: AnswerLog.forget_questions(connection, said),
        "groups of questions": lambda connection: forget_groups(connection, said),
        "talks with a person": lambda connection: forget_handovers(connection, said),
        "notices": lambda connection: forget_notices(connection, said),
        "guides sent to callers": lambda connection: forget_guides_within(connection, said),
        "lines staff have read": lambda connection: forget_lines(connection, now - timedelta(days=settings.inbox_days)),
        "requests left half written": lambda connection: forget_desk_drafts(connection, now - timedelta(days=1)),
        "entries left half written": lambda connection: forget_unsaved(connection, now - timedelta(days=30)),
        "answers to other systems": lambda connection: forget_answers(
            connection, now - timedelta(hours=settings.api_answers_hours)
        ),
        "texts of SMS": lambda connection: forget_sms(connection, now, personal, rows),
        "sessions of staff": lambda connection: forget_staff_sessions(connection, now, lifetimes),
        "failed sign-ins": lambda connection: forget_pauses(connection, now),
        "entries of decided imports": lambda connection: forget_imports(connection, now - timedelta(days=30)),
        "trials of entries": lambda connection: forget_trials(connection, now),
        "jobs": lambda connection: forget_jobs(connection, now),
    }
