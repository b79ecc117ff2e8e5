"""Read what students make in part 4: label matrices, weak labels, and models that learn from them.

As in `values`, every right style is read, and a wrong one raises `Unmet` in kind words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .labeling_votes import ABSTAIN, NEGATIVE, POSITIVE
from .question import counted, expect
from .values import (
    N_POOL,
    SAME,
    advice_on_share,
    as_indices,
    as_matrix,
    as_numbers,
    expect_given,
    is_mask,
    kind_of,
)


def column_shares(student: Any, function: str, matrices: Sequence[np.ndarray]) -> Iterator:
    """Let a function of Question 4.2 look at label matrices.

    Yields
    ------
    L : ndarray
        Each of the matrices.
    shares : ndarray of float, shape (L.shape[1],)
        What the function says of its columns.
    """
    results = student.call_each(function, *((L,) for L in matrices))
    for L, result in zip(matrices, results, strict=True):
        shares = as_numbers(result, f"what `{function}` returns")
        expect(
            len(shares) == L.shape[1],
            expected=f"{counted(L.shape[1], 'number')}, one for each column",
            got=f"{len(shares)}",
            next_step="a column of the label matrix is a function, a row is a review",
        )
        yield L, shares


def expect_shares(got: np.ndarray, wanted: list | np.ndarray, next_step: str) -> None:
    """Expect one share for each labeling function."""
    expect(
        np.all(np.abs(got - wanted) < SAME),
        expected=np.round(wanted, 3).tolist(),
        got=np.round(got, 3).tolist(),
        next_step=advice_on_share(got, wanted, next_step),
    )


def weak_labels_of(student: Any, n: int) -> np.ndarray:
    """Return `weak_labels`, if there is one of -1, 0, 1 for every review."""
    labels = as_numbers(student.get("weak_labels"), "`weak_labels`")
    expect(
        len(labels) == n,
        expected=f"{n} labels, one for each row of `L_real`",
        got=f"{len(labels)}",
        next_step="a review without a vote keeps its place, with -1",
    )
    expect(
        np.isin(labels, (POSITIVE, NEGATIVE, ABSTAIN)).all(),
        expected="nothing but 1, 0 and -1 in `weak_labels`",
        got=np.unique(labels)[:6].tolist(),
        next_step="these are hard labels; the probabilities go to `probs`",
    )
    return labels.astype(int)


def probabilities_of(student: Any, n: int) -> np.ndarray:
    """Return `probs`, if it has a row for each review and a column for each class."""
    probs = as_matrix(student.get("probs"), "`probs`")
    expect(
        probs.shape == (n, 2),
        expected=f"`probs` of shape ({n}, 2)",
        got=f"{probs.shape}",
        next_step="one row a review, one column a class: which method gives both?",
    )
    return probs


def weak_rows_of(student: Any) -> np.ndarray:
    """Return `weak_rows` as row numbers; a mask of the pool counts as well."""
    value = student.get("weak_rows")
    if is_mask(value):
        expect(
            np.shape(value) == (N_POOL,),
            expected=f"row numbers, or True or False for each of {N_POOL} rows",
            got=kind_of(value),
            next_step="one True or False for each row of the pool",
        )
        return np.flatnonzero(value)
    rows = as_indices(value, "`weak_rows`")
    expect(
        len(rows) > 0 and rows.min() >= 0 and rows.max() < N_POOL,
        expected=f"row numbers from 0 to {N_POOL - 1}",
        got=counted(len(rows), "number") + (f", up to {rows.max()}" if len(rows) else ""),
        next_step="`np.flatnonzero` turns True and False for each row into row numbers",
    )
    return rows


def given_matrix(student: Any) -> np.ndarray:
    """Return `L_real`, which a given cell makes."""
    L = as_matrix(student.get("L_real"), "`L_real`")
    expect_given(len(L) == N_POOL and L.shape[1] > 0, "L_real", L)
    return L


def label_matrix_of(student: Any) -> np.ndarray:
    """Return the label matrix of Question 4.6: `L_more`, or `L_real` if there is none yet."""
    name = "L_more" if student.has("L_more") else "L_real"
    L = as_matrix(student.get(name), f"`{name}`")
    expect(
        len(L) == N_POOL,
        expected=f"{N_POOL} rows in `{name}`",
        got=len(L),
        next_step="apply your functions to all of `df_real`",
    )
    return L
