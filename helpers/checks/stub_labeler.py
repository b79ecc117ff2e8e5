"""A language model whose answers are known, for items to hand to a student's code."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .lending import Lent

# Label, confidence, input tokens, output tokens. All numbers are binary fractions or given
# with two digits, so that a threshold has an edge.
ANSWERS = {
    "Loved it from start to end.": ("POSITIVE", 0.97, 70, 14),
    "Dull, and far too long.": ("NEGATIVE", 0.91, 69, 14),
    "It has its moments.": ("POSITIVE", 0.55, 68, 14),
    "Nobody needs this film.": ("NEGATIVE", 0.8, 69, 14),
    "A joy for all ages.": ("POSITIVE", 0.79, 68, 14),
}
# Answers that cannot be used, or never came.
FAILURES = {
    "The worst scene comes first.": (None, None, 71, 14),
    "What a ride!": (None, None, 0, 0),
}


class Service:
    """Knows the answers and counts the calls: is lent, and does not go where it is asked from.

    Attributes
    ----------
    calls : Counter
        How often it was asked about each review.
    """

    def __init__(self, answers: dict[str, tuple]) -> None:
        self.calls: Counter[str] = Counter()
        self._answers = answers

    def __call__(self, review: str) -> tuple:
        answer = self._answers[review]
        self.calls[review] += 1
        return answer


class StubLabeler:
    """Stands in for `label_with_llm` and for `labeler`.

    Parameters
    ----------
    service : callable
        Gives (label, confidence, input tokens, output tokens) of a review.
    seconds : float
        How long an answer takes.
    """

    def __init__(self, service: Callable[[str], tuple], seconds: float) -> None:
        self.service = service
        self.seconds = seconds

    def __call__(self, review: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        time.sleep(self.seconds)
        label, confidence, tokens_in, tokens_out = self.service(str(review))
        return {
            "label": label,
            "confidence": confidence,
            "input_tokens": tokens_in,
            "output_tokens": tokens_out,
            "error": None if label else "the reply is not the JSON asked for",
        }

    def label(self, texts: Any) -> list[Any]:
        from helpers.llm import LabelResult

        return [LabelResult(**self(text)) for text in texts]


@contextmanager
def with_stub(
    student: Any, answers: dict[str, tuple], seconds: float = 0.0
) -> Iterator[Counter[str]]:
    """Let the student's code ask a stub, by either of the two given names; count its calls."""
    service = Service(answers)
    stub = StubLabeler(Lent(service), seconds)
    with student.patched(label_with_llm=stub, labeler=stub):
        yield service.calls


def mixed_reviews() -> list[str]:
    """Reviews with and without an answer, in turns."""
    good, bad = list(ANSWERS), list(FAILURES)
    return [good[0], bad[0], good[1], good[3], bad[1], good[2]]
