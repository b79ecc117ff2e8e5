"""The inside of the sandbox: one process that runs cells, answers items, and forks.

Requests, each a message on a socket:

``["run", source]``
    Run a cell; reply ``["ran", ok, outputs]``.
``["ask", request]``
    Let an item look at a name; reply with `Namespace.answer`'s bytes.
``["fork", room]``
    Fork; the child serves on the socket that follows the message. Reply ``["forked", pid]``;
    the child's first message is ``["ready"]``. With a room (a dict, see `_enter`) it is a
    submission and is walled off first; without, it is an item's look.
``["interrupt", pid]``, ``["end", pid]``
    Stop a fork's cell; end a fork with all it started. No reply; ``["ended"]``.

A preloaded process, a submission and an item's look at it are all this same process, forked
once more: what happens in a fork leaves no trace in its parent. Only forks are ever told to
run what a student wrote, so the preloaded process can be trusted to end them.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import types
from contextlib import suppress

from helpers.checks import wire
from helpers.checks.namespace import Namespace

from . import channel, pages, room
from .shell import CellShell

MAX_REQUEST = 256 * 2**20


class Kernel:
    """Serves requests on a socket until the other end closes it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._forks: set[int] = set()
        self._gathered = False
        self._shell = CellShell.instance(user_module=_main_module())
        self._namespace = Namespace(self._shell.user_ns)

    def serve(self) -> None:
        while True:
            try:
                request = channel.receive(self._sock, MAX_REQUEST)
                self._handle(*wire.decode(request))
            except channel.ChannelClosed:
                return

    def _handle(self, operation: str, payload: object) -> None:
        if operation == "fork":
            self._fork(payload)
        elif operation == "interrupt":
            if payload in self._forks:
                os.kill(payload, signal.SIGINT)
        elif operation == "end":
            self._end(payload)
            channel.send(self._sock, wire.encode(["ended"]))
        else:
            channel.send(self._sock, self._look(operation, payload))

    def _look(self, operation: str, payload: object) -> bytes:
        """Do what may run a student's code."""
        # SIGINT means "stop this cell"; between cells nobody waits for it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            if operation == "ask":
                return self._namespace.answer(payload)
            ok, outputs = self._shell.run_notebook_cell(str(payload))
            return wire.encode(["ran", ok, outputs])
        except KeyboardInterrupt:
            return wire.encode(["error", "Timeout", "stopped: it took too long", ""])
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _fork(self, wanted: object) -> None:
        _, descriptors, _, _ = socket.recv_fds(self._sock, 1, 1)
        sock = socket.socket(fileno=descriptors[0])
        # Objects alive now are never collected in a fork: their pages stay shared.
        gc.collect()
        gc.freeze()
        if not self._gathered:
            pages.gather()
            self._gathered = True
        walled = isinstance(wanted, dict)
        pid = _fork_into_namespaces() if walled and wanted["namespaces"] else os.fork()
        if pid:
            sock.close()
            self._forks.add(pid)
            channel.send(self._sock, wire.encode(["forked", pid]))
            return
        self._sock.close()
        self._sock = sock
        self._forks = set()
        if walled:
            _enter(wanted)
        channel.send(self._sock, wire.encode(["ready"]))

    def _end(self, pid: object) -> None:
        if pid not in self._forks:
            return
        self._forks.discard(pid)
        with suppress(ProcessLookupError):
            # A submission leads its own group (and, behind walls, its own namespace).
            os.killpg(pid, signal.SIGKILL) if os.getpgid(pid) == pid else os.kill(pid, 9)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)


def _fork_into_namespaces() -> int:
    """Fork a child that is process 1 of new namespaces; return its id, or 0 in it.

    A process stays in its own process namespace for good: only its children can be in a new
    one. So the child is a grandchild, which the kernel hands to us when its parent ends.
    """
    room.adopt_orphans()
    reader, writer = os.pipe()
    between = os.fork()
    if between == 0:
        try:
            room.leave_namespaces()
            pid = os.fork()
        except OSError:
            os._exit(1)
        if pid == 0:
            os.close(reader)
            os.close(writer)
            return 0
        os.write(writer, str(pid).encode())
        os._exit(0)
    os.close(writer)
    said = os.read(reader, 32)
    os.close(reader)
    os.waitpid(between, 0)
    if not said:
        raise channel.ChannelClosed("no namespaces could be made")
    return int(said)


def _enter(wanted: dict) -> None:
    """Wall this process off; end it if that fails.

    Parameters
    ----------
    wanted : dict
        From `walls.Walls.room`.
    """
    try:
        os.setsid()
        limits = wanted["limits"]
        if wanted["namespaces"]:
            room.furnish(wanted["private"], wanted["kept"], int(limits["disk_bytes"]))
        if limits is not None:
            room.limit(limits)
            room.forbid_system_calls()
        os.chdir(wanted["folder"])
        os.environ["HOME"] = os.environ["TMPDIR"] = wanted["folder"]
    except (OSError, ValueError, KeyError):
        os._exit(1)


def _main_module() -> types.ModuleType:
    """Return an empty `__main__`, as a notebook has: pickles of its classes must find them."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    return module


def main() -> None:
    """Serve on the socket whose file descriptor is the first argument."""
    sock = socket.socket(fileno=int(sys.argv[1]))
    os.set_inheritable(sock.fileno(), False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Kernel(sock).serve()
    # Interpreters with torch loaded take seconds to unwind; nothing here needs it.
    os._exit(0)


if __name__ == "__main__":
    main()
