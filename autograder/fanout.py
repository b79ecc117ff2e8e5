"""Grade many notebooks: in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from .course import CourseError
from .grading import graded, sandboxes_here
from .limits import Limits
from .release import Release, load_all
from .results import Result, Results
from .submission import rebuild_part

_PR_SET_PDEATHSIG = 1


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


def grade_all(tasks: Iterable[Task], jobs: int, scheduler: str = "") -> Iterator[Done]:
    """Grade notebooks, yielding each as it is done, in any order.

    Parameters
    ----------
    tasks : iterable of Task
        Done part by part, so that a process loads few parts.
    jobs : int
        Number of processes; with 1, everything is done in this one.
    scheduler : str, optional
        Address of a Dask scheduler, as ``"tcp://host:8786"``, to grade on its workers instead.
        They need this code, these pins, and the course folder at the same path.

    Raises
    ------
    CourseError
        If there is no scheduler at that address.
    """
    ordered = sorted(tasks, key=lambda task: (task.part, task.student))
    if not scheduler and (jobs == 1 or len(ordered) < 2):
        yield from map(grade_one, ordered)
        return
    with _on_cluster(scheduler) if scheduler else _here(jobs) as executor:
        for future in as_completed([executor.submit(grade_one, task) for task in ordered]):
            yield future.result()


@contextmanager
def _here(jobs: int) -> Iterator[Executor]:
    pool = ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_follow_the_parent
    )
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _on_cluster(scheduler: str) -> Iterator[Executor]:
    from distributed import Client

    try:
        client = Client(scheduler, timeout=5, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise CourseError(f"no Dask scheduler at {scheduler}: {error}") from None
    with client, client.get_executor(pure=False, retries=3) as executor:
        yield executor


def grade_one(task: Task) -> Done:
    """Grade one notebook in this process, which keeps the part it graded last."""
    parts = _releases(task.release)
    rebuilt = rebuild_part(task.folder, task.part, parts)
    key, result = graded(
        parts[task.part],
        rebuilt,
        task.limits,
        Results(task.results),
        sandboxes_here(),
    )
    return Done(task, key, result)


@cache
def _releases(folder: Path) -> dict[str, Release]:
    return load_all(folder)


def _follow_the_parent() -> None:
    # Ctrl-C reaches the whole process group; the parent alone decides what to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        # A pool's workers wait for ever for a parent that was killed.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
