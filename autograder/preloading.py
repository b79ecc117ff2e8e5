"""A part's process, which every submission is forked from: started once, kept while in use."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from threading import get_ident
from typing import Any

from helpers.checks.student import StudentGone

from .limits import Limits
from .outputs import clean_outputs
from .release import ANSWER, CHECK, GIVEN, Cell, Release
from .sandbox.client import CellTimeout, KernelHandle, Stuck, started
from .sandbox.scratch import scratch
from .sandbox.walls import NoWallsError, Walls, best_walls

_ALIVE_SECONDS = 30.0


class GradingError(Exception):
    """The lab itself is at fault: a given cell failed, an item is missing."""


class SandboxGone(GradingError):
    """A preloaded process has ended. It runs no student's code: somebody killed it."""


@dataclass
class Preloaded:
    """A part's process that has run the given cells before the first answer.

    Attributes
    ----------
    kernel : KernelHandle
        Forked for each submission.
    done : frozenset of str
        Ids of the cells it has run.
    outputs : dict
        What those cells showed, by cell id.
    walls : Walls
        What it stands behind.
    """

    kernel: KernelHandle
    done: frozenset[str]
    outputs: dict[str, list[dict[str, Any]]]
    walls: Walls

    def demand_alive(self) -> None:
        """Raise `SandboxGone` if the process has ended."""
        try:
            self.kernel.run("", _ALIVE_SECONDS)
        except (CellTimeout, StudentGone) as gone:
            raise SandboxGone(f"a preloaded process has ended: {gone}") from None

    @contextmanager
    def submission(self, limits: Limits) -> Iterator[KernelHandle]:
        """Fork a walled process for one submission; end it, with all in it, afterwards."""
        with scratch() as directory:
            room = self.walls.room(limits.to_dict() if limits.walls else None, directory)
            kernel = self._fork(room)
            try:
                yield kernel
            finally:
                kernel.end()

    def _fork(self, room: dict[str, Any]) -> KernelHandle:
        # No student's code has run yet: a failure is the machine's, or of who killed the fork.
        with suppress(StudentGone):
            return self.kernel.fork(room)
        self.demand_alive()
        try:
            return self.kernel.fork(room)
        except StudentGone as gone:
            self.demand_alive()
            raise GradingError(f"a submission could not be walled off: {gone}") from None


@contextmanager
def preloaded(release: Release, limits: Limits, *, cells: bool = True) -> Iterator[Preloaded]:
    """Start a part's process and run its given cells up to the first answer.

    Parameters
    ----------
    release : Release
    limits : Limits
    cells : bool
        False to start it empty, so that every submission runs its given cells itself.

    Raises
    ------
    GradingError
        If a given cell fails: no submission can be graded then.
    """
    outputs: dict[str, list[dict[str, Any]]] = {}
    try:
        walls = best_walls(limits.walls)
    except NoWallsError as error:
        raise GradingError(str(error)) from None
    with scratch() as directory, _started(walls, directory) as kernel:
        for cell in release.cells if cells else ():
            if cell.role in (ANSWER, CHECK):
                break
            if cell.role == GIVEN and cell.kind == "code":
                ok, shown = _run_given(kernel, cell, release, limits)
                outputs[cell.id] = clean_outputs(shown, limits.outputs)
                if not ok:
                    raise GradingError(
                        f"given cell {cell.id} of {release.name} fails: {_error_in(shown)}: mend "
                        "it in source/, then run `autograder build`"
                    )
        yield Preloaded(kernel, frozenset(outputs), outputs, walls)


def _run_given(
    kernel: KernelHandle, cell: Cell, release: Release, limits: Limits
) -> tuple[bool, list[dict[str, Any]]]:
    try:
        return kernel.run(cell.source, limits.notebook_seconds)
    except (CellTimeout, Stuck):
        raise GradingError(
            f"given cell {cell.id} of {release.name} takes longer than "
            f"{limits.notebook_seconds:g} s, the limit of a whole notebook"
        ) from None


def _error_in(outputs: list[dict[str, Any]]) -> str:
    errors = [o for o in outputs if o.get("output_type") == "error"]
    return f"{errors[-1]['ename']}: {errors[-1]['evalue']}" if errors else "it shows no error"


@contextmanager
def _started(walls: Walls, directory: str) -> Iterator[KernelHandle]:
    """Start a process that is to be preloaded; say so if it ends before a submission runs."""
    try:
        with started(walls, directory) as kernel:
            yield kernel
    except (CellTimeout, StudentGone) as gone:
        raise SandboxGone(f"a preloaded process has ended: {gone}") from None


class Sandboxes:
    """Keeps the process of the part that was graded last: batches go part by part."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._key: tuple[str, str, bool | str] | None = None
        self._preloaded: Preloaded | None = None

    def get(self, release: Release, limits: Limits) -> Preloaded:
        key = (release.name, release.digest, limits.walls)
        if key != self._key or self._preloaded is None:
            self.close()
            self._preloaded = self._stack.enter_context(preloaded(release, limits))
            self._key = key
        return self._preloaded

    def close(self) -> None:
        self._preloaded = None
        self._stack.close()


def sandboxes_here() -> Sandboxes:
    """Return this thread's sandboxes; they end with the process."""
    return _sandboxes_of(os.getpid(), get_ident())


@cache
def _sandboxes_of(process: int, thread: int) -> Sandboxes:
    # One for each thread: a sandbox is a conversation, and Dask's workers have several threads.
    kept = Sandboxes()
    atexit.register(kept.close)
    return kept
