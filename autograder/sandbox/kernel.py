"""The inside of the sandbox: one process that runs cells, answers items, and forks.

Three requests, each a message on a socket:

``["run", source]``
    Run a cell; reply ``["ran", ok, outputs]``.
``["ask", request]``
    Let an item look at a name; reply with `Namespace.answer`'s bytes.
``["fork", directory]``
    Fork; the child serves on the socket that follows the message. Reply ``["forked", pid]``.

A preloaded process, a submission and an item's look at it are all this same process, forked
once more: what happens in a fork leaves no trace in its parent.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import types

from helpers.checks import wire
from helpers.checks.namespace import Namespace

from . import channel
from .shell import CellShell

MAX_REQUEST = 256 * 2**20


class Kernel:
    """Serves requests on a socket until the other end closes it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._children: list[int] = []
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
            self._fork(str(payload))
            return
        # SIGINT means "stop this cell"; between cells nobody waits for it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            reply = self._run(payload) if operation == "run" else self._namespace.answer(payload)
        except KeyboardInterrupt:
            reply = wire.encode(["error", "Timeout", "stopped: it took too long", ""])
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        channel.send(self._sock, reply)

    def _run(self, source: object) -> bytes:
        ok, outputs = self._shell.run_notebook_cell(str(source))
        return wire.encode(["ran", ok, outputs])

    def _fork(self, directory: str) -> None:
        _, descriptors, _, _ = socket.recv_fds(self._sock, 1, 1)
        sock = socket.socket(fileno=descriptors[0])
        self._children = [pid for pid in self._children if not _reaped(pid)]
        # Objects alive now are never collected in a fork: their pages stay shared.
        gc.collect()
        gc.freeze()
        pid = os.fork()
        if pid:
            sock.close()
            self._children.append(pid)
            channel.send(self._sock, wire.encode(["forked", pid]))
            return
        self._sock.close()
        self._sock = sock
        self._children = []
        if directory:
            os.setsid()
            os.chdir(directory)
            os.environ["HOME"] = directory


def _reaped(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True


def _main_module() -> object:
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
