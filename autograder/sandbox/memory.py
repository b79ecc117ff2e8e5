"""What all processes of a submission use together, which no limit of the kernel's covers.

A submission's processes are looked at from outside, a few times a second, while it runs. The
first look is cheap and counts a page once for each process that has it; only if that
is too much, the exact one counts it once.
"""

from __future__ import annotations

import os
import re
import time

PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 1.0
# A look takes at most so much of a processor's time, unless a submission makes it costly.
_SHARE = 0.05
# A process that is just starting a program shares all its memory with its parent for a moment.
_SURE, _MOMENT_SECONDS = 3, 0.02

# Almost every kernel does; behind Landlock it must.
CHILDREN_ARE_LISTED = os.path.exists(f"/proc/self/task/{os.getpid()}/children")

_STATUS = re.compile(rb"^(RssAnon|RssShmem|VmSwap|HugetlbPages|Threads):\s+(\d+)", re.MULTILINE)
_EXACT = re.compile(rb"^(Pss_Anon|Pss_Shmem|SwapPss|Private_Hugetlb):\s+(\d+)", re.MULTILINE)


class Watch:
    """Keeps an eye on one submission.

    Parameters
    ----------
    root : int
        The process that all of the submission's descend from.
    limits : dict
        ``total_memory_bytes``, on top of what this process holds now; ``processes``.
    """

    def __init__(self, root: int, limits: dict) -> None:
        self._root = root
        self._memory = int(limits["total_memory_bytes"])
        self._processes = int(limits["processes"])
        self._inherited = _used(os.getpid())[0]

    def broken(self) -> str:
        """Return which limit the submission has passed, in words, or ''."""
        used = [_used(pid) for pid in below(self._root)]
        memory, tasks = sum(held for held, _ in used), sum(threads for _, threads in used)
        # Behind Landlock the first one is its keeper.
        if tasks > self._processes + 1:
            return f"it had more than {self._processes} processes and threads"
        allowed = self._memory + self._inherited
        if memory <= allowed:
            return ""
        for _ in range(_SURE):
            if sum(_exactly_used(pid) for pid in below(self._root)) <= allowed:
                return ""
            time.sleep(_MOMENT_SECONDS)
        return f"its processes together used more than {self._memory / 2**30:.1f} GiB of memory"


def pause_after(seconds: float) -> float:
    """Return how long to rest after looks that took so much processor time."""
    return min(max(seconds / _SHARE, PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)


def below(root: int) -> list[int]:
    """Return a process and all that descend from it."""
    if not CHILDREN_ARE_LISTED:
        # Behind bubblewrap that is all there is to see.
        return [
            int(pid) for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()
        ]
    found = [root]
    for pid in found:
        found += _children(pid)
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    for thread in _threads(pid):
        children += map(int, _read(f"/proc/{pid}/task/{thread}/children").split())
    return children


def _threads(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def _used(pid: int) -> tuple[int, int]:
    """Return bytes of memory in use, shared ones too, and the number of threads."""
    for thread in _threads(pid):
        numbers = _numbers(_STATUS, f"/proc/{pid}/task/{thread}/status")
        # A thread that has ended, be it the first, no longer knows.
        if b"RssAnon" in numbers:
            threads = numbers.pop(b"Threads", 1)
            return sum(numbers.values()) * 1024, threads
    return 0, 1


def _exactly_used(pid: int) -> int:
    """Return bytes of memory in use, each shared one divided by those who share it."""
    for thread in _threads(pid):
        numbers = _numbers(_EXACT, f"/proc/{thread}/smaps_rollup")
        if b"Pss_Anon" in numbers:
            return sum(numbers.values()) * 1024
    # It hides, or the kernel is too old to say.
    return _used(pid)[0]


def _numbers(pattern: re.Pattern[bytes], path: str) -> dict[bytes, int]:
    return {name: int(number) for name, number in pattern.findall(_read(path))}


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
