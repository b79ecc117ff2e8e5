"""Hidden items of challenge 2."""

from __future__ import annotations

import numpy as np

from helpers.checks import expect
from helpers.checks.challenge2 import labeling_pipeline
from helpers.checks.pipelines import (
    expect_better,
    llm_labels,
    reviews_for,
    run,
    said_of,
    single_methods,
    votes_on,
)

# Reviews and a model that nobody can make again by trying small numbers.
_SEED = 771_204_358
_MODEL = 58_630_127
_N, _BUDGET = 2000, 150
# Where it does not matter how many: most of a run is training.
_FEW = 200
# Words of one length, for which no labeling function votes.
DAYS = ("Monday", "Friday", "Sunday")


@labeling_pipeline.item(points=1.5, hidden=True)
def better_on_other_reviews(student):
    """On other reviews too, the pipeline beats each method that spends as much alone."""
    texts, answers, truth = reviews_for(_N, _SEED)
    made = run(student, texts, answers, budget=_BUDGET, seed=_MODEL)
    best = max(single_methods(_N, _SEED, llm_seed=_MODEL).values())
    accuracy = float(np.mean(made.labels == truth))
    expect(
        len(made.human_asked) <= _BUDGET and len(made.llm_asked) <= _N,
        expected=f"at most {_BUDGET} questions to the person and one a review to the LLM",
        got=f"{len(made.human_asked)} and {len(made.llm_asked)}",
        next_step="more questions are another price: compare at the same one",
    )
    expect_better(
        accuracy, best, "try `realistic(2000, seed=...)` with other seeds: does each step help?"
    )


@labeling_pipeline.item(points=1, hidden=True)
def the_person_gets_the_hard_cases(student):
    """The person is asked where the other methods are unsure: they err there much more often."""
    texts, answers, truth = reviews_for(_N, _SEED)
    made = run(student, texts, answers, budget=_BUDGET, seed=_MODEL)
    asked = np.isin(texts, made.human_asked)
    # Of what would stand there without a person: the LLM's label where it was asked, else the vote.
    # Three times the mistakes where several opinions together are least sure, twice where one is.
    by_llm = np.isin(texts, made.llm_asked)
    wrong = np.where(by_llm, llm_labels(_N, _SEED, _MODEL), votes_on(_N, _SEED)) != truth
    expect(
        asked.any() and wrong[asked].mean() > 1.6 * wrong.mean(),
        expected="1.6 times as many mistakes of the others, or more, where the person is asked",
        got=f"{wrong[asked].mean():.0%} against {wrong.mean():.0%}"
        if asked.any()
        else "nobody asked",
        next_step="sort the reviews by how sure you are after the LLM; from which end do you ask?",
    )


@labeling_pipeline.item(points=1.5, hidden=True)
def confident_mistakes_are_found(student):
    """Of labels that the LLM got wrong while it was very sure, the pipeline mends some."""
    texts, answers, truth = reviews_for(1200, _SEED + 2)
    honest = [said_of(text, _MODEL, 0.0) for text in texts]
    plain = [
        i
        for i, (answer, label) in enumerate(zip(honest, truth, strict=True))
        if answer.confidence > 0.8 and (answer.label == "POSITIVE") == label
    ]
    flipped = np.random.default_rng(0).choice(plain, size=60, replace=False)
    flipped = tuple(texts[i] for i in flipped)
    made = run(student, texts, answers, budget=60, seed=_MODEL, flipped=flipped)
    # Without cleanlab 0 to 7 % come out right; with it 27 % (two opinions added) to 70 %.
    hit = np.isin(texts, flipped) & np.isin(texts, made.llm_asked)
    mended = made.labels[hit] == np.array(truth)[hit]
    expect(
        hit.sum() >= 10 and mended.mean() >= 0.15,
        expected="one in seven of them right in the end, or more",
        got=f"{mended.mean():.0%} of {hit.sum()}" if hit.any() else "the LLM was not asked",
        next_step="what does cleanlab say about these labels, and what do you do with its answer?",
    )


