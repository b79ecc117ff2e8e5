"""A student's process as it stood at a check cell, and the forks items call its functions in."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from typing import Any

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
        Wall-clock limit of an item's look: of all its requests together.
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
    share it: public ones as in JupyterLab, one after another in one process. But no student has
    seen a hidden item there, and what others' calls did (names changed, random numbers drawn) is
    not its fault: one that is not met after others have called is judged again in the end, in a
    fork of its own, and that verdict holds. What was called first in such a fork others may know,
    too (`Student.once`). The last item has what was put aside, for nobody needs it then.
    """

    def __init__(self, kernel: KernelHandle, seconds: float, *, wary: bool = False) -> None:
        self._kernel = kernel
        self._seconds = seconds
        self._wary = wary
        self._gone = ""
        self._shared: _Fork | None = None
        self._known: dict[Hashable, Any] = {}
        self._known_alone: dict[Hashable, Any] = {}
        self.lost = False

    def judge(self, items: Iterable[Item], *, last: bool = False) -> dict[str, ItemVerdict]:
        """Judge items, as far as there is a process left to judge them by.

        Parameters
        ----------
        items : iterable of Item
        last : bool
            No other item will be judged by this snapshot.

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
                spend = last and item is doubtful[-1] and not self._wary
                verdicts[item.name] = self._judged_alone(item, spend=spend)
        except _NothingLeft:
            self.lost = True
        return verdicts

    def _judged_in_company(self, item: Item) -> ItemVerdict | None:
        """Judge an item by the fork that items share; None if another may be to blame."""
        first = self._shared is None

        def share() -> _Fork:
            self._shared = self._shared or self._fork()
            return self._shared

        look = _Look(self._read, share, self._known, self._seconds)
        verdict, gone = look.judge(item)
        if look.fork is not None and look.fork.broken:
            look.fork.end()
            self._shared = None
        in_company = look.relied or (look.fork is not None and not first)
        if item.hidden and in_company and verdict.status != MET:
            return None
        self.lost |= gone
        return verdict

    def _judged_alone(self, item: Item, *, spend: bool) -> ItemVerdict:
        """Judge an item by a fork that is nobody else's, before or after."""
        get_fork = self._spend if spend else self._fork
        known = {} if self._wary else self._known_alone
        look = _Look(self._read, get_fork, known, self._seconds, alone=True)
        if self._wary:
            look.fork = self._fork()
        try:
            verdict, gone = look.judge(item)
        finally:
            if look.fork is not None and not spend:
                look.fork.end()
        self.lost |= gone
        return verdict

    def _read(self, request: bytes, seconds: float, answer_back: AnswerBack) -> bytes:
        self._demand_alive()
        try:
            return self._kernel.ask(request, seconds, answer_back)
        except (StudentError, StudentGone) as gone:
            # It hangs or is dead.
            self._gone = str(gone)
            raise

    def _fork(self) -> _Fork:
        self._demand_alive()
        try:
            return _Fork(self._kernel.fork())
        except StudentGone as gone:
            self._gone = str(gone)
            raise _NothingLeft(self._gone) from None

    def _spend(self) -> _Fork:
        self._demand_alive()
        return _Fork(self._kernel)

    def _demand_alive(self) -> None:
        if self._gone:
            raise _NothingLeft(self._gone)


class _Fork:
    """A fork of the process; broken once it hangs or is dead."""

    def __init__(self, kernel: KernelHandle) -> None:
        self._kernel = kernel
        self.end = kernel.end
        self.broken = False

    def ask(self, request: bytes, seconds: float, answer_back: AnswerBack) -> bytes:
        try:
            return self._kernel.ask(request, seconds, answer_back)
        except (StudentError, StudentGone):
            self.broken = True
            raise


class _Look:
    """An item's look at a student: it reads what is put aside, and forks it to call something.

    Parameters
    ----------
    read : callable
        As for `Student`.
    get_fork : callable
        Gives the fork.
    known : dict
    seconds : float
        Limit of all requests together.
    alone : bool
        This and `known` are as for `Student`.

    Attributes
    ----------
    fork : _Fork or None
        None until something is called; from then on, names are read in it, too.
    relied : bool
        Whether it used what another item had seen.
    """

    def __init__(
        self,
        read: Callable[[bytes, float, AnswerBack], bytes],
        get_fork: Callable[[], _Fork],
        known: dict[Hashable, Any],
        seconds: float,
        *,
        alone: bool = False,
    ) -> None:
        self._read_aside = read
        self._get_fork = get_fork
        self._seconds = self._left = seconds
        self._student = Student(self._call, self._read, known, alone=alone)
        self.fork: _Fork | None = None

    @property
    def relied(self) -> bool:
        return self._student.relied

    def judge(self, item: Item) -> tuple[ItemVerdict, bool]:
        """Judge an item; tell whether a process ended meanwhile."""
        try:
            return judge_item(item, self._student), False
        except _NothingLeft:
            raise
        except StudentGone as gone:
            return stumbled(item, f"the process ended while this was checked: {gone}"), True

    def _call(self, request: bytes, answer_back: AnswerBack) -> bytes:
        self.fork = self.fork or self._get_fork()
        return self._timed(self.fork.ask, request, answer_back)

    def _read(self, request: bytes, answer_back: AnswerBack) -> bytes:
        return self._timed(self.fork.ask if self.fork else self._read_aside, request, answer_back)

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
    """The process put aside is gone: a replay may find another."""


def stumbled(item: Item, got: str) -> ItemVerdict:
    """Return the verdict on an item whose process ended."""
    return ItemVerdict(
        item.name, item.statement, item.points, item.hidden, ERROR, "code that runs", got
    )
