"""Sentence vectors of tickets, by the project's own encoder."""

from collections.abc import Callable, Sequence

import numpy as np

from service.encoder import Encoder
from tickets.dispatch.model import Array, Encode

_BATCH = 32


def encode_with(encoder: Encoder, done: Callable[[int], None] | None = None) -> Encode:
    """Vectors of texts, made a few at a time; an empty text has a row of zeros.

    Args:
        done: is told after each batch how many texts it had.
    """

    def encode(texts: Sequence[str]) -> Array:
        vectors = np.zeros((len(texts), encoder.dimension), dtype=np.float32)
        told = [place for place, text in enumerate(texts) if text.strip()]
        for start in range(0, len(told), _BATCH):
            batch = told[start : start + _BATCH]
            vectors[batch] = encoder.questions([texts[place] for place in batch])
            if done is not None:
                done(len(batch))
        return vectors

    return encode
