"""What a student's labeling functions say of reviews."""

from __future__ import annotations

import opcode
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .question import NotAttempted, Unmet
from .student import MALFORMED, Student, StudentError, StudentGone
from .values import kind_of

POSITIVE, NEGATIVE, ABSTAIN = 1, 0, -1
_READ_A_VARIABLE = opcode.opmap["LOAD_FAST"]
# Where the code is, of a labeling function of Snorkel's and of a plain one.
_CODES = ("_f.__code__", "__code__")
_PARTS = ("co_names", "co_consts", "co_freevars", "co_code")


def votes_of(
    student: Student, names: Sequence[str], texts: list[str], labels: list[int] | None = None
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
    why_missing = [_why_missing(student, name) for name in names]
    n_able = next((number for number, why in enumerate(why_missing) if why), len(names))
    able = list(names[:n_able])
    answers = iter(_ask_for_votes(student, able, texts, labels) if able else ())
    for name in able:
        match next(answers, None):
            case list(votes) if len(votes) == len(texts):
                yield name, _as_votes(name, votes, texts)
            case tuple((str(kind), str(text), str(where))):
                raise StudentError(kind, text, where)
            case _:
                raise StudentGone(MALFORMED)
    if n_able < len(names):
        raise NotAttempted(why_missing[n_able])


def _why_missing(student: Student, name: str) -> str:
    """Say why there is no labeling function of this name; '' if there is one."""
    try:
        student.demand(name)
    except NotAttempted as missing:
        return str(missing)
    return f"`{name}` has no code of yours yet" if only_abstains(student, name) else ""


def _ask_for_votes(
    student: Student, names: list[str], texts: list[str], labels: list[int] | None
) -> list:
    """Return, for each function, its votes in a list, or the error it ended in as a tuple."""
    answers = student.once(
        ("votes", *names, *texts, *(labels or ())), lambda: student.run(_vote, names, texts, labels)
    )
    return answers if isinstance(answers, list) else []


def _vote(names: list[str], texts: list[str], labels: list[int] | None) -> list:
    """Run labeling functions on rows as Snorkel does; runs where the student's names are."""
    import __main__
    from helpers.checks.namespace import told
    from helpers.rows import rows_of

    columns = {"review": texts} if labels is None else {"review": texts, "label": labels}
    frame = pd.DataFrame(columns, dtype=object)

    def votes_of_all(functions: list) -> list[list]:
        votes = [[function(row) for function in functions] for row in rows_of(frame)]
        return [list(column) for column in zip(*votes, strict=True)]

    def votes_alone(name: str) -> Any:
        try:
            return votes_of_all([functions[name]])[0]
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a student's code may raise anything
            return told(error, vars(__main__), "call", (name,))

    functions = {name: getattr(__main__, name) for name in names}
    try:
        return votes_of_all([*functions.values()])
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001
        return [votes_alone(name) for name in names]


def _as_votes(name: str, votes: list, texts: list[str]) -> np.ndarray:
    plain = set(map(type, votes)) == {int} and set(votes) <= {POSITIVE, NEGATIVE, ABSTAIN}
    odd = [] if plain else [i for i, vote in enumerate(votes) if not _is_vote(vote)]
    if odd:
        as_text = isinstance(votes[odd[0]], str)
        raise Unmet(
            f"POSITIVE, NEGATIVE or ABSTAIN from `{name}`",
            f"{kind_of(votes[odd[0]])} for {texts[odd[0]]!r}",
            "return the number `POSITIVE`, `NEGATIVE` or `ABSTAIN`, not a text"
            if as_text
            else "does every path through the function end with a return?",
        )
    return np.array(votes, dtype=int)


def _is_vote(vote: object) -> bool:
    number = isinstance(vote, (int, float)) and not isinstance(vote, bool)
    return number and vote in (POSITIVE, NEGATIVE, ABSTAIN)


def only_abstains(student: Student, name: str) -> bool:
    """Tell whether a labeling function is still the stub, which only abstains."""
    for code in _CODES:
        match student.get_all(*(f"{name}.{code}.{part}" for part in _PARTS)):
            case tuple(names), tuple(constants), tuple(outer), bytes(steps):
                reads = outer or _READ_A_VARIABLE in steps[::2]
                numbers = [c for c in constants if not isinstance(c, (str, type(None)))]
                if not reads and _all_are(ABSTAIN, numbers) and _all_are("ABSTAIN", names):
                    return True
    return False


def _all_are(wanted: int | str, values: Sequence[Any]) -> bool:
    return all(type(value) is type(wanted) and value == wanted for value in values)
