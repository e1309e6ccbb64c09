"""What runs beside the requests: new knowledge, a newly trained model, forgetting what is old."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.model import newest_model
from knowledge_base.answer_log import AnswerLog
from knowledge_base.live import refresh_knowledge
from service.assembly import Parts

_log = logging.getLogger(__name__)

_KNOWLEDGE_SECONDS = 0.25
_MODEL_SECONDS = 2.0
_ENCODING_SECONDS = 30.0
_FORGET_SECONDS = 3600.0


async def run(parts: Parts) -> None:
    """Run every job until cancelled."""
    async with asyncio.TaskGroup() as jobs:
        jobs.create_task(_every(_KNOWLEDGE_SECONDS, lambda: _follow_knowledge(parts)))
        jobs.create_task(_every(_MODEL_SECONDS, lambda: _follow_model(parts)))
        jobs.create_task(_every(_ENCODING_SECONDS, lambda: _keep_encoding(parts)))
        jobs.create_task(_every(_FORGET_SECONDS, lambda: forget(parts)))


async def _every(seconds: float, job: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await job()
        except Exception:  # noqa: BLE001  # a job that fails once is tried again; it must not take the others down
            _log.exception("a background job failed; it runs again in %s s", seconds)
        await asyncio.sleep(seconds)


async def _follow_knowledge(parts: Parts) -> None:
    if await refresh_knowledge(parts.entries, parts.knowledge):
        _log.info("knowledge is at revision %s", parts.knowledge.stored_revision)


async def _keep_encoding(parts: Parts) -> None:
    parts.knowledge.keep_encoding()


async def _follow_model(parts: Parts) -> None:
    newest = newest_model(parts.settings.model_dir)
    current = parts.assistant.model
    if newest and current and newest != current and newest.stat().st_mtime_ns > current.stat().st_mtime_ns:
        await asyncio.to_thread(parts.assistant.load, newest)
        _log.info("the model is now %s", newest.name)


async def forget(parts: Parts) -> None:
    """Delete what is older than the settings keep it: dialogue state, transcripts, the wording of questions."""
    now = parts.clock()
    before = now - timedelta(days=parts.settings.conversation_days)
    sessions = await parts.sessions.forget(now - timedelta(minutes=parts.settings.session_minutes))
    messages = await parts.transcript.forget(before)
    questions = await parts.database.write(lambda connection: AnswerLog.forget_questions(connection, before))
    if sessions or messages or questions:
        _log.info("forgot %s sessions, %s messages and %s questions", sessions, messages, questions)
