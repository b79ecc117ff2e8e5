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
        What the call is billed for.
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
        Another seed, another model: about as good, but wrong elsewhere.
    failure_rate : float
        Share of reviews without an answer, as when a service is overloaded.
    """

    # Tokens of a typical prompt around the review, and of a short JSON answer.
    PROMPT_TOKENS = 60
    ANSWER_TOKENS = 14
    CHARACTERS_PER_TOKEN = 4

    # How often the model sees through a phrase that means other than it says.
    SEES_NEGATION = 0.8
    SEES_CONTRAST = 0.8
    SEES_BACKGROUND = 0.7
    SEES_SARCASM = 0.5
    KNOWS_WORD = 0.9

    # Standard deviation of its mood, in sentiment words.
    MOOD = 1.5

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
        input_tokens = self.PROMPT_TOKENS + math.ceil(len(text) / self.CHARACTERS_PER_TOKEN)
        if self._noise(text, "failure") < self.failure_rate:
            return LabelResult(None, None, input_tokens, 0, error="503 service overloaded")
        sentences = _SENTENCE_END.split(text.lower())
        score = sum(self._score_sentence(sentence, text) for sentence in sentences)
        score += self.MOOD * _MOOD_OF(self._noise(text, "mood") * 0.9998 + 0.0001)
        label = "POSITIVE" if score > 0 else "NEGATIVE"
        confidence = round(1 / (1 + math.exp(-abs(score))), 2)
        return LabelResult(label, confidence, input_tokens, self.ANSWER_TOKENS)

    def _score_sentence(self, sentence: str, text: str) -> float:
        """Count praise minus scorn in a sentence, less where it is not about the film."""
        score = 0.0
        for clause, weight in split_contrast(sentence):
            seen = weight == 1 or self._noise(text, "contrast") < self.SEES_CONTRAST
            score += (weight if seen else 1.0) * self._score_clause(clause.strip(" ,"), text)
        if _BACKGROUND(sentence) and self._noise(text, "background") < self.SEES_BACKGROUND:
            score *= 0.2
        if _SARCASTIC(sentence) and self._noise(text, "sarcasm") < self.SEES_SARCASM:
            score = -score
        return score

    def _score_clause(self, clause: str, text: str) -> float:
        """Count praise minus scorn in a clause, turning what follows a negation."""
        polarity = known_polarity()
        if clause in polarity:
            return 1.2 * polarity[clause]
        score, negated = 0.0, 0
        for word in _WORDS(clause):
            if word in _NEGATIONS:
                negated = 5 if self._noise(text, "negation") < self.SEES_NEGATION else 0
                continue
            value = polarity.get(word, 0.0)
            if value and self._noise(word, "vocabulary") < self.KNOWS_WORD:
                score += -0.8 * value if negated > 0 else value
            negated -= 1
        return score

    def _noise(self, text: str, purpose: str) -> float:
        return text_noise(text, f"llm {self.seed} {purpose}")


_NEGATIONS = {
    *("not", "never", "no", "nothing", "nobody", "neither", "cannot", "hardly", "far", "anything"),
    *("isn't", "wasn't", "don't", "didn't", "doesn't"),
}
_ROLES = "|".join(split_choices(lexicon.SHARED["role"]))
_BACKGROUND = re.compile(
    rf"it follows|an? (?:{_ROLES})\b|my \w+|everyone told|the trailer|one critic"
).match
_SARCASTIC = re.compile(r"oh sure|oh great|wow|yes, because|.* they said$|so .* that i").match
# Seen from its first dot only: from each of them, a long row of dots would take hours.
_SENTENCE_END = re.compile(r"(?<![.!?])[.!?]+(?:\s+|$)")
_WORDS = re.compile(r"[\w./'-]+").findall
_CONCEDED_FIRST = re.compile(r"(?:although|despite) ([^,]*),(.*)").match
_CONCEDED_LAST = re.compile(r"(.*), (?:although|even if) (.*)").match
_TURN = re.compile(r"(.*),? (?:but|yet) (.*)").match
_MOOD_OF = NormalDist().inv_cdf


def split_contrast(sentence: str) -> Iterator[tuple[str, float]]:
    """Split a sentence into clauses with weights: what is conceded weighs less."""
    if match := _CONCEDED_LAST(sentence):
        yield match[1], 1.0
        yield match[2], 0.3
    elif match := _CONCEDED_FIRST(sentence) or _TURN(sentence):
        yield match[1], 0.3
        yield match[2], 1.0
    else:
        yield sentence, 1.0


@cache
def known_polarity() -> dict[str, float]:
    """Map words and set phrases, in lower case, to above 0 (praise) or below (scorn)."""
    polarity: dict[str, float] = {}
    for side, value in (("+", 1.0), ("-", -1.0)):
        for words in (lexicon.ADJECTIVES, lexicon.NOUNS, lexicon.VERBS, lexicon.DEEDS):
            polarity |= dict.fromkeys(words[side].split(), value)
        for phrase in split_choices(lexicon.IDIOMS[side]) + split_choices(lexicon.VERDICTS[side]):
            if "rating" not in phrase:
                polarity[phrase.replace("{!}", "").strip(".").lower()] = value
    # Words of reviews that our own generator does not write, such as the handout's.
    praise = ("incredible", "best", "fun", "good", "love", "beautifully", "recommend")
    scorn = ("worst", "garbage", "disappointed", "waste", "avoid", "poor", "hate")
    polarity |= dict.fromkeys(praise, 1.0) | dict.fromkeys(scorn, -1.0)
    for rating in range(11):
        polarity[f"{rating}/10"] = (rating - 5.5) / 3
    return polarity | {"five stars": 1.5, "4.5 stars": 1.5, "one star": -1.5, "1.5 stars": -1.5}
