"""Landlock: a process gives up, for itself and all it starts, what it is not explicitly allowed.

Works where namespaces are refused. A domain cannot be left, only narrowed. As a program this
steps behind the outer walls and becomes the command it is given.

Landlock does not look at everything a path can be used for (mode, owner and times of a file,
sockets, watching a folder): `seccomp.forbid` takes those away.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import stat
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress

from . import libc

# Signals and abstract sockets can be kept inside since this version, of Linux 6.12.
NEEDED = 6
# What of /proc is about the machine, or about a process itself; not its mounts and connections.
PROC = [
    *(f"/proc/{name}" for name in ("cpuinfo", "meminfo", "stat", "loadavg", "uptime", "version")),
    *(f"/proc/self/{name}" for name in ("status", "stat", "statm", "maps", "fd", "limits")),
]
_READ_DEVICES = [f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom")]
_WRITE_DEVICES = ["/dev/null", "/dev/full"]

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_MAKE_CHAR, _MAKE_SOCK, _MAKE_BLOCK = 1 << 6, 1 << 9, 1 << 11
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_ALL_FILES, _ALL_NET, _ALL_SCOPES = (1 << 16) - 1, 3, 3
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_WRITE = _ALL_FILES & ~(_MAKE_CHAR | _MAKE_SOCK | _MAKE_BLOCK | _IOCTL_DEV)
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
# A refusal is a student's affair, not one for the machine's audit log (since version 7).
_QUIET, _QUIET_SINCE = 1 | 4, 7


def version() -> int:
    """Return this kernel's version of Landlock, 0 if it has none."""
    try:
        return libc.call("syscall", _CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    except OSError:
        return 0


def restrict(readable: Iterable[str], writable: Iterable[str]) -> None:
    """Give up all files but these, TCP, and signals to processes that are not below this one.

    Parameters
    ----------
    readable, writable : iterable of str
        Files, and folders with all in them. Those that are not there are left out.
    """
    ruleset = _ruleset(_ALL_FILES, _ALL_NET)
    try:
        for paths, rights in (
            (readable, _READ),
            (_READ_DEVICES, _READ_FILE),
            (_WRITE_DEVICES, _WRITE_FILE),
            (writable, _WRITE),
        ):
            for path in paths:
                _allow(ruleset, path, rights)
        _enforce(ruleset)
    finally:
        os.close(ruleset)


def keep_signals_in() -> None:
    """Give up signals to processes that are not below this one, and nothing else.

    Raises
    ------
    OSError
        If that does not work: tried on this process's parent.
    """
    parent = os.getppid()
    ruleset = _ruleset(_REFER, 0)
    try:
        # Every domain forbids moving files between folders, unless it is told not to.
        _allow(ruleset, "/", _REFER)
        _enforce(ruleset)
    finally:
        os.close(ruleset)
    with suppress(PermissionError):
        os.kill(parent, 0)
        raise OSError("signals still reach other processes")


def removal(*folders: str) -> list[str]:
    """Return the command that removes rooms' folders.

    They may lie deeper than Python can walk, be closed to their owner, and be slow to go.
    """
    return ["/bin/sh", "-c", 'chmod -R u+rwX "$@"; rm -rf "$@"', "sh", *folders]


def _ruleset(files: int, net: int) -> int:
    # There is no size in the structure: it goes beside it.
    wanted = struct.pack("QQQ", files, net, _ALL_SCOPES)
    return libc.call("syscall", _CREATE_RULESET, wanted, ctypes.c_size_t(len(wanted)), 0)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _OF_A_FILE
        rule = struct.pack("=Qi", rights, descriptor)
        libc.call("syscall", _ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)


def _enforce(ruleset: int) -> None:
    libc.no_new_privileges()
    flags = _QUIET if version() >= _QUIET_SINCE else 0
    libc.call("syscall", _RESTRICT_SELF, ruleset, flags)


def main() -> None:
    """Step behind the walls described by the first argument; become the rest."""
    wanted, command = json.loads(sys.argv[1]), sys.argv[2:]
    if wanted["user"] is not None:
        libc.forbid_capabilities()
        os.setgroups([])
        os.setresgid(*[wanted["user"]] * 3)
        os.setresuid(*[wanted["user"]] * 3)
    libc.call("prctl", libc.PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    try:
        restrict([*wanted["readable"], "/proc"], [wanted["home"]])
        libc.drop_capabilities()
        os.listdir(wanted["home"])
        os.execv(command[0], command)
    except PermissionError as error:
        if error.filename is None:  # no path, but a system call
            raise
        sys.exit(
            f"student code would run as user {os.getuid()}, who may not go to {error.filename}"
        )


if __name__ == "__main__":
    main()
