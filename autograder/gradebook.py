"""Run nbgrader's own commands from Python, with this course's configuration."""

from __future__ import annotations

import logging
import os
import re
import sys
from pathlib import Path
from typing import Any

from traitlets.config import Config, PyFileConfigLoader

from .course import Course, CourseError, not_a_gradebook


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
    """
    from nbgrader.apps.api import NbGraderAPI

    config = PyFileConfigLoader("nbgrader_config.py", path=str(course.root)).load_config()
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


def demand_gradebook(course: Course, assignment: str, api: Any) -> None:
    """Raise unless there is a gradebook that knows an assignment.

    Raises
    ------
    CourseError
        With what to do.
    """
    from nbgrader.api import Gradebook, MissingEntry
    from sqlalchemy import make_url
    from sqlalchemy.exc import DatabaseError, OperationalError

    again = f"run `autograder build {assignment}`"
    url = make_url(api.coursedir.db_url)
    if url.drivername == "sqlite" and url.database:
        path = Path(url.database)
        if not path.is_file():
            raise CourseError(f"the gradebook {path.name} is missing: {again}")
    try:
        with Gradebook(api.coursedir.db_url, api.course_id) as gradebook:
            gradebook.find_assignment(assignment)
    except MissingEntry:
        raise CourseError(f"the gradebook does not know {assignment!r}: {again}") from None
    except OperationalError as error:
        why = str(error).splitlines()[0]
        raise CourseError(f"the gradebook cannot be read: {why}: run this again") from None
    except DatabaseError:
        raise not_a_gradebook(Path(url.database or "the gradebook").name, assignment) from None
