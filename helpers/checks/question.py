"""Questions, their items, and `expect`: the words an author writes checks in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_ID = re.compile(r"(q\d+_\d+|c\d+)(_[a-z0-9]+)+")


class AuthoringError(Exception):
    """A question or an item is written wrongly; the message says where."""


class Unmet(Exception):
    """An item's statement does not hold for this answer.

    Parameters
    ----------
    expected, got, next_step : str
        What the student reads; each may be empty.
    """

    def __init__(self, expected: str = "", got: str = "", next_step: str = "") -> None:
        super().__init__(expected, got, next_step)
        self.expected = expected
        self.got = got
        self.next_step = next_step


class NotAttempted(Exception):
    """There is nothing to look at yet: a name is missing, a function is still a stub."""


def expect(condition: Any, *, expected: Any = "", got: Any = "", next_step: str = "") -> None:
    """Say what must hold; if it does not, say so in words that help.

    Parameters
    ----------
    condition : bool
        What must hold. A NumPy bool will do; an array will not.
    expected : object
        What a right answer gives, in a few words.
    got : object
        What this answer gives. Shortened before it is shown.
    next_step : str
        One thing to try or to look at. It must not give the answer away.

    Raises
    ------
    Unmet
        If the condition is false.
    """
    if not bool(condition):
        raise Unmet(shorten(expected), shorten(got), next_step)


def shorten(value: Any, limit: int = 200) -> str:
    """Return `value` as one line of text of at most `limit` characters."""
    text = value if isinstance(value, str) else repr(rounded(value))
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def counted(n: float, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "label"), counted(2000, "label")
    ('1 label', '2,000 labels')
    """
    number = f"{n:,}" if isinstance(n, int) else f"{n:g}"
    return f"{number} {noun}{'s' * (n != 1)}"


def rounded(value: Any) -> Any:
    """Return a value whose floats nobody has to read sixteen digits of."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: rounded(entry) for key, entry in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(rounded, value))
    return value


@dataclass(frozen=True)
class Item:
    """One statement worth points.

    Attributes
    ----------
    name : str
        The checking function's name; unique within its question.
    statement : str
        The function's docstring: what the student reads.
    points : float
        What the item is worth.
    hidden : bool
        Hidden items run only when the submission is graded.
    function : callable
        Takes a `Student`; returns, or raises `Unmet`.
    """

    name: str
    statement: str
    points: float
    hidden: bool
    function: Callable[[Any], None] = field(repr=False)


class Question:
    """One graded unit of the lab: an id and its items.

    Parameters
    ----------
    id : str
        Such as ``"q3_3_random_sampling"``; the build gives the answer cell the same id.

    Attributes
    ----------
    items : tuple of Item
        In the order they were written; public ones first, as `autograder.checks` adds its
        hidden ones later.
    points : float
        The sum over the items known here.
    """

    def __init__(self, id: str) -> None:
        if not _ID.fullmatch(id):
            raise AuthoringError(f"{id!r} is not a question id such as 'q3_3_random_sampling'")
        if id in REGISTRY:
            raise AuthoringError(f"question {id!r} is defined twice")
        self.id = id
        self._items: dict[str, Item] = {}
        REGISTRY[id] = self

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(self._items.values())

    @property
    def points(self) -> float:
        return sum(item.points for item in self.items)

    @property
    def part(self) -> str:
        """The part's short name, from the id: ``"part3"`` or ``"challenge1"``."""
        return part_of(self.id)

    def item(self, *, points: float, hidden: bool = False) -> Callable[[Callable], Callable]:
        """Decorate a function that checks one statement about an answer.

        Parameters
        ----------
        points : float
            What the statement is worth; more than 0.
        hidden : bool
            Whether it runs only when graded. Hidden items live in `autograder.checks`.

        Raises
        ------
        AuthoringError
            If the function has no docstring, no points, or a name used before.
        """

        def register(function: Callable) -> Callable:
            where = f"item {function.__name__!r} of {self.id!r}"
            statement = " ".join((function.__doc__ or "").split())
            if not statement:
                raise AuthoringError(f"{where} has no docstring: students would see no statement")
            if not points > 0:
                raise AuthoringError(f"{where} must be worth more than 0 points")
            if function.__name__ in self._items:
                raise AuthoringError(f"{where} is defined twice")
            item = Item(function.__name__, statement, float(points), hidden, function)
            self._items[item.name] = item
            return function

        return register

    def __repr__(self) -> str:
        return f"<Question {self.id}: {len(self.items)} items, {self.points:g} points>"


REGISTRY: dict[str, Question] = {}


def part_of(question_id: str) -> str:
    """Return the short name of the part a question id belongs to.

    >>> part_of("q3_3_random_sampling"), part_of("c1_batch_active_learning")
    ('part3', 'challenge1')
    """
    match = re.match(r"([qc])(\d+)", question_id)
    if match is None:
        raise AuthoringError(f"{question_id!r} is not a question id")
    return ("part" if match[1] == "q" else "challenge") + match[2]
