"""Faults as a language model's service has them, played offline and the same way every time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from helpers.llm import Labeler, LabelResult
from helpers.reviews import text_noise

# What each fault says, and which tokens it is billed for in spite of it. A request that was turned
# away costs nothing; an answer that cannot be used costs as much as one that can.
FAULTS = {
    "429": ("429 RESOURCE_EXHAUSTED: too many requests", False, False),
    "bad_json": ("the reply is not the JSON asked for", True, True),
    "blocked": ("blocked: PROHIBITED_CONTENT", True, False),
    "truncated": ("the reply was cut off: MAX_TOKENS", True, True),
    "out_of_range": ("confidence 1.3 is not between 0 and 1", True, True),
}


class FaultyLabeler:
    """A labeler that sometimes brings no answer.

    Parameters
    ----------
    labeler : Labeler
        Answers the rest.
    rates : mapping of str to float
        For each fault of `FAULTS`, the share of reviews that it befalls.
    seed : int
        Another seed, other reviews.

    Raises
    ------
    ValueError
        If a fault is unknown, or the shares add up to more than 1.
    """

    def __init__(self, labeler: Labeler, rates: Mapping[str, float], seed: int = 0) -> None:
        if unknown := set(rates) - set(FAULTS):
            raise ValueError(f"unknown fault {unknown.pop()!r}; known: {', '.join(FAULTS)}")
        if min(rates.values(), default=0) < 0 or sum(rates.values()) > 1:
            raise ValueError("the shares must not be negative, nor add up to more than 1")
        self.labeler = labeler
        self.rates = dict(rates)
        self.seed = seed

    def label(self, texts: Sequence[str]) -> list[LabelResult]:
        """Label reviews: one result for each, in their order; the same text, the same fault."""
        results = self.labeler.label(texts)
        return [self._spoilt(t, r) for t, r in zip(texts, results, strict=True)]

    def _spoilt(self, text: str, result: LabelResult) -> LabelResult:
        noise = text_noise(text, f"fault {self.seed}")
        for name, rate in self.rates.items():
            if noise < rate:
                error, bills_input, bills_output = FAULTS[name]
                tokens = result.input_tokens * bills_input, result.output_tokens * bills_output
                return LabelResult(None, None, *tokens, error=error)
            noise -= rate
        return result
