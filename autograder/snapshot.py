"""A student's process as it stood at a check cell, and the items that are judged by it."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from helpers.checks.lending import AnswerBack
from helpers.checks.question import Item
from helpers.checks.student import Student, StudentError, StudentGone
from helpers.checks.verdict import ERROR, MET, ItemVerdict, judge_item

from .sandbox.client import KernelHandle

# Of replies, in bytes: a student's code can make each as long as a message may be.
_MOST_KEPT = 16 * 2**20


class Process:
    """A process with a student's names, in which no cell is run while it is looked at.

    Parameters
    ----------
    kernel : KernelHandle

    Attributes
    ----------
    gone : str
        Why nothing can be asked any more: it hangs, or is dead.
    """

    def __init__(self, kernel: KernelHandle) -> None:
        self._kernel = kernel
        self._replies: dict[bytes, bytes] = {}
        self._room = _MOST_KEPT
        self.gone = ""

    def ask(self, request: bytes, seconds: float, answer_back: AnswerBack) -> bytes:
        """Ask as `KernelHandle.ask` does; what did not answer in time is not asked again."""
        self._replies, self._room = {}, _MOST_KEPT
        return self._ask(request, seconds, answer_back)

    def read(self, request: bytes, seconds: float, answer_back: AnswerBack) -> bytes:
        """Ask for what changes nothing: once, until something else is asked."""
        if request in self._replies:
            return self._replies[request]
        reply = self._ask(request, seconds, answer_back)
        if len(reply) <= self._room:
            self._room -= len(reply)
            self._replies[request] = reply
        return reply

    def fork(self) -> Process:
        """Fork it; raise `_NothingLeft` if it is gone."""
        self.demand_alive()
        try:
            return Process(self._kernel.fork())
        except StudentGone as gone:
            self.gone = str(gone)
            raise _NothingLeft(self.gone) from None

    def demand_alive(self) -> None:
        """Raise `_NothingLeft` if it is gone."""
        if self.gone:
            raise _NothingLeft(self.gone)

    def end(self) -> None:
        """End it, and all that it has started."""
        self._kernel.end()

    def _ask(self, request: bytes, seconds: float, answer_back: AnswerBack) -> bytes:
        if self.gone:
            raise StudentGone(self.gone)
        try:
            return self._kernel.ask(request, seconds, answer_back)
        except (StudentError, StudentGone) as gone:
            self.gone = str(gone)
            raise


class Snapshot:
    """Judges the items of one question.

    Parameters
    ----------
    here : Process
        The student's process at the check cell.
    seconds : float
        Wall-clock limit of an item's look: of all its requests together.
    last : Process, optional
        The student's process after the notebook's last cell: what is in doubt is read in it, and
        called in forks of it. Without it no item shares anything with another, for the process does
        not survive every look: each has a fork of `here`.

    Attributes
    ----------
    lost : bool
        Whether a process has ended while an item looked at it.

    Notes
    -----
    Items are judged one after another in the process at the check cell, as in JupyterLab, and
    public ones first. But no student has seen hidden items there, and what their calls did (names
    changed, random numbers drawn) is not the student's fault: one that is not met after another has
    called is judged again alone, by the last process, and that verdict holds. So is one that calls
    nothing, and reads what any other's calls may have changed; and every item that finds the
    process ended or hung by another. What was called first in a fork others may know, too
    (`Student.once`).

    A fork, which costs more than a hundred requests, is taken for doubt alone.
    """

    def __init__(self, here: Process, seconds: float, last: Process | None = None) -> None:
        self._here = here
        self._last = last
        self._seconds = seconds
        self._called = self._called_unseen = False
        self._known: dict[Hashable, Any] = {}
        self._known_alone: dict[Hashable, Any] = {}
        self.lost = False

    def judge(self, items: Iterable[Item]) -> dict[str, ItemVerdict]:
        """Judge items, as far as there is a process left to judge them by.

        Returns
        -------
        dict
            Verdicts, by the items' names.
        """
        verdicts: dict[str, ItemVerdict] = {}
        doubtful = []
        try:
            for item in items:
                verdict = self._judged_in_company(item)
                if verdict is None:
                    doubtful.append(item)
                else:
                    verdicts[item.name] = verdict
            for item in doubtful:
                verdicts[item.name] = self._judged_alone(item)
        except _NothingLeft:
            self.lost = True
        return verdicts

    def _judged_in_company(self, item: Item) -> ItemVerdict | None:
        """Judge an item where others are judged; None if another may be to blame."""
        if self._last is None or self._here.gone:
            return None
        look = _Look(self._here, lambda: self._here, self._known, self._seconds)
        verdict, ended = look.judge(item)
        if self._here.gone and not self._last.gone:
            # What hangs would go on computing.
            self._here.end()
        called = look.process is not None
        in_doubt = item.hidden and (self._called_unseen or (self._called and not called))
        self._called |= called
        self._called_unseen |= called and item.hidden
        if in_doubt and verdict.status != MET:
            return None
        self.lost |= ended
        return verdict

    def _judged_alone(self, item: Item) -> ItemVerdict:
        """Judge an item by a fork that is nobody else's, before or after."""
        if self._last is None:
            fork = self._here.fork()
            look = _Look(fork, lambda: fork, {}, self._seconds, alone=True)
        else:
            fork = None
            self._last.demand_alive()
            known = self._known_alone
            look = _Look(self._last, self._last.fork, known, self._seconds, alone=True)
        try:
            verdict, ended = look.judge(item)
        finally:
            if fork := fork or look.process:
                fork.end()
        self.lost |= ended
        return verdict


