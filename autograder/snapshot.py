"""A student's process as it stood at a check cell, and the items that are judged by it."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from helpers.checks.lending import AnswerBack
from helpers.checks.question import Item
from helpers.checks.student import Student, StudentError, StudentGone
from helpers.checks.verdict import ERROR, MET, UNMET, ItemVerdict, judge_item

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
        """Fork it; if that cannot be done any more, it is gone."""
        try:
            return Process(self._kernel.fork())
        except StudentGone as gone:
            self.gone = str(gone)
            raise

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

    Attributes
    ----------
    lost : bool
        Whether a process has ended while an item looked at it.

    Notes
    -----
    Items are judged one after another in the process at the check cell, as in JupyterLab, and
    public ones first. But no student has seen hidden items there, and what their calls did (names
    changed, random numbers drawn) is not the student's fault. So a hidden item that is not met is
    *in doubt* if a hidden item has called something before it, or if it only reads, and any item
    has called something before it. It is judged again, alone, by the process as the last cell left
    it; if it is not met there either, it is not met.

    If it is met there it has no verdict, for a later cell may have put it right; nor has what comes
    after a call that ended the process, or hung. For these the notebook is run again, and judged
    by a `WarySnapshot`. Right answers pay for nothing of this: a fork costs more than a hundred
    requests.
    """

    def __init__(self, here: Process, seconds: float) -> None:
        self._here = here
        self._seconds = seconds
        self._called = self._called_unseen = False
        self._doubtful: list[Item] = []
        self._known: dict[Hashable, Any] = {}
        self.lost = False

    def judge(self, items: Iterable[Item]) -> dict[str, ItemVerdict]:
        """Return verdicts by the items' names, where there is no doubt."""
        verdicts: dict[str, ItemVerdict] = {}
        for item in items:
            verdict = None if self._here.gone else self._verdict_on(item)
            if verdict is not None:
                verdicts[item.name] = verdict
        return verdicts

    def judge_doubtful(self, last: Process) -> dict[str, ItemVerdict]:
        """Return verdicts on what was in doubt, where it is not met by another process either.

        Parameters
        ----------
        last : Process
            The student's process after the notebook's last cell. It is read, and forked for calls.
            What was called first in a fork others may know, too (`Student.once`).
        """
        verdicts: dict[str, ItemVerdict] = {}
        known: dict[Hashable, Any] = {}
        for item in self._doubtful:
            if last.gone:
                break
            look = _Look(last, last.fork, known, self._seconds, alone=True)
            verdict, ended = look.judge(item)
            look.end()
            if not last.gone and verdict.status != MET:
                self.lost |= ended
                verdicts[item.name] = verdict
        return verdicts

    def _verdict_on(self, item: Item) -> ItemVerdict | None:
        look = _Look(self._here, lambda: self._here, self._known, self._seconds)
        verdict, ended = look.judge(item)
        if self._here.gone:
            # What hangs would go on computing.
            self._here.end()
        called = look.process is not None
        in_doubt = item.hidden and (self._called_unseen or (self._called and not called))
        self._called |= called
        self._called_unseen |= called and item.hidden
        if in_doubt and verdict.status in (UNMET, ERROR):
            self._doubtful.append(item)
            return None
        self.lost |= ended
        return verdict


class WarySnapshot(Snapshot):
    """Judges items each by a fork of its own, for the process does not survive every look."""

    def _verdict_on(self, item: Item) -> ItemVerdict | None:
        try:
            fork = self._here.fork()
        except StudentGone:
            self.lost = True
            return None
        verdict, ended = _Look(fork, lambda: fork, {}, self._seconds, alone=True).judge(item)
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
        except StudentGone as gone:
            return stumbled(item, f"the process ended while this was checked: {gone}"), True

    def end(self) -> None:
        """End the process in which it has called something."""
        if self.process is not None:
            self.process.end()

    def _call(self, request: bytes, answer_back: AnswerBack) -> bytes:
        self.process = self.process or self._get_process()
        return self._timed(self.process.ask, request, answer_back)

    def _read(self, request: bytes, answer_back: AnswerBack) -> bytes:
        return self._timed((self.process or self._aside).read, request, answer_back)

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


def stumbled(item: Item, got: str) -> ItemVerdict:
    """Return the verdict on an item whose process ended."""
    return ItemVerdict(
        item.name, item.statement, item.points, item.hidden, ERROR, "code that runs", got
    )
