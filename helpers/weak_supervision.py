"""Labeling functions for movie reviews, and what a label matrix says about them.

A *label matrix* L has one row per review and one column per labeling function; its entries are
`POSITIVE`, `NEGATIVE` or `ABSTAIN`.
"""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from snorkel.labeling import LabelingFunction, LFApplier, labeling_function

from helpers.rows import rows_of

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
