"""Public items of part 6: noisy labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .models import predictions_of, real_test_set
from .question import Question, expect
from .values import (
    AS_PERCENT,
    N_POOL,
    N_TEST,
    SAME,
    SAME_ACCURACY,
    advice_on_share,
    as_indices,
    as_mapping,
    as_number,
    expect_given,
    is_mask,
    is_sequence_of,
    kind_of,
)

analyze_issues = Question("q6_2_analyze_issues")
clean_training = Question("q6_3_clean_training")

KINDS = ("noisy", "clean", "oracle")
_SCORES = ("precision", "recall", "false_positives")


def scores_of(value: Any, what: str) -> dict[str, float]:
    """Return precision, recall and false positives from a dict, a series, or the three in order."""
    if is_sequence_of(value, 3):
        value = dict(zip(_SCORES, value, strict=True))
    mapping = as_mapping(value, what)
    found = {str(key).strip().lower().replace(" ", "_"): entry for key, entry in mapping.items()}
    missing = [name for name in _SCORES if name not in found]
    expect(
        not missing,
        expected=f"{', '.join(_SCORES)} in {what}",
        got=", ".join(map(str, mapping)) or "nothing",
        next_step=f"there is nothing under {', '.join(map(repr, missing))} yet",
    )
    return {
        name: np.nan if found[name] is None else as_number(found[name], f"{name} in {what}")
        for name in _SCORES
    }


def expect_scores(got: dict[str, float], wanted: dict[str, float], next_step: str) -> None:
    """Expect three scores; where the true one is nan, anything that claims nothing will do."""
    wrong = [
        name
        for name in _SCORES
        if not (
            abs(got[name] - wanted[name]) < SAME or (np.isnan(wanted[name]) and not got[name] > 0)
        )
    ]
    expect(
        not wrong,
        expected={name: round(wanted[name], 4) for name in wrong},
        got={name: round(got[name], 4) for name in wrong},
        next_step=advice_on_share([got[n] for n in wrong], [wanted[n] for n in wrong], next_step),
    )


def true_scores(flagged: Any, flipped: Any) -> dict[str, float]:
    """Return the scores of flagged rows against flipped ones."""
    flagged, flipped = set(map(int, flagged)), set(map(int, flipped))
    found = len(flagged & flipped)
    return {
        "precision": found / len(flagged) if flagged else np.nan,
        "recall": found / len(flipped) if flipped else np.nan,
        "false_positives": float(len(flagged - flipped)),
    }


def rows_of(student: Any, name: str) -> np.ndarray:
    """Return row numbers of the pool; a mask of the pool, or a table's index, counts as well."""
    value = student.get(name)
    if isinstance(value, pd.DataFrame):
        value = value.index
    if is_mask(value) and np.shape(value) == (N_POOL,):
        return np.flatnonzero(value)
    rows = as_indices(value, f"`{name}`")
    inside = len(rows) > 0 and rows.min() >= 0 and rows.max() < N_POOL
    expect(
        inside and len(set(rows.tolist())) == len(rows),
        expected=f"different row numbers from 0 to {N_POOL - 1} in `{name}`",
        got=f"{kind_of(value)}" + (f", from {rows.min()} to {rows.max()}" if len(rows) else ""),
        next_step="`np.flatnonzero` turns True and False for each row into row numbers",
    )
    return rows


def advice_on_rows(student: Any, next_step: str) -> str:
    """Return what to do about what was made with `flagged_real`: say if that is a mask."""
    if is_mask(student.get("flagged_real")):
        return "`flagged_real` is True or False for each row: `np.flatnonzero` makes row numbers"
    return next_step


def accuracies_of(student: Any) -> dict[str, float]:
    """Return `accuracies` by "noisy", "clean" and "oracle"."""
    mapping = as_mapping(student.get("accuracies"), "`accuracies`")
    found = {}
    for key, value in mapping.items():
        name = str(key).strip().lower()
        # "true clean (oracle)" is the oracle.
        kinds = [kind for kind in reversed(KINDS) if kind in name]
        if kinds and (kinds[0] not in found or name == kinds[0]):
            found[kinds[0]] = as_number(value, f"`accuracies[{key!r}]`")
    missing = [kind for kind in KINDS if kind not in found]
    expect(
        not missing,
        expected="accuracies for 'noisy', 'clean' and 'oracle'",
        got=", ".join(map(str, mapping)) or "nothing",
        next_step=f"there is nothing for {', '.join(missing)} yet",
    )
    return found


