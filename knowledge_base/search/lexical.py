"""Lexical signals: how well a question fits an entry's wordings, and all of its text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knowledge_base.search.question import Question
from knowledge_base.search.segment import Segment
from service.characters import Keys, Rows, parts_of
from service.postings import Postings, Weights

Signals = np.ndarray[Any, np.dtype[np.float32]]

SIGNALS = (
    "wording characters",
    "wording characters covered",
    "wording pairs",
    "wording synonyms",
    "text characters",
    "text characters covered",
    "text words covered",
)
"""Chosen from sixteen such signals by what they add, on a base of citizens' questions and a foreign one."""

_LIMIT = 20_000  # postings gone through for one question, by wordings and by texts, over all segments
_LOWEST = np.float32(1e-9)  # score: what shares nothing has none
_COLUMN = 64  # scores of which the best is found first
_WEIGHED = 400  # entries that share most of the rare tokens, for which the frequent ones are looked up


@dataclass(frozen=True, slots=True)
class Weighted:
    """A question with the weight of each of its tokens in the whole base: what few entries have tells more."""

    question: Question
    characters: Weights
    pairs: Weights
    concepts: Weights
    text_characters: Weights
    text_pairs: Weights
    words: Weights

    @classmethod
    def of(cls, question: Question, segments: Sequence[Segment]) -> "Weighted":
        """Weigh a question by what the segments hold."""
        count = sum(len(segment.entries) for segment in segments)

        def rarity(keys: Keys, postings: Sequence[Postings]) -> Weights:
            known = np.sum([part.counts(keys) for part in postings], axis=0) if len(keys) else np.zeros(0)
            weights: Weights = np.log(1 + (count - known + 0.5) / (known + 0.5)).astype(np.float32)
            return weights

        both = np.concatenate((question.characters, question.pairs))
        in_wordings = rarity(both, [segment.in_wordings for segment in segments])
        in_texts = [segment.in_texts for segment in segments]
        text_tokens = rarity(both, in_texts)
        words = rarity(question.words, in_texts)
        size = len(question.characters)
        return cls(
            question,
            characters=in_wordings[:size],
            pairs=in_wordings[size:],
            concepts=rarity(question.concepts, [segment.in_concepts for segment in segments]),
            text_characters=text_tokens[:size],
            text_pairs=text_tokens[size:],
            # A word is no more frequent than the rarest pair in it.
            words=np.maximum.reduceat(words, question.word_starts) if len(words) else words,
        )


def likely(asked: Weighted, segments: Sequence[Segment], count: int) -> list[Rows]:
    """The entries that share most with a question, by wordings and by whole text; for each segment, in no order."""
    sizes = [len(segment.entries) for segment in segments]
    if sum(sizes) <= count:
        return [np.arange(size, dtype=np.int32) for size in sizes]
    scored = [_shares(asked, segment, _LIMIT // len(segments)) for segment in segments]
    ends = np.cumsum([0, *(len(rows) for rows, _, _ in scored)])
    by_wording, by_text = (np.concatenate([scores[place] for scores in scored]) for place in (1, 2))
    best = np.zeros(ends[-1], dtype=bool)
    for scores in (by_wording, by_text, by_wording + by_text):
        best[_best(scores, count)] = True
    return [rows[best[first:end]] for (rows, _, _), first, end in zip(scored, ends, ends[1:], strict=False)]


def _shares(asked: Weighted, segment: Segment, limit: int) -> tuple[Rows, Weights, Weights]:
    """The entries that share most of a question's rare tokens, and what they share of all, by wordings and by text."""
    question = asked.question
    tokens = np.concatenate((question.characters, question.pairs))
    text_weights = np.concatenate((asked.text_characters, asked.text_pairs))
    ways: tuple[tuple[tuple[Postings, Keys, Weights], ...], ...] = (
        (
            (segment.in_wordings, tokens, np.concatenate((asked.characters, asked.pairs))),
            (segment.in_concepts, question.concepts, asked.concepts),
        ),
        ((segment.in_texts, tokens, text_weights),),
    )
    scored, chosen = [], []
    for way in ways:
        scores = np.zeros(-(-len(segment.entries) // 8) * 8, dtype=np.float32)
        left = [postings.add(keys, weights, scores, limit) for postings, keys, weights in way]
        scored.append((scores, left))
        chosen.append(_best(scores, _WEIGHED))
    rows = np.union1d(*chosen).astype(np.int32)
    shares = []
    for way, (scores, lefts) in zip(ways, scored, strict=True):
        whole = scores[rows]
        for (postings, keys, weights), left in zip(way, lefts, strict=True):
            whole += (weights[left, None] * postings.have(keys[left], rows)).sum(axis=0)
        shares.append(whole)
    return rows, shares[0], shares[1]


def _best(scores: Weights, count: int) -> Rows:
    """The rows of the highest scores above none, in no order."""
    least = _LOWEST
    if len(scores) > _COLUMN * count:
        # So many columns have a score as high as the lowest of their best: what is lower need not be looked at.
        columns = scores[: len(scores) // _COLUMN * _COLUMN].reshape(_COLUMN, -1).max(axis=0)
        least = max(np.partition(columns, -count)[-count], _LOWEST)
    rows = np.flatnonzero(scores >= least)
    return rows if len(rows) <= count else rows[np.argpartition(-scores[rows], count)[:count]]


def signals(asked: Weighted, segment: Segment, rows: Rows) -> Signals:
    """All signals of these entries, in the order of `SIGNALS`, as shares of what the question asks for."""
    question = asked.question
    texts, begins = parts_of(segment.starts, rows)

    def best(values: Signals, weights: Weights) -> Signals:
        total = float(weights.sum())
        if not total or not len(rows):
            return np.zeros(len(rows), dtype=np.float32)
        found: Signals = np.maximum.reduceat(values, begins) / total
        return found

    fit, covered = segment.wordings.scores(question.characters, asked.characters, texts)
    pairs, _ = segment.pairs.scores(question.pairs, asked.pairs, texts)
    synonyms, _ = segment.concepts.scores(question.concepts, asked.concepts, texts)
    text_fit, text_covered = segment.texts.scores(question.characters, asked.text_characters, rows)
    total = max(float(asked.text_characters.sum()), 1e-9)
    words = np.zeros(len(rows), dtype=np.float32)
    if len(question.words):
        keys, places = np.unique(question.words, return_inverse=True)
        having = segment.in_texts.have(keys, rows)[places]
        words = asked.words @ np.logical_and.reduceat(having, question.word_starts)
        words /= max(float(asked.words.sum()), 1e-9)
    columns = (
        best(fit, asked.characters),
        best(covered, asked.characters),
        best(pairs, asked.pairs),
        best(synonyms, asked.concepts),
        text_fit / total,
        text_covered / total,
        words,
    )
    return np.column_stack(columns).astype(np.float32)
