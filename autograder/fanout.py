"""Grade many notebooks: in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

import signal
import sys
import time
import traceback
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, as_completed
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

import nbformat

from .course import CourseError
from .intake import Rebuilt
from .release import Release
from .results import key_of
from .sandbox import libc
from .tasks import Done, Failed, Task, grade_one, kept

_MOST_DEATHS = 3
_PATIENCE_SECONDS = 10.0


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
        with closing(_Workers(missing, jobs)) as workers:
            yield from workers.done()


class _Workers:
    """Processes of this machine, each with a pipe of its own.

    Those of `concurrent.futures` share a lock: who is killed with it in hand holds up all others
    for ever. Here a process that is killed costs its time, and its task is given to another one.

    Parameters
    ----------
    tasks : list of Task
    jobs : int
    """

    def __init__(self, tasks: list[Task], jobs: int) -> None:
        self._waiting = deque(tasks)
        self._deaths: Counter[Task] = Counter()
        self._busy: dict[Connection, tuple[BaseProcess, Task]] = {}
        self._jobs = min(jobs, len(tasks))

    def done(self) -> Iterator[Done | Failed]:
        """Yield what is done, as it is done."""
        for _ in range(self._jobs):
            self._start()
        while self._busy:
            for pipe in wait(list(self._busy)):
                worker, task = self._busy.pop(pipe)
                try:
                    answer = pipe.recv()
                except (EOFError, OSError):
                    self._end({pipe: worker})
                    if failed := self._was_killed(task):
                        yield failed
                    self._start()
                    continue
                self._give_task(pipe, worker)
                if isinstance(answer, BaseException):
                    raise answer
                yield answer

    def close(self) -> None:
        """End all processes, when each has done what it is at, or some seconds later."""
        self._end({pipe: worker for pipe, (worker, _) in self._busy.items()})

    def _start(self) -> None:
        if not self._waiting:
            return
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        worker = context.Process(target=_work, args=(theirs,), daemon=True)
        with _interrupts_held_back():
            worker.start()
        theirs.close()
        self._give_task(ours, worker)

    def _give_task(self, pipe: Connection, worker: BaseProcess) -> None:
        if not self._waiting:
            self._end({pipe: worker})
            return
        task = self._waiting.popleft()
        self._busy[pipe] = worker, task
        with suppress(OSError):  # it has been killed: that shows when its answer is waited for
            pipe.send(task)

    def _was_killed(self, task: Task) -> Failed | None:
        self._deaths[task] += 1
        if self._deaths[task] >= _MOST_DEATHS:
            return _killed(task)
        self._waiting.appendleft(task)
        return None

    @staticmethod
    def _end(workers: dict[Connection, BaseProcess]) -> None:
        for pipe in workers:
            pipe.close()  # which tells it to end, and to end its sandbox
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for worker in workers.values():
            worker.join(max(0.0, deadline - time.monotonic()))
        for worker in workers.values():
            worker.kill()
            worker.join()


def _killed(task: Task) -> Failed:
    why = f"the process that grades {task.part} was killed time after time"
    return Failed(task, f"{why} (is there too little memory?)")


def _work(pipe: Connection) -> None:
    _follow_the_parent()
    with suppress(EOFError, OSError):
        while True:
            task = pipe.recv()
            try:
                answer = grade_one(task)
            except Exception as error:  # noqa: BLE001 - the parent raises it
                error.add_note(traceback.format_exc())
                answer = error
            pipe.send(answer)


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


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Let no Ctrl-C reach a process that is started here before it can ignore it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _follow_the_parent() -> None:
    # Ctrl-C reaches the whole process group; the parent alone decides what to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    if sys.platform == "linux":
        # A pool's workers wait for ever for a parent that was killed.
        libc.call("prctl", libc.PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
