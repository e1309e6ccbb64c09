"""How much two tickets are alike: by their characters, and by their meaning where sentence vectors are known."""

from typing import Any

import numpy as np
from scipy import sparse

Array = np.ndarray[Any, np.dtype[Any]]

_BY_MEANING = 0.5  # how much of the likeness meaning decides
_SHARPNESS = 2.0


def by_characters(rows: sparse.csr_matrix, marks: sparse.csr_matrix) -> Array:
    """Cosines of rows of length 1, shape (rows, marks)."""
    cosines: Array = (rows @ marks.T).toarray()
    return cosines


def together(characters: Array) -> Array:
    """Likeness by characters where what occurs together counts: this matter in that street."""
    likeness: Array = (characters + characters**2) / 2
    return likeness


def with_meaning(characters: Array, vectors: Array, mark_vectors: Array) -> Array:
    """Likeness by characters and by sentence vectors of length 1, both from about 0 to 1."""
    meaning = np.exp(_SHARPNESS * (vectors @ mark_vectors.T - 1))
    mixed: Array = (1 - _BY_MEANING) * characters + _BY_MEANING * meaning
    return mixed


def apart(vectors: Array, usual: Array) -> Array:
    """Sentence vectors of length 1 without what all of a city's tickets share, which tells no two apart."""
    moved = vectors - usual
    unit: Array = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return unit
