"""The way back to the grader for what an item lends, while the grader waits for a reply."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from . import channel


class Questions:
    """Carries questions of a student's code to the item that is looking at it.

    Parameters
    ----------
    sock : socket.socket
        This process's channel to the grader.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._pid = os.getpid()
        self._turn = threading.Lock()
        self._open = False

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Let questions pass for the length of a `with` block; wait for the last one's answer."""
        with self._turn:
            self._open = True
        try:
            yield
        finally:
            with self._turn:
                self._open = False

    def ask(self, question: bytes) -> bytes:
        """Ask the item; in any thread, one after another.

        Raises
        ------
        RuntimeError
            If no item is looking any more, or in another process than the notebook's.
        """
        if os.getpid() != self._pid:
            raise RuntimeError("only the notebook's own process can ask this, not one it started")
        with self._turn:
            if not self._open:
                raise RuntimeError("the call that could ask this is over")
            channel.send(self._sock, channel.QUESTION + question)
            return channel.receive(self._sock, channel.MAX_REQUEST)
