"""Lexical signals: how well a question fits an entry's wordings, and all of its text."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from knowledge_base.entry import Entry
from knowledge_base.search.bm25 import Bm25Field
from knowledge_base.synonyms import concepts
from knowledge_base.text import Tokenizer, normalise

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


class LexicalIndex:
    """Fields over the wordings and the whole text of each entry; read-only once built."""

    def __init__(self, entries: Sequence[Entry], tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.wordings = [text for entry in entries for text in wordings_of(entry)]
        self.owners = np.array([row for row, entry in enumerate(entries) for _ in wordings_of(entry)], dtype=np.int64)
        count, owners, rows = len(entries), self.owners.tolist(), list(range(len(entries)))
        texts = [_whole_text(entry) for entry in entries]
        self._characters = Bm25Field([_characters(text) for text in self.wordings], owners, count, 0.75)
        self._pairs = Bm25Field([self._tokenizer.pairs(text) for text in self.wordings], owners, count, 0.75)
        self._synonyms = Bm25Field([concepts(normalise(text)) for text in self.wordings], owners, count, 0.75)
        self._text_characters = Bm25Field([_characters(text) for text in texts], rows, count, 0.4)
        self._text_words = Bm25Field([self._tokenizer.words(text) for text in texts], rows, count, 0.4)

    def signals(self, question: str) -> Signals:
        """All signals, one row an entry, in the order of `SIGNALS`."""
        characters = _characters(question)
        wording, wording_covered = self._characters.scores(characters)
        text, text_covered = self._text_characters.scores(characters)
        pairs, _ = self._pairs.scores(self._tokenizer.pairs(question))
        synonyms, _ = self._synonyms.scores(concepts(normalise(question)))
        _, words_covered = self._text_words.scores(self._tokenizer.words(question))
        return np.stack((wording, wording_covered, pairs, synonyms, text, text_covered, words_covered), axis=1)


def wordings_of(entry: Entry) -> tuple[str, ...]:
    """The texts by which people ask for an entry."""
    texts = (entry.question, *entry.similar_questions, entry.matter)
    return tuple(dict.fromkeys(text for text in texts if text))


def _whole_text(entry: Entry) -> str:
    return " ".join((*wordings_of(entry), *entry.keywords, entry.answer, *entry.facets.model_dump().values()))


def _characters(text: str) -> list[str]:
    return [character for character in normalise(text) if character != " "]
