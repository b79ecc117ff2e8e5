"""Starting points: what a part needs from earlier parts, without running them.

Everything here is deterministic and leaves NumPy's global random state alone, so a part gives the
same numbers whichever cells ran before it.

modAL and Snorkel are imported where they are used: both load torch, and parts that do without it
start a second sooner, and are graded in processes with 120 MB less to fork.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from helpers import reviews


@dataclass(frozen=True)
class Split:
    """Reviews as numbers, in three groups: a pool to learn from, validation and test.

    Attributes
    ----------
    df : DataFrame, n rows
        The reviews and their labels.
    vectorizer : TfidfVectorizer
        Fitted.
    X : ndarray or CSR matrix, shape (n, n_features)
        Row i belongs to row i of `df`.
    y : ndarray of int, shape (n,)
    pool, val, test : ndarray of int
        Positions of each group's rows; no row is in two groups.
    X_pool, y_pool, X_val, y_val, X_test, y_test
        The rows of `X` and `y` in each group.
    """

    df: pd.DataFrame
    vectorizer: TfidfVectorizer
    X: Any
    y: np.ndarray
    pool: np.ndarray
    val: np.ndarray
    test: np.ndarray
    X_pool: Any
    y_pool: np.ndarray
    X_val: Any
    y_val: np.ndarray
    X_test: Any
    y_test: np.ndarray

    @property
    def df_pool(self) -> pd.DataFrame:
        """The pool's reviews."""
        return self.df.iloc[self.pool]

    @property
    def df_val(self) -> pd.DataFrame:
        """The validation set's reviews."""
        return self.df.iloc[self.val]

    @property
    def df_test(self) -> pd.DataFrame:
        """The test set's reviews."""
        return self.df.iloc[self.test]


def _split(df: pd.DataFrame, vectorizer: TfidfVectorizer, X: Any, *groups: np.ndarray) -> Split:
    y = df["label"].to_numpy()
    parts = [part for rows in groups for part in (X[rows], y[rows])]
    return Split(df, vectorizer, X, y, *groups, *parts)


def handout_split() -> Split:
    """Return the handout's binary dataset, vectorized and split exactly as in part 2.

    Returns
    -------
    Split
        818 reviews: 588 pool, 66 validation, 164 test. `X` is a dense array.
    """
    df = reviews.handout(1000)
    df_binary = df[df["label"] != 2].copy()
    vectorizer = TfidfVectorizer(max_features=500, stop_words="english")
    X = vectorizer.fit_transform(df_binary["review"]).toarray()
    rest, test = train_test_split(np.arange(len(X)), test_size=0.2, random_state=42)
    pool, val = train_test_split(rest, test_size=0.1, random_state=42)
    return _split(df_binary, vectorizer, X, pool, val, test)


def realistic_split(
    n_pool: int = 4000,
    n_test: int = 2000,
    n_val: int = 0,
    *,
    classes: int = 2,
    difficulty: float = 0.5,
    seed: int = 0,
) -> Split:
    """Return realistic reviews, vectorized and split.

    Parameters
    ----------
    n_pool, n_test, n_val : int
        Number of reviews in each group.
    classes : {2, 3}
        Whether neutral reviews are among them.
    difficulty, seed
        As in `helpers.reviews.realistic`.

    Returns
    -------
    Split
        `X` is a sparse CSR matrix of TF-IDF weights of single words and pairs of words. The
        vectorizer has seen the pool only. The test set comes first in `df`, so it stays the same
        when the pool grows.
    """
    df = reviews.realistic(
        n_test + n_val + n_pool, difficulty=difficulty, seed=seed, classes=classes
    )
    test, val, pool = np.split(np.arange(len(df)), [n_test, n_test + n_val])
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2)
    vectorizer.fit(df["review"].iloc[pool])
    X = vectorizer.transform(df["review"]).tocsr()
    return _split(df, vectorizer, X, pool, val, test)


def uncertainty_history(
    split: Split, n_initial: int = 50, batch_size: int = 25, n_rounds: int = 22
) -> list[float]:
    """Run uncertainty sampling once, from the first `n_initial` rows of the pool.

    Returns
    -------
    list of float, length n_rounds + 1
        Test accuracy before the first query and after each round.
    """
    from modAL.uncertainty import uncertainty_sampling

    order = np.arange(len(split.pool))
    return _history(split, order, n_initial, batch_size, n_rounds, uncertainty_sampling)


def repeated_runs(
    split: Split,
    n_initial: int = 50,
    batch_size: int = 25,
    n_rounds: int = 22,
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5),
) -> tuple[np.ndarray, np.ndarray]:
    """Run uncertainty sampling and random sampling from several random starts.

    Returns
    -------
    uncertainty_runs, random_runs : ndarray, shape (n_seeds, n_rounds + 1)
        Test accuracies; row i of both has the same start.
    """
    from modAL.uncertainty import uncertainty_sampling

    runs: tuple[list, list] = ([], [])
    for seed in seeds:
        order = np.random.default_rng(seed).permutation(len(split.pool))
        # The rest of the order is random already: its first rows are a random sample.
        for strategy, histories in zip((uncertainty_sampling, _first_rows), runs, strict=True):
            histories.append(_history(split, order, n_initial, batch_size, n_rounds, strategy))
    return np.array(runs[0]), np.array(runs[1])


