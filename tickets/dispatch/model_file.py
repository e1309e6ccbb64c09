"""A model as bytes: compressed arrays and JSON, nothing that runs when it is read."""

import hashlib
import io
import json
from typing import Any
from zipfile import BadZipFile

import numpy as np
from scipy import sparse

from tickets.dispatch.choice import Choice
from tickets.dispatch.features import WRITTEN, Features
from tickets.dispatch.linear import Linear
from tickets.dispatch.model import Model
from tickets.dispatch.ridge import Ridge

FORMAT = 2

_STEPS = 127  # of one byte on either side of zero

Array = np.ndarray[Any, np.dtype[Any]]


class ModelUnreadable(Exception):
    """The bytes are no model, or one of another version of this program."""


def dump(model: Model) -> bytes:
    """The model as bytes; large arrays in half precision, which moves probabilities in the third digit."""
    told = {
        "format": FORMAT,
        "units": model.units,
        "numbers": model.mark_numbers,
        "automatic_from": model.automatic_from,
        "columns": model.marks.shape[1],
    }
    linear, linear_scale = _as_bytes(model.linear.weights)
    arrays: dict[str, Array] = {
        "told": np.frombuffer(json.dumps(told, ensure_ascii=False).encode(), dtype=np.uint8),
        "counts": model.counts,
        "buckets": model.features.buckets,
        "idf": model.features.idf,
        "marks": model.marks.data.astype(np.float16),
        "marks_columns": model.marks.indices.astype(np.int32),
        "marks_starts": model.marks.indptr.astype(np.int32),
        "labels": model.mark_labels.astype(np.int32),
        "wide": model.wide.weights,
        "wide_usual": model.wide.usual,
        "near": model.near.weights,
        "near_usual": model.near.usual,
        "linear": linear,
        "linear_scale": linear_scale,
        "linear_buckets": model.linear.features.buckets,
        "linear_idf": model.linear.features.idf,
        "linear_usual": model.linear.usual,
        "vectors": model.vectors.astype(np.float16),
        "usual_vector": model.usual_vector,
        "choice": model.choice.weights,
    }
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def load(content: bytes) -> Model:
    """The model of `dump`.

    Raises:
        ModelUnreadable: it is none, or damaged.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            told = json.loads(arrays["told"].tobytes())
            if told["format"] != FORMAT:
                raise ModelUnreadable(f"format {told['format']}, wanted {FORMAT}")
            marks = sparse.csr_matrix(
                (arrays["marks"].astype(np.float32), arrays["marks_columns"], arrays["marks_starts"]),
                (len(arrays["labels"]), told["columns"]),
            )
            return Model(
                tuple(told["units"]),
                arrays["counts"],
                Features(arrays["buckets"], arrays["idf"]),
                marks,
                arrays["labels"],
                tuple(told["numbers"]),
                Ridge(arrays["wide"], arrays["wide_usual"]),
                Ridge(arrays["near"], arrays["near_usual"]),
                Linear(
                    Features(arrays["linear_buckets"], arrays["linear_idf"], WRITTEN),
                    _from_bytes(arrays["linear"], arrays["linear_scale"]),
                    arrays["linear_usual"],
                ),
                arrays["vectors"].astype(np.float32),
                arrays["usual_vector"],
                Choice(arrays["choice"]),
                told["automatic_from"],
            )
    except (BadZipFile, OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnreadable(str(error)) from error


def _as_bytes(weights: Array) -> tuple[Array, Array]:
    """One byte a weight and the largest weight of each unit; by the root, so that small weights keep their size."""
    largest = np.abs(weights).max(axis=0, initial=1e-9).astype(np.float32)
    return np.rint(np.sign(weights) * np.sqrt(np.abs(weights) / largest) * _STEPS).astype(np.int8), largest


def _from_bytes(stored: Array, largest: Array) -> Array:
    share = stored.astype(np.float32) / _STEPS
    weights: Array = share * np.abs(share) * largest
    return weights


def fingerprint(content: bytes) -> str:
    """What tells one model from another (64 hex digits)."""
    return hashlib.sha256(content).hexdigest()
