"""A question as search sees it: its tokens, and how much each of them tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knowledge_base.search.segment import Concepts, concept_key
from knowledge_base.text import Tokenizer
from service.characters import Keys, characters_and_pairs

Weights = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Question:
    """Tokens, sorted, each once.

    Attributes:
        words: the pairs of neighbours that make each of its longer words.
    """

    characters: Keys
    pairs: Keys
    concepts: Keys
    words: tuple[Keys, ...]

    @classmethod
    def of(cls, text: str, tokenizer: Tokenizer, concepts: Concepts) -> "Question":
        """What a text asks for."""
        characters, pairs = characters_and_pairs([text])
        words = [word for word in dict.fromkeys(tokenizer.words(text)) if len(word) > 1]
        _, within = characters_and_pairs(words) if words else (None, None)
        made: Sequence[Keys] = () if within is None else [within.keys[within.rows == row] for row in range(len(words))]
        meant = np.array([concept_key(word) for word in concepts(text)], dtype=np.uint32)
        return cls(
            np.unique(characters.keys),
            np.unique(pairs.keys),
            np.unique(meant),
            tuple(keys for keys in made if len(keys)),
        )