def _first_rows(classifier: Any, X_pool: Any, n_instances: int = 1) -> tuple[np.ndarray, None]:
    return np.arange(n_instances), None


def _history(
    split: Split,
    order: np.ndarray,
    n_initial: int,
    batch_size: int,
    n_rounds: int,
    strategy: Callable,
) -> list[float]:
    """Run one active learning experiment on the pool's rows in this order."""
    from modAL.models import ActiveLearner

    X, y = split.X_pool[order], split.y_pool[order]
    X_test, y_test = split.X_test, split.y_test
    with warnings.catch_warnings():
        # modAL 0.4.2.1 calls scikit-learn by an argument's old name.
        warnings.filterwarnings("ignore", "'force_all_finite'", FutureWarning)
        learner = ActiveLearner(
            estimator=LogisticRegression(max_iter=1000),
            query_strategy=strategy,
            X_training=X[:n_initial],
            y_training=y[:n_initial],
        )
        X, y = X[n_initial:], y[n_initial:]
        history = [learner.score(X_test, y_test)]
        for _ in range(n_rounds):
            rows, _ = learner.query(X, n_instances=batch_size)
            learner.teach(X[rows], y[rows])
            keep = np.ones(len(y), dtype=bool)
            keep[rows] = False
            X, y = X[keep], y[keep]
            history.append(learner.score(X_test, y_test))
    return history


def label_probabilities(
    L: np.ndarray, n_epochs: int = 500, seed: int = 42, lr: float = 0.01
) -> np.ndarray:
    """Train Snorkel's label model on a label matrix; return its probabilities.

    Parameters
    ----------
    L : ndarray of int, shape (n, m)
        Votes of m labeling functions: 1, 0, or -1 for none.
    n_epochs, seed : int
    lr : float
        All three as for `snorkel.labeling.model.LabelModel.fit`.

    Returns
    -------
    ndarray of float, shape (n, 2)
        Equal where nobody votes. Unlike `fit` itself, this leaves the random states of Python,
        NumPy and torch as they were.
    """
    import random

    import torch

    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    # Its first import draws random numbers, too.
    from snorkel.labeling.model import LabelModel

    model = LabelModel(cardinality=2, verbose=False)
    try:
        model.fit(L, n_epochs=n_epochs, seed=seed, lr=lr, progress_bar=False)
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])
    return model.predict_proba(L)


@dataclass(frozen=True)
class Measured:
    """What the methods of parts 3 to 5 do on the same 2,000 test reviews, two classes.

    Attributes
    ----------
    qualities : dict of str to float
        Accuracy by method: of the labels, or of the model that gives them.
    n_labels : int
        Labels that active learning bought.
    human_share : float
        Share of the reviews that hybrid labeling gave to people.
    input_tokens, output_tokens : float
        Mean tokens of one label by the language model.
    """

    qualities: dict[str, float]
    n_labels: int
    human_share: float
    input_tokens: float
    output_tokens: float


def measured_qualities() -> Measured:
    """Measure the five methods, much as the solutions of parts 3 to 5 do.

    Nothing here is remembered from an earlier run: every number is measured when asked for.
    For `manual` and `hybrid` people label as `reviews.simulated_human` does; active learning is
    `uncertainty_history`, whose labels are the true ones, which is a little too kind to it; weak
    supervision is fourteen plain labeling functions, a label model, and a classifier; the language
    model is `MockLabeler`, which always answers; hybrid labeling asks people where it is less sure
    than 0.8.

    Returns
    -------
    Measured
    """
    from helpers.llm import MockLabeler
    from helpers.weak_supervision import ABSTAIN, PLAIN_LFS, apply_lfs

    split = realistic_split()
    truth = split.y_test
    human = reviews.simulated_human(split.df_test)

    n_start, batch_size, n_rounds = 50, 25, 22
    history = uncertainty_history(split, n_start, batch_size, n_rounds)

    L = apply_lfs(PLAIN_LFS, split.df_pool)
    voted = np.flatnonzero((L != ABSTAIN).any(axis=1))
    with warnings.catch_warnings():
        # Snorkel calls SciPy in a way that SciPy means to change.
        warnings.filterwarnings("ignore", "Input has data type int64", FutureWarning)
        weak_labels = label_probabilities(L)[voted].argmax(axis=1)
    weak = LogisticRegression(max_iter=1000).fit(split.X_pool[voted], weak_labels)

    results = MockLabeler().label(split.df_test["review"].tolist())
    model = np.array([result.label == "POSITIVE" for result in results], dtype=int)
    sure = np.array([result.confidence >= 0.8 for result in results])

    qualities = {
        "manual": float(np.mean(human == truth)),
        "active_learning": float(history[-1]),
        "weak_supervision": float(weak.score(split.X_test, truth)),
        "llm": float(np.mean(model == truth)),
        "hybrid": float(np.mean(np.where(sure, model, human) == truth)),
    }
    return Measured(
        qualities=qualities,
        n_labels=n_start + batch_size * n_rounds,
        human_share=float(np.mean(~sure)),
        input_tokens=float(np.mean([result.input_tokens for result in results])),
        output_tokens=float(np.mean([result.output_tokens for result in results])),
    )
