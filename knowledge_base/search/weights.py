"""Learned numbers: how signals are fused, and how sure a result is. Made by `knowledge_base.search.fit`."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "weights.json"


@dataclass(frozen=True, slots=True)
class Weights:
    """One set, with or without vectors.

    Attributes:
        fusion: of each signal, for the first choice of entries (`knowledge_base.search.ranking`).
        comparison: of the terms by which these are compared.
        mean, spread: by which the signals of sureness are brought to one scale.
        sureness: of these signals and of their products, then the constant (`knowledge_base.decision`).
    """

    fusion: tuple[float, ...]
    comparison: tuple[float, ...]
    mean: tuple[float, ...]
    spread: tuple[float, ...]
    sureness: tuple[float, ...]


def _read(name: str) -> Weights:
    numbers = json.loads(FILE.read_text("utf-8"))[name]
    return Weights(**{key: tuple(values) for key, values in numbers.items()})


LEXICAL_ONLY = _read("lexical_only")
WITH_VECTORS = _read("with_vectors")

FINGERPRINT = hashlib.sha256(FILE.read_bytes()).hexdigest()[:8]
"""By which an answer's record names the numbers that decided it."""
