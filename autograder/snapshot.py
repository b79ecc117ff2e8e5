"""A student's process as it stood at a check cell, and the forks items look at it in."""

from __future__ import annotations

from helpers.checks.question import Item
from helpers.checks.student import Student, StudentError, StudentGone
from helpers.checks.verdict import ERROR, ItemVerdict, judge_item

from .sandbox.client import KernelHandle


class Snapshot:
    """Judges the items of one question.

    Parameters
    ----------
    kernel : KernelHandle
        A fork of the student's process, put aside: nothing is ever run in it.
    seconds : float
        Wall-clock limit of each look an item takes.

    Attributes
    ----------
    lost : bool
        Whether a process has ended while an item looked at it.

    Notes
    -----
    From its first call on, an item has a fork to itself: what calls do (names changed, random
    numbers drawn, inputs remembered, a process killed) is gone with it. Items that only read share
    a fork, for a fork costs more than a hundred reads, and a read tells the student's code nothing
    but which names are looked at.
    """

    def __init__(self, kernel: KernelHandle, seconds: float) -> None:
        self._kernel = kernel
        self._seconds = seconds
        self._reader: KernelHandle | None = None
        self.lost = False

    def judge(self, item: Item) -> ItemVerdict | None:
        """Judge an item; None if there is no process to fork any more."""
        own: list[KernelHandle] = []

        def ask(request: bytes) -> bytes:
            if not own:
                own.append(self._fork())
            return own[0].ask(request, self._seconds)

        def read(request: bytes) -> bytes:
            return ask(request) if own else self._read(request)

        try:
            return judge_item(item, Student(ask, read))
        except _NothingLeft:
            self.lost = True
            return None
        except StudentGone as gone:
            self.lost = True
            return stumbled(item, f"the process ended while this was checked: {gone}")
        finally:
            for fork in own:
                fork.end()

    def end(self) -> None:
        """End the process put aside, with all forks of it."""
        self._drop_reader()
        self._kernel.end()

    def _read(self, request: bytes) -> bytes:
        if self._reader is None:
            self._reader = self._fork()
        try:
            return self._reader.ask(request, self._seconds)
        except (StudentError, StudentGone):
            # It hangs or is dead: no other item shall suffer for it.
            self._drop_reader()
            raise

    def _drop_reader(self) -> None:
        if self._reader is not None:
            self._reader.end()
        self._reader = None

    def _fork(self) -> KernelHandle:
        try:
            return self._kernel.fork()
        except StudentGone as gone:
            raise _NothingLeft(str(gone)) from None


class _NothingLeft(StudentGone):
    """The process put aside is gone: a replay may find another."""


def stumbled(item: Item, got: str) -> ItemVerdict:
    """Return the verdict on an item whose process ended."""
    return ItemVerdict(
        item.name, item.statement, item.points, item.hidden, ERROR, "code that runs", got
    )
