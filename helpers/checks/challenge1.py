"""Public items of challenge 1: batches that are uncertain and diverse."""

from __future__ import annotations

from typing import Any

import numpy as np

from .curves import axes_with_curves, expect_readable
from .question import Question, expect
from .values import as_indices, without_metric

batch_active_learning = Question("c1_batch_active_learning")

FUNCTION = "diversity_uncertainty_sampling"
N_SCORES = 21
_SCALE = 20.0


def pool_of(probabilities: np.ndarray, features: np.ndarray) -> tuple[Any, np.ndarray]:
    """Make a pool, and a classifier that gives just these probabilities to its rows.

    Parameters
    ----------
    probabilities : ndarray of float, shape (n, n_classes)
        Rows sum to 1.
    features : ndarray of float, shape (n, m)
        What makes rows alike or different.

    Returns
    -------
    classifier : LogisticRegression
        Sees the first columns of the pool only.
    pool : ndarray of float, shape (n, n_classes + m)
        The first columns are so small that distances are those of `features`.
    """
    from sklearn.linear_model import LogisticRegression

    n_classes = probabilities.shape[1]
    evidence = np.log(probabilities) / _SCALE
    pool = np.hstack([evidence, features])
    coefficients = np.zeros((n_classes, pool.shape[1]))
    coefficients[:, :n_classes] = _SCALE * np.eye(n_classes)
    classifier = LogisticRegression()
    classifier.classes_ = np.arange(n_classes)
    classifier.coef_ = coefficients
    if n_classes == 2:
        classifier.coef_ = coefficients[1:] - coefficients[:1]
    classifier.intercept_ = np.zeros(len(classifier.coef_))
    classifier.n_features_in_ = pool.shape[1]
    return classifier, pool


def two_classes(p: np.ndarray) -> np.ndarray:
    """Turn the probabilities of one class into those of both."""
    return np.column_stack([1 - p, p])


def uncertainty_of(classifier: Any, pool: Any) -> np.ndarray:
    """Return 1 minus the top probability of each row."""
    return 1 - classifier.predict_proba(pool).max(axis=1)


def rows_chosen(student: Any, classifier: Any, pool: Any, n: int | None = None) -> np.ndarray:
    """Let the student's strategy choose from a pool; return its row numbers, in any style.

    Only their range is checked here: how many there are, and how different, is an item of its own.
    """
    asked = {} if n is None else {"n_instances": n}
    result = student.call(FUNCTION, classifier, pool, **asked)
    rows = as_indices(without_metric(result), f"what `{FUNCTION}` returns")
    size = pool.shape[0]
    expect(
        len(rows) and rows.min() >= 0 and rows.max() < size,
        expected=f"row numbers from 0 to {size - 1}",
        got=f"from {rows.min()} to {rows.max()}" if len(rows) else "no rows",
        next_step="are these places in the pool, or in a part of it?",
    )
    return rows


def expect_different(rows: np.ndarray, n: int, size: int) -> None:
    """Expect `n` different row numbers of a pool of this size."""
    distinct = len(set(rows.tolist()))
    expect(
        len(rows) == n == distinct,
        expected=f"{n} different rows of a pool of {size:,}",
        got=f"{len(rows)} rows, {distinct} of them different",
        next_step="can a cluster be empty? Is a row's place in its cluster its number in the pool?",
    )


