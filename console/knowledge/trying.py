"""The test box: a question in, the very decision that citizens would get, with its reasons."""

from aiohttp import web

from console.knowledge.verbs import entry_path, lifecycle_of, title_of
from console.visit import Visit
from knowledge_base.entry import Entry
from knowledge_base.versions import OPEN

_LONGEST = 300
_CANDIDATES = 8


async def show_box(visit: Visit) -> web.Response:
    """The box; with a question, its decision."""
    text, draft = visit.query.get("q", "").strip()[:_LONGEST], await _draft(visit)
    knowledge, channel = visit.office.knowledge, "console" if visit.query.get("who") == "staff" else ""
    decision, candidates = None, []
    if text:
        asked = knowledge if draft is None else await knowledge.with_change(draft)
        decision = await asked.decide(text, channel=channel) if channel else await asked.decide_on(text)
        candidates = list(decision.candidates) or await asked.candidates(text, _CANDIDATES, channel=channel)
    return visit.page(
        "knowledge/try.html",
        text=text,
        draft=draft,
        decision=decision,
        candidates=candidates[:_CANDIDATES],
        signals=await knowledge.signals(),
        title_of=title_of,
        path=entry_path,
    )


async def _draft(visit: Visit) -> Entry | None:
    """The open version of the entry that is to be tried along, if one is named."""
    slug = visit.query.get("draft", "")
    every = await lifecycle_of(visit.office).shown_to(visit.actor, slug) if slug else []
    return next((version.entry for version in every if version.state in OPEN), None)
