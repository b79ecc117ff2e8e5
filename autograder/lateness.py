"""When students handed in, and what nbgrader's late policy takes off for it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, SubmittedAssignment
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import parse_utc
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from .course import CourseError


class LatePolicy:
    """The configured penalty for late work.

    Parameters
    ----------
    api : nbgrader.apps.api.NbGraderAPI
        Its configuration names the plug-in that knows the penalty.
    """

    def __init__(self, api: Any) -> None:
        self._late = AssignLatePenalties(config=api.config)
        self._late.init_plugin()

    def punish(self, submission: SubmittedAssignment, parts: Collection[str]) -> bool:
        """Set the penalties of the parts that were handed in; tell whether one has changed."""
        changed = False
        for notebook in submission.notebooks:
            if notebook.name in parts:
                before = notebook.late_submission_penalty
                notebook.late_submission_penalty = self._penalty(notebook, submission)
                changed |= notebook.late_submission_penalty != before
        return changed

    def _penalty(self, notebook: Any, submission: SubmittedAssignment) -> float | None:
        seconds, score = submission.total_seconds_late, notebook.score
        if seconds <= 0:
            return None
        plugin = self._late.plugin_inst
        penalty = plugin.late_submission_penalty(submission.student_id, score, seconds)
        return None if penalty is None else min(max(penalty, 0), score)


def stamp_of(folder: Path) -> str:
    """Return the text of a submission's time stamp; '' if there is none."""
    path = folder / "timestamp.txt"
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(200)


def time_of(folder: Path) -> Any:
    """Return when a submission was handed in, in UTC; None if it has no time stamp.

    Raises
    ------
    CourseError
        If the time stamp cannot be read.
    """
    text = stamp_of(folder).strip()
    try:
        return parse_utc(text) if text else None
    except (ValueError, ArithmeticError):
        raise CourseError(
            f"timestamp.txt does not hold a time: {text[:40]!r}: "
            "mend or delete it, then run this again"
        ) from None


def recorded_times(session: Session, assignment: str) -> dict[str, tuple[Any, bool]]:
    """Read when everybody handed in, and whether they are late or have been punished for it."""
    query = (
        select(SubmittedAssignment)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment)
        .options(selectinload(SubmittedAssignment.notebooks))
    )
    times = {}
    for submission in session.execute(query).scalars():
        penalties = [notebook.late_submission_penalty for notebook in submission.notebooks]
        late = submission.total_seconds_late > 0 or any(penalties)
        times[submission.student_id] = (submission.timestamp, late)
    return times
