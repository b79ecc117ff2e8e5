"""What a command uses: CPU and wall-clock seconds, and memory, with all it starts. Linux only."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from autograder.sandbox import libc

SAMPLE_SECONDS = 0.2
# Adding up memory takes a processor, too: from what is measured, where all are busy.
_SAMPLING_SHARE = 0.03
_PATIENCE_SECONDS = 15.0
_GROUP = "lab-benchmark-"
# Thread pools would make the figures depend on the number of cores; the sandbox does the same.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class CommandError(Exception):
    """A measured command failed; the message is the end of what it said."""


@dataclass(frozen=True)
class Usage:
    """What a command has used.

    Attributes
    ----------
    cpu : float
        Seconds, of the command and of all processes it started.
    wall : float
        Seconds, until the command ended.
    peak_mb : float
        Largest sum of the processes' proportional set sizes (PSS: shared pages count once).
    said : dict
        The JSON object the command printed last.
    """

    cpu: float
    wall: float
    peak_mb: float
    said: dict[str, Any]


def measure(command: list[str]) -> Usage:
    """Run a command and return what it used.

    Parameters
    ----------
    command : list of str
        Its last line of output must be a JSON object.

    Raises
    ------
    CommandError
        If it fails.

    Notes
    -----
    CPU time is that of a control group, which counts every process in it. Where none can be made
    (not root, or no cgroup2), it is what the operating system adds to the parent that waits for a
    process: the time of those that end with their sandbox, which nobody waits for, is missing then.
    Memory that we may not look at (another user's process, unless we are root) counts as none.
    """
    libc.adopt_orphans()
    with _group() as group:
        return _measure(command, group)


def _measure(command: list[str], group: Path | None) -> Usage:
    def join() -> None:
        if group:
            (group / "cgroup.procs").write_text(str(os.getpid()))

    before, start, peak = _reaped(), time.monotonic(), 0.0
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=err,
            stdin=subprocess.DEVNULL,
            env=os.environ | _ONE_THREAD,
            preexec_fn=join,
        )
        while process.poll() is None:
            began = time.process_time()
            peak = max(peak, sum(map(_pss_mb, psutil.Process().children(recursive=True))))
            pause = (time.process_time() - began) / _SAMPLING_SHARE
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(SAMPLE_SECONDS, pause))
        wall = time.monotonic() - start
        _wait_for_the_rest()
        out.seek(0)
        err.seek(0)
        said, complained = out.read().splitlines(), err.read()
    if process.returncode:
        raise CommandError(complained[-2000:])
    cpu = _used_in(group) if group else _reaped() - before
    return Usage(cpu, wall, peak, json.loads(said[-1]))


def cpu_of_all() -> float:
    """Return the CPU seconds of this process and of all it started, running or ended."""
    group = _own_group()
    if group is not None and group.name.startswith(_GROUP):
        return _used_in(group)
    me = psutil.Process()
    total = 0.0
    for process in (me, *me.children(recursive=True)):
        with suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


@contextmanager
def _group() -> Iterator[Path | None]:
    """Make a control group below our own; None if that is not allowed."""
    own = _own_group()
    try:
        group = Path(tempfile.mkdtemp(prefix=_GROUP, dir=own)) if own else None
    except OSError:
        group = None
    if group is None:
        print("no control group: processes that are killed are not counted", file=sys.stderr)
    try:
        yield group
    finally:
        if group is not None:
            group.rmdir()


@cache
def _own_group() -> Path | None:
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    path = next((line.removeprefix("0::/") for line in lines if line.startswith("0::/")), None)
    where = next((Path(mount[1]) for mount in mounts if mount[2] == "cgroup2"), None)
    return None if where is None or path is None else where / path


def _used_in(group: Path) -> float:
    fields = dict(line.split() for line in (group / "cpu.stat").read_text().splitlines())
    return int(fields["usage_usec"]) / 1e6


def _reaped() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _pss_mb(process: psutil.Process) -> float:
    try:
        text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    except OSError:  # it has just ended
        return 0.0
    sizes = (line.split()[1] for line in text.splitlines() if line.startswith("Pss:"))
    return int(next(sizes, 0)) / 1024


def _wait_for_the_rest() -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    with suppress(ChildProcessError):
        while True:
            if os.waitpid(-1, os.WNOHANG) != (0, 0):
                continue
            if time.monotonic() > deadline:
                for process in psutil.Process().children():
                    process.kill()
            time.sleep(0.05)
