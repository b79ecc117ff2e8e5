"""Public items of challenge 2: the labeling pipeline."""

from __future__ import annotations

import numpy as np

from .pipelines import (
    IN_ORDER,
    SOURCES,
    expect_better,
    reviews_for,
    run,
    single_methods,
    three,
)
from .question import Question, expect
from .values import AS_PERCENT, as_numbers

labeling_pipeline = Question("c2_labeling_pipeline")

# Reviews of which labeling functions can be sure, and others on which none of them votes.
CLEAR = [
    "Amazing. I loved it, it is a masterpiece, beautiful and funny. I recommend it.",
    "A terrible film. I hated it, it is boring, lazy, a disaster. Avoid it.",
]
SILENT = ["We watched it on a Sunday afternoon.", "Somewhere on an island a pilot meets a judge."]


def mixed_reviews() -> list[str]:
    """Return the reviews above and others."""
    return [*CLEAR, *SILENT, *reviews_for(200, 42)[0]]


@labeling_pipeline.item(points=1)
def an_entry_for_each_review(student):
    """`label` returns labels, sources and confidence, each with an entry for every review."""
    texts, answers, _ = reviews_for(300, 41)
    run(student, texts, answers, budget=20)


@labeling_pipeline.item(points=1)
def labels_and_sources_have_their_names(student):
    """Labels are 1 or 0; sources are "weak", "llm" or "human", and all three occur."""
    texts, answers, _ = reviews_for(300, 41)
    made = run(student, texts, answers, budget=20)
    found = sorted(set(made.labels.tolist()))
    shares = len(found) > 5 and found[0] >= 0 and found[-1] <= 1
    expect(
        found == [0.0, 1.0],
        expected="the labels 0 and 1",
        got=found,
        next_step=IN_ORDER if shares else "an abstention is no label: who decides then?",
    )
    expect(
        set(made.sources.tolist()) == set(SOURCES),
        expected="the sources weak, llm and human",
        got=sorted(set(made.sources.tolist())),
        next_step=advice_on_sources(set(made.sources.tolist())),
    )


def advice_on_sources(found: set[str]) -> str:
    """Return what to do about sources that are not all three."""
    if found < set(SOURCES):
        if "human" not in found:
            return "no label comes from 'human': where does `label` ask `self.human`?"
        if "weak" not in found:
            return "nothing is left to 'weak': see the statement on the LLM below"
        return "no label comes from 'llm': where does `label` ask `self.llm_client`?"
    return "write down the source at each step, and let a later step overwrite it"


@labeling_pipeline.item(points=1)
def confidence_is_a_probability(student):
    """Confidence lies between 0 and 1, is at least 0.5 on most reviews, and differs."""
    texts, answers, _ = reviews_for(300, 41)
    confidence = run(student, texts, answers, budget=20).confidence
    percent = np.mean((confidence >= 49.9) & (confidence <= 100)) > 0.8
    expect(
        np.all((confidence >= 0) & (confidence <= 1)),
        expected="numbers from 0 to 1",
        got=f"from {confidence.min():.3g} to {confidence.max():.3g}",
        next_step=AS_PERCENT
        if percent
        else "the probability that the label is right; no score, and not P(positive)",
    )
    expect(
        np.mean(confidence >= 0.499) > 0.8 and len(np.unique(confidence.round(6))) > 5,
        expected="0.5 or more nearly everywhere, and more than five different numbers",
        got=f"0.5 or more on {np.mean(confidence >= 0.499):.0%}, "
        f"{len(np.unique(confidence.round(6)))} different numbers",
        next_step="of two classes, the one you choose has at least one half",
    )


@labeling_pipeline.item(points=1.5)
def llm_gets_the_uncertain_ones(student):
    """The LLM is asked about reviews without a vote, and not about clear cases."""
    texts = mixed_reviews()
    made = run(student, texts)
    asked = set(made.llm_asked)
    expect(
        set(SILENT) <= asked,
        expected="a question to the LLM about a review on which no labeling function votes",
        got=f"{len(set(SILENT) & asked)} questions about two such reviews",
        next_step="how sure is the label model where all functions abstain?",
    )
    expect(
        not set(CLEAR) & asked and len(asked) < 0.9 * len(texts),
        expected="no question about a review on which five functions agree",
        got=f"{len(set(CLEAR) & asked)} questions about two such reviews, "
        f"and {len(asked)} about {len(texts)} in all",
        next_step="compare the weak labels' confidence with `self.threshold`",
    )


@labeling_pipeline.item(points=1.5)
def nobody_is_asked_twice(student):
    """The person is asked, never beyond the budget; nobody is asked twice about one review."""
    texts, answers, _ = reviews_for(300, 41)
    made = run(student, texts, answers, budget=20)
    expect(
        0 < len(made.human_asked) <= 20,
        expected="from 1 to 20 questions to the person",
        got=len(made.human_asked),
        next_step="`human.left` says how many labels you can still buy"
        if made.human_asked
        else "no label comes from 'human': where does `label` ask `self.human`?",
    )
    for who, asked in (("the person", made.human_asked), ("the LLM", made.llm_asked)):
        expect(
            len(set(asked)) == len(asked),
            expected=f"each review at most once to {who}",
            got=f"{len(asked)} questions about {len(set(asked))} reviews",
            next_step="leave out the reviews whose source says they were read already",
        )
    read = {text for text, s in zip(texts, made.sources, strict=True) if s == "human"}
    expect(
        read == set(made.human_asked),
        expected="the source human for just the reviews the person has read",
        got=f"{len(read)} such sources, {len(set(made.human_asked))} reviews read",
        next_step="set the source where you ask",
    )


@labeling_pipeline.item(points=1.5)
def better_than_each_method_alone(student):
    """`labels` are better than the best of the three single methods, on the 2,000 reviews."""
    truth = as_numbers(student.get("truth"), "`truth`")
    made = [student.get(name) for name in ("labels", "sources", "confidence")]
    labels, sources, _ = three(*made, len(truth))
    best = max(single_methods(2000, 20).values())
    accuracy = float(np.mean(labels == reviews_for(2000, 20)[2]))
    expect(
        np.sum(sources == "human") <= 150,
        expected="at most 150 labels from the person",
        got=int(np.sum(sources == "human")),
        next_step="a label that cleanlab or a classifier changes keeps its source: 'human' is only "
        "what the person has read; and did you make a new person with `budget=150`?",
    )
    expect_better(
        accuracy,
        best,
        "no label comes from 'human': did you pass `human=human`?"
        if "human" not in sources
        else "are the labels in the order of the reviews? They are right as often as guesses"
        if accuracy < 0.6
        else "look at the accuracy by source: which step makes labels worse?",
    )