def scattered(n: int, seed: int, m: int = 12) -> tuple[Any, np.ndarray]:
    """Make a pool without groups, whose rows are anything from uncertain to certain."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.02, 0.98, size=n)
    return pool_of(two_classes(p), rng.normal(size=(n, m)))


def with_copies(seed: int, n_groups: int = 10, n_each: int = 9) -> tuple[Any, np.ndarray, Any]:
    """Make an uncertain pool in which half of the rows are near-copies of one.

    Returns
    -------
    classifier, pool
        As from `pool_of`.
    groups : ndarray of int, shape (n,)
        What each row is a copy of. The twelve most uncertain rows are all of group 0.
    """
    rng = np.random.default_rng(seed)
    groups = np.r_[
        np.zeros(n_each * (n_groups - 1), int), np.repeat(np.arange(1, n_groups), n_each)
    ]
    away = rng.uniform(0.02, 0.06, size=len(groups))
    away[:12] = rng.uniform(0, 0.01, size=12)
    p = 0.5 + away * rng.choice([-1, 1], size=len(groups))
    features = 3 * np.eye(n_groups)[groups] + rng.normal(scale=0.05, size=(len(groups), n_groups))
    order = rng.permutation(len(groups))
    classifier, pool = pool_of(two_classes(p[order]), features[order])
    return classifier, pool, groups[order]


@batch_active_learning.item(points=1)
def as_many_different_rows_as_asked(student):
    """`diversity_uncertainty_sampling` returns `n_instances` different rows, 10 if not told."""
    classifier, pool = scattered(200, seed=1)
    for n in (10, 1, 3, 25, None):
        expect_different(rows_chosen(student, classifier, pool, n), n or 10, len(pool))


@batch_active_learning.item(points=1)
def rows_are_more_uncertain_than_random_ones(student):
    """The chosen rows are far more uncertain than rows chosen at random."""
    classifier, pool = scattered(600, seed=2)
    uncertainty = uncertainty_of(classifier, pool)
    chosen = uncertainty[rows_chosen(student, classifier, pool, 12)].mean()
    usual, most = uncertainty.mean(), np.sort(uncertainty)[-12:].mean()
    expect(
        chosen > (usual + most) / 2,
        expected=f"a mean uncertainty well above the pool's {usual:.2f}; the highest is {most:.2f}",
        got=f"{chosen:.2f}",
        next_step="which row of a cluster do you pick? Print the uncertainty of the chosen rows",
    )


@batch_active_learning.item(points=1)
def rows_are_more_diverse_than_top_k(student):
    """From a pool of ten reviews and their copies, it chooses copies of at least six."""
    classifier, pool, groups = with_copies(seed=3)
    covered = len(set(groups[rows_chosen(student, classifier, pool, 10)].tolist()))
    expect(
        covered >= 6,
        expected="10 rows from at least 6 of the 10 groups of copies; top-k takes all from 1",
        got=f"rows from {covered} groups",
        next_step="what do you cluster: the reviews' features, or something else?",
    )


@batch_active_learning.item(points=1)
def modal_can_query_with_it(student):
    """modAL's `ActiveLearner.query` works with it, for one row and for a batch."""
    classifier, pool = scattered(120, seed=4)
    rows_chosen(student, classifier, pool, 5)
    X, y = pool[:20], np.arange(20) % 2
    for n in (10, 1):
        idx, shape = student.run(_query_by_modal, X, y, pool, n)
        asked = as_indices(idx, "what `learner.query` returns")
        expect(
            tuple(shape) == (n, pool.shape[1]) and len(set(asked.tolist())) == n,
            expected=f"{n} different instances from `learner.query`",
            got=f"rows {asked.tolist()}, an array of shape {tuple(shape)}",
            next_step="return row numbers, and modAL finds the rows",
        )


def _query_by_modal(X: Any, y: Any, pool: Any, n_instances: int) -> tuple:
    """Let modAL query with the student's own function; runs where the student's names are."""
    from modAL.models import ActiveLearner
    from sklearn.linear_model import LogisticRegression

    import __main__

    strategy = getattr(__main__, FUNCTION)
    learner = ActiveLearner(LogisticRegression(), strategy, X_training=X, y_training=y)
    idx, instances = learner.query(pool, n_instances=n_instances)
    return idx, instances.shape


@batch_active_learning.item(points=1)
def three_curves(student):
    """`ax` shows three curves of 21 accuracies, with a legend and a name for both axes."""
    ax, lines = axes_with_curves(student, "ax", 3)
    expect_readable(ax, "ax", 3)
    full = [line for line in lines if len(line["y"]) == N_SCORES]
    expect(
        len(full) >= 3,
        expected=f"three curves of {N_SCORES} points",
        got=f"curves of {', '.join(str(len(line['y'])) for line in lines)} points",
        next_step="a mean over the runs has one number for each column",
    )
