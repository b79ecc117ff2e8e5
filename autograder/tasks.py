"""One notebook to grade, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from .course import CourseError
from .grading import NotebookError, graded
from .limits import Limits
from .preloading import GradingError, sandboxes_here
from .rebuilding import Rebuilt
from .release import Release, releases
from .results import Result, Results, disk_failed, key_of
from .submission import rebuild_part
from .wording import told_with_place

_Got = TypeVar("_Got")


@dataclass(frozen=True)
class Task:
    """One notebook to grade.

    Attributes
    ----------
    student, part : str
    folder : Path
        The student's submitted folder.
    release : Path
        The assignment's released folder.
    results : Path
        Where results are kept.
    limits : Limits
    """

    student: str
    part: str
    folder: Path
    release: Path
    results: Path
    limits: Limits


@dataclass(frozen=True)
class Done:
    """A graded notebook: the task, its result's key, and the result."""

    task: Task
    key: str
    result: Result


@dataclass(frozen=True)
class Failed:
    """A notebook that could not be graded, through no fault of its student's: the task, and why."""

    task: Task
    why: str


def grade_one(task: Task) -> Done | Failed:
    """Grade one notebook in this process, which keeps the part it graded last.

    Raises
    ------
    CourseError, GradingError, OSError
        If no notebook can be graded (no result can be kept, say), or none of this part.
    """
    return _told(task, _grade)


def kept(task: Task) -> Done | Failed | None:
    """Return what is known of a notebook; None: it is to be graded."""
    return _told(task, _kept)


def _told(task: Task, grade: Callable[[Task], _Got]) -> _Got | Failed:
    """Do something with one notebook; an error that is this notebook's only is told."""
    try:
        return grade(task)
    except (CourseError, GradingError):
        raise
    except NotebookError as error:
        return Failed(task, f"{task.part}: {error}")
    except Exception as error:  # one notebook must not stop a class; it is reported
        if disk_failed(error, task.results):
            raise
        return Failed(task, f"the grader stumbled over {task.part}: {told_with_place(error)}")


def _grade(task: Task) -> Done:
    release, rebuilt = _taken_in(task)
    results = Results(task.results)
    return Done(task, *graded(release, rebuilt, task.limits, results, sandboxes_here()))


def _kept(task: Task) -> Done | None:
    release, rebuilt = _taken_in(task)
    key = key_of(release, rebuilt, task.limits)
    result = Results(task.results).load(key)
    return result and Done(task, key, result)


def _taken_in(task: Task) -> tuple[Release, Rebuilt]:
    parts = releases(task.release)
    return parts[task.part], rebuild_part(task.folder, task.part, parts)
