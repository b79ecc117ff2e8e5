"""A student's process as it stood at a check cell, and the forks items call its functions in."""

from __future__ import annotations

from helpers.checks.lending import AnswerBack
from helpers.checks.question import Item
from helpers.checks.student import Student, StudentError, StudentGone
from helpers.checks.verdict import ERROR, MET, ItemVerdict, judge_item

from .sandbox.client import KernelHandle


class Snapshot:
    """Judges the items of one question.

    Parameters
    ----------
    kernel : KernelHandle
        The student's process at the check cell: no cell is run in it any more.
    seconds : float
        Wall-clock limit of each look an item takes.
    wary : bool
        Let no item share anything with another: the process does not survive every look.

    Attributes
    ----------
    lost : bool
        Whether a process has ended while an item looked at it.

    Notes
    -----
    Reading needs no fork, which costs more than a hundred reads: it tells the student's code
    nothing but which names are looked at. From its first call on, an item works in a fork. Items
    share it, as they share the notebook in JupyterLab; but what a call does (names changed, random
    numbers drawn, a process killed) is nobody else's fault. So an item that is not met after
    others have called is judged again, in a fork of its own, and that verdict holds.
    """

    def __init__(self, kernel: KernelHandle, seconds: float, *, wary: bool = False) -> None:
        self._kernel = kernel
        self._seconds = seconds
        self._wary = wary
        self._gone = ""
        self._shared: _Fork | None = None
        self.lost = False

    def judge(self, item: Item) -> ItemVerdict | None:
        """Judge an item; None if there is no process left to judge it by."""
        try:
            verdict = None if self._wary else self._judged_in_company(item)
            return verdict or self._judged_alone(item)
        except _NothingLeft:
            self.lost = True
            return None

    def _judged_in_company(self, item: Item) -> ItemVerdict | None:
        """Judge an item by the fork all share; None if another item may be to blame."""
        first, called = self._shared is None, False

        def ask(request: bytes, answer_back: AnswerBack) -> bytes:
            nonlocal called
            called = True
            if self._shared is None:
                self._shared = self._fork()
            return self._shared.ask(request, answer_back)

        def read(request: bytes, answer_back: AnswerBack) -> bytes:
            return ask(request, answer_back) if called else self._read(request, answer_back)

        verdict, gone = _judged(item, Student(ask, read))
        if self._shared is not None and self._shared.broken:
            self._shared.end()
            self._shared = None
        if called and not first and verdict.status != MET:
            return None
        self.lost |= gone
        return verdict

    def _judged_alone(self, item: Item) -> ItemVerdict:
        """Judge an item by a fork that is nobody else's, before or after."""
        fork = self._fork()
        try:
            verdict, gone = _judged(item, Student(fork.ask))
        finally:
            fork.end()
        self.lost |= gone
        return verdict

    def _read(self, request: bytes, answer_back: AnswerBack) -> bytes:
        self._demand_alive()
        try:
            return self._kernel.ask(request, self._seconds, answer_back)
        except (StudentError, StudentGone) as gone:
            # It hangs or is dead.
            self._gone = str(gone)
            raise

    def _fork(self) -> _Fork:
        self._demand_alive()
        try:
            return _Fork(self._kernel.fork(), self._seconds)
        except StudentGone as gone:
            raise _NothingLeft(str(gone)) from None

    def _demand_alive(self) -> None:
        if self._gone:
            raise _NothingLeft(self._gone)


class _Fork:
    """A fork of the process; broken once it hangs or is dead."""

    def __init__(self, kernel: KernelHandle, seconds: float) -> None:
        self._kernel = kernel
        self._seconds = seconds
        self.end = kernel.end
        self.broken = False

    def ask(self, request: bytes, answer_back: AnswerBack) -> bytes:
        try:
            return self._kernel.ask(request, self._seconds, answer_back)
        except (StudentError, StudentGone):
            self.broken = True
            raise


class _NothingLeft(StudentGone):
    """The process put aside is gone: a replay may find another."""


def _judged(item: Item, student: Student) -> tuple[ItemVerdict, bool]:
    """Judge an item; tell whether a process ended meanwhile."""
    try:
        return judge_item(item, student), False
    except _NothingLeft:
        raise
    except StudentGone as gone:
        return stumbled(item, f"the process ended while this was checked: {gone}"), True


def stumbled(item: Item, got: str) -> ItemVerdict:
    """Return the verdict on an item whose process ended."""
    return ItemVerdict(
        item.name, item.statement, item.points, item.hidden, ERROR, "code that runs", got
    )
