"""System calls a submission may not make: a filter that the kernel runs before each of them."""

from __future__ import annotations

import ctypes
import os
import struct

from . import libc

# Numbers on x86_64 and on aarch64; None where there is no such call.
_Calls = dict[str, tuple[int | None, int | None]]

# What only takes walls apart, and memory that belongs to no process. Refused.
_FORBIDDEN: _Calls = {
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "setns": (308, 268), "unshare": (272, 97), "ptrace": (101, 117), "kcmp": (312, 272),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "bpf": (321, 280),
    "perf_event_open": (298, 241), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "open_by_handle_at": (304, 265), "fsopen": (430, 430),
    "fsmount": (432, 432), "open_tree": (428, 428), "move_mount": (429, 429),
    "mount_setattr": (442, 442), "personality": (135, 92), "pidfd_getfd": (438, 438),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
    "shmat": (30, 196),
}  # fmt: skip

# Without namespaces these reach the machine and what else its user has there; Landlock has no
# say in them. A file's owner may change its mode and times wherever it lies; a user may
# slow down all of his processes, and leave messages for later ones.
_SHARED: _Calls = {
    "socket": (41, 198), "shmctl": (31, 195), "semget": (64, 190), "semop": (65, 193),
    "semctl": (66, 191), "semtimedop": (220, 192), "msgget": (68, 186), "msgsnd": (69, 189),
    "msgrcv": (70, 188), "msgctl": (71, 187), "mq_open": (240, 180), "mq_unlink": (241, 181),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "fremovexattr": (199, 16), "setxattrat": (463, 463),
    "removexattrat": (466, 466), "file_setattr": (469, 469), "inotify_add_watch": (254, 27),
    "fanotify_init": (300, 262), "fanotify_mark": (301, 263), "setpriority": (141, 140),
    "ioprio_set": (251, 30), "sched_setparam": (142, 118), "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274), "migrate_pages": (256, 238), "move_pages": (279, 239),
    "process_madvise": (440, 440), "process_mrelease": (448, 448),
}  # fmt: skip

# These too, but honest code makes them when it copies a file: they say they did, and do nothing.
_IGNORED: _Calls = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
}  # fmt: skip

# The first argument is a process: only 0, oneself, is let through.
_OF_ONESELF: _Calls = {"prlimit64": (302, 261), "sched_setaffinity": (203, 122)}

_CLONE, _SOCKETPAIR, _IOCTL = (56, 220), (53, 199), (16, 29)
_CLONE3 = 435
# Later system calls are unknown to this list, and to Landlock's as it was then.
_LAST_KNOWN = 469

_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_AF_UNIX = _SOCK_STREAM = 1
# Groups of ioctls that change files open for reading (ext4's, btrfs's, xfs's) or ask for networks.
_IOCTLS = (ord("f"), 0x94, ord("X"), 0x89)

_ALLOW, _QUIET, _EPERM, _ENOSYS, _KILL = 0x7FFF0000, 0x50000, 0x50001, 0x50026, 0x80000000
_LOAD, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN, _AND = 0x20, 0x15, 0x45, 0x35, 0x06, 0x54
_SECCOMP_MODE_FILTER = 2

Step = tuple[int, int, int, int]


def known(machine: str) -> bool:
    """Tell whether there is a filter for this kind of machine."""
    return machine in _MACHINES


def forbid(*, shared: bool) -> None:
    """Install the filter, for good: over calls, new namespaces and foreign architectures.

    Parameters
    ----------
    shared : bool
        True where no namespaces stand between this process and the machine.
    """
    column = list(_MACHINES).index(os.uname().machine)
    program = [*_head(_MACHINES[os.uname().machine]), *_numbers(_FORBIDDEN, column, _EPERM)]
    if shared:
        program += _numbers(_SHARED, column, _EPERM)
        program += _numbers(_IGNORED, column, _QUIET)
        program += [(_AT_LEAST, 0, 1, _LAST_KNOWN + 1), (_RETURN, 0, 0, _ENOSYS)]
        program += _only_oneself(column)
        program += _only_connected_pairs(_SOCKETPAIR[column])
        program += _no_ioctls(_IOCTL[column])
    program += [
        # clone3 hides its flags in memory; without it glibc uses clone.
        (_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _ENOSYS),
        (_EQUAL, 0, 3, _CLONE[column]),
        _argument(0),
        (_ANY_BIT, 0, 1, libc.NEW_NAMESPACES),
        (_RETURN, 0, 0, _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    _install(program)


def _head(architecture: int) -> list[Step]:
    return [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        # x86_64 has a second numbering, x32, with this bit set.
        (_AT_LEAST, 0, 1, 0x40000000),
        (_RETURN, 0, 0, _EPERM),
    ]


def _numbers(calls: _Calls, column: int, answer: int) -> list[Step]:
    steps: list[Step] = []
    for numbers in calls.values():
        number = numbers[column]
        if number is not None:
            steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, answer)]
    return steps


def _argument(index: int) -> Step:
    return (_LOAD, 0, 0, 16 + 8 * index)


def _only_oneself(column: int) -> list[Step]:
    steps: list[Step] = []
    for numbers in _OF_ONESELF.values():
        steps += [
            (_EQUAL, 0, 4, numbers[column]),
            _argument(0),
            (_EQUAL, 0, 1, 0),
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, _EPERM),
        ]
    return steps


def _only_connected_pairs(number: int) -> list[Step]:
    # A pair of datagram sockets can still send to any other address.
    return [
        (_EQUAL, 0, 7, number),
        _argument(0),
        (_EQUAL, 0, 4, _AF_UNIX),
        _argument(1),
        (_AND, 0, 0, 0xF),
        (_EQUAL, 0, 1, _SOCK_STREAM),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _EPERM),
    ]


def _no_ioctls(number: int) -> list[Step]:
    last = len(_IOCTLS)
    return [
        (_EQUAL, 0, last + 4, number),
        _argument(1),
        (_AND, 0, 0, 0xFF00),
        *((_EQUAL, last - index, 0, group << 8) for index, group in enumerate(_IOCTLS)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _EPERM),
    ]


def _install(program: list[Step]) -> None:
    buffer = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *s) for s in program))
    filter_ = struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer))
    libc.no_new_privileges()
    libc.call("prctl", libc.PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.c_char_p(filter_), 0, 0)
