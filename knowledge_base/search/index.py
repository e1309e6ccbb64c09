"""The search index: every entry scored by every signal, for one state of the knowledge base."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knowledge_base.entry import Entry
from knowledge_base.search.encoder import Encoder, VectorCache, Vectors, pieces, vector_hash
from knowledge_base.search.lexical import LexicalIndex
from knowledge_base.search.weights import LEXICAL_ONLY, WITH_VECTORS
from knowledge_base.text import Tokenizer, exact_key

Rows = np.ndarray[Any, np.dtype[np.int64]]
Features = np.ndarray[Any, np.dtype[np.float32]]
"""One row an entry: the lexical signals[, then for wordings and for pieces the nearest vector and the near ones]."""

_ENCODE_AT_ONCE = 32
_SHARPNESS = 40.0  # of the soft maximum over cosines, which lie between 0.75 and 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may answer, with its fused score (higher is better)."""

    entry: Entry
    score: float
    features: tuple[float, ...]


class SearchIndex:
    """Scores entries for a question. Read-only but for vectors, which may arrive after it was built."""

    def __init__(self, entries: Sequence[Entry], tokenizer: Tokenizer) -> None:
        self.entries = tuple(entries)
        self.lexical = LexicalIndex(self.entries, tokenizer)
        self._exact: defaultdict[str, set[int]] = defaultdict(set)
        for owner, wording in zip(self.lexical.owners, self.lexical.wordings, strict=True):
            self._exact[exact_key(wording)].add(int(owner))
        self._encoder: Encoder | None = None
        self._wordings: Vectors | None = None
        self._pieces: Vectors | None = None
        self._piece_owners: np.ndarray[Any, np.dtype[np.int64]] = np.zeros(0, dtype=np.int64)

    @property
    def has_vectors(self) -> bool:
        """Whether vectors take part."""
        return self._wordings is not None

    def exact(self, question: str) -> Entry | None:
        """The one entry that has this very wording, fillers and particles aside; no encoder, no scores."""
        owners = self._exact.get(exact_key(question), ())
        return self.entries[next(iter(owners))] if len(owners) == 1 else None

    async def add_vectors(self, encoder: Encoder, cache: VectorCache, encode: Any) -> None:
        """Compute the vectors that the cache lacks, and use them from then on.

        Args:
            encode: runs a function with a list of texts off the event loop.
        """
        wordings = self.lexical.wordings
        passages = [(row, text) for row, entry in enumerate(self.entries) for text in _passages(entry)]
        self._wordings = await _vectors(encoder, cache, encode, "question", wordings)
        self._pieces = await _vectors(encoder, cache, encode, "passage", [text for _, text in passages])
        self._piece_owners = np.array([row for row, _ in passages], dtype=np.int64)
        self._encoder = encoder

    def features(self, question: str, vector: Vectors | None) -> Features:
        """All signals of all entries.

        Args:
            vector: the question's vector; None for the lexical signals alone.
        """
        lexical = self.lexical.signals(question)
        columns = []
        if vector is not None and self._wordings is not None and self._pieces is not None:
            for near, owners in (
                (self._wordings @ vector, self.lexical.owners),
                (self._pieces @ vector, self._piece_owners),
            ):
                columns.append(_best(near, owners, len(self.entries)))
                columns.append(_several(near, owners, len(self.entries)))
        return np.column_stack((lexical, *columns))

    def search(self, question: str, vector: Vectors | None, count: int = 10) -> list[Candidate]:
        """The best entries, best first."""
        if not self.entries:
            return []
        return self.rank(self.features(question, vector), count)

    def rank(self, features: Features, count: int, rows: Rows | None = None) -> list[Candidate]:
        """The best entries by their signals, best first; of these rows only, where they are given."""
        rows = np.arange(len(features)) if rows is None else rows
        fused = fuse(features[rows])
        order = np.argsort(-fused, kind="stable")[:count]
        return [
            Candidate(self.entries[row], float(fused[place]), tuple(map(float, features[row])))
            for place, row in zip(order, rows[order], strict=True)
        ]


def fuse(features: Features) -> Vectors:
    """One score an entry from its signals."""
    weights = (WITH_VECTORS if features.shape[1] > len(LEXICAL_ONLY.fusion) else LEXICAL_ONLY).fusion
    fused: Vectors = features @ np.array(weights, dtype=np.float32)
    return fused


def _best(values: Vectors, owners: np.ndarray[Any, np.dtype[np.int64]], count: int) -> Vectors:
    best = np.zeros(count, dtype=np.float32)
    np.maximum.at(best, owners, values)
    return best


def _several(values: Vectors, owners: np.ndarray[Any, np.dtype[np.int64]], count: int) -> Vectors:
    """A soft maximum: many near texts of one entry say more than a single one."""
    sums = np.zeros(count, dtype=np.float32)
    np.add.at(sums, owners, np.exp(_SHARPNESS * (values - 1)))
    soft: Vectors = 1 + np.log(sums + 1e-9) / _SHARPNESS
    return soft


def _passages(entry: Entry) -> list[str]:
    """Question and one piece of what is told, so that each piece knows what it is about."""
    told = (entry.answer, *entry.facets.model_dump().values())
    parts = [part for text in told if text for part in pieces(text)]
    return [f"{entry.matter or entry.question} {part}" for part in parts] or [entry.question]


async def _vectors(encoder: Encoder, cache: VectorCache, encode: Any, role: str, texts: Sequence[str]) -> Vectors:
    keys = [vector_hash(encoder.name, role, text) for text in texts]
    found = await cache.get_many(keys)
    missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in found}.items())
    make = encoder.questions if role == "question" else encoder.passages
    for start in range(0, len(missing), _ENCODE_AT_ONCE):
        batch = missing[start : start + _ENCODE_AT_ONCE]
        vectors = await encode(make, [text for _, text in batch])
        computed = {key: vector for (key, _), vector in zip(batch, vectors, strict=True)}
        await cache.put_many(computed)
        found |= computed
    return np.array([found[key] for key in keys], dtype=np.float32).reshape(len(keys), encoder.dimension)
