"""Messages over a socket: a length, then that many bytes."""

from __future__ import annotations

import select
import socket
import struct
import time

# Of what the grader sends, in bytes.
MAX_REQUEST = 256 * 2**20
# Begins a message that asks the grader something before the reply. No value of wire begins so.
QUESTION = b"?"
_HEAD = struct.Struct("!Q")


class ChannelClosed(Exception):
    """The other end is gone, or sent what is not a message."""


class ChannelTimeout(Exception):
    """No whole message came before the deadline."""


def send(sock: socket.socket, data: bytes, deadline: float | None = None) -> None:
    """Send one message.

    Parameters
    ----------
    sock : socket.socket
    data : bytes
    deadline : float, optional
        As for `receive`: who does not read (a stopped process) must not hold us up.

    Raises
    ------
    ChannelClosed
        If the other end is gone.
    ChannelTimeout
        If the deadline passes first.
    """
    rest = memoryview(_HEAD.pack(len(data)) + data)
    while rest:
        _wait(sock, deadline, select.POLLOUT)
        try:
            rest = rest[sock.send(rest, 0 if deadline is None else socket.MSG_DONTWAIT) :]
        except BlockingIOError:
            continue
        except OSError as error:
            raise ChannelClosed(str(error)) from None


def receive(sock: socket.socket, limit: int, deadline: float | None = None) -> bytes:
    """Receive one message.

    Parameters
    ----------
    sock : socket.socket
    limit : int
        Largest message to accept, in bytes.
    deadline : float, optional
        On the clock of `time.monotonic`, in seconds; without one, wait for ever.

    Raises
    ------
    ChannelClosed
        If the other end is gone, or announces more than `limit` bytes.
    ChannelTimeout
        If the deadline passes first.
    """
    (size,) = _HEAD.unpack(_exactly(sock, _HEAD.size, deadline))
    if size > limit:
        raise ChannelClosed(f"a message of {size:,} bytes is over the limit of {limit:,}")
    return _exactly(sock, size, deadline)


def _exactly(sock: socket.socket, size: int, deadline: float | None) -> bytes:
    chunks = []
    while size:
        _wait(sock, deadline, select.POLLIN)
        try:
            chunk = sock.recv(min(size, 2**20))
        except OSError as error:
            raise ChannelClosed(str(error)) from None
        if not chunk:
            raise ChannelClosed("the process ended")
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)


def _wait(sock: socket.socket, deadline: float | None, event: int) -> None:
    if deadline is not None and not ready(sock, deadline - time.monotonic(), event):
        raise ChannelTimeout


def ready(sock: socket.socket, seconds: float, event: int = select.POLLIN) -> bool:
    """Wait until something can be received (or sent), but not longer than that."""
    poll = select.poll()
    poll.register(sock, event)
    return bool(poll.poll(max(0.0, seconds) * 1000))
