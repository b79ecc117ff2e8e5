"""Labeling functions for movie reviews, and what a label matrix says about them.

A *label matrix* L has one row per review and one column per labeling function; its entries are
`POSITIVE`, `NEGATIVE` or `ABSTAIN`.
"""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from snorkel.labeling import LabelingFunction, LFApplier, labeling_function

POSITIVE = 1
NEGATIVE = 0
ABSTAIN = -1


# The handout's eight, word for word.


@labeling_function()
def lf_contains_amazing(x):
    """If review contains 'amazing', label as positive."""
    return POSITIVE if "amazing" in x.review.lower() else ABSTAIN


@labeling_function()
def lf_contains_terrible(x):
    """If review contains 'terrible', label as negative."""
    return NEGATIVE if "terrible" in x.review.lower() else ABSTAIN


@labeling_function()
def lf_contains_loved(x):
    """If review contains 'loved', label as positive."""
    return POSITIVE if "loved" in x.review.lower() else ABSTAIN


@labeling_function()
def lf_contains_awful(x):
    """If review contains 'awful', label as negative."""
    return NEGATIVE if "awful" in x.review.lower() else ABSTAIN


@labeling_function()
def lf_contains_masterpiece(x):
    """If review contains 'masterpiece', label as positive."""
    return POSITIVE if "masterpiece" in x.review.lower() else ABSTAIN


@labeling_function()
def lf_contains_waste(x):
    """If review contains 'waste', label as negative."""
    return NEGATIVE if "waste" in x.review.lower() else ABSTAIN


@labeling_function()
def lf_exclamation_positive(x):
    """Multiple exclamations with positive words."""
    positive_words = ["great", "amazing", "love", "best", "fantastic"]
    if x.review.count("!") >= 2:  # noqa: SIM102 (the handout's way)
        if any(word in x.review.lower() for word in positive_words):
            return POSITIVE
    return ABSTAIN


@labeling_function()
def lf_rating_positive(x):
    """If mentions high rating (9/10, 10/10), positive."""
    match = re.search(r"(9|10)/10", x.review)
    return POSITIVE if match else ABSTAIN


HANDOUT_LFS = [
    lf_contains_amazing,
    lf_contains_terrible,
    lf_contains_loved,
    lf_contains_awful,
    lf_contains_masterpiece,
    lf_contains_waste,
    lf_exclamation_positive,
    lf_rating_positive,
]


def keyword_lf(name: str, pattern: str, label: int) -> LabelingFunction:
    """Make a labeling function that votes where a pattern is found.

    Parameters
    ----------
    name : str
        Shown in Snorkel's tables.
    pattern : str
        Regular expression; looked for as whole words, in any case.
    label : int
        The vote: `POSITIVE` or `NEGATIVE`.

    Returns
    -------
    LabelingFunction
        It reads ``x.review`` and knows nothing of negation, contrast or sarcasm.
    """
    search = re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE).search
    return LabelingFunction(name, lambda x: label if search(x.review) else ABSTAIN)


# Two for every idea, one a side, so that neither class is favoured.
PLAIN_LFS = [
    keyword_lf("praise_loud", "amazing|great|brilliant|wonderful|excellent|fantastic", POSITIVE),
    keyword_lf("scorn_loud", "terrible|awful|horrible|dreadful|bad|ridiculous", NEGATIVE),
    keyword_lf("praise_craft", "beautiful|superb|stunning|gripping|perfect|fresh", POSITIVE),
    keyword_lf("scorn_craft", "lazy|messy|clumsy|dull|lifeless|bland|weak|cheap", NEGATIVE),
    keyword_lf("praise_fun", "funny|charming|delightful|hilarious|clever|thrilling", POSITIVE),
    keyword_lf("scorn_bore", "boring|predictable|tedious|painful|stupid|annoying", NEGATIVE),
    keyword_lf("heart_liked", "loved|enjoyed|adored|admired|relished|smiling", POSITIVE),
    keyword_lf("heart_disliked", "hated|disliked|despised|endured|loathed|asleep", NEGATIVE),
    keyword_lf("noun_triumph", "masterpiece|triumph|gem|joy|treat|delight", POSITIVE),
    keyword_lf("noun_disaster", "disaster|mess|bore|failure|letdown|waste", NEGATIVE),
    keyword_lf("advice_go", "recommend(?:ed)?|must-watch|miss it|best|well worth|bravo", POSITIVE),
    keyword_lf("advice_stay", "avoid|skip|stay away|worst|money|never again|early", NEGATIVE),
    keyword_lf("rating_high", r"(?:8|9|10)/10|(?:4\.5|five) stars", POSITIVE),
    keyword_lf("rating_low", r"[1-3]/10|(?:1\.5|one) stars?", NEGATIVE),
]


def apply_lfs(lfs: Sequence[LabelingFunction], df: pd.DataFrame) -> np.ndarray:
    """Apply labeling functions to every review.

    Parameters
    ----------
    lfs : sequence of LabelingFunction
    df : DataFrame
        With the columns the functions read; for those of this module ``review``.

    Returns
    -------
    ndarray of int, shape (len(df), len(lfs))
        The label matrix.
    """
    if len(df) == 0:
        return np.empty((0, len(lfs)), dtype=int)
    return LFApplier(lfs=list(lfs)).apply(rows_of(df), progress_bar=False)


