"""A room of its own for each submission: what a fork does to itself before student code runs.

Runs inside the outer walls (see `walls`), which already took away the course, the system's other
files and everything writable. This takes away the other submissions: behind bubblewrap by new
namespaces and scratch folders in memory with a size, behind Landlock by a domain and a
scratch folder of its own. Then limits, no capabilities, and a list of forbidden system calls.
If any step fails the process ends: student code never runs with half a room.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import Any

from . import landlock, libc, seccomp

_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 8, 0x1000, 0x4000, 0x40000

# What other submissions of the same user may start in the meantime, behind Landlock: there the
# limit of the kernel's is only the last one, see `memory.Watch`.
_NEIGHBOURS = 256


def enter(wanted: dict[str, Any]) -> None:
    """Make the room and go in.

    Parameters
    ----------
    wanted : dict
        From `walls.Walls.room`, with a ``folder`` that is there.

    Raises
    ------
    OSError
        If a step fails. The process must end then.
    """
    os.setsid()
    limits, folder = wanted["limits"], wanted["folder"]
    if wanted["walls"] == "bubblewrap":
        furnish(wanted["private"], wanted["kept"], int(limits["disk_bytes"]))
    if limits is not None:
        # See `forks._fork_into_domain`: so many processes this user has already.
        others = resource.getrlimit(resource.RLIMIT_NPROC)[0] + _NEIGHBOURS
        limit(limits, others if wanted["walls"] == "landlock" else 0)
    _move(folder)
    if wanted["walls"] == "landlock":
        landlock.restrict([*wanted["readable"], *landlock.PROC], [folder])
        libc.drop_capabilities()
    if limits is not None:
        seccomp.forbid(shared=wanted["walls"] == "landlock")


def _move(folder: str) -> None:
    """Make a folder this process's home, temporary folder and working folder."""
    before = os.environ.get("HOME")
    os.chdir(folder)
    os.environ["HOME"] = os.environ["TMPDIR"] = folder
    os.environ["MPLCONFIGDIR"] = os.path.join(folder, ".matplotlib")
    # A student's own modules lie where the notebook does.
    sys.path[:] = [folder if path == before else path for path in sys.path]
    if "tempfile" in sys.modules:
        sys.modules["tempfile"].tempdir = None


def leave_namespaces() -> None:
    """Make the *next* fork of this process the first one of new namespaces."""
    uid, gid = os.getuid(), os.getgid()
    libc.call("unshare", libc.NEW_NAMESPACES)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {uid} 1")
    _write("/proc/self/gid_map", f"{gid} {gid} 1")


def furnish(folders: list[str], kept: list[str], disk_bytes: int) -> None:
    """Mount this room's own /proc and scratch folders, then give up the right to mount.

    Parameters
    ----------
    folders : list of str
        Each becomes an empty folder in memory.
    kept : list of str
        Read-only folders that lie in one of those and must stay to be seen.
    disk_bytes : int
        The size of each.
    """
    libc.call("mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None)
    _mount("proc", "/proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, "")
    held = {path: os.open(path, os.O_PATH) for path in kept}
    for folder in folders:
        _mount("tmpfs", folder, _MS_NOSUID | _MS_NODEV, f"size={disk_bytes},mode=0700")
    for path, descriptor in held.items():
        os.makedirs(path)
        source = f"/proc/self/fd/{descriptor}".encode()
        libc.call("mount", source, path.encode(), None, _MS_BIND | _MS_REC, None)
        os.close(descriptor)
    libc.drop_capabilities()


def limit(limits: dict[str, Any], others: int = 0) -> None:
    """Set resource limits.

    Parameters
    ----------
    limits : dict
        ``memory_bytes`` on top of what the preloaded process already holds, ``processes``,
        and ``disk_bytes``, the largest file.
    others : int
        Processes that count with this room's.
    """
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = [int(word) * resource.getpagesize() for word in file.read().split()]
    held, data = pages[0], pages[5]
    memory = int(limits["memory_bytes"])
    for kind, value in (
        (resource.RLIMIT_AS, held + memory),
        (resource.RLIMIT_DATA, data + memory),
        (resource.RLIMIT_FSIZE, int(limits["disk_bytes"])),
        (resource.RLIMIT_NPROC, int(limits["processes"]) + others),
        (resource.RLIMIT_NOFILE, 1024),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def _mount(kind: str, folder: str, flags: int, options: str) -> None:
    try:
        libc.call("mount", kind.encode(), folder.encode(), kind.encode(), flags, options.encode())
    except OSError as error:
        raise OSError(error.errno, f"{error.strerror}: {folder}") from None


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
