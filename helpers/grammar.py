"""Turns the templates of `helpers.lexicon` into text, one random number a choice.

A slot's choices are compiled once into a *table*: a tuple of productions, each a tuple of literal
text and further tables. To write text is then to walk tables, about 0.3 microseconds a step.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np

from helpers import lexicon

POSITIVE, NEGATIVE, NEUTRAL = "+", "-", "0"
OPPOSITE = {POSITIVE: NEGATIVE, NEGATIVE: POSITIVE, NEUTRAL: NEUTRAL}

# Marks that stay in a text until its film is known.
MOVIE, GENRE, FIT = "\x01", "\x02", "\x03"
_LATE_SLOTS = {"movie": MOVIE, "genre": GENRE, "fit": FIT}

DRAW_LIMIT = 1 << 30

ZIPF_EXPONENT = 1.1
TABLE_SIZE = 4096

_WORD_LISTS = {
    "adj": lexicon.ADJECTIVES,
    "noun": lexicon.NOUNS,
    "verb": lexicon.VERBS,
    "deed": lexicon.DEEDS,
}
# Adjectives before this place in their list are common, from it on rare.
_RARE_FROM = 20
_SLOT = re.compile(r"\{([^}]+)\}")


def draws(seed: int | list[int]) -> Callable[[], int]:
    """Return a function that gives the next random integer in [0, DRAW_LIMIT) at each call.

    Parameters
    ----------
    seed : int or list of int
        As for `numpy.random.default_rng`.
    """

    def stream() -> Iterator[int]:
        rng = np.random.default_rng(seed)
        while True:
            yield from rng.integers(0, DRAW_LIMIT, size=4096).tolist()

    return stream().__next__


def split_choices(text: str) -> list[str]:
    """Split "a|b" or lines into choices; a trailing space or an empty choice counts."""
    return re.split(r"\n\s*|\|", text)


def with_article(word: str) -> str:
    """Put "a" or "an" before a word."""
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def zipf_table(choices: list, exponent: float = ZIPF_EXPONENT) -> tuple:
    """Repeat choices by Zipf's law, so that one uniform index draws from it.

    Parameters
    ----------
    choices : list
        Common to rare.
    exponent : float
        Choice number r has weight ``1 / r ** exponent``.

    Returns
    -------
    tuple
        About `TABLE_SIZE` entries, every choice at least once.
    """
    weights = 1.0 / np.arange(1, len(choices) + 1) ** exponent
    counts = np.maximum(1, np.rint(weights / weights.sum() * TABLE_SIZE)).astype(int)
    return tuple(choice for choice, n in zip(choices, counts, strict=True) for _ in range(n))


@cache
def table(slot: str, side: str) -> tuple:
    """Compile the choices for a slot, as a review of this side sees them.

    Parameters
    ----------
    slot : str
        As between the braces of a template: "=adj", "~noun", "+verb", "plot".
    side : {"+", "-", "0"}
        The sentiment of the review.

    Raises
    ------
    KeyError
        If the lexicon has no such slot.
    """
    name = slot.lstrip("=~+-0")
    if slot[0] == "~":
        side = OPPOSITE[side]
    elif slot[0] in lexicon.ADJECTIVES:
        side = slot[0]
    form = with_article if name.startswith("a_") else str
    if name.endswith("rare"):
        words = lexicon.ADJECTIVES[side].split()[_RARE_FROM:]
        return tuple((form(word),) for word in words)
    words_of = _WORD_LISTS.get(name.removeprefix("a_"))
    if words_of:
        return zipf_table([(form(word),) for word in words_of[side].split()])
    if name == "idiom":
        return zipf_table([(idiom,) for idiom in split_choices(lexicon.IDIOMS[side])], 0.7)
    if name == "verdict":
        return compile_templates(lexicon.VERDICTS[side], side)
    templates = lexicon.SHARED.get(slot) or lexicon.SIDED[name]
    return compile_templates(templates, side)


def compile_templates(text: str, side: str) -> tuple:
    """Compile templates, written "one|two" or one a line, into a table of equal chances."""
    return tuple(_compile_one(template, side) for template in split_choices(text))


def _compile_one(template: str, side: str) -> tuple:
    """Split a template at its slots, into literal text and tables."""
    parts: list = []
    for i, piece in enumerate(_SLOT.split(template)):
        if i % 2 == 0:
            parts.append(piece)
        elif piece in _LATE_SLOTS:
            parts.append(_LATE_SLOTS[piece])
        else:
            parts.append(table(piece, side))
    return tuple(part for part in parts if part != "")


def expand(choices: tuple, draw: Callable[[], int], out: list[str]) -> None:
    """Append to `out` the pieces of one random text from a table."""
    for part in choices[draw() % len(choices)]:
        if type(part) is str:
            out.append(part)
        else:
            expand(part, draw, out)
