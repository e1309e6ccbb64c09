"""A question as search sees it: its tokens, and how much each of them tells."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from knowledge_base.search.segment import Concepts, concept_key
from service.characters import Keys, Rows, characters_and_pairs
from service.text import Tokenizer

Weights = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Question:
    """Tokens, sorted, each once.

    Attributes:
        words: the pairs of neighbours that make its longer words, one word after the other.
        word_starts: where the pairs of each begin among them.
    """

    characters: Keys
    pairs: Keys
    concepts: Keys
    words: Keys
    word_starts: Rows

    @classmethod
    def of(cls, text: str, tokenizer: Tokenizer, concepts: Concepts) -> "Question":
        """What a text asks for."""
        words = [word for word in dict.fromkeys(tokenizer.words(text)) if len(word) > 1]
        characters, pairs = characters_and_pairs([text, *words])
        whole = int(np.searchsorted(pairs.rows, 1))
        meant = np.array([concept_key(word) for word in concepts(text)], dtype=np.uint32)
        return cls(
            np.unique(characters.keys[: np.searchsorted(characters.rows, 1)]),
            np.unique(pairs.keys[:whole]),
            np.unique(meant),
            pairs.keys[whole:],
            np.flatnonzero(np.diff(pairs.rows[whole:], prepend=0)).astype(np.int32),
        )
