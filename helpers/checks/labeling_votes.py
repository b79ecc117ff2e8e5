"""What a student's labeling functions say of reviews."""

from __future__ import annotations

import opcode
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .question import NotAttempted, Unmet
from .student import Student, StudentError
from .values import kind_of

POSITIVE, NEGATIVE, ABSTAIN = 1, 0, -1
_READ_A_VARIABLE = opcode.opmap["LOAD_FAST"]
# Where the code is, of a labeling function of Snorkel's and of a plain one.
_CODES = ("_f.__code__", "__code__")
_PARTS = ("co_names", "co_consts", "co_freevars", "co_code")


def votes_of(
    student: Any, names: Sequence[str], texts: list[str], labels: list[int] | None = None
) -> Iterator[tuple[str, np.ndarray]]:
    """Let a student's labeling functions vote on reviews.

    Parameters
    ----------
    student : Student
    names : sequence of str
        Plain functions of a row, or Snorkel's labeling functions.
    texts : list of str
    labels : list of int, optional
        What the rows say in their column `label`; without them, there is no such column.

    Yields
    ------
    name : str
    votes : ndarray, shape (len(texts),)

    Raises
    ------
    StudentError, Unmet, NotAttempted
        For a function that cannot vote, when it is its turn.
    """
    stubs = {name for name in names if only_abstains(student, name)}
    _demand_code(names[0], stubs)
    try:
        together = _ask_for_votes(student, names, texts, labels)
    except StudentError as error:
        if error.kind == "Timeout":
            raise
        together = []
    for number, name in enumerate(names):
        _demand_code(name, stubs)
        votes = together[number] if together else _votes_alone(student, name, texts, labels)
        yield name, _as_votes(name, votes, texts)


def _votes_alone(student: Any, name: str, texts: list[str], labels: list[int] | None) -> list:
    # A missing function, or an empty one, is told from a wrong one.
    student.call(name, pd.Series({"review": texts[0]} | ({"label": labels[0]} if labels else {})))
    return _ask_for_votes(student, [name], texts, labels)[0]


def _ask_for_votes(
    student: Any, names: Sequence[str], texts: list[str], labels: list[int] | None
) -> list[list]:
    return student.once(
        ("votes", *names, *texts, *(labels or ())),
        lambda: student.run(_vote, list(names), texts, labels),
    )


def _vote(names: list[str], texts: list[str], labels: list[int] | None) -> list[list]:
    """Run labeling functions on rows as Snorkel does; runs where the student's names are."""
    import __main__
    from helpers.rows import rows_of

    columns = {"review": texts} if labels is None else {"review": texts, "label": labels}
    functions = [getattr(__main__, name) for name in names]
    rows = rows_of(pd.DataFrame(columns, dtype=object))
    votes = [[function(row) for function in functions] for row in rows]
    return [list(column) for column in zip(*votes, strict=True)]


def _as_votes(name: str, votes: list, texts: list[str]) -> np.ndarray:
    plain = set(map(type, votes)) == {int} and set(votes) <= {POSITIVE, NEGATIVE, ABSTAIN}
    odd = [] if plain else [i for i, vote in enumerate(votes) if not _is_vote(vote)]
    if odd:
        raise Unmet(
            f"POSITIVE, NEGATIVE or ABSTAIN from `{name}`",
            f"{kind_of(votes[odd[0]])} for {texts[odd[0]]!r}",
            "does every path through the function end with a return?",
        )
    return np.array(votes, dtype=int)


def _is_vote(vote: object) -> bool:
    return not isinstance(vote, bool) and vote in (POSITIVE, NEGATIVE, ABSTAIN)


def only_abstains(student: Student, name: str) -> bool:
    """Tell whether a labeling function is still the stub, which only abstains."""
    for code in _CODES:
        parts = student.get_all(*(f"{name}.{code}.{part}" for part in _PARTS))
        if parts[0] is not None:
            names, constants, outer, steps = parts
            numbers = {value for value in constants if not isinstance(value, (str, type(None)))}
            reads = outer or not isinstance(steps, bytes) or _READ_A_VARIABLE in steps[::2]
            if not reads and set(names) <= {"ABSTAIN"} and numbers <= {ABSTAIN}:
                return True
    return False


def _demand_code(name: str, stubs: set[str]) -> None:
    if name in stubs:
        raise NotAttempted(f"`{name}` has no code of yours yet")
