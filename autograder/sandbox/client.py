"""The grader's end of the sandbox."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil

from helpers.checks import wire
from helpers.checks.student import StudentError, StudentGone

from . import channel

MAX_REPLY = wire.MAX_BYTES + 2**20
_BOOT_SECONDS = 120.0
_GRACE_SECONDS = 2.0


class CellTimeout(Exception):
    """A cell ran past its limit and was stopped; the process is still well."""


class KernelHandle:
    """One sandboxed process, as the grader holds it.

    Parameters
    ----------
    sock : socket.socket
        Our end of its channel.
    process : psutil.Process
        To stop it with.
    """

    def __init__(self, sock: socket.socket, process: psutil.Process) -> None:
        self._sock = sock
        self.process = process

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
            Untrusted; see `autograder.grading.clean_outputs`.

        Raises
        ------
        CellTimeout
            If the cell was stopped at the limit.
        StudentGone
            If the process died, or did not stop when told to.
        """
        match self._request(wire.encode(["run", source]), seconds):
            case ["ran", bool(ok), list(outputs)]:
                return ok, outputs
            case ["error", "Timeout", *_]:
                raise CellTimeout
        raise StudentGone("the process answers nonsense")

    def ask(self, request: bytes, seconds: float) -> bytes:
        """Let an item ask about a name; return the reply, still encoded.

        Raises
        ------
        StudentError
            If the student's code ran past the limit.
        StudentGone
            If the process died.
        """
        channel_message = wire.encode(["ask", request])
        try:
            return self._exchange(channel_message, seconds)
        except channel.ChannelTimeout:
            self.kill()
            raise StudentError("Timeout", f"it took longer than {seconds:g} s") from None

    def fork(self, directory: str = "") -> KernelHandle:
        """Fork the process.

        Parameters
        ----------
        directory : str, optional
            A scratch directory to work in; with one, the fork gets a session of its own.

        Raises
        ------
        StudentGone
            If the process is not well enough to fork.
        """
        ours, theirs = socket.socketpair()
        try:
            channel.send(self._sock, wire.encode(["fork", directory]))
            socket.send_fds(self._sock, [b"f"], [theirs.fileno()])
            reply = wire.decode(channel.receive(self._sock, 4096, time.monotonic() + 30))
            match reply:
                case ["forked", int(pid)]:
                    return KernelHandle(ours, self._descendant(pid))
        except (channel.ChannelClosed, channel.ChannelTimeout, wire.WireError, OSError) as error:
            ours.close()
            raise StudentGone(f"the process could not be forked: {error}") from None
        finally:
            theirs.close()
        ours.close()
        raise StudentGone("the process answers nonsense")

    def _descendant(self, pid: int) -> psutil.Process:
        """Return the process of this id if it is a child of ours: the id was said, not seen."""
        try:
            process = psutil.Process(pid)
            if self.process.pid in {parent.pid for parent in process.parents()}:
                return process
        except (psutil.Error, ValueError, OverflowError):
            pass
        raise StudentGone("the process names a fork that is not its own")

    def _request(self, message: bytes, seconds: float) -> Any:
        try:
            return wire.decode(self._exchange(message, seconds))
        except channel.ChannelTimeout:
            return self._interrupt()
        except wire.WireError as error:
            raise StudentGone(str(error)) from None

    def _exchange(self, message: bytes, seconds: float) -> bytes:
        try:
            channel.send(self._sock, message)
            return channel.receive(self._sock, MAX_REPLY, time.monotonic() + seconds)
        except channel.ChannelClosed as error:
            self.kill()
            raise StudentGone(str(error)) from None

    def _interrupt(self) -> Any:
        """Ask a cell to stop as the stop button does; insist after a grace period."""
        with suppress(psutil.Error):
            self.process.send_signal(signal.SIGINT)
        try:
            channel.receive(self._sock, MAX_REPLY, time.monotonic() + _GRACE_SECONDS)
        except (channel.ChannelClosed, channel.ChannelTimeout):
            self.kill()
            raise StudentGone("it took too long and could not be stopped") from None
        return ["error", "Timeout", "", ""]

    def kill(self) -> None:
        """End the process and everything it started."""
        self._sock.close()
        with suppress(psutil.Error):
            family = [*self.process.children(recursive=True), self.process]
            for process in family:
                with suppress(psutil.Error):
                    process.kill()


@contextmanager
def started(directory: str) -> Iterator[KernelHandle]:
    """Start a fresh process in `directory`; end it, and all its forks, afterwards.

    The environment is made from nothing: no key, path or name of the grader's is in it.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "autograder.sandbox.kernel", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=environment(directory),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    handle = KernelHandle(ours, psutil.Process(process.pid))
    try:
        ok, _ = handle.run("", _BOOT_SECONDS)
        if not ok:
            raise StudentGone("the sandbox's first cell failed")
        yield handle
    finally:
        handle.kill()
        process.wait()


def environment(directory: str) -> dict[str, str]:
    """Return the environment student code sees."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return kept | {
        "HOME": directory,
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": os.path.join(directory, ".matplotlib"),
        # A thread pool that exists before a fork hangs after it.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "LOKY_MAX_CPU_COUNT": "1",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
    }
