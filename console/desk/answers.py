"""Entries for a caller's words while they are typed: by the very search that answers citizens, with staff's entries."""

from typing import Any

from aiohttp import web

from channels.hotline.guides import GuideTexts
from channels.hotline.speech import speakable
from console.office import Office
from console.visit import Visit
from knowledge_base.applicability import titles
from knowledge_base.entry import Entry, Facet

CHANNEL = "desk"
_MOST = 6
_LONGEST = 200  # characters of a question


async def find_answers(visit: Visit) -> web.Response:
    """What can be read to the caller, the likeliest first."""
    words = (await visit.form()).text("words")[:_LONGEST]
    knowledge = visit.office.knowledge
    if not words:
        return web.json_response({"kind": "", "entries": []})
    found = await knowledge.candidates(words, _MOST, channel=CHANNEL)
    decision = await knowledge.decide(words, channel=CHANNEL)
    entries = [each.entry for each in found if knowledge.entry(each.entry.slug, channel=CHANNEL) is not None]
    told = [_told(visit.office, entry, title) for entry, title in zip(entries, titles(entries), strict=True)]
    return web.json_response({"kind": decision.kind, "entries": told})


def _told(office: Office, entry: Entry, title: str) -> dict[str, Any]:
    for_staff = entry.visibility == "staff"
    offer = GuideTexts(None if for_staff else office.guide_sms).offer(entry)
    facets = [(facet, entry.facet_text(facet)) for facet in Facet]
    return {
        "slug": entry.slug,
        "title": title,
        "speech": speakable(entry.short_answer or entry.answer),
        "answer": entry.answer,
        "unit": entry.issuing_unit,
        "staff": for_staff,
        "facets": [{"title": facet.label, "text": text} for facet, text in facets if text],
        "sms": {"text": offer.text, "parts": offer.parts} if offer.available else None,
    }
