"""A student's process as it stood at a check cell, and the forks items call its functions in."""

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
        The student's process at the check cell: no cell is run in it any more.
    seconds : float
        Wall-clock limit of each look an item takes.
    wary : bool
        Let items not even read in the process itself, which does not survive every read.

    Attributes
    ----------
    lost : bool
        Whether a process has ended while an item looked at it.

    Notes
    -----
    From its first call on, an item has a fork to itself: what calls do (names changed, random
    numbers drawn, inputs remembered, a process killed) is gone with it. The last item has the
    process itself, for nobody needs it after that. Reading needs no fork, which costs more than a
    hundred reads: it tells the student's code nothing but which names are looked at.
    """

    def __init__(self, kernel: KernelHandle, seconds: float, *, wary: bool = False) -> None:
        self._kernel = kernel
        self._seconds = seconds
        self._wary = wary
        self._gone = ""
        self.lost = False

    def judge(self, item: Item, *, last: bool = False) -> ItemVerdict | None:
        """Judge an item; None if there is no process left to judge it by.

        Parameters
        ----------
        item : Item
        last : bool
            No other item will be judged by this snapshot.
        """
        own: list[KernelHandle] = []

        def ask(request: bytes) -> bytes:
            if not own:
                own.append(self._fork(spend=last and not self._wary))
            return own[0].ask(request, self._seconds)

        def read(request: bytes) -> bytes:
            return ask(request) if own or self._wary else self._read(request)

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
                if fork is not self._kernel:
                    fork.end()

    def _read(self, request: bytes) -> bytes:
        self._demand_alive()
        try:
            return self._kernel.ask(request, self._seconds)
        except (StudentError, StudentGone) as gone:
            # It hangs or is dead.
            self._gone = str(gone)
            raise

    def _fork(self, *, spend: bool) -> KernelHandle:
        """Return a fork of the process, or spend the process itself."""
        self._demand_alive()
        if spend:
            return self._kernel
        try:
            return self._kernel.fork()
        except StudentGone as gone:
            raise _NothingLeft(str(gone)) from None

    def _demand_alive(self) -> None:
        if self._gone:
            raise _NothingLeft(self._gone)


class _NothingLeft(StudentGone):
    """The process put aside is gone: a replay may find another."""


def stumbled(item: Item, got: str) -> ItemVerdict:
    """Return the verdict on an item whose process ended."""
    return ItemVerdict(
        item.name, item.statement, item.points, item.hidden, ERROR, "code that runs", got
    )
