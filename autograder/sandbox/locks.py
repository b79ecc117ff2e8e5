"""Locks of `multiprocessing` that need no /dev/shm and join no two submissions.

Python keeps a lock in shared memory that has a name in /dev/shm, and forgets the name at once if
processes are forked. So the lock can as well lie in shared memory that never had a name. Where
/dev/shm cannot be written, that works; and a lock the preloaded process has made, tqdm's for
one, can lie in memory of its own, where no submission can lock it for all later ones.
"""

from __future__ import annotations

import _multiprocessing
import ctypes
import mmap
from multiprocessing import heap, synchronize
from types import SimpleNamespace
from typing import Any

from . import libc

_MAP_FIXED = 0x10
# A page for each lock: two processes that share one page may both make their next lock in it.
_pages: list[mmap.mmap] = []


def need_no_names() -> None:
    """From now on, make locks without names."""
    _lock._rebuild = _multiprocessing.SemLock._rebuild
    synchronize._multiprocessing = SimpleNamespace(SemLock=_lock)


def part_from_parent() -> None:
    """Copy the locks there are: from now on they are this process's and its forks' own.

    Raises
    ------
    OSError
        If one cannot be copied.
    """
    rights = mmap.PROT_READ | mmap.PROT_WRITE
    flags = mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | _MAP_FIXED
    length, offset = ctypes.c_size_t(mmap.PAGESIZE), ctypes.c_long(0)
    for page in _pages:
        state = page[:]
        libc.call("mmap", ctypes.c_void_p(_address(page)), length, rights, flags, -1, offset)
        page[:] = state


def avoid_shm() -> None:
    """Keep values that processes share in the temporary folder, which every room has."""
    heap.Arena._dir_candidates = []


def _lock(kind: int, value: int, maxvalue: int, name: str, unlink: bool) -> Any:
    if not unlink:
        # Processes that are not forked need the name; the system says whether they get it.
        return _multiprocessing.SemLock(kind, value, maxvalue, name, unlink)
    page = mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
    _pages.append(page)
    address = _address(page)
    libc.call("sem_init", ctypes.c_void_p(address), 1, value)
    return _multiprocessing.SemLock._rebuild(address, kind, maxvalue, None)


def _address(page: mmap.mmap) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(page))