def labels_from(student: Any, name: str, X: Any) -> np.ndarray:
    """Let a model label reviews; return 0 or 1 for each."""
    return (predictions_of(student, name, X) >= 0.5).astype(int)


@analyze_issues.item(points=1)
def scores_of_a_small_example(student):
    """`detection_scores([3, 1, 2, 8], [1, 2, 5])`: precision 1/2, recall 2/3, 2 false positives."""
    flagged, flipped = [3, 1, 2, 8], [1, 2, 5]
    result = student.call("detection_scores", flagged, flipped)
    expect_scores(
        scores_of(result, "what `detection_scores` returns"),
        true_scores(flagged, flipped),
        "of the four flagged rows, which are flipped? Of the three flipped rows, which are found?",
    )


@analyze_issues.item(points=1)
def handout_scores_are_right(student):
    """`handout_scores` compares what cleanlab flagged with the rows that were flipped."""
    issues = student.get("issues")
    given = isinstance(issues, pd.DataFrame) and "is_label_issue" in issues
    expect_given(given, "issues", issues)
    flagged = np.flatnonzero(issues["is_label_issue"])
    expect_scores(
        scores_of(student.get("handout_scores"), "`handout_scores`"),
        true_scores(flagged, as_indices(student.get("noise_idx"), "`noise_idx`")),
        "which of the two goes first into `detection_scores`? Both are row numbers, not True "
        "and False, and not a table",
    )


@analyze_issues.item(points=1)
def realistic_rows_are_flagged(student):
    """`flagged_real` holds row numbers of the pool: some, and not most of them."""
    rows = rows_of(student, "flagged_real")
    expect(
        100 <= len(rows) <= 0.6 * N_POOL,
        expected=f"between 100 and {0.6 * N_POOL:.0f} flagged rows",
        got=len(rows),
        next_step="`is_label_issue` says for each row whether it is flagged",
    )


@clean_training.item(points=1)
def kept_rows_are_the_others(student):
    """`kept_rows` are all rows of the pool that are not in `flagged_real`."""
    kept, flagged = rows_of(student, "kept_rows"), rows_of(student, "flagged_real")
    both = np.intersect1d(kept, flagged)
    expect(
        len(both) == 0 and len(kept) + len(flagged) == N_POOL,
        expected=f"{N_POOL - len(flagged)} rows, none of them flagged",
        got=f"{len(kept)} rows, {len(both)} of them flagged",
        next_step=advice_on_rows(
            student, "remove what cleanlab flagged, and nothing else: nobody knows the true flips"
        ),
    )


@clean_training.item(points=1)
def three_accuracies(student):
    """`accuracies` has a share between 0.5 and 1 for the noisy, the clean and the oracle model."""
    for kind, accuracy in accuracies_of(student).items():
        expect(
            0.5 < accuracy < 1,
            expected=f"between 0.5 and 1 for {kind}",
            got=f"{accuracy:.4g}",
            next_step=AS_PERCENT
            if 1 < accuracy <= 100
            else "1 is perfect, 0.5 is guessing: which labels does it learn from?",
        )


@clean_training.item(points=2)
def all_are_tested_on_the_same_reviews(student):
    """`accuracies` are what the three models get right of the same 2,000 test reviews."""
    accuracies = accuracies_of(student)
    X, truth = real_test_set(student)
    for kind in KINDS:
        reached = float(np.mean(labels_from(student, f"{kind}_model", X) == truth))
        expect(
            abs(accuracies[kind] - reached) < SAME_ACCURACY,
            expected=f"{reached:.4f}: what `{kind}_model` gets right of {N_TEST:,} test reviews",
            got=f"{accuracies[kind]:.4f}",
            next_step=advice_on_share(
                accuracies[kind],
                reached,
                "score on all rows of `X_real_test`, with the labels `y_real_test`",
            ),
        )
