"""Writes realistic reviews: first a plan (sentiment, film, kind), then a text that follows it.

Since the plan comes first, the true sentiment is known by construction, however misleading the
words. Every choice takes the next number of one random stream, so the first reviews never depend
on how many are asked for.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from helpers import grammar, lexicon

LABELS = {1: grammar.POSITIVE, 0: grammar.NEGATIVE, 2: grammar.NEUTRAL}

# Labels to draw from, by the number of classes: 50/50, and about the handout's 40/40/20.
LABEL_SHARES = {2: (1, 0), 3: (1, 1, 0, 0, 2)}

# Share of each kind at difficulty 0 and at 1; a straight line between.
KIND_SHARES = {
    "plain": (0.94, 0.12),
    "eloquent": (0.03, 0.13),
    "implicit": (0.03, 0.11),
    "negation": (0.0, 0.17),
    "contrast": (0.0, 0.23),
    "mixed": (0.0, 0.13),
    "sarcasm": (0.0, 0.11),
}
NEUTRAL_KIND_SHARES = {
    "plain": (0.80, 0.20),
    "implicit": (0.04, 0.10),
    "negation": (0.08, 0.40),
    "mixed": (0.08, 0.30),
}

# These kinds say what they mean; the others may mislead whoever only counts words.
CLEAR_KINDS = ("plain", "eloquent")

FILMS = [(genre, title) for genre, titles in lexicon.MOVIES.items() for title in titles.split("|")]

_words = re.compile(r"\w+").findall
_sentence_start = re.compile(r"(^|[.!] )([a-z])")


class Review(NamedTuple):
    """One review and its plan. `words` is the same for reviews that differ in the title only."""

    text: str
    label: int
    kind: str
    genre: str
    movie: str
    words: bytes


def write_reviews(difficulty: float, seed: int, classes: int) -> Iterator[Review]:
    """Yield reviews without end; parameters as for `helpers.reviews.realistic`."""
    draw = grammar.draws([seed, classes])
    labels = LABEL_SHARES[classes]
    while True:
        label = labels[draw() % len(labels)]
        genre, movie = FILMS[draw() % len(FILMS)]
        kinds = kind_table(LABELS[label], difficulty)
        kind, core = kinds[draw() % len(kinds)]
        text = _write(core, kind, LABELS[label], difficulty, draw)
        if grammar.FIT in text:
            text = text.replace(grammar.FIT, _fitting_word(genre, label, draw))
        text = text.replace(grammar.GENRE, genre)
        words = " ".join(sorted(set(_words(text.lower()))))
        key = hashlib.blake2b(words.encode(), digest_size=8).digest()
        text = _sentence_start.sub(lambda match: match[0].upper(), text)
        if _chance(0.2 * difficulty, draw):
            text = _typo(text, draw)
        yield Review(text.replace(grammar.MOVIE, movie), label, kind, genre, movie, key)


@cache
def kind_table(side: str, difficulty: float) -> tuple:
    """Table of (kind, its compiled templates), each repeated by the kind's share."""
    neutral = side == grammar.NEUTRAL
    cores = lexicon.NEUTRAL_CORES if neutral else lexicon.CORES
    rows = []
    for kind, (easy, hard) in (NEUTRAL_KIND_SHARES if neutral else KIND_SHARES).items():
        share = easy + (hard - easy) * difficulty
        rows += [(kind, grammar.compile_templates(cores[kind], side))] * round(1000 * share)
    return tuple(rows)


def _write(core: tuple, kind: str, side: str, difficulty: float, draw: Callable[[], int]) -> str:
    """Write the core of a review and what stands around it."""
    out: list[str] = []
    _preface(side, difficulty, draw, out)
    grammar.expand(core, draw, out)
    if kind not in CLEAR_KINDS:
        # A misleading review often says once more what it means, and sometimes seems to waver.
        if _chance(0.82 - 0.2 * difficulty, draw):
            out.append(" ")
            grammar.expand(grammar.table("=sentence", side), draw, out)
        if side != grammar.NEUTRAL and _chance(0.9 * difficulty, draw):
            out.append(" ")
            grammar.expand(grammar.table("0sentence", side), draw, out)
    return "".join(out)


def _preface(side: str, difficulty: float, draw: Callable[[], int], out: list[str]) -> None:
    """Begin with the plot or with what others said, if at all."""
    chance = draw() / grammar.DRAW_LIMIT
    if chance < 0.32 * difficulty:
        slot = "loaded_plot"
    elif chance < 0.44 * difficulty:
        slot = "hearsay"
    elif chance < 0.44 * difficulty + 0.1:
        slot = "plot"
    else:
        return
    grammar.expand(grammar.table(slot, side), draw, out)
    out.append(" ")


def _chance(probability: float, draw: Callable[[], int]) -> bool:
    return draw() < probability * grammar.DRAW_LIMIT


def _fitting_word(genre: str, label: int, draw: Callable[[], int]) -> str:
    """Draw an adjective that is praise (or scorn) for this genre, whatever it is for others."""
    praise, scorn = lexicon.FITS_GENRE[genre]
    words = (praise if label == 1 else scorn).split()
    return words[draw() % len(words)]


def _typo(text: str, draw: Callable[[], int]) -> str:
    """Swap two neighbouring letters, if the place drawn has two."""
    i = draw() % (len(text) - 1)
    pair = text[i : i + 2]
    return text[:i] + pair[::-1] + text[i + 2 :] if pair.islower() and pair.isalpha() else text
