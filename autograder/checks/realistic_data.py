"""The realistic reviews: those of the notebooks, and some that no notebook has."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from helpers.checks import expect
from helpers.checks.models import accuracy_of, predictions_of
from helpers.checks.values import N_POOL, N_TEST


@cache
def split() -> Any:
    """Return the realistic reviews as in the notebook."""
    from helpers.checkpoints import realistic_split

    return realistic_split()


@cache
def true_label_accuracy() -> float:
    """Return what a logistic regression makes of all true labels of the pool."""
    from sklearn.linear_model import LogisticRegression

    data = split()
    return (
        LogisticRegression(max_iter=1000)
        .fit(data.X_pool, data.y_pool)
        .score(data.X_test, data.y_test)
    )


def expect_true_labels_learned(student: Any, name: str) -> None:
    """Expect a model to reach what all true labels of the pool give, and not more."""
    data, likely = split(), true_label_accuracy()
    reached = accuracy_of(predictions_of(student, name, data.X_test), data.y_test)
    expect(
        likely - 0.08 < reached < likely + 0.03,
        expected=f"an accuracy of about {likely:.2f} on the test set",
        got=f"{reached:.3f}",
        next_step="higher: has it seen test reviews? Lower: are all labels the true ones?",
    )


@cache
def unseen_reviews() -> tuple[list[str], np.ndarray]:
    """Return 1,500 reviews, and their labels, that no notebook has."""
    from helpers.reviews import realistic

    # No small number, which anybody could try until the reviews are these.
    df = realistic(1500, seed=204_061_739)
    return df["review"].tolist(), df["label"].to_numpy()


@cache
def pool_labels() -> np.ndarray:
    """Return the true labels of the pool."""
    from helpers.reviews import realistic

    return realistic(N_TEST + N_POOL)["label"].to_numpy()[N_TEST:]


@cache
def covered_by_the_handout() -> np.ndarray:
    """Tell of each of the unseen reviews whether a function of the handout votes on it."""
    import pandas as pd

    from helpers.weak_supervision import ABSTAIN, HANDOUT_LFS, apply_lfs

    texts, _ = unseen_reviews()
    return (apply_lfs(HANDOUT_LFS, pd.DataFrame({"review": texts})) != ABSTAIN).any(axis=1)
