"""Run nbgrader's own commands from Python, with this course's configuration."""

from __future__ import annotations

import errno
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from traitlets.config import Config, PyFileConfigLoader

from .course import Course, CourseError, not_a_gradebook
from .limits import Limits
from .release import CHECK, REFLECT, Release
from .wording import to_mend

_CONFIG = "nbgrader_config.py"


def nbgrader_api(course: Course, **directories: str) -> Any:
    """Return nbgrader's API for a course.

    Parameters
    ----------
    course : Course
    **directories : str
        Folders to use instead of the configured ones, as ``release_directory="build/release"``.

    Returns
    -------
    nbgrader.apps.api.NbGraderAPI
        The same object that formgrader works with.

    Raises
    ------
    CourseError
        If nbgrader_config.py cannot be executed; with the line to mend.
    """
    from nbgrader.apps.api import NbGraderAPI

    config = _configured(course)
    overrides = Config()
    overrides.CourseDirectory.root = str(course.root)
    for name, folder in directories.items():
        overrides.CourseDirectory[name] = folder
    config.merge(overrides)
    # nbgrader looks for its `alembic` on the PATH, where an unactivated environment's is not.
    tools = os.path.dirname(sys.executable)
    if tools not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([tools, os.environ["PATH"]])
    # nbgrader reports through the log it returns; without this it also prints.
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)
    return NbGraderAPI(config=config)


def _configured(course: Course) -> Config:
    try:
        return PyFileConfigLoader(_CONFIG, path=str(course.root)).load_config()
    except Exception as error:  # noqa: BLE001 - it is Python, and may raise anything; it is said
        raise CourseError(to_mend(error, course.root)) from None


def limits_of(api: Any, walls: bool = True) -> Limits:
    """Return the configured limits.

    Parameters
    ----------
    api : nbgrader.apps.api.NbGraderAPI
    walls : bool
        False leaves them out, whatever is configured.

    Raises
    ------
    CourseError
        If they are no limits.
    """
    where = f"{_CONFIG}: c.GradeNotebook.limits"
    values = api.config.GradeNotebook.get("limits", {})
    # `c.GradeNotebook.limits.cell_seconds = 5` makes an object of traitlets' of it.
    if not isinstance(values, dict):
        raise CourseError(f'{where} must be a dictionary, such as {{"cell_seconds": 60}}')
    try:
        limits = Limits.from_dict(dict(values))
    except ValueError as error:
        raise CourseError(f"{where}: {error}") from None
    return limits if walls else replace(limits, walls=False)


def demand(result: dict[str, Any], what: str) -> None:
    """Raise if an nbgrader command failed.

    Raises
    ------
    CourseError
        With the last error nbgrader logged.
    """
    if result["success"]:
        return
    lines = (result.get("log", "") + result.get("error", "")).splitlines()
    # An exception's own line says more than the log lines around its traceback.
    raised = [line for line in lines if re.match(r"\s*[\w.]*(Error|Entry|Invalid)\b.*: ", line)]
    said = [line for line in lines if "ERROR" in line]
    reason = next(iter(raised or said[:1] or lines[-1:]), "no reason given")
    raise CourseError(f"{what} failed: {reason.strip()}")


def demand_gradebook(assignment: str, parts: dict[str, Release], api: Any) -> None:
    """Raise unless there is a gradebook that knows an assignment with the release's points.

    Raises
    ------
    CourseError
        With what to do.
    """
    from nbgrader.api import Gradebook, MissingEntry
    from sqlalchemy import make_url
    from sqlalchemy.exc import DatabaseError

    again = f"run `autograder build {assignment}`"
    url = make_url(api.coursedir.db_url)
    if url.drivername == "sqlite" and url.database:
        path = Path(url.database)
        if not path.is_file():
            raise CourseError(
                f"the gradebook {path.name} is missing: put your copy back (marks given by hand "
                f"are in it), or, if there is none, {again}"
            )
    try:
        with (
            errors_told("read"),
            Gradebook(api.coursedir.db_url, api.course_id) as gradebook,
        ):
            known = _points_of(gradebook.find_assignment(assignment))
    except MissingEntry:
        raise CourseError(f"the gradebook does not know {assignment!r}: {again}") from None
    except DatabaseError:
        raise not_a_gradebook(Path(url.database or "the gradebook").name, assignment) from None
    released = {
        (part, cell.id): cell.points
        for part, release in parts.items()
        for cell in release.cells
        if cell.role in (CHECK, REFLECT)
    }
    if differ := sorted(dict(known.items() ^ released.items())):
        part, cell = differ[0]
        more = f" and {len(differ) - 1} more" * (len(differ) > 1)
        raise CourseError(
            f"the gradebook and release/{assignment} differ in the points of {cell} in "
            f"{part}{more}: {again}"
        )


def _points_of(assignment: Any) -> dict[tuple[str, str], float]:
    """Return what the cells that are marked are worth in the gradebook, by part and name."""
    return {
        (notebook.name, cell.name): cell.max_score
        for notebook in assignment.notebooks
        for cell in notebook.grade_cells
    }


@contextmanager
def errors_told(done: str) -> Iterator[None]:
    """Say in a line why the gradebook cannot be read or written.

    Parameters
    ----------
    done : {"read", "written"}

    Raises
    ------
    CourseError
        With what to do.
    OSError
        If the disk is full: for every student, so it is said once.
    """
    from nbgrader.api import InvalidEntry
    from sqlalchemy.exc import OperationalError

    try:
        yield
    except (OperationalError, InvalidEntry) as error:
        why = str(error).splitlines()[0]
        if "disk is full" in why:
            raise OSError(errno.ENOSPC, f"the gradebook cannot be {done}: {why}") from None
        raise CourseError(f"the gradebook cannot be {done}: {why}: run this again") from None
