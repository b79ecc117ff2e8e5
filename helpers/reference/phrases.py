"""Spell out the patterns that stand for a handful of phrases.

``"[1-3]/10|(?:1\\.5|one) stars?"`` is a regular expression, but says no more than a list of seven
phrases, and phrases can be looked for all at once.
"""

from __future__ import annotations

import re

MOST = 200
_TOKEN = re.compile(
    r"(?P<open>\(\?:)|(?P<close>\))|(?P<choice>\|)|(?P<maybe>\?)"
    r"|\[(?P<set>(?:[A-Za-z0-9](?:-[A-Za-z0-9])?)+)\]|\\(?P<escaped>[.'/-])"
    r"|(?P<plain>[\w '/,:;&%@#!-])",
    re.ASCII,
)
# A phrase that begins and ends with a letter or digit: then `\b` on both sides of it means that
# words begin and end there.
_PHRASE = re.compile(r"\w.+\w", re.ASCII)


def phrases_of(pattern: str) -> list[str] | None:
    """Spell a pattern out.

    Parameters
    ----------
    pattern : str
        Part of a regular expression that stands between two ``\\b``, where case does not matter.

    Returns
    -------
    list of str or None
        All texts that match, in lower case. None if there are more than `MOST` or without end,
        if one is shorter than three letters, or if it begins or ends with a sign.
    """
    try:
        phrases, rest = _choice(_tokens(pattern))
    except _TooMuch:
        return None
    if rest or not all(_PHRASE.fullmatch(phrase) for phrase in phrases):
        return None
    return sorted({phrase.lower() for phrase in phrases})


class _TooMuch(Exception):
    """The pattern says more than a list of phrases can."""


def _tokens(pattern: str) -> list[tuple[str, str]]:
    tokens, place = [], 0
    while place < len(pattern):
        match = _TOKEN.match(pattern, place)
        if match is None:
            raise _TooMuch
        tokens.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return tokens


def _choice(tokens: list[tuple[str, str]]) -> tuple[list[str], list[tuple[str, str]]]:
    """Read ``a|b|c`` up to a closing bracket or the end; return its phrases and what is left."""
    phrases: list[str] = []
    while True:
        some, tokens = _sequence(tokens)
        phrases += some
        if not tokens or tokens[0][0] != "choice":
            return phrases, tokens
        tokens = tokens[1:]


def _sequence(tokens: list[tuple[str, str]]) -> tuple[list[str], list[tuple[str, str]]]:
    """Read what stands one after the other, up to a bar, a closing bracket or the end."""
    phrases = [""]
    while tokens and tokens[0][0] not in ("choice", "close"):
        (kind, text), tokens = tokens[0], tokens[1:]
        if kind == "maybe":  # nothing before it, or `??`, which means something else
            raise _TooMuch
        if kind == "open":
            some, tokens = _choice(tokens)
            if not tokens:
                raise _TooMuch
            tokens = tokens[1:]
        else:
            some = _members(text) if kind == "set" else [text]
        if tokens and tokens[0][0] == "maybe":
            some, tokens = ["", *some], tokens[1:]
        if len(phrases) * len(some) > MOST:
            raise _TooMuch
        phrases = [first + second for first in phrases for second in some]
    return phrases, tokens


def _members(text: str) -> list[str]:
    """Return the letters of ``a-cx``."""
    letters: list[str] = []
    for first, last in re.findall(r"(.)(?:-(.))?", text):
        letters += map(chr, range(ord(first), ord(last or first) + 1))
    return letters
