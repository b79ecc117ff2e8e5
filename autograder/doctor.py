"""Say what this machine can do for grading, by trying it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from helpers.checks.student import StudentGone

from .build import outdated
from .course import Course, CourseError
from .gradebook import demand_gradebook, limits_of, nbgrader_api
from .limits import Limits
from .release import load_all
from .sandbox.client import CellTimeout, KernelHandle, started
from .sandbox.scratch import scratch
from .sandbox.walls import KINDS, Walls


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
    problems = {kind: kind.problem() for kind in KINDS}
    best = next((kind for kind, problem in problems.items() if not problem), None)
    for kind, problem in problems.items():
        # The other kind will do.
        well = not problem or best is not None
        found = f"not here: {problem}" if problem else "outer walls and a room inside them"
        yield Finding(f"walls by {kind.name}", well, found)
    yield Finding("student code can be walled off", best is not None, best.name if best else _TODO)
    if best is not None:
        yield from _try_walls(course, best)
    wrong = _said_wrong(lambda: limits_of(nbgrader_api(course)))
    yield Finding("nbgrader_config.py can be read", not wrong, wrong or "it can")
    if not wrong:
        yield from _look_at_assignments(course)


def _said_wrong(look: Callable[[], Any]) -> str:
    try:
        look()
    except CourseError as error:
        return str(error)
    return ""


def _look_at_assignments(course: Course) -> Iterator[Finding]:
    released = sorted({path.parent.name for path in course.release.glob("*/*.ipynb")})
    found = ", ".join(released) or "nothing: run `autograder build`"
    yield Finding("an assignment is built", bool(released), found)
    api = nbgrader_api(course)
    for assignment in released:
        edited = outdated(course, assignment)
        yield Finding(f"release/{assignment} is what source/ says", not edited, edited or "it is")
        parts = load_all(course.release / assignment)
        problem = _said_wrong(partial(demand_gradebook, assignment, parts, api))
        found = problem or "it does, with the release's points"
        yield Finding(f"the gradebook knows {assignment}", not problem, found)


_TODO = (
    "install bubblewrap and allow unprivileged user namespaces (sysctl "
    "kernel.unprivileged_userns_clone=1, an AppArmor profile for bwrap, or a container that has "
    "them); or use Linux 6.12 or later, with Landlock"
)

_SECONDS = 10.0
# What student code would try; it must print "False" and nothing else.
_ATTEMPTS = {
    "the course is out of reach": (
        # The environment may lie in it, and be all that is seen of it.
        "import os\n"
        "ours = {{'source', 'solutions', 'submitted', 'autograder', 'gradebook.db'}}\n"
        "try:\n    print(bool(ours & set(os.listdir({course!r}))))\nexcept OSError: print(False)"
    ),
    "the network is out of reach": (
        "import socket\n"
        "try:\n    socket.create_connection(('127.0.0.1', 9), timeout=1)\n"
        "except ConnectionRefusedError: print(True)\n"
        "except OSError: print(False)"
    ),
    "other processes cannot be seen": (
        "import os\n"
        "try:\n    print([p for p in os.listdir('/proc') if p.isdigit()] != ['1'])\n"
        "except OSError: print(False)"
    ),
    "other processes cannot be stopped": (
        "import os\n"
        "try:\n    os.kill(os.getppid() or 2, 0); print(True)\n"
        "except OSError: print(False)"
    ),
    "the system cannot be written": (
        "try:\n    open('/usr/lab-doctor', 'w'); print(True)\nexcept OSError: print(False)"
    ),
}


def _try_walls(course: Course, walls: Walls) -> Iterator[Finding]:
    tried = "tried from a submission's room"
    with scratch() as folder, started(walls, folder) as kernel:
        for what, code in _ATTEMPTS.items():
            try:
                said = _said_in_a_room(kernel, walls.room(Limits().to_dict(), folder), code, course)
            except (CellTimeout, StudentGone) as gone:
                said = str(gone) or "it took too long"
            right = said == "False"
            yield Finding(what, right, tried if right else f"{tried}: {said[:200]}")


def _said_in_a_room(kernel: KernelHandle, room: dict[str, Any], code: str, course: Course) -> str:
    fork = kernel.fork(room)
    try:
        _, outputs = fork.run(code.format(course=str(course.root)), _SECONDS)
    finally:
        fork.end()
    return "".join(output.get("text", "") for output in outputs).strip()