def rows_of(df: pd.DataFrame) -> Iterator[pd.Series]:
    """Give every row of a table in turn, quick to read.

    As in `DataFrame.apply`, one object is all the rows: who wants to keep a row keeps a copy.

    Parameters
    ----------
    df : DataFrame

    Yields
    ------
    Series
        With what each column says as an attribute of its own, for as long as nobody writes to it:
        a series looks everywhere else before it finds `x.review` among its data, which takes
        longer than most functions need for their vote.
    """
    once = df.columns[~df.columns.duplicated(keep=False)]
    known = {name: iter(df[name].tolist()) for name in once if _can_be_known(name)}
    row = None
    for name, values in zip(df.index, df.to_numpy(copy=True), strict=True):
        if row is None or not row._is_as_made():
            row = _Row._made_of(df.columns, values)
        row._show(name, values, {column: next(entries) for column, entries in known.items()})
        yield row


def _can_be_known(name: object) -> bool:
    """Tell whether a column's name is free to be an attribute of a row."""
    return isinstance(name, str) and not name.startswith("_") and not hasattr(pd.Series, name)


class _Row(pd.Series):
    """A row that can be given other values, until a function has written to it."""

    # What comes out of a pickle has these.
    _made: Any = None
    _known: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def _made_of(cls, columns: pd.Index, values: np.ndarray) -> "_Row":
        row = cls(values, index=columns, dtype=values.dtype, copy=False)
        row.__dict__["_made"] = row._mgr
        return row

    def _is_as_made(self) -> bool:
        return self._made is self._mgr

    def _show(self, name: Hashable, values: np.ndarray, known: dict[str, Any]) -> None:
        """Become another row; what was taken of the one before stays as it is."""
        self._mgr.set_values(values)
        self.__dict__.update(known, _name=name, _attrs={}, _known=known)

    def _forget(self) -> None:
        """What it knows may be written over, and its data be elsewhere."""
        for name in ("_made", *self._known):
            self.__dict__.pop(name, None)

    def __setattr__(self, name: str, value: Any) -> None:
        self._forget()
        super().__setattr__(name, value)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._forget()
        super().__setitem__(key, value)

    def __delitem__(self, key: Any) -> None:
        self._forget()
        super().__delitem__(key)

    def update(self, other: Any) -> None:
        self._forget()
        super().update(other)


def _forgetting(name: str) -> property:
    def indexer(row: _Row) -> Any:
        row._forget()
        return getattr(super(_Row, row), name)

    return property(indexer)


for _name in ("loc", "iloc", "at", "iat"):
    setattr(_Row, _name, _forgetting(_name))


def majority_vote(L: np.ndarray) -> np.ndarray:
    """Give each review the label most of its labeling functions vote for.

    Parameters
    ----------
    L : ndarray of int, shape (n, m)
        Label matrix.

    Returns
    -------
    ndarray of int, shape (n,)
        `ABSTAIN` where nobody votes, and where the vote is a tie: a coin toss would only look
        like an opinion.
    """
    L = np.asarray(L)
    if L.size == 0:
        return np.full(len(L), ABSTAIN)
    labels = np.arange(max(L.max() + 1, 2))
    votes = np.stack([(L == label).sum(axis=1) for label in labels], axis=1)  # noqa: SIM300
    most = votes.max(axis=1)
    tied = (votes == most[:, None]).sum(axis=1) > 1
    return np.where(tied, ABSTAIN, votes.argmax(axis=1))


def coverage(L: np.ndarray) -> np.ndarray:
    """Share of reviews on which each labeling function votes.

    Parameters
    ----------
    L : ndarray of int, shape (n, m)
        Label matrix.

    Returns
    -------
    ndarray of float, shape (m,)
    """
    L = np.asarray(L)
    return (L != ABSTAIN).mean(axis=0)


def overlaps(L: np.ndarray) -> np.ndarray:
    """Share of reviews on which each labeling function votes and another one does too.

    Parameters
    ----------
    L : ndarray of int, shape (n, m)
        Label matrix.

    Returns
    -------
    ndarray of float, shape (m,)
    """
    voted = np.asarray(L) != ABSTAIN
    several = voted.sum(axis=1) > 1
    return (voted & several[:, None]).mean(axis=0)


def conflicts(L: np.ndarray) -> np.ndarray:
    """Share of reviews on which each labeling function votes and another votes differently.

    Parameters
    ----------
    L : ndarray of int, shape (n, m)
        Label matrix.

    Returns
    -------
    ndarray of float, shape (m,)
    """
    L = np.asarray(L)
    voted = L != ABSTAIN
    highest = L.max(axis=1)
    lowest = np.where(voted, L, highest[:, None]).min(axis=1)
    # Where votes differ at all, every function that votes has one against it.
    return (voted & (highest != lowest)[:, None]).mean(axis=0)
