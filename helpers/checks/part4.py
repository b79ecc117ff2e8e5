"""Public items of part 4: weak supervision."""

from __future__ import annotations

from functools import cache

import numpy as np

from .labeling_votes import ABSTAIN, votes_of
from .method_scores import accuracies_of, by_method, score_of
from .models import accuracy_of, predictions_of, real_test_set
from .question import Question, counted, expect
from .values import (
    AS_PERCENT,
    N_POOL,
    N_TEST,
    SAME,
    SAME_ACCURACY,
    advice_on_share,
    as_matrix,
    as_number,
    expect_share,
)
from .weak_labels import (
    column_shares,
    expect_shares,
    given_matrix,
    label_matrix_of,
    probabilities_of,
    weak_labels_of,
    weak_rows_of,
)

apply_lfs = Question("q4_2_apply_lfs")
label_model = Question("q4_4_label_model")
more_lfs = Question("q4_5_more_lfs")
downstream = Question("q4_6_downstream")

SMALL = np.array([[1, -1, -1], [1, 0, -1], [-1, -1, -1], [1, 1, -1]])
NEW_LFS = ("lf_your_function_1", "lf_your_function_2", "lf_your_function_3")


@cache
def seen_reviews() -> list[str]:
    """Return the first 500 reviews of the pool."""
    from helpers.reviews import realistic

    return realistic(N_TEST + 500)["review"].iloc[N_TEST:].tolist()


@apply_lfs.item(points=0.5)
def coverage_of_a_small_matrix(student):
    """`lf_coverage(L_small)` gives the share of the four reviews on which each function votes."""
    ((_, shares),) = column_shares(student, "lf_coverage", [SMALL])
    expect_shares(
        shares,
        [0.75, 0.5, 0.0],
        "count by hand how many of the four entries of a column are not -1",
    )


@apply_lfs.item(points=0.5)
def conflicts_of_a_small_matrix(student):
    """`lf_conflicts(L_small)` gives the share on which each function is contradicted."""
    ((_, shares),) = column_shares(student, "lf_conflicts", [SMALL])
    expect_shares(
        shares,
        [0.25, 0.25, 0.0],
        "in which rows do two functions vote, and differently? Abstaining is not a vote",
    )


@label_model.item(points=1)
def probabilities_add_up(student):
    """`probs` has a row for each review, and two probabilities that add up to 1."""
    probs = probabilities_of(student, N_POOL)
    expect(
        np.all((probs >= -1e-9) & (probs <= 1 + 1e-9)),
        expected="numbers between 0 and 1",
        got=f"from {probs.min():.3g} to {probs.max():.3g}",
        next_step="take the label model's probabilities as they are",
    )
    worst = probs[np.argmax(np.abs(probs.sum(axis=1) - 1))]
    expect(
        abs(worst.sum() - 1) < 0.0051,
        expected="P(negative) + P(positive) = 1 in each row",
        got=f"{worst.sum():.3g} in one row",
        next_step="take the label model's probabilities as they are",
    )


@label_model.item(points=1)
def no_vote_no_label(student):
    """`weak_labels` is -1 on every review without a vote, and hardly anywhere else."""
    L = given_matrix(student)
    labels = weak_labels_of(student, len(L))
    has_vote = (L != ABSTAIN).any(axis=1)
    made_up = int((labels[~has_vote] != ABSTAIN).sum())
    expect(
        made_up == 0,
        expected="-1 where all eight functions abstain",
        got=f"{counted(made_up, 'label')} on reviews without a vote",
        next_step="which class does your code give to a row of `probs` with 0.5 and 0.5?",
    )
    lost = np.mean(labels[has_vote] == ABSTAIN)
    expect(
        lost < 0.15,
        expected="a label on nearly every review with a vote",
        got=f"none on {lost:.0%} of these",
        next_step="compare `weak_labels` with `probs` on a review that has one vote",
    )


@label_model.item(points=1)
def scores_a_small_example(student):
    """`score_labels([1, 0, -1, 1], [1, 1, 0, 1])`: coverage 3/4, accuracy 2/3."""
    result = student.call("score_labels", [1, 0, -1, 1], [1, 1, 0, 1])
    score = score_of(result, "what `score_labels` returns")
    expect(
        abs(score["coverage"] - 3 / 4) < SAME,
        expected="a coverage of 3/4",
        got=f"{score['coverage']:.3g}",
        next_step=advice_on_share(score["coverage"], 3 / 4, "how many of the four have a label?"),
    )
    expect(
        abs(score["accuracy"] - 2 / 3) < SAME,
        expected="an accuracy of 2/3",
        got=f"{score['accuracy']:.3g}",
        next_step=advice_on_share(
            score["accuracy"],
            2 / 3,
            "of those that have a label, how many are right? A -1 counts neither way",
        ),
    )


