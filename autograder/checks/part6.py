"""Hidden items of part 6."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.checks import expect
from helpers.checks.part6 import (
    advice_on_rows,
    analyze_issues,
    clean_training,
    expect_scores,
    labels_from,
    rows_of,
    scores_of,
    true_scores,
)
from helpers.checks.values import N_POOL

from .realistic_data import expect_true_labels_learned, split, true_label_accuracy


@analyze_issues.item(points=1, hidden=True)
def real_scores_are_right(student):
    """`real_scores` compares `flagged_real` with the rows that were flipped in the pool."""
    expect_scores(
        scores_of(student.get("real_scores"), "`real_scores`"),
        true_scores(rows_of(student, "flagged_real"), np.flatnonzero(flipped())),
        advice_on_rows(student, "the flipped rows of the realistic reviews are `noise_idx_real`"),
    )


@analyze_issues.item(points=1, hidden=True)
def realistic_rows_are_found_out_of_fold(student):
    """`flagged_real` is what out-of-fold predictions find: most of the flips, with false alarms."""
    scores = true_scores(rows_of(student, "flagged_real"), np.flatnonzero(flipped()))
    expect(
        scores["recall"] >= 0.58 and 0.42 <= scores["precision"] <= 0.9,
        expected="a recall of about 0.8, and a precision of about 0.65",
        got=f"recall {scores['recall']:.2f}, precision {scores['precision']:.2f}",
        next_step="few flips found: was each review judged by a model that had not seen it? All "
        "of them found: the true flips are for scoring only",
    )


@analyze_issues.item(points=1, hidden=True)
def scores_of_any_rows(student):
    """`detection_scores` is right for other rows: in any order, none flagged, none found."""
    cases = (
        (np.array([9, 4, 0, 7, 2]), np.array([2, 9, 5])),
        (pd.Index([10, 30, 20]), np.array([20, 40, 10, 50, 60, 70])),
        ([], [1, 2]),
        ([5, 6], [1, 2, 3]),
        ([3, 2, 1], [1, 2, 3]),
        (list(range(50)), [49]),
    )
    results = student.call_each("detection_scores", *cases)
    for (flagged, flipped), result in zip(cases, results, strict=True):
        expect_scores(
            scores_of(result, "what `detection_scores` returns"),
            true_scores(flagged, flipped),
            "try it with no flagged row at all, and with rows that are not sorted; precision is a "
            "share of what was flagged, recall of what was flipped",
        )


@clean_training.item(points=1, hidden=True)
def oracle_learned_the_true_labels(student):
    """`oracle_model` has learned the pool's true labels, and has never seen a test review."""
    expect_true_labels_learned(student, "oracle_model")


@clean_training.item(points=1, hidden=True)
def noisy_model_learned_the_noise(student):
    """`noisy_model` has learned all labels of the pool as they come, the flipped ones too."""
    share = _repeats_flips(student, "noisy_model")
    expect(
        share > 0.55,
        expected="a model that repeats most of the flips that cleanlab did not find",
        got=f"it repeats {share:.0%} of them",
        next_step="its labels are `y_real_noisy`",
    )
    _expect_below_oracle(student, "noisy_model", 0.01)
    # What was flagged is part of its training data, and not of the clean model's.
    X, labels = split().X_pool, noisy_labels()
    flagged = rows_of(student, "flagged_real")
    agree = {
        name: np.mean((labels_from(student, name, X) == labels)[flagged])
        for name in ("noisy_model", "clean_model")
        if student.has(name)
    }
    expect(
        agree["noisy_model"] > agree.get("clean_model", 0) + 0.04,
        expected="a model that agrees with the flagged labels more often than the clean one",
        got=", ".join(f"{name} {value:.0%}" for name, value in agree.items()),
        next_step="the noisy model learns all 4,000 rows, the clean one only the kept ones",
    )


@clean_training.item(points=2, hidden=True)
def clean_model_learned_the_kept_rows(student):
    """`clean_model` has learned the kept rows, with the labels they came with."""
    share = _repeats_flips(student, "clean_model")
    expect(
        share > 0.55,
        expected="a model that repeats most of the flips that cleanlab did not find",
        got=f"it repeats {share:.0%} of them",
        next_step="cleaning removes rows; who knows the true labels needs no cleaning",
    )
    _expect_below_oracle(student, "clean_model", 0.005)
    X, labels, flagged = split().X_pool, noisy_labels(), rows_of(student, "flagged_real")
    agree = np.mean((labels_from(student, "clean_model", X) == labels)[flagged])
    expect(
        agree < 0.32,
        expected="a model that seldom agrees with the labels that were removed",
        got=f"it agrees with {agree:.0%} of them",
        next_step="take the kept rows of both, features and labels",
    )


def _repeats_flips(student: Any, name: str) -> float:
    """Return how often a model repeats a flipped label that stayed in the training data."""
    hit = flipped()
    hit[rows_of(student, "flagged_real")] = False
    expect(
        hit.sum() >= 20,
        expected="flips that cleanlab did not find",
        got=f"{hit.sum()} of them",
        next_step="`flagged_real` should be what cleanlab flags, not what was flipped",
    )
    return float(np.mean((labels_from(student, name, split().X_pool) == noisy_labels())[hit]))


def _expect_below_oracle(student: Any, name: str, least: float) -> None:
    data = split()
    reached = np.mean(labels_from(student, name, data.X_test) == data.y_test)
    expect(
        0.6 < reached < true_label_accuracy() - least,
        expected=f"an accuracy below the oracle's {true_label_accuracy():.3f} on the test set",
        got=f"{reached:.3f}",
        next_step="are test reviews, or true labels, among its training data?",
    )


def flipped() -> np.ndarray:
    """Return a fresh mask of the pool's flipped rows, drawn as in the notebook."""
    n = N_POOL
    mask = np.zeros(n, dtype=bool)
    mask[np.random.default_rng(7).choice(n, size=int(0.3 * n), replace=False)] = True
    return mask


def noisy_labels() -> np.ndarray:
    """Return the pool's labels with the flips."""
    return np.where(flipped(), 1 - split().y_pool, split().y_pool)
