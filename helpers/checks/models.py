"""What a student's model says of reviews."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from . import wire
from .labeling_votes import POSITIVE
from .question import expect
from .values import advice_on_given, as_numbers, kind_of


def real_test_set(student: Any) -> tuple[Any, np.ndarray]:
    """Return features and labels of the test reviews, as the given cells have made them."""
    X, truth = student.get("real.X_test"), as_numbers(student.get("real.y_test"), "`real.y_test`")
    expect(
        getattr(X, "ndim", 0) == 2 and X.shape[0] == len(truth),
        expected="the test reviews in `real`, as the given cell makes them",
        got=f"`real.X_test` is {kind_of(X)}",
        next_step=advice_on_given("real"),
    )
    return X, truth


def predictions_of(student: Any, name: str, X: Any) -> np.ndarray:
    """Let a model label reviews; return what it says as given.

    It is asked once about the same reviews, however many items want to know.
    """
    student.get(name)
    key = ("predictions", name, hashlib.sha256(wire.encode(X)).digest())
    said = student.once(key, lambda: student.call(f"{name}.predict", X))
    predictions = as_numbers(said, f"what `{name}.predict` returns")
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