@labeling_pipeline.item(points=1, hidden=True)
def confidence_tells_right_from_wrong(student):
    """The half of the labels with the higher confidence is clearly better than the other half."""
    texts, answers, truth = reviews_for(_N, _SEED)
    made = run(student, texts, answers, budget=_BUDGET, seed=_MODEL)
    # The person's labels are left out: they are sure, and few.
    rest = made.sources != "human"
    right = (made.labels == truth)[rest]
    order = np.argsort(made.confidence[rest], kind="stable")
    low, high = right[order[: len(order) // 2]].mean(), right[order[len(order) // 2 :]].mean()
    expect(
        high - low > 0.05,
        expected="five points more, or better",
        got=f"{high:.1%} against {low:.1%}",
        next_step="when two methods disagree about a review, what happens to its confidence?",
    )


@labeling_pipeline.item(points=1, hidden=True)
def works_with_what_there_is(student):
    """Without an LLM, or a person, or an answer from the LLM, every review still has a label."""
    texts, answers, _ = reviews_for(_FEW, _SEED + 3)
    alone = run(student, texts, llm=False)
    expect(
        set(alone.sources.tolist()) == {"weak"},
        expected="the source weak everywhere, with neither",
        got=sorted(set(alone.sources.tolist())),
        next_step="try `SmartLabelingPipeline(PLAIN_LFS).label(reviews)`",
    )
    down = run(student, texts, answers, budget=5, failure_rate=1.0)
    for made in (alone, down):
        expect(
            set(made.labels.tolist()) <= {0.0, 1.0} and "llm" not in made.sources,
            expected="the labels 0 and 1, and no label of an LLM that gave none",
            got=f"labels {sorted(set(made.labels.tolist()))}, sources "
            f"{sorted(set(made.sources.tolist()))}",
            next_step="an answer without a label is `None`: who decides then?",
        )


@labeling_pipeline.item(points=0.5, hidden=True)
def threshold_decides_what_the_llm_reads(student):
    """The higher `confidence_threshold`, the more reviews the LLM reads."""
    low, middle, high = (
        len(run(student, reviews_seen_on(day), threshold=threshold).llm_asked)
        for day, threshold in zip(DAYS, (0.4, 0.8, 1.0), strict=True)
    )
    expect(
        low < middle < high,
        expected="more questions for 0.8 than for 0.4, and for 1.0 than for 0.8",
        got=f"{low}, {middle} and {high}",
        next_step="where does your code use `self.threshold`?",
    )


def reviews_seen_on(day: str) -> list[str]:
    """Return reviews that get the same votes whatever the day is, and are other texts.

    A pipeline may keep what the LLM said of a text, and not ask again. Reviews of another seed
    would not do: how many of them are uncertain differs by more than a threshold may change it.
    """
    texts, _, _ = reviews_for(_FEW, _SEED + 4)
    return [f"{text} I saw it on a {day}." for text in texts]


@labeling_pipeline.item(points=0.5, hidden=True)
def lists_and_frames_give_the_same(student):
    """A list and a DataFrame of the same reviews, whatever its index, get the same labels."""
    # Public items have the list's labels already.
    texts, answers, _ = reviews_for(300, 41)
    listed, framed = (run(student, texts, answers, budget=20, form=f) for f in ("list", "frame"))
    same = np.mean(listed.labels == framed.labels)
    expect(
        same > 0.97,
        expected="the same labels",
        got=f"{same:.0%} of them the same",
        next_step="number the reviews from 0 yourself: a DataFrame's index may begin anywhere",
    )


@labeling_pipeline.item(points=0.5, hidden=True)
def small_inputs_are_no_trouble(student):
    """No review gives three empty results; one review gets a label, in any alphabet."""
    run(student, [])
    for text in ("A masterpiece!", "Très bon film, une merveille. 👍"):
        made = run(student, [text], [1], budget=1)
        expect(
            made.labels[0] in (0.0, 1.0),
            expected="the label 0 or 1 for a single review",
            got=made.labels[0],
            next_step="what can be trained or cleaned with one review? Leave those steps out",
        )
