"""Say what this machine can do for grading, by trying it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass

from .course import Course
from .limits import Limits
from .sandbox.client import started
from .sandbox.walls import BUBBLEWRAP, try_out


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    what : str
    well : bool
    detail : str
        What was found, or what to do.
    """

    what: str
    well: bool
    detail: str


def examine(course: Course) -> Iterator[Finding]:
    """Look at the walls and at the course folder; yield what is found, one by one."""
    bwrap = shutil.which("bwrap")
    yield Finding(
        "bubblewrap is installed",
        bwrap is not None,
        bwrap or "apt-get install bubblewrap (Debian, Ubuntu) or dnf install bubblewrap (Fedora)",
    )
    if bwrap:
        problem = try_out()
        todo = (
            f"{problem}: allow unprivileged user namespaces (sysctl "
            "kernel.unprivileged_userns_clone=1, an AppArmor profile for bwrap, or a container "
            "that has them)"
        )
        well = "outer walls and a room inside them"
        yield Finding("namespaces can be made", not problem, todo if problem else well)
        if not problem:
            yield from _try_walls(course)
    for what, path, todo in (
        ("the assignment is built", course.release, "run `autograder build`"),
        ("there is a gradebook", course.gradebook, "run `autograder build`"),
    ):
        there = path.exists()
        yield Finding(what, there, path.name if there else todo)


# What student code would try, and what it must not print.
_ATTEMPTS = {
    "the course is out of reach": "import os\nprint(os.path.exists({course!r}))",
    "the network is out of reach": (
        "import socket\n"
        "try:\n    socket.create_connection(('127.0.0.1', 9), timeout=1)\n"
        "except ConnectionRefusedError: print(True)\n"
        "except OSError: print(False)"
    ),
    "other processes are out of reach": (
        "import os\nprint([p for p in os.listdir('/proc') if p.isdigit()] != ['1'])"
    ),
    "the system cannot be written": (
        "try:\n    open('/usr/lab-doctor', 'w'); print(True)\nexcept OSError: print(False)"
    ),
}


def _try_walls(course: Course) -> Iterator[Finding]:
    room = BUBBLEWRAP.room(Limits().to_dict(), "")
    with tempfile.TemporaryDirectory() as folder, started(BUBBLEWRAP, folder) as kernel:
        for what, code in _ATTEMPTS.items():
            fork = kernel.fork(room)
            _, outputs = fork.run(code.format(course=str(course.source)), 10)
            fork.end()
            said = "".join(output.get("text", "") for output in outputs).strip()
            yield Finding(what, said == "False", "tried from a submission's room")
