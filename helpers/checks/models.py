"""What a student's model says of reviews."""

from __future__ import annotations

from typing import Any

import numpy as np

from .labeling_votes import POSITIVE
from .question import expect
from .values import as_numbers


def predictions_of(student: Any, name: str, X: Any) -> np.ndarray:
    """Let a model label the test reviews; return what it says as given."""
    student.get(name)
    predictions = as_numbers(student.call(f"{name}.predict", X), f"what `{name}.predict` returns")
    expect(
        len(predictions) == X.shape[0],
        expected=f"{X.shape[0]} labels from `{name}.predict`",
        got=len(predictions),
        next_step=f"`{name}` should take the features `X_real_test` as they are",
    )
    return predictions


def accuracy_of(predictions: np.ndarray, truth: np.ndarray) -> float:
    """Return the share of right labels; a regression's numbers count as labels from 0.5 on."""
    return float(np.mean((predictions >= 0.5) == (truth == POSITIVE)))
