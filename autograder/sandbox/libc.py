"""System calls that Python has no name for."""

from __future__ import annotations

import ctypes
import os
import struct
from typing import Any

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 22, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 36, 38
_LAST_CAPABILITY = 63
# User, process, mount, network, IPC and host name.
NEW_NAMESPACES = 0x10000000 | 0x20000000 | 0x00020000 | 0x40000000 | 0x08000000 | 0x04000000
_LIBC = ctypes.CDLL(None, use_errno=True)
# An address, or -1.
_LIBC.mmap.restype = ctypes.c_long


def call(function: str, *arguments: Any) -> int:
    """Call a function of the C library; return what it returns.

    Raises
    ------
    OSError
        If that is negative.
    """
    result = getattr(_LIBC, function)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")
    return result


def adopt_orphans() -> None:
    """Make this process the parent of whatever its forks leave behind."""
    call("prctl", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def no_new_privileges() -> None:
    """Make sure that no program started from here has more rights than its parent."""
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def forbid_capabilities() -> None:
    """Let no program gain capabilities, as far as this process may say so."""
    for capability in range(_LAST_CAPABILITY):
        _LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def drop_capabilities() -> None:
    """Give up all capabilities, for good."""
    forbid_capabilities()
    call("capset", struct.pack("Ii", 0x20080522, 0), bytes(24))
