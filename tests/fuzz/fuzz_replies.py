"""Fuzz the grader's end of the sandbox; how to run it is said in common.py.

Whatever a student's process writes to its channel: an answer, or one of the errors that
`sandbox.client` and `Student` document, soon.
"""

from __future__ import annotations

import contextlib
import socket
import warnings
from typing import Any

from common import Memory, atheris, fuzz

with atheris().instrument_imports(include=["autograder.sandbox", "helpers.checks"]):
    from autograder.sandbox import channel, client
    from helpers.checks import wire
    from helpers.checks.lending import Lent
    from helpers.checks.question import NotAttempted
    from helpers.checks.student import Student, StudentError, StudentGone

from values import samples

FEW_BYTES = 16 * 2**20
BYTES_FOR_A_BYTE = 300
LARGEST = 100_000  # fits a socket's buffer: nobody reads while we write

# Whoever is silent here stays silent: there is nothing to wait for.
client._PATIENCE_SECONDS = client._GRACE_SECONDS = 0.01


def try_out(data: bytes) -> None:
    """Try one input: what is asked, whether our messages are framed rightly, the replies."""
    warnings.simplefilter("ignore")
    operation, framed, rest = data[:1], data[1:2] != b"u", data[2:]
    with Memory(FEW_BYTES + BYTES_FOR_A_BYTE * len(rest)), student_saying(rest, framed) as handle:
        with contextlib.suppress(StudentGone, client.CellTimeout):
            if operation == b"f":
                handle.fork().end()
            elif operation == b"a":
                asked(handle)
            else:
                handle.run("1", 0.01)
        handle.end()


def asked(handle: Any) -> None:
    """Ask as items do."""
    student = Student(lambda request, answer: handle.ask(request, 0.01, answer))
    with contextlib.suppress(NotAttempted, StudentError):
        student.call("total", Lent(sorted))


@contextlib.contextmanager
def student_saying(replies: bytes, framed: bool) -> Any:
    """Yield a handle of a process that has already said all it will ever say.

    Parameters
    ----------
    replies : bytes
        If framed, messages with two bytes of length each; else what is on the socket.
    framed : bool
    """
    ours, theirs = socket.socketpair()
    above, root = socket.socketpair()
    with theirs, root:
        said = b"" if framed else replies
        while framed and replies:
            size = int.from_bytes(replies[:2], "big")
            said += size.to_bytes(8, "big") + replies[2 : 2 + size]
            replies = replies[2 + size :]
        theirs.sendall(said[:LARGEST])
        theirs.shutdown(socket.SHUT_WR)
        handle = client.KernelHandle(ours, client.KernelHandle(above), 7)
        channel.send(root, wire.encode(["ended"]))
        yield handle
        above.close()


def seeds() -> list[bytes]:
    """What an honest process says."""
    stream = {"output_type": "stream", "name": "stdout", "text": "hi"}
    said = [
        (b"r", ["ran", True, [stream]]),
        (b"r", ["error", "Timeout", "stopped: it took too long", ""]),
        (b"a", ["value", [1, 2]]),
        (b"a", ["missing", "there is no `total` yet"]),
        (b"a", ["error", "ValueError", "no", "total = x"]),
        (b"f", ["forked", 12]),
        (b"f", ["ready"]),
        *((b"q", [0, [value], {}]) for value in samples()),
        *((how, [word, value]) for how in (b"r", b"a", b"f") for word in samples()[-5:]
          for value in samples()),
    ]  # fmt: skip
    made = []
    for operation, reply in said:
        packed = wire.encode(reply)
        if operation == b"q":
            operation, packed = b"a", channel.QUESTION + packed
        made.append(operation + b"f" + len(packed).to_bytes(2, "big") + packed)
        made.append(operation + b"u" + len(packed).to_bytes(8, "big") + packed)
    return made


if __name__ == "__main__":
    fuzz("replies", try_out, seeds())
