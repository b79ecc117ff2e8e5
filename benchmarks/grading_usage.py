"""What a command uses: CPU and wall-clock seconds, and memory, with all it starts. Linux only."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from autograder.sandbox import libc

SAMPLE_SECONDS = 0.2
# Adding up memory takes a processor, too: from what is measured, where all are busy.
_SAMPLING_SHARE = 0.03
_PATIENCE_SECONDS = 15.0
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
    The operating system adds a process's CPU time to that of the parent which waits for it.
    Processes whose parent ended first (the sandboxes of Dask's workers, which are killed) become
    ours, and are waited for here: all that was started is counted. Memory that we may not look
    at (another user's process, unless we are root) counts as none.
    """
    libc.adopt_orphans()
    before, start, peak = _reaped(), time.monotonic(), 0.0
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(
            command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=os.environ | _ONE_THREAD
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
    return Usage(_reaped() - before, wall, peak, json.loads(said[-1]))


def cpu_of_all() -> float:
    """Return the CPU seconds of this process and of all it started, running or ended."""
    me = psutil.Process()
    total = 0.0
    for process in (me, *me.children(recursive=True)):
        with suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


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
