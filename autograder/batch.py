"""Grade a class: every submitted notebook, then nbgrader's gradebook, then feedback."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from .course import Course, CourseError
from .fanout import grade_all
from .feedback import write_feedback
from .gradebook import demand_gradebook, limits_of, nbgrader_api
from .grading import questions_of
from .recorder import Recorder
from .release import Release, ReleaseError, load_all
from .results import Results
from .sandbox.scratch import sweep
from .students import StudentReport
from .submission import files_by_part, misplaced, passed_over
from .tasks import Failed, Task
from .turns import alone_in
from .wording import named, plain, plain_name

Progress = Callable[[str, int, int], None]


class Batch:
    """One assignment of a course, ready to be graded; all of its class, or some.

    Parameters
    ----------
    course : Course
    assignment : str
    student : str
        Only this one, or those whose names match a pattern such as ``"s00*"``; all by default.
    walls : bool
        False runs student code without walls.

    Attributes
    ----------
    gone : list of str
        Who has marks from before, but no submission any more; known when a whole class is graded.

    Raises
    ------
    CourseError
        If the assignment is not released, the gradebook is missing or has other points than the
        release, or nothing is submitted.
    GradingError, AuthoringError
        If the items are not those of the release, cannot be imported, or are written wrongly.
    """

    def __init__(
        self, course: Course, assignment: str, student: str = "*", walls: bool = True
    ) -> None:
        self.course = course
        self.assignment = assignment
        self.parts = _released(course, assignment)
        for release in self.parts.values():  # what is wrong with items is said here, and once
            questions_of(release)
        self._api = nbgrader_api(course)
        demand_gradebook(assignment, self.parts, self._api)
        self.limits = limits_of(self._api, walls)
        folders, unnamed = _folders(course, student)
        self.students = [folder.name for folder in folders if (folder / assignment).exists()]
        self.whole = student == "*"
        self._others = course.other_assignments(assignment)
        self._lost = unnamed | _lost(course, assignment, folders, self.parts, self._others)
        if self.whole:
            self._lost |= _nobodys(course, assignment)
        _demand_some(assignment, student, [*self.students, *self._lost])
        self._stumbled: set[str] = set()
        self.gone: list[str] = []

    def grade(self, jobs: int, progress: Progress, scheduler: str = "") -> list[StudentReport]:
        """Grade what has changed, and record it; return a report on every student."""
        sweep()
        Results(self.course.results).sweep()
        files = {name: files_by_part(self._folder(name), self.parts) for name in self.students}
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
            for part in files[student]
        ]
        remarks = self._lost | {
            student: misplaced(
                self.course.submitted / student, self.assignment, found, self.parts, self._others
            )
            for student, found in files.items()
        }
        reports = {
            student: StudentReport(student, misplaced=remarks[student])
            for student in sorted(remarks)
        }
        for name, found in files.items():
            reports[name].passed_over = passed_over(self._folder(name), found, self.parts)
        # The bar is there while the first notebooks are graded, which takes longest.
        progress("grading", 0, len(tasks))
        for number, done in enumerate(grade_all(tasks, jobs, scheduler), 1):
            report = reports[done.task.student]
            if isinstance(done, Failed):
                report.error = "; ".join(filter(None, (report.error, done.why)))
            else:
                report.done[done.task.part] = done
            progress("grading", number, len(tasks))
        self._record(reports.values(), progress)
        self._stumbled = {name for name, report in reports.items() if report.stumbled}
        return list(reports.values())

    def feedback(self, jobs: int, progress: Progress) -> dict[str, str]:
        """Let nbgrader write feedback where work or marks have changed; return whose failed, why.

        Not for those on whose work an item stumbled just now: their marks are to change.
        """
        students = [student for student in self.students if student not in self._stumbled]
        with alone_in(self.course.build, progress):
            return write_feedback(self.course, self.assignment, students, self._api, jobs, progress)

    def _folder(self, student: str) -> Path:
        return self.course.submitted / student / self.assignment

    def _record(self, reports: Iterable[StudentReport], progress: Progress) -> None:
        reports = list(reports)
        with (
            alone_in(self.course.build, progress),
            Recorder(self.course, self.assignment, self.parts, self.limits, self._api) as recorder,
        ):
            for number, report in enumerate(reports, 1):
                _record_one(recorder, report)
                progress("recording", number, len(reports))
            if self.whole:
                self.gone = sorted(recorder.students - {report.student for report in reports})


def _record_one(recorder: Recorder, report: StudentReport) -> None:
    if report.error:
        return
    if not report.done:
        if not report.misplaced:
            report.error = _nothing_in(
                recorder.course.submitted / report.student / recorder.assignment
            )
        return
    results = {part: (done.key, done.result) for part, done in report.done.items()}
    try:
        if recorder.holds(report.student, results):
            recorder.keep_time(report.student, results)
        else:
            recorder.record(report.student, results)
    except CourseError as error:
        report.error = str(error)
        return
    report.recorded = True


def _nothing_in(folder: Path) -> str:
    """Say that there is no notebook in a submission, what there is, and what to do."""
    files = sorted(folder.glob("*"))  # of a folder that may not be read, none
    names = [p.name for p in files if p.name[0] != "." and p.name != "timestamp.txt"]
    found = f", only {named(names)}" if names else ""
    return (
        f"no notebook of this assignment in the submission{found}: ask for it, then run this again"
    )


def _released(course: Course, assignment: str) -> dict[str, Release]:
    try:
        return load_all(course.release / assignment)
    except ReleaseError:
        known = sorted({path.parent.name for path in course.release.glob("*/*.ipynb")})
        released = ", ".join(known) or "none yet"
        if (course.source / assignment).is_dir():
            released += f": run `autograder build {assignment}` first"
        raise CourseError(f"unknown assignment {assignment!r}; released: {released}") from None


def _folders(course: Course, student: str) -> tuple[list[Path], dict[str, str]]:
    """Return the folders of those whom a name, or else a pattern, stands for.

    And a remark on each whose name cannot be a student's id: no gradebook takes it.
    """
    found = course.submitted.glob("*")
    folders = sorted(path for path in found if path.is_dir() and path.name[0] != ".")
    named = [folder for folder in folders if folder.name == student != "*"]
    meant = named or [folder for folder in folders if fnmatchcase(folder.name, student)]
    rename = "this folder's name cannot be a student's id: rename it and run this again"
    unnamed = {path.name: rename for path in meant if plain(path.name) != path.name}
    return [path for path in meant if path.name not in unnamed], unnamed


def _lost(
    course: Course,
    assignment: str,
    folders: list[Path],
    parts: dict[str, Release],
    others: set[str],
) -> dict[str, str]:
    """Return a remark on everyone whose notebooks lie in no folder of this assignment."""
    lost = {
        folder.name: misplaced(folder, assignment, {}, parts, others)
        for folder in folders
        if not (folder / assignment).exists()
    }
    return {name: remark for name, remark in lost.items() if remark}


def _nobodys(course: Course, assignment: str) -> dict[str, str]:
    """Return a remark on every notebook beside the students' folders."""
    where = f"lies in no student's folder: move it to submitted/<student>/{assignment}/"
    files = [path for path in course.submitted.glob("*.ipynb") if path.is_file()]
    return {plain_name(path): f"{where} and run this again" for path in files}


def _demand_some(assignment: str, student: str, students: list[str]) -> None:
    if not students:
        what = "nothing has been submitted" if student == "*" else f"no submission by {student!r}"
        raise CourseError(
            f"{what} for {assignment!r}: put notebooks into "
            f"submitted/<student>/{assignment}/ or run `nbgrader collect {assignment}`"
        )
