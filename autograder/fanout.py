"""Grade many notebooks in several processes on this machine."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from .grading import Sandboxes, graded
from .limits import Limits
from .release import Release, load_all
from .results import Result, Results
from .submission import rebuild_part


@dataclass(frozen=True)
class Task:
    """One notebook to grade.

    Attributes
    ----------
    student, part : str
    folder : Path
        The student's submitted folder.
    release : Path
        The assignment's released folder.
    results : Path
        Where results are kept.
    limits : Limits
    """

    student: str
    part: str
    folder: Path
    release: Path
    results: Path
    limits: Limits


@dataclass(frozen=True)
class Done:
    """A graded notebook: the task, its result's key, and the result."""

    task: Task
    key: str
    result: Result


def grade_all(tasks: Iterable[Task], jobs: int) -> Iterator[Done]:
    """Grade notebooks, yielding each as it is done, in any order.

    Parameters
    ----------
    tasks : iterable of Task
        Done part by part, so that a process loads few parts.
    jobs : int
        Number of processes; with 1, everything is done in this one.
    """
    ordered = sorted(tasks, key=lambda task: (task.part, task.student))
    if jobs == 1 or len(ordered) < 2:
        yield from map(grade_one, ordered)
        return
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_leave_ctrl_c)
    try:
        for future in as_completed([pool.submit(grade_one, task) for task in ordered]):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def grade_one(task: Task) -> Done:
    """Grade one notebook in this process, which keeps the part it graded last."""
    parts = _releases(task.release)
    rebuilt = rebuild_part(task.folder, task.part, parts)
    key, result = graded(
        parts[task.part], rebuilt, task.limits, Results(task.results), _sandboxes(os.getpid())
    )
    return Done(task, key, result)


@cache
def _releases(folder: Path) -> dict[str, Release]:
    return load_all(folder)


@cache
def _sandboxes(pid: int) -> Sandboxes:
    import atexit

    kept = Sandboxes()
    atexit.register(kept.close)
    return kept


def _leave_ctrl_c() -> None:
    # Ctrl-C reaches the whole process group; the parent alone decides what to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
