"""Processes of this machine that do tasks side by side."""

from __future__ import annotations

import pickle
import signal
import sys
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from .sandbox import libc

_MOST_DEATHS = 3
_PATIENCE_SECONDS = 10.0

T, R = TypeVar("T"), TypeVar("R")


class Workers(Generic[T, R]):
    """Processes of this machine, each with a pipe of its own.

    Those of `concurrent.futures` share a lock: who is killed with it in hand holds up all others
    for ever. Here a process that is killed costs its time, and its task is given to another one.

    Parameters
    ----------
    do : callable
        Does one task; it is sent to the processes by its name. What it raises is raised here.
    tasks : list
    jobs : int
    lost : callable
        Returns what is said of a task whose process was killed time after time.
    """

    def __init__(
        self, do: Callable[[T], R], tasks: list[T], jobs: int, lost: Callable[[T], R]
    ) -> None:
        self._do, self._lost = do, lost
        self._waiting = deque(tasks)
        self._deaths: Counter[T] = Counter()
        self._busy: dict[Connection, tuple[BaseProcess, T]] = {}
        self._jobs = min(jobs, len(tasks))

    def done(self) -> Iterator[R]:
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
                    if self._killed_too_often(task):
                        yield self._lost(task)
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
        worker = context.Process(target=_work, args=(self._do, theirs), daemon=True)
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

    def _killed_too_often(self, task: T) -> bool:
        self._deaths[task] += 1
        if self._deaths[task] >= _MOST_DEATHS:
            return True
        self._waiting.appendleft(task)
        return False

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


def _work(do: Callable[[Any], Any], pipe: Connection) -> None:
    _follow_the_parent()
    with suppress(EOFError, OSError):
        while True:
            task = pipe.recv()
            try:
                answer = do(task)
            except Exception as error:  # noqa: BLE001 - the parent raises it
                error.add_note(traceback.format_exc())
                answer = error if _can_be_sent(error) else RuntimeError(traceback.format_exc())
            pipe.send(answer)


def _can_be_sent(error: Exception) -> bool:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - an exception's own code may raise anything
        return False
    return True


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
