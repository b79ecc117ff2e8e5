"""Grade a class: every submitted notebook, then nbgrader's gradebook, then feedback."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy import make_url

from .course import Course, CourseError
from .fanout import Done, Failed, Task, grade_all
from .gradebook import demand, nbgrader_api
from .limits import Limits
from .preloading import sweep
from .recorder import Recorder
from .release import Release, ReleaseError, load_all
from .results import Results
from .submission import files_by_part

Progress = Callable[[str, int, int], None]


@dataclass
class StudentReport:
    """What became of one student's submission.

    Attributes
    ----------
    student : str
    done : dict
        Graded notebooks by part.
    recorded : bool
        Whether the gradebook was written, or held these marks already.
    error : str
        Why it could not be graded or recorded; the gradebook is as it was then.
    """

    student: str
    done: dict[str, Done] = field(default_factory=dict)
    recorded: bool = False
    error: str = ""

    @property
    def notes(self) -> list[str]:
        """Repairs, limits, problems, and items that stumbled, a line each."""
        lines = [self.error] if self.error else []
        for part, done in sorted(self.done.items()):
            result = done.result
            found = [result.problem, *result.limits, *(f"repaired: {r}" for r in result.repairs)]
            found += [
                f"look at item {item.name} of {verdict.question}: it stumbled over {item.fault}"
                for verdict in result.verdicts
                for item in verdict.items
                if item.fault
            ]
            lines += [f"{part}: {text}" for text in found if text]
        return lines

    @property
    def gradable(self) -> bool:
        """Whether every submitted notebook could be read and was recorded."""
        return self.recorded and not any(done.result.problem for done in self.done.values())


class Batch:
    """One assignment of a course, ready to be graded.

    Parameters
    ----------
    course : Course
    assignment : str
    student : str
        Only this one; all by default.
    walls : bool
        False runs student code without walls.

    Raises
    ------
    CourseError
        If the assignment is not released, the gradebook is missing, or nothing is submitted.
    """

    def __init__(
        self, course: Course, assignment: str, student: str = "*", walls: bool = True
    ) -> None:
        self.course = course
        self.assignment = assignment
        self.parts = _released(course, assignment)
        self._api = nbgrader_api(course)
        if not walls:
            self._api.config.GradeNotebook.limits["walls"] = False
        _demand_gradebook(course, assignment, self._api)
        self.students = _students(course, assignment, student, self.parts)
        self.limits = _limits(self._api)

    def grade(self, jobs: int, progress: Progress, scheduler: str = "") -> list[StudentReport]:
        """Grade what has changed, and record it; return a report on every student."""
        sweep()
        Results(self.course.results).sweep()
        tasks = [
            Task(
                student,
                part,
                self._folder(student),
                self.course.release / self.assignment,
                self.course.results,
                self.limits,
            )
            for student in self.students
            for part in files_by_part(self._folder(student), self.parts)
        ]
        reports = {student: StudentReport(student) for student in self.students}
        for number, done in enumerate(grade_all(tasks, jobs, scheduler), 1):
            report = reports[done.task.student]
            if isinstance(done, Failed):
                report.error = done.why
            else:
                report.done[done.task.part] = done
            progress("grading", number, len(tasks))
        self._record(reports.values(), progress)
        return list(reports.values())

    def feedback(self, progress: Progress) -> None:
        """Let nbgrader write feedback for the students whose marks are newer than theirs."""
        for number, student in enumerate(self.students, 1):
            graded = self.course.autograded / student / self.assignment
            written = self.course.feedback / student / self.assignment
            if graded.is_dir() and _newest(graded) > _newest(written):
                result = self._api.generate_feedback(self.assignment, student, force=True)
                demand(result, f"nbgrader generate_feedback for {student}")
            progress("feedback", number, len(self.students))

    def _folder(self, student: str) -> Path:
        return self.course.submitted / student / self.assignment

    def _record(self, reports: Iterable[StudentReport], progress: Progress) -> None:
        reports = list(reports)
        with Recorder(self.course, self.assignment, self.parts, self.limits, self._api) as recorder:
            for number, report in enumerate(reports, 1):
                _record_one(recorder, report)
                progress("recording", number, len(reports))


def _record_one(recorder: Recorder, report: StudentReport) -> None:
    if report.error:
        return
    if not report.done:
        report.error = "no notebook of this assignment in the submission"
        return
    results = {part: (done.key, done.result) for part, done in report.done.items()}
    try:
        if not recorder.holds(report.student, results):
            recorder.record(report.student, results)
    except CourseError as error:
        report.error = str(error)
        return
    report.recorded = True


def _released(course: Course, assignment: str) -> dict[str, Release]:
    try:
        return load_all(course.release / assignment)
    except ReleaseError:
        known = sorted(p.name for p in course.release.glob("*") if p.is_dir())
        raise CourseError(
            f"unknown assignment {assignment!r}; released: {', '.join(known) or 'none yet'}"
        ) from None


def _demand_gradebook(course: Course, assignment: str, api: Any) -> None:
    again = f"run `autograder build {assignment}`"
    url = make_url(api.coursedir.db_url)
    if url.drivername == "sqlite" and url.database:
        path = Path(url.database)
        if not path.is_file():
            raise CourseError(f"the gradebook {path.name} is missing: {again}")
    with Gradebook(api.coursedir.db_url, api.course_id) as gradebook:
        try:
            gradebook.find_assignment(assignment)
        except MissingEntry:
            raise CourseError(f"the gradebook does not know {assignment!r}: {again}") from None


def _students(
    course: Course, assignment: str, student: str, parts: dict[str, Release]
) -> list[str]:
    folders = sorted(course.submitted.glob(f"{student}/{assignment}"))
    if not folders:
        who = "nothing has been" if student == "*" else f"{student} has not"
        raise CourseError(
            f"{who} submitted for {assignment!r}: put notebooks into "
            f"submitted/<student>/{assignment}/ or run `nbgrader collect {assignment}`"
        )
    return [folder.parent.name for folder in folders]


def _limits(api: Any) -> Limits:
    try:
        return Limits.from_dict(dict(api.config.GradeNotebook.get("limits", {})))
    except ValueError as error:
        raise CourseError(f"nbgrader_config.py: c.GradeNotebook.limits: {error}") from None


def _newest(folder: Path) -> float:
    return max((path.stat().st_mtime for path in folder.glob("*")), default=0.0)
