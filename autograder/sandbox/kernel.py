"""The inside of the sandbox: one process that runs cells, answers items, and forks.

Requests, each a message on a socket:

``["run", source]``
    Run a cell; reply ``["ran", ok, outputs]``.
``["ask", request]``
    Let an item look at a name; reply with `Namespace.answer`'s bytes. Before that, any number of
    messages that begin with `channel.QUESTION`: the next message from the grader is the answer.
``["fork", room]``
    Fork; the child serves on the socket that follows the message. Reply ``["forked", pid]``, or
    ``["refused", why]``; the child's first message is ``["ready"]``. With a room (a dict, see
    `room.enter`) it is a submission and is walled off first; without, it is for items to look at.
``["interrupt", pid]``, ``["end", pid]``
    Stop a fork's cell; end a fork with all it started. No reply; ``["ended"]``.
``["why", pid]``
    Say why a submission was ended before anybody asked for it: ``["why", text]``.

A preloaded process, a submission and what items look at are all this same process, forked
once more: what happens in a fork leaves no trace in its parent. Only forks are ever told to
run what a student wrote, so the preloaded process can be trusted to end them.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import time
import types
from contextlib import suppress

from helpers.checks import wire
from helpers.checks.namespace import Namespace

from . import channel, forks, locks, memory, pages, pools, room
from .questions import Questions
from .shell import CellShell


class Kernel:
    """Serves requests on a socket until the other end closes it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._questions = Questions(sock)
        self._forks: dict[int, forks.Fork] = {}
        self._watches: dict[int, memory.Watch] = {}
        self._reasons: dict[int, str] = {}
        self._gathered = False
        self._shell = CellShell.instance(user_module=_main_module())
        self._namespace = Namespace(self._shell.user_ns)

    def serve(self) -> None:
        try:
            while True:
                self._watch()
                request = channel.receive(self._sock, channel.MAX_REQUEST)
                self._handle(*wire.decode(request))
        except channel.ChannelClosed:
            for pid in [*self._forks]:
                self._end(pid)

    def _watch(self) -> None:
        """Until there is a request, end submissions that use too much together."""
        pause = memory.PAUSE_SECONDS
        while self._watches and not channel.ready(self._sock, pause):
            began = time.process_time()
            for pid, watch in [*self._watches.items()]:
                if reason := watch.broken():
                    self._reasons[pid] = reason
                    self._end(pid)
            pause = memory.pause_after(time.process_time() - began)

    def _handle(self, operation: str, payload: object) -> None:
        if operation == "fork":
            self._fork(payload)
        elif operation == "interrupt":
            # Where a keeper stands between, a process that has ended is gone at once.
            with suppress(ProcessLookupError, PermissionError):
                if payload in self._forks:
                    os.kill(payload, signal.SIGINT)
        elif operation == "end":
            self._end(payload)
            self._reasons.pop(payload, None)
            channel.send(self._sock, wire.encode(["ended"]))
        elif operation == "why":
            reason = self._reasons.get(payload, "")
            channel.send(self._sock, wire.encode(["why", reason]))
        else:
            channel.send(self._sock, self._look(operation, payload))

    def _look(self, operation: str, payload: object) -> bytes:
        """Do what may run a student's code."""
        # SIGINT means "stop this cell"; between cells nobody waits for it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            if operation == "ask":
                with self._questions.allowed():
                    return self._namespace.answer(payload, self._questions.ask)
            ok, outputs = self._shell.run_notebook_cell(str(payload))
            return wire.encode(["ran", ok, outputs])
        except KeyboardInterrupt:
            return wire.encode(["error", "Timeout", "stopped: it took too long", ""])
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _fork(self, wanted: object) -> None:
        _, descriptors, _, _ = socket.recv_fds(self._sock, 1, 1)
        sock = socket.socket(fileno=descriptors[0])
        pools.look_for_native()
        # Objects alive now are never collected in a fork: their pages stay shared. What is garbage
        # must go first, for it would stay for good.
        gc.collect()
        gc.freeze()
        if not self._gathered:
            pages.gather()
            self._gathered = True
        try:
            fork = forks.walled(wanted) if isinstance(wanted, dict) else forks.plain()
        except OSError as error:
            sock.close()
            channel.send(self._sock, wire.encode(["refused", str(error)]))
            return
        if fork is not None:
            sock.close()
            self._forks[fork.pid] = fork
            if isinstance(wanted, dict) and wanted["limits"] is not None:
                self._watches[fork.pid] = memory.Watch(fork.root, wanted["limits"])
            channel.send(self._sock, wire.encode(["forked", fork.pid]))
            return
        self._become_the_fork(sock)
        if isinstance(wanted, dict):
            self._enter(wanted)
        channel.send(self._sock, wire.encode(["ready"]))

    def _become_the_fork(self, sock: socket.socket) -> None:
        self._sock.close()
        self._sock = sock
        self._questions = Questions(sock)
        for fork in self._forks.values():
            fork.forget()
        self._forks, self._watches, self._reasons = {}, {}, {}
        pools.begin_anew()

    def _enter(self, wanted: dict) -> None:
        """Wall this process off; end it if that fails."""
        try:
            if wanted["limits"] is not None:
                self._shell.limit_outputs(wanted["limits"])
            if wanted["walls"] == "landlock":
                self._shell.do_without_terminals()
                locks.avoid_shm()
            locks.part_from_parent()
            room.enter(wanted)
        except (OSError, ValueError, KeyError):
            os._exit(1)

    def _end(self, pid: object) -> None:
        self._watches.pop(pid, None)
        fork = self._forks.pop(pid, None)
        if fork is not None:
            fork.end()


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
    locks.need_no_names()
    Kernel(sock).serve()
    # Interpreters with torch loaded take seconds to unwind; nothing here needs it.
    os._exit(0)


if __name__ == "__main__":
    main()