class _Look:
    """An item's look at a student: it reads a process, and may call something in another.

    Parameters
    ----------
    aside : Process
        Where names are read until something is called.
    get_process : callable
        Gives the process for calls; from the first one on, names are read there, too.
    known : dict
    seconds : float
        Limit of all requests together.
    alone : bool
        This and `known` are as for `Student`.

    Attributes
    ----------
    process : Process or None
        Where it has called something.
    """

    def __init__(
        self,
        aside: Process,
        get_process: Callable[[], Process],
        known: dict[Hashable, Any],
        seconds: float,
        *,
        alone: bool = False,
    ) -> None:
        self._aside = aside
        self._get_process = get_process
        self.process: Process | None = None
        self._seconds = self._left = seconds
        self._student = Student(self._call, self._read, known, alone=alone)

    def judge(self, item: Item) -> tuple[ItemVerdict, bool]:
        """Judge an item; tell whether a process ended meanwhile."""
        try:
            return judge_item(item, self._student), False
        except _NothingLeft:
            raise
        except StudentGone as gone:
            return stumbled(item, f"the process ended while this was checked: {gone}"), True

    def _call(self, request: bytes, answer_back: AnswerBack) -> bytes:
        self.process = self.process or self._get_process()
        return self._timed(self.process.ask, request, answer_back)

    def _read(self, request: bytes, answer_back: AnswerBack) -> bytes:
        reach = self.process.ask if self.process else self._aside.read
        return self._timed(reach, request, answer_back)

    def _timed(
        self,
        ask: Callable[[bytes, float, AnswerBack], bytes],
        request: bytes,
        answer_back: AnswerBack,
    ) -> bytes:
        """Ask within what is left of the limit; the grader's own time is not the student's."""
        if self._left <= 0:
            raise self._late()
        began = time.monotonic()
        try:
            return ask(request, self._left, answer_back)
        except StudentError:
            # Nothing more: a process that is still busy would answer what it was asked before.
            self._left = 0.0
            raise self._late() from None
        finally:
            self._left -= time.monotonic() - began

    def _late(self) -> StudentError:
        return StudentError("Timeout", f"it took longer than {self._seconds:g} s")


class _NothingLeft(StudentGone):
    """The process that could be forked is gone: a replay may find another."""


def stumbled(item: Item, got: str) -> ItemVerdict:
    """Return the verdict on an item whose process ended."""
    return ItemVerdict(
        item.name, item.statement, item.points, item.hidden, ERROR, "code that runs", got
    )
