"""Labeling with a language model: what every labeler gives, and one that needs no network.

`MockLabeler` plays a language model: it reads English well but not perfectly, and is less sure
where it is more often wrong. It never sees a true label.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Literal, Protocol

from helpers import lexicon
from helpers.grammar import split_choices
from helpers.reviews import text_noise


@dataclass(frozen=True)
class LabelResult:
    """What a labeler says about one review.

    Attributes
    ----------
    label : {"POSITIVE", "NEGATIVE"} or None
        None if there is no answer; then `error` says why.
    confidence : float or None
        In [0, 1]; None if there is no answer.
    input_tokens, output_tokens : int
        What the call was billed for.
    error : str or None
        Why there is no answer.
    """

    label: Literal["POSITIVE", "NEGATIVE"] | None
    confidence: float | None
    input_tokens: int
    output_tokens: int
    error: str | None = None


class Labeler(Protocol):
    """Anything that labels reviews."""

    def label(self, texts: Sequence[str]) -> list[LabelResult]:
        """Label reviews: one result for each, in their order."""
        ...


class MockLabeler:
    """An offline stand-in for a language model: the same text always gets the same answer.

    Parameters
    ----------
    seed : int
        Another seed, another model: as good, but wrong elsewhere.
    failure_rate : float
        Share of reviews without an answer, as when a service is overloaded.
    """

    # Tokens of a typical prompt around the review, and of a JSON answer.
    PROMPT_TOKENS = 60
    ANSWER_TOKENS = 14

    def __init__(self, seed: int = 0, failure_rate: float = 0.0) -> None:
        self.seed = seed
        self.failure_rate = failure_rate

    def label(self, texts: Sequence[str]) -> list[LabelResult]:
        """Label reviews.

        Parameters
        ----------
        texts : sequence of str

        Returns
        -------
        list of LabelResult
            One for each text, in the same order.
        """
        return [self._label_one(text) for text in texts]

    def _label_one(self, text: str) -> LabelResult:
        input_tokens = self.PROMPT_TOKENS + math.ceil(len(text) / 4)
        if self._noise(text, "failure") < self.failure_rate:
            return LabelResult(None, None, input_tokens, 0, error="503 service overloaded")
        score = sum(self._sentence_score(s, text) for s in re.split(r"[.!?]\s+|[.!?]$", text.lower()))
        score += 1.4 * NormalDist().inv_cdf(min(max(self._noise(text, "mood"), 1e-9), 1 - 1e-9))
        confidence = round(1 / (1 + math.exp(-1.0 * abs(score))), 2)
        label = "POSITIVE" if score > 0 else "NEGATIVE"
        return LabelResult(label, confidence, input_tokens, self.ANSWER_TOKENS)

    def _sentence_score(self, sentence: str, text: str) -> float:
        """Positive for praise, negative for scorn."""
        score = 0.0
        for clause, weight in split_contrast(sentence):
            if weight < 1 and self._noise(text, "contrast") < 0.2:
                weight = 1.0
            score += weight * self._clause_score(clause, text)
        if re.match(_BACKGROUND, sentence) and self._noise(text, "background") < 0.7:
            score *= 0.2
        if re.match(_SARCASTIC, sentence) and self._noise(text, "sarcasm") < 0.5:
            score = -score
        return score

    def _clause_score(self, clause: str, text: str) -> float:
        clause = clause.strip(" ,")
        polarity = known_polarity()
        if clause in polarity:
            return 1.2 * polarity[clause]
        score, flip_left = 0.0, 0
        for word in re.findall(r"[a-z0-9./'’-]+", clause):
            if word in _NEGATORS:
                flip_left = 5 if self._noise(text, "negation") < 0.8 else 0
                continue
            value = polarity.get(word, 0.0)
            if value and self._noise(word, "vocabulary") < 0.1:
                value = 0.0
            score += -0.8 * value if flip_left > 0 else value
            flip_left -= 1
        return score

    def _noise(self, text: str, purpose: str) -> float:
        return text_noise(text, f"llm {self.seed} {purpose}")


_NEGATORS = {"isn't", "wasn't", "don't", "didn't", "not", "never", "nothing", "hardly", "nobody", "far", "anything", "no", "neither"}
_BACKGROUND = r"it follows|an? \w+ (who|in)|the \w+ (dreams|wants|caused)|my |everyone told|the poster|the trailer|one critic"
_SARCASTIC = r"oh sure|oh great|wow|yes, because|.*they said$|so .* that i nearly"


def split_contrast(sentence: str) -> Iterator[tuple[str, float]]:
    """Split a sentence into clauses with weights: what is conceded counts less."""
    if match := re.match(r"(?:although|despite) ([^,]*),(.*)", sentence):
        yield match[1], 0.3
        yield match[2], 1.0
    elif match := re.match(r"(.*), (?:although|even if) (.*)", sentence):
        yield match[1], 1.0
        yield match[2], 0.3
    elif match := re.match(r"(.*),? (?:but|yet) (.*)", sentence):
        yield match[1], 0.3
        yield match[2], 1.0
    else:
        yield sentence, 1.0


@cache
def known_polarity() -> dict[str, float]:
    """Map words and set phrases to +1 (praise) or -1 (scorn)."""
    polarity: dict[str, float] = {}
    for side, value in (("+", 1.0), ("-", -1.0)):
        for words in (lexicon.ADJECTIVES, lexicon.NOUNS, lexicon.VERBS, lexicon.DEEDS):
            polarity |= dict.fromkeys(words[side].split(), value)
        for phrase in split_choices(lexicon.IDIOMS[side]) + split_choices(lexicon.VERDICTS[side]):
            polarity[phrase.replace("{!}", "").strip(".").lower()] = value
    for rating in range(11):
        polarity[f"{rating}/10"] = (rating - 5.5) / 3
    return polarity | {"five stars": 1.5, "4.5 stars": 1.5, "one star": -1.5, "1.5 stars": -1.5}
