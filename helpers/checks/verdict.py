"""Verdicts: what a question's items said of one answer, and how they come about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from .question import Item, NotAttempted, Question, Unmet, shorten
from .student import Student, StudentError, StudentGone

MET = "met"
UNMET = "unmet"
ERROR = "error"
NOT_ATTEMPTED = "not attempted"


@dataclass(frozen=True)
class ItemVerdict:
    """What one item said.

    Attributes
    ----------
    name, statement, points, hidden
        As in `Item`.
    status : {"met", "unmet", "error", "not attempted"}
    expected, got, next_step : str
        For the student; empty where there is nothing to say.
    fault : str
        For staff: what the item itself stumbled over, if it did.
    """

    name: str
    statement: str
    points: float
    hidden: bool
    status: str
    expected: str = ""
    got: str = ""
    next_step: str = ""
    fault: str = ""

    @property
    def earned(self) -> float:
        return self.points if self.status == MET else 0.0

    def for_student(self) -> ItemVerdict:
        """Return the verdict as its student may read it.

        What a hidden item expected and got can give its inputs away: a student's code may
        raise or return whatever it was called with, or say it where its error's place or what is
        missing is to be named. So only the author's words stay.
        """
        if not self.hidden:
            return replace(self, fault="")
        words = self.next_step if self.status == UNMET else ""
        return ItemVerdict(
            self.name, self.statement, self.points, True, self.status, next_step=words
        )


@dataclass(frozen=True)
class Verdict:
    """What a question's items said of one answer.

    Attributes
    ----------
    question : str
        The question's id.
    items : tuple of ItemVerdict
    """

    question: str
    items: tuple[ItemVerdict, ...]

    @property
    def points(self) -> float:
        """Points earned."""
        return sum(item.earned for item in self.items)

    @property
    def max_points(self) -> float:
        return sum(item.points for item in self.items)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Verdict:
        items = tuple(ItemVerdict(**item) for item in data["items"])
        return cls(data["question"], items)


def judge(question: Question, student: Student) -> Verdict:
    """Run every item of a question against one student's names.

    Parameters
    ----------
    question : Question
    student : Student
        Reaches the live notebook, or a sandboxed process.

    Returns
    -------
    Verdict
        One entry an item; an item that fails says nothing about the others.
    """
    return Verdict(question.id, tuple(judge_item(item, student) for item in question.items))


def judge_item(item: Item, student: Student) -> ItemVerdict:
    """Run one item; whatever happens in the student's code becomes a status, in words."""

    def verdict(
        status: str, expected: str = "", got: str = "", next_step: str = "", fault: str = ""
    ) -> ItemVerdict:
        return ItemVerdict(
            item.name,
            item.statement,
            item.points,
            item.hidden,
            status,
            shorten(expected, 300),
            shorten(got, 300),
            shorten(next_step, 300),
            shorten(fault, 300),
        )

    try:
        item.function(student)
    except Unmet as unmet:
        return verdict(UNMET, unmet.expected, unmet.got, unmet.next_step)
    except NotAttempted as missing:
        return verdict(NOT_ATTEMPTED, next_step=str(missing))
    except StudentGone:
        raise
    except StudentError as error:
        got = f"{error.kind}: {error.message}" if error.message else error.kind
        return verdict(ERROR, "code that runs", got, error.where)
    except Exception as error:  # noqa: BLE001 - an odd value must cost one item, not the class
        return verdict(
            ERROR,
            got="a value this check cannot read",
            next_step="compare its type with what the question asks for",
            fault=f"{type(error).__name__}: {error}",
        )
    return verdict(MET)


def failed(question: Question, why: str) -> Verdict:
    """Return the verdict of an answer that could not be looked at."""
    items = tuple(
        ItemVerdict(i.name, i.statement, i.points, i.hidden, ERROR, next_step=why)
        for i in question.items
    )
    return Verdict(question.id, items)
