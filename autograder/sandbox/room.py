"""A room of its own for each submission: what a fork does to itself before student code runs.

Runs inside the outer walls (see `walls`), which already took away the network, the course,
and everything writable. This takes away the other submissions: new namespaces, scratch
folders in memory with a size, limits, no capabilities, and a short list of forbidden system calls.
If any step fails the process ends: student code never runs with half a room.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
from typing import Any

SCRATCH = "/scratch"

_NEW = {
    "user": 0x10000000,
    "pid": 0x20000000,
    "mount": 0x00020000,
    "net": 0x40000000,
    "ipc": 0x08000000,
    "uts": 0x04000000,
}
_ALL_NEW = sum(_NEW.values())
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 8, 0x1000, 0x4000, 0x40000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _PR_CAPBSET_DROP = 38, 22, 24
_PR_SET_CHILD_SUBREAPER = 36
_LAST_CAPABILITY = 63
_LIBC = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Make this process the parent of whatever its forks leave behind."""
    _check("subreaper", _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))


def leave_namespaces() -> None:
    """Make the *next* fork of this process the first one of new namespaces."""
    uid, gid = os.getuid(), os.getgid()
    _check("unshare", _LIBC.unshare(_ALL_NEW))
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
    _check("private mounts", _LIBC.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None))
    _mount("proc", "/proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, "")
    held = {path: os.open(path, os.O_PATH) for path in kept}
    for folder in folders:
        _mount("tmpfs", folder, _MS_NOSUID | _MS_NODEV, f"size={disk_bytes},mode=0700")
    for path, descriptor in held.items():
        os.makedirs(path)
        source = f"/proc/self/fd/{descriptor}".encode()
        _check(f"keep {path}", _LIBC.mount(source, path.encode(), None, _MS_BIND | _MS_REC, None))
        os.close(descriptor)
    drop_capabilities()


def drop_capabilities() -> None:
    """Give up all capabilities, for good."""
    for capability in range(_LAST_CAPABILITY):
        _LIBC.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = struct.pack("Ii", 0x20080522, 0)
    _check("capset", _LIBC.capset(header, bytes(24)))


def limit(limits: dict[str, Any]) -> None:
    """Set resource limits.

    Parameters
    ----------
    limits : dict
        ``memory_bytes`` on top of what the preloaded process already holds, ``processes``,
        and ``disk_bytes``, the largest file.
    """
    pages = [int(word) * resource.getpagesize() for word in _read("/proc/self/statm").split()]
    held, data = pages[0], pages[5]
    memory = int(limits["memory_bytes"])
    for kind, value in (
        (resource.RLIMIT_AS, held + memory),
        (resource.RLIMIT_DATA, data + memory),
        (resource.RLIMIT_FSIZE, int(limits["disk_bytes"])),
        (resource.RLIMIT_NPROC, int(limits["processes"])),
        (resource.RLIMIT_NOFILE, 1024),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


# System calls that only take things apart, by architecture: refused with EPERM.
_FORBIDDEN = {
    "x86_64": {
        "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "setns": 308,
        "unshare": 272, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311,
        "bpf": 321, "perf_event_open": 298, "keyctl": 250, "add_key": 248, "request_key": 249,
        "userfaultfd": 323, "io_uring_setup": 425, "io_uring_enter": 426, "open_by_handle_at": 304,
        "fsopen": 430, "fsmount": 432, "open_tree": 428, "move_mount": 429, "mount_setattr": 442,
        "personality": 135, "pidfd_getfd": 438, "kcmp": 312,
    },
    "aarch64": {
        "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "setns": 268,
        "unshare": 97, "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271,
        "bpf": 280, "perf_event_open": 241, "keyctl": 219, "add_key": 217, "request_key": 218,
        "userfaultfd": 282, "io_uring_setup": 425, "io_uring_enter": 426, "open_by_handle_at": 265,
        "fsopen": 430, "fsmount": 432, "open_tree": 428, "move_mount": 429, "mount_setattr": 442,
        "personality": 92, "pidfd_getfd": 438, "kcmp": 272,
    },
}  # fmt: skip
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_ALLOW, _EPERM, _ENOSYS, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
_LOAD, _EQUAL, _ANY_BIT, _RETURN, _AT_LEAST = 0x20, 0x15, 0x45, 0x06, 0x35


def forbid_system_calls(sockets: bool = True) -> None:
    """Install a seccomp filter over `_FORBIDDEN`, new namespaces and foreign architectures.

    Parameters
    ----------
    sockets : bool
        False to forbid making sockets too, where no namespace has taken the network away.
    """
    machine = os.uname().machine
    numbers = [*_FORBIDDEN[machine].values(), *([] if sockets else _SOCKET[machine])]
    program = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, _AUDIT_ARCH[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        # x86_64 has a second numbering, x32, with this bit set.
        (_AT_LEAST, 0, 1, 0x40000000),
        (_RETURN, 0, 0, _EPERM),
    ]
    for number in numbers:
        program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _EPERM)]
    program += [
        # clone3 hides its flags in memory; without it glibc uses clone.
        (_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _ENOSYS),
        (_EQUAL, 0, 3, _CLONE[machine]),
        (_LOAD, 0, 0, 16),
        (_ANY_BIT, 0, 1, _ALL_NEW),
        (_RETURN, 0, 0, _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    code = b"".join(struct.pack("HBBI", *step) for step in program)
    buffer = ctypes.create_string_buffer(code)
    filter_ = struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer))
    _check("no_new_privs", _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _check("seccomp", _LIBC.prctl(_PR_SET_SECCOMP, 2, ctypes.c_char_p(filter_), 0, 0))


_SOCKET = {"x86_64": (41,), "aarch64": (198,)}


def _mount(kind: str, folder: str, flags: int, options: str) -> None:
    done = _LIBC.mount(kind.encode(), folder.encode(), kind.encode(), flags, options.encode())
    _check(f"mount {folder}", done)


def _check(what: str, result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _read(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read()
