"""What a student's labeling pipeline makes of reviews, and whom it asks meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from .lending import Lent
from .question import NotAttempted, Unmet, expect, shorten
from .values import as_labels, as_numbers, kind_of

SOURCES = ("weak", "llm", "human")
IN_ORDER = "return labels, sources, confidence, in this order"
# Of a review, in characters.
LONGEST = 5000
# Labels by these opinions are right on about 92 % of the reviews, and never on more than this.
BEYOND = 0.965


@dataclass(frozen=True)
class Outcome:
    """What a pipeline made of some reviews, and whom it asked."""

    labels: np.ndarray
    sources: np.ndarray
    confidence: np.ndarray
    llm_asked: list[str]
    human_asked: list[str]


@cache
def reviews_for(n: int, seed: int) -> tuple[list[str], list[int], list[int]]:
    """Return texts, what a person says of each, and the truth."""
    from helpers.reviews import realistic, simulated_human

    df = realistic(n, seed=seed)
    return df["review"].tolist(), simulated_human(df).tolist(), df["label"].tolist()


class LanguageModel:
    """Answers as `MockLabeler` does, but about some reviews it is sure, and wrong.

    Parameters
    ----------
    texts : list of str
        The reviews there are; it reads others, too.
    seed : int
    failure_rate : float
        As for `MockLabeler`.
    flipped : tuple of str
        Where it is wrong.

    Attributes
    ----------
    asked : list of str
        The reviews it has read, in order.
    """

    def __init__(
        self,
        texts: list[str],
        seed: int = 3,
        failure_rate: float = 0.0,
        flipped: tuple[str, ...] = (),
    ) -> None:
        self.asked: list[str] = []
        self._known = _known_by(tuple(texts))
        self._seed, self._failure_rate, self._flipped = seed, failure_rate, flipped
        # Reading takes the grader's time: in characters, and enough to read all ten times.
        self._patience = 10 * (sum(map(len, texts)) + 20_000)

    def __call__(self, texts: list[str]) -> list[Any]:
        if len(texts) > self._patience:
            raise RuntimeError("429 RESOURCE_EXHAUSTED: it has read too much today")
        texts = [str(text) for text in texts]
        self._patience -= sum(map(len, texts)) + len(texts)
        if self._patience < 0:
            raise RuntimeError("429 RESOURCE_EXHAUSTED: it has read too much today")
        if max(map(len, texts), default=0) > LONGEST:
            raise RuntimeError("400 INVALID_ARGUMENT: a review is too long")
        # Spaces and capitals may be put right before a review is shown.
        texts = [self._meant(text) for text in texts]
        self.asked += texts
        return [self._said_of(text) for text in texts]

    def _meant(self, text: str) -> str:
        return self._known.get(text) or self._known.get(_plain(text), text)

    def _said_of(self, text: str) -> Any:
        said = said_of if text in self._known else said_of.__wrapped__
        answer = said(text, self._seed, self._failure_rate)
        if text not in self._flipped:
            return answer
        other = {"POSITIVE": "NEGATIVE", "NEGATIVE": "POSITIVE"}[answer.label]
        return replace(answer, label=other, confidence=0.97)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


@cache
def _known_by(texts: tuple[str, ...]) -> dict[str, str]:
    """Return the reviews by themselves, and by what is left of them without capitals and spaces."""
    return {_plain(text): text for text in texts} | {text: text for text in texts}


@cache
def said_of(text: str, seed: int, failure_rate: float) -> Any:
    """Return what a mock language model says of a review."""
    from helpers.llm import MockLabeler

    return MockLabeler(seed, failure_rate).label([text])[0]


def run(
    student: Any,
    texts: list[str],
    answers: list[int] | None = None,
    *,
    budget: int = 0,
    threshold: float | None = None,
    form: str = "list",
    llm: bool = True,
    **model: Any,
) -> Outcome:
    """Let the student's pipeline label reviews; once, however many items ask for the same.

    Parameters
    ----------
    student : Student
    texts : list of str
    answers : list of int, optional
        What the person says of each; without them there is no person.
    budget : int
        Labels the person gives.
    threshold : float, optional
        The pipeline's, if it is not to have its own.
    form : {"list", "frame"}
        How the reviews are given.
    llm : bool
        Whether there is a language model.
    **model
        As for `LanguageModel`.
    """
    from helpers.humans import BudgetedHuman

    def look() -> Outcome:
        reader = LanguageModel(texts, **model)
        person = BudgetedHuman(texts, answers or [0] * len(texts), budget)
        # They are lent: neither what they know nor what they have counted is in the code's reach.
        ask_llm = Lent(reader) if llm else None
        ask_human = None if answers is None else Lent(person)
        value = student.run(_run, texts, ask_llm, ask_human, budget, threshold, form)
        if isinstance(value, str) and value == "stub":
            raise NotAttempted("`SmartLabelingPipeline.label` has no code of yours yet")
        return Outcome(*triple(value, len(texts)), reader.asked, person.asked)

    student.get("SmartLabelingPipeline")
    said = None if answers is None else tuple(answers)
    key = (tuple(texts), said, budget, threshold, form, llm, *sorted(model.items()))
    return student.once(key, look)


def triple(value: Any, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels, sources and confidence, in whatever form they come."""
    if isinstance(value, dict) and set(value) >= {"labels", "sources", "confidence"}:
        value = tuple(value[name] for name in ("labels", "sources", "confidence"))
    if not isinstance(value, (tuple, list)) or len(value) != 3:
        raise Unmet(
            "`label` returns labels, sources and confidence",
            kind_of(value),
            "what stands after `return`?",
        )
    return three(*value, n)


