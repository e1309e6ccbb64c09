"""Questions as vectors: those that ask the same lie near each other, also where few words are shared.

A vector has a lexical half (hashed characters and pairs, weighted by how rare they are among open questions) and,
with an encoder, a half of sentence meaning. Both are taken relative to what open questions have in common, for
"A市", "请问" or "投诉" say nothing about which matter is meant.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from service.characters import Keys, characters_and_pairs, counted
from service.encoder import Encoder
from service.text import STOP_WORDS, exact_key

Array = np.ndarray[Any, np.dtype[np.float32]]

_LEXICAL = 512  # dimensions of the lexical half
_BUCKETS = 8192  # in which pieces of text are counted
_SINGLE = 0.4  # what one character counts beside a pair
_NUMBER = re.compile(r"[\d*]{5,}")  # of a phone, a ticket, an account: whose it is, not what is asked
_STOP = re.compile("|".join(sorted(map(re.escape, STOP_WORDS), key=len, reverse=True)))


@dataclass(frozen=True, slots=True)
class Read:
    """A text, read: its hashed pieces and, with an encoder, its sentence vector."""

    pieces: tuple[tuple[int, float], ...]
    sentence: Array | None


@dataclass(slots=True)
class Common:
    """What texts have in common: how many have each piece, and where their sentence vectors lie in the mean."""

    texts: int = 0
    counts: Array = field(default_factory=lambda: np.zeros(_BUCKETS, np.float32))
    mean: Array = field(default_factory=lambda: np.zeros(0, np.float32))

    def add(self, read: Sequence[Read]) -> None:
        """Take more texts in."""
        self.texts += len(read)
        for one in read:
            self.counts[list({piece % _BUCKETS for piece, _ in one.pieces})] += 1
        sentences = [one.sentence for one in read if one.sentence is not None]
        if sentences:
            total = np.sum(sentences, axis=0, dtype=np.float32)
            self.mean = total if not self.mean.size else self.mean + total


class Meaning:
    """Turns questions into unit vectors.

    Attributes:
        space: vectors of different spaces cannot be compared.
        near: the score from which a question belongs to a group.
    """

    def __init__(self, encoder: Encoder | None) -> None:
        self._encoder = encoder
        self.space = f"{encoder.name}+pairs" if encoder else "pairs"
        self.near = 0.33 if encoder else 0.2
        self.dimension = _LEXICAL + (encoder.dimension if encoder else 0)

    def read(self, texts: Sequence[str]) -> list[Read]:
        """Read texts; with an encoder about 10 ms each."""
        pieces = _pieces(texts)
        if self._encoder is None or not texts:
            return [Read(found, None) for found in pieces]
        return [Read(*both) for both in zip(pieces, self._encoder.questions(texts), strict=True)]

    def vectors(self, read: Sequence[Read], common: Common) -> Array:
        """Unit vectors, one row a text."""
        found = np.zeros((len(read), self.dimension), np.float32)
        for row, one in zip(found, read, strict=True):
            for piece, weight in one.pieces:
                rare = np.log((common.texts + 1) / (common.counts[piece % _BUCKETS] + 0.5))
                row[piece % _LEXICAL] += weight * max(rare, 0.0) * (1 if piece >> 31 else -1)
            row[:_LEXICAL] = _unit(row[:_LEXICAL])
            if one.sentence is not None:
                row[_LEXICAL:] = _unit(one.sentence - common.mean / max(common.texts, 1))
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return np.divide(found, lengths, out=found, where=lengths > 0)


def most_typical(texts: Sequence[str]) -> str:
    """The text that shares most with all the others; by words alone."""
    meaning, common = Meaning(None), Common()
    read = meaning.read(texts)
    common.add(read)
    vectors = meaning.vectors(read, common)
    return texts[int((vectors @ vectors.sum(axis=0)).argmax())]


def _pieces(texts: Sequence[str]) -> list[tuple[tuple[int, float], ...]]:
    """For each text its characters and pairs, hashed, each with what it counts."""
    plain = [_STOP.sub(" ", exact_key(_NUMBER.sub(" ", text))) for text in texts]
    found: list[tuple[tuple[int, float], ...]] = [() for _ in texts]
    for tokens, each in zip(characters_and_pairs(plain), (_SINGLE, 1.0), strict=True):
        placed, counts = counted(tokens.rows, tokens.keys)
        keys = _mixed((placed & np.uint64(0xFFFFFFFF)).astype(np.uint32))
        weights = each * (1 + np.log(counts))
        for row, key, weight in zip(placed >> np.uint64(32), keys, weights, strict=True):
            found[int(row)] += ((int(key), float(weight)),)
    return found


def _mixed(keys: Keys) -> Keys:
    """Keys whose every bit depends on all of theirs, as buckets and signs are taken from them (a step of murmur3)."""
    mixed = (keys ^ (keys >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    return mixed ^ (mixed >> np.uint32(13))


def _unit(vector: Array) -> Array:
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector
