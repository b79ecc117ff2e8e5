"""Hidden items of challenge 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from helpers.checks import expect
from helpers.checks.challenge1 import (
    N_SCORES,
    batch_active_learning,
    expect_different,
    pool_of,
    rows_chosen,
    scattered,
    two_classes,
    uncertainty_of,
)
from helpers.checks.curves import axes_with_curves
from helpers.checks.values import as_mapping, as_matrix

_N_LABELS = 50 + 10 * np.arange(N_SCORES)
_N_TEST = 2000
_AS_IT_IS = "take what `repeated` returns"
# What strategies reach on average over the curve, means of five runs: random 0.678, clusters of the
# whole pool 0.693, top-k 0.705; eleven right ones 0.725 to 0.740. Such a mean has a
# deviation of 0.005.
_GAIN = 0.01


@batch_active_learning.item(points=1, hidden=True)
def diverse_batches_win(student):
    """`batch_runs` has the three strategies' runs, `ax` shows their means, and diverse wins."""
    means = {name: runs.mean(axis=0) for name, runs in _runs_of(student).items()}
    _, lines = axes_with_curves(student, "ax", 3)
    for name, mean in means.items():
        drawn = [line for line in lines if len(line["y"]) == N_SCORES and _same(line["y"], mean)]
        expect(
            any(np.abs(line["x"] - _N_LABELS).max() < 1e-6 for line in drawn),
            expected=f"the mean of {name}, over {_N_LABELS[0]} to {_N_LABELS[-1]} labels",
            got="a curve over other numbers" if drawn else "no such curve",
            next_step="over which axis of the runs is the mean? How many labels before a query?",
        )
    levels = {name: mean.mean() for name, mean in means.items()}
    best_other = max(levels["random"], levels["top-k"])
    expect(
        best_other + _GAIN < levels["diverse"] < best_other + 0.2,
        expected=f"diverse above {best_other + _GAIN:.3f} on average over the curve",
        got=f"{levels['diverse']:.3f}",
        next_step="how many different values of `original` are there in one of your batches?",
    )


@batch_active_learning.item(points=1, hidden=True)
def any_pool_will_do(student):
    """It copes with pools that are smaller than a batch, and with pools full of copies."""
    for size, n in ((4, 10), (10, 10), (1, 1), (1, 5), (12, 11)):
        classifier, pool = scattered(size, seed=size)
        expect_different(rows_chosen(student, classifier, pool, n), min(n, size), size)
    p = np.repeat(np.linspace(0.45, 0.5, 4), 15)
    classifier, pool = pool_of(two_classes(p), np.repeat(3 * np.eye(4), 15, axis=0))
    expect_different(rows_chosen(student, classifier, pool, 10), 10, len(pool))


@batch_active_learning.item(points=1, hidden=True)
def large_sparse_pools_will_do(student):
    """It copes with a sparse pool that would not fit in memory if it were dense."""
    classifier, pool = _sparse_pool()
    rows = rows_chosen(student, classifier, pool, 10)
    uncertainty = uncertainty_of(classifier, pool)
    expect(
        uncertainty[rows].mean() > uncertainty.mean() + 0.03,
        expected=f"rows more uncertain than the pool's {uncertainty.mean():.2f}",
        got=f"{uncertainty[rows].mean():.2f}",
        next_step="try a `scipy.sparse` pool of 10,000 rows and 60,000 columns",
    )


@batch_active_learning.item(points=1, hidden=True)
def certain_reviews_are_left_alone(student):
    """Where the model is sure of most of the pool, the chosen rows are those it is unsure of."""
    classifier, pool, groups = _mostly_certain(seed=5)
    rows = rows_chosen(student, classifier, pool, 10)
    unsure = int((groups[np.unique(rows)] >= 0).sum())
    expect(
        unsure >= 8,
        expected="at least 8 of 10 rows that the model is unsure of",
        got=f"{unsure}",
        next_step="read the trap in the question again: which rows do you cluster?",
    )


@batch_active_learning.item(points=1, hidden=True)
def the_most_uncertain_of_a_group_is_taken(student):
    """Of a group of similar rows it takes the most uncertain one, also with three classes."""
    classifier, pool, best = _groups_with_a_best_row(seed=6)
    rows = rows_chosen(student, classifier, pool, 10)
    found = len(best & set(rows.tolist()))
    expect(
        found >= 6,
        expected="the most uncertain row of at least 6 of 10 groups",
        got=f"of {found}",
        next_step="with three classes, is your uncertainty high where the top probability is low? "
        "Is the row you return the one you found in the cluster?",
    )


def _runs_of(student: Any) -> dict[str, np.ndarray]:
    """Return `batch_runs` by strategy, if these can be the runs of three strategies."""
    given = as_mapping(student.get("batch_runs"), "`batch_runs`")
    named = {str(key).strip().lower().replace("_", "-"): runs for key, runs in given.items()}
    found = {
        name: [runs for key, runs in named.items() if name in key]
        for name in ("random", "top-k", "diverse")
    }
    missing = [name for name, runs in found.items() if len(runs) != 1]
    expect(
        not missing,
        expected="'random', 'top-k' and 'diverse' in `batch_runs`",
        got=f"{', '.join(named) or 'nothing'}",
        next_step="see step 2 of the question",
    )
    runs = {name: as_matrix(found[name][0], f"`batch_runs[{name!r}]`") for name in found}
    for name, matrix in runs.items():
        expect(
            matrix.shape == (5, N_SCORES),
            expected=f"5 runs of {N_SCORES} accuracies for {name}",
            got=f"shape {matrix.shape}",
            next_step=_AS_IT_IS,
        )
        expect(
            ((matrix >= 0) & (matrix <= 1)).all(),
            expected=f"accuracies between 0 and 1 for {name}",
            got=f"from {matrix.min():.3g} to {matrix.max():.3g}",
            next_step=_AS_IT_IS,
        )
        reviews = matrix * _N_TEST
        expect(
            np.abs(reviews - reviews.round()).max() < 0.05
            and _same(matrix[:, 0], runs["random"][:, 0]),
            expected=f"accuracies on {_N_TEST:,} test reviews, from the same five starts",
            got=f"starts {matrix[:, 0].round(4).tolist()} for {name}",
            next_step=_AS_IT_IS,
        )
    return runs


def _same(values: np.ndarray, wanted: np.ndarray) -> bool:
    percent = 100 if values.max() > 1.5 else 1
    return bool(np.abs(values / percent - wanted).max() < 6e-4)


def _sparse_pool() -> tuple[Any, Any]:
    """Make 10,000 rows of 60,000 columns, with eight words each, as uncertain as it comes."""
    import scipy.sparse as sp

    rng = np.random.default_rng(8)
    n, width, n_words = 10_000, 60_000, 8
    rows = np.repeat(np.arange(n), n_words)
    words = rng.integers(width, size=n * n_words)
    bag = sp.csr_matrix((np.full(n * n_words, 0.35), (rows, words)), shape=(n, width))
    classifier, evidence = pool_of(two_classes(rng.uniform(0.02, 0.98, size=n)), np.zeros((n, 0)))
    classifier.coef_ = np.pad(classifier.coef_, ((0, 0), (0, width)))
    classifier.n_features_in_ += width
    return classifier, sp.hstack([sp.csr_matrix(evidence), bag]).tocsr()


def _mostly_certain(seed: int) -> tuple[Any, np.ndarray, np.ndarray]:
    """Make a pool of 12 large certain groups (-1), and 10 small uncertain ones (0 to 9)."""
    rng = np.random.default_rng(seed)
    groups = np.r_[np.repeat(np.arange(10), 60), np.repeat(np.arange(10, 22), 120)]
    away = np.where(
        groups < 10, rng.uniform(0, 0.05, len(groups)), rng.uniform(0.42, 0.49, len(groups))
    )
    p = 0.5 + away * rng.choice([-1, 1], size=len(groups))
    features = np.eye(22)[groups] * np.where(groups < 10, 1, 4)[:, np.newaxis]
    features = features + rng.normal(scale=0.05, size=features.shape)
    order = rng.permutation(len(groups))
    classifier, pool = pool_of(two_classes(p[order]), features[order])
    return classifier, pool, np.where(groups < 10, groups, -1)[order]


def _groups_with_a_best_row(seed: int) -> tuple[Any, np.ndarray, set[int]]:
    """Make ten groups of nine rows in three classes; one row of each is by far the least certain.

    Every measure of uncertainty agrees on it. Half minus one class's probability does not.
    """
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(10), 9)
    middle = rng.uniform(0.50, 0.56, size=len(groups))
    middle[::9] = rng.uniform(0.30, 0.33, size=10)
    first = (1 - middle) * rng.uniform(0.47, 0.53, size=len(groups))
    table = np.column_stack([first, middle, 1 - first - middle])
    features = 3 * np.eye(10)[groups] + rng.normal(scale=0.05, size=(len(groups), 10))
    order = rng.permutation(len(groups))
    classifier, pool = pool_of(table[order], features[order])
    return classifier, pool, set(np.flatnonzero(order % 9 == 0).tolist())
