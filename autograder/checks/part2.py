"""Hidden items of part 2."""

from __future__ import annotations

from functools import cache

import pandas as pd

from helpers.checks import expect
from helpers.checks.part2 import leakage
from helpers.checks.values import as_number

_TRAIN = ["good film", "bad film", "नमस्ते, great film", "bad film", "Good film!"]
# Twice the same text, another case, a part of a training text: 4 of 6 stand in training.
_TEST = ["bad film", "bad film", "GOOD FILM", "good", "good film", "नमस्ते, great film"]


@leakage.item(points=1, hidden=True)
def leak_share_is_right(student):
    """`leak_share` is the share of test reviews whose exact text is in the training data."""
    share = as_number(student.get("leak_share"), "`leak_share`")
    expect(
        abs(share - _true_share()) < 0.0006,
        expected=f"{_true_share():.4f}",
        got=f"{share:g}",
        next_step="a share between 0 and 1, of the test reviews; every one of them counts",
    )


@leakage.item(points=1, hidden=True)
def any_texts_will_do(student):
    """`exact_leakage` is right for other texts: lists or columns, repeated texts, near misses."""
    for train, test in (
        (_TRAIN, _TEST),
        (pd.Series(_TRAIN, index=range(10, 15)), pd.Series(_TEST, index=range(6))),
    ):
        got = as_number(student.call("exact_leakage", train, test), "what `exact_leakage` returns")
        expect(
            abs(got - 4 / 6) < 0.0006,
            expected="4 of 6 texts",
            got=f"{got:.4f}",
            next_step="try it on texts that occur twice, on texts that are part of another text, "
            "and on columns whose index does not begin at 0",
        )


@cache
def _true_share() -> float:
    from helpers.checkpoints import handout_split

    split = handout_split()
    train = set(split.df_pool["review"]) | set(split.df_val["review"])
    return float(split.df_test["review"].isin(train).mean())
