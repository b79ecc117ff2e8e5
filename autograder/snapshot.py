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
    """A process with a student's names, in which no cell is run any more.

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
        self.end = kernel.end

    def ask(self, request: bytes, seconds: float, answer_back: AnswerBack) -> bytes:
        """Ask as `KernelHandle.ask` does; what did not answer in time is not asked again."""
        if self.gone:
            raise StudentGone(self.gone)
        try:
            return self._kernel.ask(request, seconds, answer_back)
        except (StudentError, StudentGone) as gone:
            self.gone = str(gone)
            raise

    def read(self, request: bytes, seconds: float, answer_back: AnswerBack) -> bytes:
        """Ask for what does not change: once, however many items want to know."""
        if request in self._replies:
            return self._replies[request]
        reply = self.ask(request, seconds, answer_back)
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
        if self.gone:
            raise _NothingLeft(self.gone)


class Snapshot:
    """Judges the items of one question.

    Parameters
    ----------
    here : Process
        The student's process at the check cell.
    last : Process
        The same after the notebook's last cell. Nothing but reads and forks happen to it.
    seconds : float
        Wall-clock limit of an item's look: of all its requests together.
    wary : bool
        Let no item share anything with another: the process does not survive every look. Each has
        a fork of `here`.

    Attributes
    ----------
    lost : bool
        Whether a process has ended while an item looked at it.

    Notes
    -----
    Items are judged one after another in the process at the check cell, as in JupyterLab, and
    public ones first. But no student has seen hidden items there, and what their calls did (names
    changed, random numbers drawn) is not the student's fault: one that is not met after another has
    called is judged again alone, in a fork of the last process, and that verdict holds. So is every
    item that finds the process ended or hung by another. What was called first in such a fork
    others may know, too (`Student.once`).

    A fork, which costs more than a hundred requests, is taken for doubt alone.
    """

    def __init__(self, here: Process, last: Process, seconds: float, *, wary: bool = False) -> None:
        self._here = here
        self._last = last
        self._seconds = seconds
        self._wary = wary
        self._changed_unseen = False
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
                verdict = None if self._wary else self._judged_in_company(item)
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
        if self._here.gone:
            return None
        in_doubt = self._changed_unseen
        look = _Look(self._here, lambda: self._here, self._known, self._seconds)
        verdict, ended = look.judge(item)
        self._changed_unseen |= item.hidden and look.process is not None
        if self._here.gone:
            # What hangs would go on computing.
            self._here.end()
        if item.hidden and in_doubt and verdict.status != MET:
            return None
        self.lost |= ended
        return verdict

    def _judged_alone(self, item: Item) -> ItemVerdict:
        """Judge an item by a fork that is nobody else's, before or after."""
        self._last.demand_alive()
        forked, known = (self._here.fork(), {}) if self._wary else (None, self._known_alone)
        look = _Look(
            forked or self._last,
            lambda: forked or self._last.fork(),
            known,
            self._seconds,
            alone=True,
        )
        try:
            verdict, ended = look.judge(item)
        finally:
            for process in {forked, look.process} - {None}:
                process.end()
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
        late = StudentError("Timeout", f"it took longer than {self._seconds:g} s")
        if self._left <= 0:
            raise late
        began = time.monotonic()
        try:
            return ask(request, self._left, answer_back)
        except StudentError:
            # Nothing more: a process that is still busy would answer what it was asked before.
            self._left = 0.0
            raise late from None
        finally:
            self._left -= time.monotonic() - began


class _NothingLeft(StudentGone):
    """The process that could be forked is gone: a replay may find another."""


def stumbled(item: Item, got: str) -> ItemVerdict:
    """Return the verdict on an item whose process ended."""
    return ItemVerdict(
        item.name, item.statement, item.points, item.hidden, ERROR, "code that runs", got
    )
