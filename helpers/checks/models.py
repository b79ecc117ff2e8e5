"""What a student's model says of reviews."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from typing import Any

import numpy as np
import scipy.sparse as sp

from .labeling_votes import POSITIVE
from .question import expect
from .values import as_numbers


def predictions_of(student: Any, name: str, X: Any) -> np.ndarray:
    """Let a model label reviews; return what it says as given.

    It is asked once about the same reviews, however many items want to know.
    """
    student.get(name)
    said = student.once(
        ("predictions", name, _contents(X)), lambda: student.call(f"{name}.predict", X)
    )
    predictions = as_numbers(said, f"what `{name}.predict` returns")
    expect(
        len(predictions) == X.shape[0],
        expected=f"{X.shape[0]} labels from `{name}.predict`",
        got=len(predictions),
        next_step=f"`{name}` should take the features `X_real_test` as they are",
    )
    return predictions


def _contents(X: Any) -> Hashable:
    """Return what is the same for equal sparse matrices, and for no others."""
    if not sp.issparse(X):
        return object()
    csr = X.tocsr()
    parts = (csr.data, csr.indices, csr.indptr)
    return csr.shape, *(hashlib.sha256(np.ascontiguousarray(part)).digest() for part in parts)


def accuracy_of(predictions: np.ndarray, truth: np.ndarray) -> float:
    """Return the share of right labels; a regression's numbers count as labels from 0.5 on."""
    return float(np.mean((predictions >= 0.5) == (truth == POSITIVE)))
