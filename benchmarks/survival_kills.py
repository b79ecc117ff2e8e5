"""Runs of `autograder grade` for `survival.py`: started, watched, and killed."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil
from survival_class import ASSIGNMENT, ROOT

from autograder.course import Course

GRADER, WORKER, PRELOADED, SUBMISSION = "grader", "worker", "preloaded", "submission"
KINDS = (GRADER, WORKER, PRELOADED, SUBMISSION)
_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Become the parent of whatever our runs leave behind: so it can be found."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Run:
    """One `autograder grade`, with all that it starts.

    Parameters
    ----------
    course : Course
    jobs : int
    scratch : Path
        Its temporary folder.
    """

    def __init__(self, course: Course, jobs: int, scratch: Path) -> None:
        left_behind()  # as init would: the dead we have adopted still have their numbers
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the run
        command = [sys.executable, "-m", "autograder.cli", "grade", ASSIGNMENT]
        self.process = subprocess.Popen(
            [*command, "--jobs", str(jobs)],
            cwd=course.root,
            env=os.environ | {"TMPDIR": str(scratch), "PYTHONPATH": str(ROOT)},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def wait(self) -> int:
        """Wait for its end; return its exit code."""
        return self.process.wait()

    def said(self) -> str:
        """Return what it has printed."""
        self._log.seek(0)
        return self._log.read().decode("utf-8", "replace")

    def processes(self) -> dict[str, list[int]]:
        """Return its living processes by kind; what only helps them (bubblewrap, say) is left out.

        A preloaded process is the first that runs the sandbox's kernel; its forks are submissions',
        and items' looks at them.
        """
        found: dict[str, list[int]] = {kind: [] for kind in KINDS}
        if not self.alive:
            return found
        found[GRADER].append(self.process.pid)
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children():
                with suppress(psutil.NoSuchProcess):
                    _sort(child, found)
        return found


def _sort(process: psutil.Process, found: dict[str, list[int]], preloaded: bool = False) -> None:
    command = process.cmdline()
    python = bool(command) and Path(command[0]).name.startswith("python")
    kernel = python and "autograder.sandbox.kernel" in command
    if kernel:
        found[SUBMISSION if preloaded else PRELOADED].append(process.pid)
    elif python and any("spawn_main" in word for word in command):
        found[WORKER].append(process.pid)
    for child in process.children():
        with suppress(psutil.NoSuchProcess):
            _sort(child, found, preloaded or kernel)


def strike(pid: int) -> bool:
    """Kill a process; tell whether it was alive until then."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        if poll.poll(0):  # it has ended, and only waits to be asked how
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True


def left_behind() -> list[str]:
    """Return the processes that outlived their run, after it; what has ended is cleared away."""
    alive = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess, ChildProcessError):
            if child.status() != psutil.STATUS_ZOMBIE:
                alive.append(" ".join(child.cmdline())[:120])
            elif child.ppid() == os.getpid():
                os.waitpid(child.pid, os.WNOHANG)
    return alive


def memory_of(run: Run) -> float:
    """Return the megabytes that all processes of a run hold, shared pages counted once."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        whole = psutil.Process(run.process.pid)
        for process in (whole, *whole.children(recursive=True)):
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied, FileNotFoundError):
                total += process.memory_full_info().pss
    return total / 2**20
