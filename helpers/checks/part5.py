"""Public items of part 5: labeling with a language model."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np

from .labels import advice_on_labels, batch_of, hybrid_of, interval_of, score, scores_of
from .question import Question, counted, expect
from .stub_labeler import ANSWERS, FAILURES, mixed_reviews, with_stub
from .values import advice_on_share, as_number, as_numbers, expect_share

batch_label = Question("q5_2_batch_label")
evaluate = Question("q5_3_evaluate")
hybrid = Question("q5_4_hybrid")

N_SAMPLE, N_REAL = 20, 500
WORDS = {"POSITIVE", "NEGATIVE", None}


def expect_labels(got: list, wanted: list, next_step: str) -> None:
    """Expect labels to be just these, in this order."""
    expect(
        len(got) == len(wanted),
        expected=counted(len(wanted), "label"),
        got=f"{len(got)}",
        next_step=next_step,
    )
    # Where there is an answer, it is one of two words.
    odd = any(label and said not in WORDS for said, label in zip(got, wanted, strict=True))
    expect(
        got == wanted,
        expected=str(wanted),
        got=str(got),
        next_step="keep the model's words, 'POSITIVE' and 'NEGATIVE'" if odd else next_step,
    )


@batch_label.item(points=1)
def one_label_for_each_review(student):
    """`batch_label` returns one label for each review, in their order."""
    reviews = [*list(ANSWERS)[::-1], "It has its moments."]
    with with_stub(student, ANSWERS):
        batch = batch_of(student.call("batch_label", reviews), "what `batch_label` returns")
    expect_labels(
        batch["labels"],
        [ANSWERS[review][0] for review in reviews],
        "does your loop add exactly one label for each review, also for one that comes twice?",
    )
    confidences = as_numbers(batch["confidences"], "the confidences")
    hint = "fill both lists in the same place of your loop"
    expect(
        len(confidences) == len(reviews),
        expected=counted(len(reviews), "confidence"),
        got=f"{len(confidences)}",
        next_step=hint,
    )
    expect(
        np.allclose(confidences, [ANSWERS[review][1] for review in reviews]),
        expected="the confidence of each label at the same place",
        got=confidences.tolist(),
        next_step=hint,
    )


@batch_label.item(points=1)
def failures_stay_failures(student):
    """A review without an answer has the label None at its place, and is counted in `n_failed`."""
    reviews = mixed_reviews()
    with with_stub(student, ANSWERS | FAILURES):
        batch = batch_of(student.call("batch_label", reviews), "what `batch_label` returns")
    expect_labels(
        batch["labels"],
        [(ANSWERS | FAILURES)[review][0] for review in reviews],
        "what does your code do with a result whose label is None?",
    )
    n_failed = as_number(batch["n_failed"], "`n_failed`")
    expect(
        n_failed == len(FAILURES),
        expected=f"{len(FAILURES)} failures",
        got=f"{n_failed:g}",
        next_step="count the results whose label is None",
    )


@batch_label.item(points=1)
def cost_comes_from_tokens(student):
    """Tokens are sums over all calls, and `cost` is what they cost at today's price."""
    with with_stub(student, ANSWERS):
        batch = batch_of(student.call("batch_label", list(ANSWERS)), "what `batch_label` returns")
    expect_bill(batch, list(ANSWERS.values()))


@batch_label.item(points=1)
def both_batches_are_there(student):
    """`sample_batch` has 20 labels, and `real_batch` has 500."""
    for name, n in (("sample_batch", N_SAMPLE), ("real_batch", N_REAL)):
        labels = batch_of(student.get(name), f"`{name}`")["labels"]
        expect(
            len(labels) == n and set(labels) <= WORDS,
            expected=f"{n} labels in `{name}`: POSITIVE, NEGATIVE or None",
            got=f"{counted(len(labels), 'label')}, among them {sorted(set(labels), key=str)[:4]}",
            next_step=advice_on_labels(len(labels), n, f"`{name.replace('batch', 'reviews')}`"),
        )


def expect_bill(batch: dict[str, Any], calls: list[tuple]) -> None:
    """Expect tokens and cost of a batch to be those of its calls."""
    from helpers import llm_prices

    tokens = {"input_tokens": sum(c[2] for c in calls), "output_tokens": sum(c[3] for c in calls)}
    for name, wanted in tokens.items():
        got = as_number(batch[name], f"`{name}`")
        expect(
            got == wanted,
            expected=f"{wanted} {name.replace('_', ' ')} in {len(calls)} calls",
            got=f"{got:g}",
            next_step="each result says what its call was billed for; which results do you add?",
        )
    cost, wanted_cost = (
        as_number(batch["cost"], "`cost`"),
        llm_prices.model().cost(*tokens.values()),
    )
    expect(
        math.isclose(cost, wanted_cost, rel_tol=0.01, abs_tol=1e-9),
        expected=f"{wanted_cost:.6f} dollars",
        got=f"{cost:.6f} dollars",
        next_step="input and output have different prices, both for a million tokens",
    )


# 4 right of 6 answered: 3 said POSITIVE, 2 of them rightly; 3 are positive, 2 of them found.
LABELS = ["POSITIVE", "NEGATIVE", None, "POSITIVE", "NEGATIVE", "POSITIVE", None, "NEGATIVE"]
TRUTH = [1, 0, 1, 0, 1, 1, 0, 0]
# 5 right of 8: 5 said POSITIVE, 3 of them rightly; 4 are positive, 3 of them found.
UNEVEN_LABELS = ["POSITIVE"] * 5 + ["NEGATIVE"] * 3
UNEVEN_TRUTH = [1, 1, 1, 0, 0, 1, 0, 0]


