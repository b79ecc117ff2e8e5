"""Grade many notebooks: in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, as_completed
from contextlib import closing, contextmanager
from dataclasses import dataclass

import nbformat

from .course import CourseError
from .rebuilding import Rebuilt
from .release import Release
from .results import key_of
from .tasks import Done, Failed, Task, grade_one, kept
from .workers import Workers


@dataclass(frozen=True)
class _OtherCode:
    """Instead of a graded notebook: the address of a Dask worker that runs other code."""

    worker: str


def grade_all(tasks: Iterable[Task], jobs: int, scheduler: str = "") -> Iterator[Done | Failed]:
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
        If there is no scheduler at that address, or a worker of its runs other code.
    """
    ordered = sorted(tasks, key=lambda task: (task.part, task.student))
    if scheduler:
        yield from _grade_on_cluster(ordered, scheduler)
    elif jobs == 1:
        yield from map(grade_one, ordered)
    else:
        yield from _grade_here(ordered, jobs)


def _grade_here(tasks: list[Task], jobs: int) -> Iterator[Done | Failed]:
    """Grade with as many processes as have something to do: starting one takes seconds."""
    missing: list[Task] = []
    left = iter(tasks)
    while len(missing) < jobs and (task := next(left, None)):
        if known := kept(task):
            yield known
        else:
            missing.append(task)
    missing.extend(left)
    if len(missing) == 1:
        yield grade_one(missing[0])
    elif missing:
        with closing(Workers(grade_one, missing, jobs, _killed)) as workers:
            yield from workers.done()


def _killed(task: Task) -> Failed:
    why = f"the process that grades {task.part} was killed time after time"
    return Failed(task, f"{why} (is there too little memory?)")


def _grade_on_cluster(tasks: list[Task], scheduler: str) -> Iterator[Done | Failed]:
    from distributed import KilledWorker

    with _on_cluster(scheduler) as executor:
        futures = {executor.submit(_grade_there, task, _code_of(task)): task for task in tasks}
        for future in as_completed(futures):
            try:
                answer = future.result()
            except KilledWorker:
                answer = _killed(futures[future])
            if isinstance(answer, _OtherCode):
                raise CourseError(
                    f"the Dask worker at {answer.worker} runs other code or pins than this "
                    "grader: bring its checkout up to date, restart it, then run this again"
                )
            yield answer


def _grade_there(task: Task, code: str) -> Done | Failed | _OtherCode:
    """Grade a notebook on a worker, which keeps the code it imported when that changes on disk."""
    from distributed import get_worker

    return grade_one(task) if _code_of(task) == code else _OtherCode(get_worker().address)


def _code_of(task: Task) -> str:
    """Return a key of what a part is graded with, but its release: that is read anew."""
    empty = Release(task.part, nbformat.v4.new_notebook(), ())
    return key_of(empty, Rebuilt(empty.notebook), task.limits)


@contextmanager
def _on_cluster(scheduler: str) -> Iterator[Executor]:
    from distributed import Client
    from distributed.comm import get_address_host

    try:
        get_address_host(scheduler)
    except ValueError as error:  # a Client would say so too, and then not end for ten seconds
        raise CourseError(f"--scheduler must be as tcp://host:port: {error}") from None
    try:
        client = Client(scheduler, timeout=5, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise CourseError(f"no Dask scheduler at {scheduler}: {error}") from None
    with client:
        executor = client.get_executor(pure=False, retries=3)
        try:
            yield executor
        finally:  # its own `with` would wait for the whole class; this cancels what is not done
            executor.shutdown(wait=False)
