"""The sample entries: away when a hotline begins with its own, back when somebody wants to practise."""

from collections.abc import Iterable, Mapping
from functools import cache

from console.knowledge.verbs import lifecycle_of
from console.office import Office
from knowledge_base.entry import Entry
from knowledge_base.imports import EntryImports
from knowledge_base.live import refresh_knowledge
from knowledge_base.sample import sample_entries
from service.audit import Deed, Recorded, record_within
from service.identity.roles import Actor

_WHY = "示例条目，换成自己的"


@cache
def shipped() -> Mapping[str, str]:
    """The answers of the samples, by slug."""
    return {entry.slug: entry.answer for entry in sample_entries()}


def among(stored: Iterable[Entry]) -> list[str]:
    """The slugs of those of these entries that are samples nobody has changed."""
    return [entry.slug for entry in stored if shipped().get(entry.slug) == entry.answer]


async def take_away(office: Office, actor: Actor) -> int:
    """Withdraw the samples; what somebody has made their own stays. How many went."""
    lifecycle = lifecycle_of(office)
    slugs = among(office.knowledge.stored())
    for slug in slugs:
        await lifecycle.withdraw(actor, slug, _WHY)
    await refresh_knowledge(office.entries, office.knowledge)
    return len(slugs)


async def put_back(office: Office, actor: Actor) -> int:
    """Publish the samples that are not there; how many."""
    there = {entry.slug for entry in office.knowledge.stored()}
    missing = [entry for entry in sample_entries() if entry.slug not in there]
    if missing:
        await EntryImports(office.database, office.entries, office.clock).put(missing, actor=actor.name)
        done = Recorded(office.clock(), actor.name, Deed.IMPORT, f"放回示例 {len(missing)} 条")
        await office.database.write(lambda connection: record_within(connection, done))
        await refresh_knowledge(office.entries, office.knowledge)
    return len(missing)
