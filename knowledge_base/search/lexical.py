"""Lexical scores: how well a question's words fit an entry's wordings, and its whole text."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from knowledge_base.entry import Entry
from knowledge_base.synonyms import concepts
from knowledge_base.text import Tokenizer, normalise

Scores = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class LexicalScores:
    """One number an entry and signal, each from 0 to 1.

    Attributes:
        wording: cosine with the best of its wordings.
        body: cosine with all of its text.
        covered: share of the question's weight that its text knows at all.
    """

    wording: Scores
    body: Scores
    covered: Scores


class LexicalIndex:
    """TF-IDF over words, character pairs and synonyms; read-only once built."""

    def __init__(self, entries: Sequence[Entry], tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._vocabulary: dict[str, int] = {}
        self.wordings = [text for entry in entries for text in wordings_of(entry)]
        owners = [row for row, entry in enumerate(entries) for _ in wordings_of(entry)]
        self.owners = np.array(owners, dtype=np.int64)
        bags = [self._bag(text) for text in self.wordings]
        bodies = [self._body(entry) for entry in entries]
        # Words are weighed by how many entries know them: an entry with many wordings counts once.
        seen = Counter(token for body in bodies for token in body)
        for token in seen:
            self._vocabulary[token] = len(self._vocabulary)
        count = len(entries)
        self._idf = np.array([np.log(1 + count / found) for found in seen.values()], dtype=np.float32)
        self._unknown = float(np.log(1 + count))
        self._wordings = _normalised(self._matrix(bags)).tocsc()
        self._bodies = _normalised(self._matrix([_damped(body) for body in bodies])).tocsc()
        self._knows = self._bodies.astype(bool).astype(np.float32).tocsc()

    def scores(self, question: str) -> LexicalScores:
        """Scores of every entry."""
        bag = self._bag(question)
        known = [(self._vocabulary[token], weight) for token, weight in bag.items() if token in self._vocabulary]
        if not known:
            nothing: Scores = np.zeros(self._bodies.shape[0], dtype=np.float32)
            return LexicalScores(nothing, nothing, nothing)
        columns = np.array([column for column, _ in known])
        weights = np.array([weight for _, weight in known], dtype=np.float32) * self._idf[columns]
        strangers = sum(weight for token, weight in bag.items() if token not in self._vocabulary) * self._unknown
        norm = float(np.sqrt((weights**2).sum() + (0.5 * strangers) ** 2)) or 1.0
        by_wording = np.asarray(self._wordings[:, columns] @ (weights / norm)).ravel()
        wording = np.zeros(self._bodies.shape[0], dtype=np.float32)
        np.maximum.at(wording, self.owners, by_wording)
        body = np.asarray(self._bodies[:, columns] @ (weights / norm)).ravel()
        total = float(weights.sum()) + strangers
        covered = np.asarray(self._knows[:, columns] @ weights).ravel() / total
        return LexicalScores(wording, body, covered)

    def _bag(self, text: str) -> dict[str, float]:
        bag = {token: 1.0 if token[0] != "~" else 0.6 for token in self._tokenizer.tokens(text)}
        return bag | dict.fromkeys(concepts(normalise(text)), 1.2)

    def _body(self, entry: Entry) -> Counter[str]:
        body: Counter[str] = Counter()
        texts = (*wordings_of(entry), *entry.keywords, entry.answer, *entry.facets.model_dump().values())
        for text in texts:
            body.update(self._bag(text).keys())
        return body

    def _matrix(self, bags: Sequence[dict[str, float]]) -> scipy.sparse.csr_matrix:
        data, columns, starts = [], [], [0]
        for bag in bags:
            for token, weight in bag.items():
                column = self._vocabulary[token]
                columns.append(column)
                data.append(weight * self._idf[column])
            starts.append(len(columns))
        shape = (len(bags), len(self._vocabulary))
        return scipy.sparse.csr_matrix((np.array(data, dtype=np.float32), columns, starts), shape=shape)


def wordings_of(entry: Entry) -> tuple[str, ...]:
    """The texts by which people ask for an entry."""
    texts = (entry.question, *entry.similar_questions, entry.matter)
    return tuple(dict.fromkeys(text for text in texts if text))


def _damped(body: Counter[str]) -> dict[str, float]:
    return {token: float(np.sqrt(count)) for token, count in body.items()}


def _normalised(matrix: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
    norms = np.sqrt(matrix.multiply(matrix).sum(axis=1)).A1
    norms[norms == 0] = 1
    return scipy.sparse.diags(1 / norms).astype(np.float32) @ matrix