@label_model.item(points=1)
def both_methods_are_scored(student):
    """`scores` has coverage and accuracy, as shares, for the label model and for majority vote."""
    for method, value in by_method(student.get("scores"), "`scores`").items():
        score = score_of(value, f"`scores[{method!r}]`")
        own = "weak_labels" if method == "label model" else "majority_labels"
        expect(
            score["coverage"] != 1,
            expected=f"a coverage below 1 of the {method}: many reviews have no vote",
            got="1",
            next_step=f"mend `{own}` first: is it -1 where no function votes? Then score it again",
        )
        for name, share in score.items():
            expect(
                0 < share < 1,
                expected=f"{'an' if name == 'accuracy' else 'a'} {name} above 0 and below 1 of "
                f"the {method}",
                got=f"{share:.4g}",
                next_step=AS_PERCENT
                if 1 < share <= 100
                else "use what `score_labels` returns for the pool's labels",
            )


@label_model.item(points=0.5)
def same_rows_has_two_accuracies(student):
    """`same_rows` has an accuracy, as a share, for the label model and for majority vote."""
    for method, accuracy in accuracies_of(student.get("same_rows"), "`same_rows`").items():
        expect_share(
            accuracy,
            f"`same_rows[{method!r}]`",
            "of the reviews that both methods label, which share is right?",
        )


@more_lfs.item(points=1.5)
def each_function_votes_and_abstains(student):
    """Of the first 500 reviews, each of the three functions votes on 1 % to 80 %."""
    texts = seen_reviews()
    for name, votes in votes_of(student, NEW_LFS, texts):
        share = float(np.mean(votes != ABSTAIN))
        expect(
            0.01 <= share <= 0.8,
            expected=f"votes of `{name}` on 1 % to 80 % of `df_real.head({len(texts)})`",
            got=f"{share:.1%}",
            next_step="too few: which of its words do reviews use? Too many: when is it not sure?",
        )


@more_lfs.item(points=1)
def matrix_has_eleven_columns(student):
    """`L_more` holds the votes of the handout's eight functions and of three others."""
    L = as_matrix(student.get("L_more"), "`L_more`")
    old = given_matrix(student)
    expect(
        L.shape == (N_POOL, 11),
        expected=f"`L_more` of shape ({N_POOL}, 11)",
        got=f"{L.shape}",
        next_step="one row for each review of `df_real`, one column for each function",
    )
    columns = {column.tobytes() for column in L.T}
    missing = sum(column.tobytes() not in columns for column in old.T)
    expect(
        missing == 0 and len(columns) == 11,
        expected="eleven different columns, eight of them as in `L_real`",
        got=f"{len(columns)} different ones; {missing} columns of `L_real` are missing",
        next_step="apply `lfs` and your three functions together"
        if missing
        else "two of the functions vote alike on every review: change one of yours",
    )


@more_lfs.item(points=1.5)
def coverage_rises(student):
    """`coverage_more` is the share of reviews with a vote, and higher than before."""
    L = as_matrix(student.get("L_more"), "`L_more`")
    coverage = as_number(student.get("coverage_more"), "`coverage_more`")
    share = float((L != ABSTAIN).any(axis=1).mean())
    expect(
        abs(coverage - share) < SAME,
        expected=f"{share:.4f}, from `L_more`",
        got=f"{coverage:.4f}",
        next_step=advice_on_share(
            coverage, share, "a review is covered if at least one of the functions votes on it"
        ),
    )
    before = float((given_matrix(student) != ABSTAIN).any(axis=1).mean())
    expect(
        share >= before + 0.02,
        expected=f"at least 0.02 more than the {before:.3f} of the handout's functions",
        got=f"{share:.3f}",
        next_step="look at reviews that have no vote yet: what do they have in common?",
    )


@downstream.item(points=1)
def weak_rows_have_votes(student):
    """`weak_rows` are rows of the pool on which at least one function votes."""
    rows = weak_rows_of(student)
    L = label_matrix_of(student)
    without = int((L[rows] == ABSTAIN).all(axis=1).sum())
    expect(
        without == 0,
        expected="no row without a vote",
        got=f"{without} of {len(rows)} rows",
        next_step="`(L != ABSTAIN).any(axis=1)` tells which rows have one",
    )


@downstream.item(points=2)
def accuracies_are_test_accuracies(student):
    """`weak_accuracy` and `true_accuracy` are what the two models reach on the test set."""
    X, truth = real_test_set(student)
    for kind in ("weak", "true"):
        accuracy = as_number(student.get(f"{kind}_accuracy"), f"`{kind}_accuracy`")
        reached = accuracy_of(predictions_of(student, f"{kind}_model", X), truth)
        expect(
            abs(accuracy - reached) < SAME_ACCURACY,
            expected=f"{reached:.4f}: what `{kind}_model` gets right of {N_TEST:,} test reviews",
            got=f"{accuracy:.4f}",
            next_step=advice_on_share(
                accuracy,
                reached,
                "is it the other model's? Score both with `X_real_test` and `y_real_test`",
            ),
        )
