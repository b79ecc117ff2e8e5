"""The grader's end of the sandbox."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from helpers.checks import wire
from helpers.checks.lending import AnswerBack
from helpers.checks.student import StudentError, StudentGone

from . import channel
from .walls import Walls

MAX_REPLY = wire.MAX_BYTES + 2**20
_SMALL = 4096
_BOOT_SECONDS = 120.0
_PATIENCE_SECONDS = 30.0
_GRACE_SECONDS = 2.0


class CellTimeout(Exception):
    """A cell ran past its limit and was stopped; the process is still well."""


class Stuck(StudentGone):
    """A cell ran past its limit and could not be stopped."""


class _Refused(StudentGone):
    """It does not fork; it says why."""


class KernelHandle:
    """One sandboxed process, as the grader holds it.

    Parameters
    ----------
    sock : socket.socket
        Our end of its channel.
    parent : KernelHandle, optional
        The process it was forked from, which stops and ends it.
    pid : int
        Its id, as its parent sees it.
    """

    def __init__(
        self, sock: socket.socket, parent: KernelHandle | None = None, pid: int = 0
    ) -> None:
        self._sock = sock
        self._parent = parent
        self._pid = pid

    def run(self, source: str, seconds: float) -> tuple[bool, list[dict[str, Any]]]:
        """Run one cell.

        Parameters
        ----------
        source : str
        seconds : float
            Wall-clock limit.

        Returns
        -------
        ok : bool
            False if the cell raised.
        outputs : list of dict
            Untrusted; see `autograder.outputs.clean_outputs`.

        Raises
        ------
        CellTimeout
            If the cell was stopped at the limit.
        StudentGone
            If the process died, or did not stop when told to.
        """
        try:
            deadline = time.monotonic() + seconds
            reply = wire.decode(self._exchange(wire.encode(["run", source]), deadline))
        except channel.ChannelTimeout:
            self._interrupt()
            raise CellTimeout from None
        except wire.WireError as error:
            raise StudentGone(str(error)) from None
        match reply:
            # `str(...)` first: an array compared with a text is no truth.
            case [str("ran"), bool(ok), list(outputs)]:
                return ok, outputs
        raise StudentGone("the process answers nonsense")

    def ask(self, request: bytes, seconds: float, answer_back: AnswerBack) -> bytes:
        """Let an item ask about a name; return the reply, still encoded.

        Parameters
        ----------
        request : bytes
        seconds : float
            Wall-clock limit, with all that is asked back meanwhile.
        answer_back : callable
            Answers what the student's code asks of a function the item lends.

        Raises
        ------
        StudentError
            If the student's code ran past the limit.
        StudentGone
            If the process died.
        """
        try:
            deadline = time.monotonic() + seconds
            reply = self._exchange(wire.encode(["ask", request]), deadline)
            while reply.startswith(channel.QUESTION):
                answer = answer_back(reply.removeprefix(channel.QUESTION))
                # What is there already is received at any time: questions without end, too.
                if time.monotonic() > deadline:
                    raise channel.ChannelTimeout
                reply = self._exchange(answer, deadline)
            return reply
        except channel.ChannelTimeout:
            raise StudentError("Timeout", f"it took longer than {seconds:g} s") from None

    def fork(self, room: dict[str, Any] | None = None) -> KernelHandle:
        """Fork the process.

        Parameters
        ----------
        room : dict, optional
            For a submission: how to wall it off, see `room.enter`.

        Raises
        ------
        StudentGone
            If the process is not well enough to fork, or the fork could not be walled off.
        """
        ours, theirs = socket.socketpair()
        fork = KernelHandle(ours)
        try:
            with theirs:
                channel.send(self._sock, wire.encode(["fork", room]))
                socket.send_fds(self._sock, [b"f"], [theirs.fileno()])
            pid = self._expect(self._sock, "forked")
            if type(pid) is not int:
                raise StudentGone("the process answers nonsense")
            fork = KernelHandle(ours, self, pid)
            self._expect(ours, "ready")
        except (channel.ChannelClosed, channel.ChannelTimeout, OSError) as error:
            fork.end()
            raise self._gone(f"the process could not be forked: {error}") from None
        except _Refused as refused:
            fork.end()
            # Only the preloaded process's word is taken for it: it is not a student's.
            why = f": {refused}" if self._parent is None else ""
            raise StudentGone(f"the process could not be forked{why}") from None
        except StudentGone:
            fork.end()
            raise
        return fork

    def end(self) -> None:
        """End the process and everything it started."""
        self._sock.close()
        if self._parent is not None:
            # If the parent is gone or confused, it is ended by its own parent, with all in it.
            with suppress(channel.ChannelClosed, channel.ChannelTimeout, StudentGone, OSError):
                channel.send(self._parent._sock, wire.encode(["end", self._pid]))
                self._expect(self._parent._sock, "ended")

    @staticmethod
    def _expect(sock: socket.socket, word: str) -> Any:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        try:
            match wire.decode(channel.receive(sock, _SMALL, deadline)):
                case [str(said), *rest] if said == word:
                    return rest[0] if rest else None
                case [str("refused"), str(why)]:
                    raise _Refused(why)
        except wire.WireError:
            pass
        raise StudentGone("the process answers nonsense")

    def _exchange(self, message: bytes, deadline: float) -> bytes:
        try:
            channel.send(self._sock, message, deadline)
            return channel.receive(self._sock, MAX_REPLY, deadline)
        except channel.ChannelClosed as error:
            raise self._gone(str(error)) from None

    def _gone(self, error: str) -> StudentGone:
        """Return what to raise if the process is gone: why, as far as that is known."""
        submission = self
        while submission._parent is not None and submission._parent._parent is not None:
            submission = submission._parent
        # Only the preloaded process is asked: it is not a student's.
        preloaded, reason = submission._parent, ""
        if preloaded is not None:
            with suppress(channel.ChannelClosed, channel.ChannelTimeout, StudentGone, OSError):
                channel.send(preloaded._sock, wire.encode(["why", submission._pid]))
                reason = str(self._expect(preloaded._sock, "why"))
        return StudentGone(reason or error)

    def _interrupt(self) -> None:
        """Stop a cell as the stop button does; give it a moment to comply."""
        try:
            if self._parent is not None:
                channel.send(self._parent._sock, wire.encode(["interrupt", self._pid]))
            channel.receive(self._sock, MAX_REPLY, time.monotonic() + _GRACE_SECONDS)
        except (channel.ChannelClosed, channel.ChannelTimeout):
            raise Stuck("it took too long and could not be stopped") from None


@contextmanager
def started(walls: Walls, directory: str) -> Iterator[KernelHandle]:
    """Start a fresh process behind walls; end it, and all its forks, afterwards.

    Parameters
    ----------
    walls : Walls
    directory : str
        A scratch folder, used where there are no walls.

    Raises
    ------
    StudentGone
        If it does not start.
    """
    walls.prepare(directory)
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            walls.command(["-m", "autograder.sandbox.kernel", str(theirs.fileno())], directory),
            pass_fds=[theirs.fileno()],
            env=walls.environment(directory),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    handle = KernelHandle(ours)
    try:
        handle.run("", _BOOT_SECONDS)
        yield handle
    finally:
        # It ends by itself when its channel closes; only then is its time on our account.
        handle.end()
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        walls.tidy(directory)