def three(labels: Any, sources: Any, confidence: Any, n: int) -> tuple[np.ndarray, ...]:
    """Return three arrays of length n."""
    columns = {
        "labels": _numbers(labels, "`labels`", "1 for positive, 0 for negative"),
        "sources": as_labels(sources, "`sources`"),
        "confidence": _numbers(
            confidence, "`confidence`", "0.5 for a guess, 1 where it is certain"
        ),
    }
    for name, column in columns.items():
        expect(
            len(column) == n,
            expected=f"{n} entries in `{name}`, one for each review",
            got=len(column),
            next_step="every review gets an entry, whoever decided it",
        )
    # NumPy gives every text the room of the longest.
    names = [str(source).lower()[:20] for source in columns["sources"]]
    return columns["labels"], np.array(names, dtype=str), columns["confidence"]


def _numbers(column: Any, what: str, next_step: str) -> np.ndarray:
    """Return a column of numbers; where there are words, say which, and what to do."""
    try:
        return as_numbers(column, what)
    except Unmet:
        words = [entry for entry in as_labels(column, what) if isinstance(entry, str)]
        if not words:
            raise
        if words[0].lower() in SOURCES:
            next_step = IN_ORDER
        got = f"texts, such as {shorten(words[0], 20)!r}"
        raise Unmet(f"{what} holds numbers", got, next_step) from None


def expect_better(accuracy: float, best: float, next_step: str) -> None:
    """Expect labels that are better than the best single method's, and no better than can be."""
    expect(
        accuracy < BEYOND,
        expected=f"at most {BEYOND}: more than that is in none of the opinions you may ask for",
        got=f"{accuracy:.3f}",
        next_step="how did the true labels get in? Ask only the functions, the LLM and the person "
        "that the pipeline is given",
    )
    expect(
        accuracy > best + 0.005,
        expected=f"an accuracy above {best:.3f}, that of the best single method",
        got=f"{accuracy:.3f}",
        next_step=next_step,
    )


def _run(
    texts: list[str],
    ask_llm: Callable | None,
    ask_human: Callable | None,
    budget: int,
    threshold: float | None,
    form: str,
) -> Any:
    """Build a pipeline and run it; runs where the student's names are."""
    import pandas as pd

    import __main__
    from helpers.checks.namespace import is_stub
    from helpers.humans import BudgetedHuman
    from helpers.weak_supervision import PLAIN_LFS

    class Client:
        def label(self, texts: Any) -> list:
            return ask_llm([texts] if isinstance(texts, str) else list(texts))

    class Person(BudgetedHuman):
        def _read(self, texts: list[str]) -> list[int]:
            return ask_human(texts)

    pipeline_class = __main__.SmartLabelingPipeline
    if is_stub(pipeline_class.label):
        return "stub"
    client = Client() if ask_llm else None
    human = Person([], [], budget) if ask_human else None
    chosen = {} if threshold is None else {"confidence_threshold": threshold}
    pipeline = pipeline_class(list(PLAIN_LFS), client, **chosen, human=human)
    data = texts
    if form == "frame":
        data = pd.DataFrame({"movie": "?", "review": texts}, index=range(900, 900 + len(texts)))
    return pipeline.label(data)


@cache
def single_methods(n: int, seed: int, llm_seed: int = 0) -> dict[str, float]:
    """Return the accuracy of each method alone, for the price of n LLM and 150 human labels."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    from helpers.costs import HUMAN_PRICE, LLM_STORY_PRICE

    texts, answers, truth = reviews_for(n, seed)
    llm = llm_labels(n, seed, llm_seed)
    X = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform(texts)
    n_labels = 150 + round(n * LLM_STORY_PRICE / HUMAN_PRICE)
    rows = np.random.default_rng(0).choice(n, size=n_labels, replace=False)
    model = LogisticRegression(C=10, max_iter=1000).fit(X[rows], np.array(answers)[rows])
    found = {"weak": votes_on(n, seed), "llm": llm, "human": model.predict(X)}
    return {name: float(np.mean(labels == np.array(truth))) for name, labels in found.items()}


@cache
def llm_labels(n: int, seed: int, llm_seed: int) -> np.ndarray:
    """Return what a mock language model says of each review: 1 or 0."""
    texts, _, _ = reviews_for(n, seed)
    return np.array([said_of(text, llm_seed, 0.0).label == "POSITIVE" for text in texts], dtype=int)


@cache
def votes_on(n: int, seed: int) -> np.ndarray:
    """Return what most of the labeling functions say of each review, else 1."""
    import pandas as pd

    from helpers.weak_supervision import ABSTAIN, PLAIN_LFS, apply_lfs, majority_vote

    texts, _, _ = reviews_for(n, seed)
    votes = majority_vote(apply_lfs(PLAIN_LFS, pd.DataFrame({"review": texts})))
    return np.where(votes == ABSTAIN, 1, votes)