def expect_score(scores: dict[str, Any], name: str, wanted: float, next_step: str) -> None:
    """Expect one score."""
    got = score(scores, name)
    form = "g" if name == "n_answered" else ".3f"
    expect(
        abs(got - wanted) < 0.006,
        expected=f"{name} {wanted:{form}}",
        got=f"{got:{form}}",
        next_step=advice_on_share(got, wanted, next_step),
    )


@evaluate.item(points=1)
def accuracy_of_the_answered(student):
    """`evaluate` counts the answered reviews; the accuracy is the share of right labels in them."""
    scores = scores_of(student.call("evaluate", LABELS, TRUTH), "what `evaluate` returns")
    expect_score(scores, "n_answered", 6, "how many of the eight labels are not None?")
    expect_score(
        scores,
        "accuracy",
        4 / 6,
        "four of six are right; is None taken for a wrong label, or a right one?",
    )


@evaluate.item(points=1)
def precision_and_recall_of_the_positive_class(student):
    """Precision and recall are those of the class POSITIVE."""
    scores = scores_of(
        student.call("evaluate", UNEVEN_LABELS, UNEVEN_TRUTH), "what `evaluate` returns"
    )
    expect_score(scores, "precision", 3 / 5, "of the reviews *called* POSITIVE, how many are?")
    expect_score(
        scores, "recall", 3 / 4, "of the reviews that *are* positive, how many are called so?"
    )


@evaluate.item(points=1)
def more_reviews_a_narrower_interval(student):
    """`sample_scores` and `real_scores` are complete; 500 reviews give a narrower interval."""
    widths = []
    for name in ("sample_scores", "real_scores"):
        scores = scores_of(student.get(name), f"`{name}`")
        low, high = interval_of(scores)
        accuracy = score(scores, "accuracy")
        expect(
            low <= accuracy <= high and low < high,
            expected=f"an interval around the accuracy {accuracy:.3f} in `{name}`",
            got=f"from {low:.3f} to {high:.3f}",
            next_step="low comes first, and both are shares between 0 and 1",
        )
        widths.append(high - low)
    expect(
        widths[1] < widths[0] / 2,
        expected="an interval for 500 reviews less than half as wide as for 20",
        got=f"{widths[1]:.3f} and {widths[0]:.3f} wide",
        next_step="where does the number of answered reviews enter your interval?",
    )


def split_of(answers: dict[str, tuple], reviews: list[str], threshold: float) -> tuple[list, list]:
    """Return what belongs to the model and what to the person."""
    sure = [r for r in reviews if answers[r][0] is not None and answers[r][1] >= threshold]
    return [(r, answers[r][0]) for r in sure], [r for r in reviews if r not in sure]


def shown(reviews: list) -> str:
    """Return a list of reviews in a few words."""
    return f"{len(reviews)}: {reviews}"


@hybrid.item(points=1)
def every_review_in_exactly_one(student):
    """Every review is in exactly one of `llm_labeled` and `human_queue`, as often as it came."""
    reviews = [*ANSWERS, "It has its moments.", "Loved it from start to end."]
    with with_stub(student, ANSWERS):
        labeled, queue = hybrid_of(student.call("hybrid_labeling", reviews))
    found = Counter(review for review, _ in labeled) + Counter(queue)
    expect(
        found == Counter(reviews),
        expected=f"the {len(reviews)} reviews, two of them twice",
        got=f"{len(labeled)} in llm_labeled and {len(queue)} in human_queue",
        next_step="what happens to a review that comes twice, and to one the model is sure of?",
    )


@hybrid.item(points=1)
def sure_labels_are_the_models(student):
    """Where the confidence is high, `llm_labeled` has the review with the model's label."""
    reviews = list(ANSWERS)
    with with_stub(student, ANSWERS):
        labeled, _ = hybrid_of(student.call("hybrid_labeling", reviews, 0.95))
    wanted, _ = split_of(ANSWERS, reviews, 0.95)
    expect(
        sorted(labeled) == sorted(wanted),
        expected=shown(wanted),
        got=shown(labeled),
        next_step="which confidences are at least 0.95, and what does your code compare with?",
    )


@hybrid.item(points=1)
def the_edge_belongs_to_the_model(student):
    """A confidence of exactly the threshold is enough."""
    reviews = list(ANSWERS)
    with with_stub(student, ANSWERS):
        labeled, queue = hybrid_of(student.call("hybrid_labeling", reviews))
    edge = "Nobody needs this film."
    expect(
        edge in [review for review, _ in labeled] and "A joy for all ages." in queue,
        expected="with the threshold 0.8: a confidence of 0.8 for the model, 0.79 for the person",
        got=f"for the model {shown([review for review, _ in labeled])}",
        next_step="read the question once more: *at least* the threshold",
    )


@hybrid.item(points=1)
def failures_go_to_the_person(student):
    """A review without an answer goes to the human queue."""
    reviews = mixed_reviews()
    with with_stub(student, ANSWERS | FAILURES):
        labeled, queue = hybrid_of(student.call("hybrid_labeling", reviews))
    expect(
        set(FAILURES) <= set(queue) and not set(FAILURES) & {review for review, _ in labeled},
        expected=f"{len(FAILURES)} reviews without an answer in human_queue",
        got=shown(queue),
        next_step="look for the missing answer before you look at the confidence",
    )


@hybrid.item(points=0.5)
def shares_are_shares(student):
    """`human_share` and `hybrid_accuracy` are shares between 0 and 1."""
    for name in ("human_share", "hybrid_accuracy"):
        share = as_number(student.get(name), f"`{name}`")
        expect_share(share, f"`{name}`", "how many of the 500 reviews, divided by 500")
