"""Forks of this process, each kind with the way to end it with all it has started.

What items look at is a plain fork. A submission behind bubblewrap is process 1 of new namespaces:
its end is the end of everything in them. Behind Landlock it has a keeper instead: a process that
sits in a domain around the submission's, adopts what the submission leaves behind, and out of
which signals cannot go. So when it kills "all processes", that is all of the submission.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import tempfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from . import landlock, libc, room

_MOST_PROCESSES = 2**22
_LONGEST_REASON = 500
_cleaning: set[int] = set()


class Fork:
    """A fork, as its parent holds it.

    Attributes
    ----------
    pid : int
        What runs the cells.
    root : int
        What all its processes descend from.
    """

    def __init__(self, pid: int, root: int = 0, leash: socket.socket | None = None) -> None:
        self.pid = pid
        self.root = root or pid
        self._leash = leash

    def end(self) -> None:
        """End it and all that it started; return when that is done."""
        if self._leash is not None:
            self._leash.shutdown(socket.SHUT_WR)
            # The keeper closes its end when all are dead. What they wrote takes it longer.
            self._leash.recv(1)
            self._leash.close()
            _cleaning.add(self.root)
            return
        with suppress(ProcessLookupError):
            # A submission leads its own group (and, behind bubblewrap, its own namespaces).
            leads = os.getpgid(self.pid) == self.pid
            (os.killpg if leads else os.kill)(self.pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)

    def forget(self) -> None:
        """Let go of it, as another fork of the same parent must."""
        if self._leash is not None:
            self._leash.close()


def plain() -> Fork | None:
    """Fork; return None in the child."""
    pid = os.fork()
    return Fork(pid) if pid else None


def walled(wanted: dict[str, Any]) -> Fork | None:
    """Fork a submission's process; return None in it, where `room.enter` is next.

    Parameters
    ----------
    wanted : dict
        From `walls.Walls.room`; behind Landlock what only this process knows is added.

    Raises
    ------
    OSError
        If the walls cannot be made.
    """
    if wanted["walls"] == "bubblewrap":
        # A process stays in its own process namespace for good: only its children can be in a
        # new one. So the child is a grandchild, which the kernel hands to us.
        libc.adopt_orphans()
        fork = _through_another(_fork_into_namespaces, lambda: None)
        if fork is not None:
            os.waitpid(fork.root, 0)
            fork.root = fork.pid
        return fork
    if wanted["walls"] == "landlock":
        return _kept(wanted)
    return plain()


def _fork_into_namespaces() -> int:
    room.leave_namespaces()
    return os.fork()


def _kept(wanted: dict[str, Any]) -> Fork | None:
    _cleaning.difference_update([pid for pid in _cleaning if os.waitpid(pid, os.WNOHANG)[0]])
    wanted["folder"] = folder = tempfile.mkdtemp(prefix="room-", dir=os.environ["HOME"])
    wanted["readable"] += [os.environ["PYTHONPATH"]]
    leash, held = socket.socketpair()
    fork = _through_another(
        lambda: _fork_into_domain(int(wanted["limits"]["processes"])),
        lambda: _keep(held, folder),
    )
    held.close()
    if fork is None:
        leash.close()
        return None
    return Fork(fork.pid, fork.root, leash)


def _through_another(fork: Callable[[], int], then: Callable[[], None]) -> Fork | None:
    """Fork a process that calls `fork`, and `then` in the parent of that; None in its child."""
    reader, writer = os.pipe()
    between = os.fork()
    if between:
        os.close(writer)
        said = os.read(reader, _LONGEST_REASON)
        os.close(reader)
        if not said.isdigit():
            os.waitpid(between, 0)
            raise OSError(said.decode(errors="replace") or "no walls could be made")
        return Fork(int(said), between)
    pid = -1
    try:
        pid = fork()
        if pid:
            # If nobody reads this any more, the next step is the end at once.
            with suppress(BrokenPipeError):
                os.write(writer, b"%d" % pid)
            os.close(writer)
            then()
    except OSError as error:
        os.write(writer, str(error).encode()[:_LONGEST_REASON])
    finally:
        if pid:
            os._exit(0)
    os.close(reader)
    os.close(writer)
    return None


def _fork_into_domain(processes: int) -> int:
    """Fork the first process of a domain out of which signals cannot go.

    RLIMIT_NPROC counts all processes of a user, and only a fork that is refused tells how many
    there are. So the soft limit is raised until a fork is let through, and left there:
    `room.enter` adds the submission's own number to it.
    """
    libc.adopt_orphans()
    landlock.keep_signals_in()
    allowed, hard = 0, resource.getrlimit(resource.RLIMIT_NPROC)[1]
    most = _MOST_PROCESSES if hard == resource.RLIM_INFINITY else hard
    while True:
        allowed = min(allowed + processes, most)
        resource.setrlimit(resource.RLIMIT_NPROC, (allowed, hard))
        try:
            return os.fork()
        except BlockingIOError:
            if allowed == most:
                raise


def _keep(held: socket.socket, folder: str) -> None:
    """Wait until the submission is let go of, or nobody is left who could; then end it all."""
    os.closerange(3, held.fileno())
    os.closerange(held.fileno() + 1, 2**31 - 1)
    hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    resource.setrlimit(resource.RLIMIT_NPROC, (hard, hard))
    # The dead are not kept: they would count as processes of the submission.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    held.recv(1)
    with suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with suppress(OSError):
        os.rmdir(folder)
        return
    command = landlock.removal(folder)
    os.execv(command[0], command)
