"""What histories of part 3 are held against, and how they are found on a graph."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from helpers.checks import expect

N_START, BATCH_SIZE, N_ROUNDS = 50, 25, 22
N_LABELS = N_START + BATCH_SIZE * np.arange(N_ROUNDS + 1)
# Rounds at which a history is held against what random sampling gives.
LOOKS = (10, 14, 18, 22)


def expect_test_scores(history: np.ndarray, what: str) -> None:
    """Expect accuracies that 2,000 test reviews can give: whole numbers of reviews."""
    n_test = _split().X_test.shape[0]
    reviews = history * n_test
    expect(
        np.all(np.abs(reviews - np.round(reviews)) < 0.05),
        expected=f"{what}: shares of {n_test:,} test reviews",
        got=f"{history[np.argmax(np.abs(reviews - np.round(reviews)))]:.6f}",
        next_step="on which reviews is the learner scored?",
    )


@cache
def _split() -> Any:
    from helpers.checkpoints import realistic_split

    return realistic_split(classes=3)


@cache
def random_accuracies() -> np.ndarray:
    """Return the mean accuracy of random sampling at each of `LOOKS`."""
    from sklearn.linear_model import LogisticRegression

    split, rng = _split(), np.random.default_rng(0)
    X, y = split.X_pool, split.y_pool
    accuracies = np.empty((6, len(LOOKS)))
    for i in range(len(accuracies)):
        order = np.r_[:N_START, N_START + rng.permutation(len(y) - N_START)]
        for j, round_ in enumerate(LOOKS):
            rows = order[: N_LABELS[round_]]
            model = LogisticRegression(max_iter=1000).fit(X[rows], y[rows])
            accuracies[i, j] = model.score(split.X_test, split.y_test)
    return accuracies.mean(axis=0)


def close(values: np.ndarray, wanted: np.ndarray, tolerance: float) -> bool:
    """Tell whether an array has just these values."""
    return len(values) == len(wanted) and bool(np.all(np.abs(values - wanted) < tolerance))


def lines_of(lines: list[dict], runs: np.ndarray) -> list[dict]:
    """Return the lines that show the mean or median of the runs, as shares or in percent."""
    middles = [runs.mean(axis=0), np.median(runs, axis=0)]
    return [
        line
        for line in lines
        if any(
            close(line["y"], middle, 6e-4) or close(line["y"], 100 * middle, 6e-2)
            for middle in middles
        )
    ]


def named_curves(ax: dict, lines: list[dict], runs: list[np.ndarray]) -> list[tuple[str, dict]]:
    """Pair curves with their names: their own, or (seaborn, error bars) those of the legend."""
    named = [(line["label"], line) for line in lines if not line["label"].startswith("_")]
    if named:
        return named
    drawn = [line for line in lines if any(lines_of([line], array) for array in runs)]
    names = [text for text in ax["legend"] if text.strip()]
    return list(zip(names, drawn if len(drawn) >= len(names) else lines, strict=False))
