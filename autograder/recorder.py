"""Results into nbgrader's gradebook and autograded/, one transaction a student.

What `nbgrader autograde` does with this course's plug-ins (see `record`), without converting
every notebook twice and committing every mark: the same rows and the same files.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.converters import Autograde
from sqlalchemy import select
from sqlalchemy.orm import Session

from .course import Course, CourseError
from .gradebook import errors_told
from .lateness import LatePolicy, recorded_times, stamp_of, time_of
from .limits import Limits
from .notebook_files import write_whole
from .rebuilding import Rebuilt
from .record import comment_on, key_in, mark, noted, show
from .release import Release
from .results import Result, key_of
from .submission import rebuild_part


class Row(NamedTuple):
    """What the gradebook says of one cell of one student."""

    part: str
    cell: str
    points: float | None


@dataclass
class Recorder:
    """An open gradebook and one assignment of it.

    Parameters
    ----------
    course : Course
    assignment : str
    parts : dict of str to Release
    limits : Limits
        What the results were made with.
    api : nbgrader.apps.api.NbGraderAPI
        Its configuration says where the gradebook is, and how late work is punished.
    """

    course: Course
    assignment: str
    parts: dict[str, Release]
    limits: Limits
    api: Any

    def __enter__(self) -> Recorder:
        self._files = Autograde(coursedir=self.api.coursedir, parent=self.api)
        self._late = LatePolicy(self.api)
        with errors_told("read"):
            self._gradebook = Gradebook(self.api.coursedir.db_url, self.api.course_id)
            try:
                self._rows = self._read_rows()
                self._times = recorded_times(self._gradebook.db, self.assignment)
                self._gradebook.db.remove()
            except BaseException:
                self._gradebook.close()
                raise
        return self

    def __exit__(self, *_: object) -> None:
        self._gradebook.close()

    @property
    def students(self) -> set[str]:
        """Everyone who has marks in this assignment."""
        return set(self._rows)

    def holds(self, student: str, results: dict[str, tuple[str, Result]]) -> bool:
        """Tell whether autograded/ and the gradebook hold just these results, by part."""
        files = self._folder(student).glob("*.ipynb")
        if {path.stem: key_in(path) for path in files} != {p: k for p, (k, _) in results.items()}:
            return False
        wanted = {
            Row(part, f"{verdict.question}_check", verdict.points)
            for part, (_, result) in results.items()
            for verdict in result.verdicts
        }
        return wanted <= self._rows[student]

    def record(self, student: str, results: dict[str, tuple[str, Result]]) -> None:
        """Write one student's results; all of them, or none.

        Raises
        ------
        CourseError
            If the submission has changed since it was graded, its time stamp cannot be read, or
            somebody else keeps the gradebook locked.
        """
        notebooks = {part: self._rebuilt(student, part, key) for part, (key, _) in results.items()}
        for part, rebuilt in notebooks.items():
            key, result = results[part]
            noted(rebuilt, key)
            show(rebuilt.notebook, result)
        with errors_told("written"), self._transaction():
            submission = self._write_rows(student, notebooks, results)
            self._gradebook.db.flush()
            self._late.punish(submission, notebooks)
            self._gradebook.db.flush()
            self._write_files(student, notebooks)

    def keep_time(self, student: str, parts: Collection[str]) -> None:
        """Bring a recorded student's time stamp and penalties up to date.

        A stamp may be mended, the due date moved, an extension given, a mark given by hand.

        Raises
        ------
        CourseError
            As for `record`.
        """
        recorded, late = self._times[student]
        moved = time_of(self._submitted(student)) not in (None, recorded)
        if not moved and not late:
            return
        with errors_told("written"), self._transaction():
            submission = self._submission(student)
            punished = self._late.punish(submission, parts)
            self._gradebook.db.flush()
            if moved or punished:
                # Feedback is written anew where something in autograded/ is newer.
                self._write_stamp(student)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Make one transaction of all that nbgrader's own functions would commit."""
        db = self._gradebook.db
        db.remove()
        with self._gradebook.engine.begin() as connection:
            db.configure(bind=connection, join_transaction_mode="rollback_only")
            try:
                yield
            finally:
                db.remove()

    def _folder(self, student: str) -> Path:
        return self.course.autograded / student / self.assignment

    def _rebuilt(self, student: str, part: str, key: str) -> Rebuilt:
        rebuilt = rebuild_part(self._submitted(student), part, self.parts)
        if key_of(self.parts[part], rebuilt, self.limits) != key:
            raise CourseError(f"{part} was changed while it was graded: grade it again")
        return rebuilt

    def _submitted(self, student: str) -> Path:
        return self.course.submitted / student / self.assignment

    def _read_rows(self) -> dict[str, set[Row]]:
        """Read all marks of the assignment at once."""
        columns = (SubmittedAssignment.student_id, SubmittedNotebook, BaseCell.name, Grade)
        query = (
            select(*columns)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .join(BaseCell, BaseCell.id == Grade.cell_id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .where(Assignment.name == self.assignment)
        )
        rows: dict[str, set[Row]] = defaultdict(set)
        for student, notebook, cell, grade in self._gradebook.db.execute(query):
            rows[student].add(Row(notebook.name, cell, grade.auto_score))
        return rows

    def _write_rows(
        self,
        student: str,
        notebooks: dict[str, Rebuilt],
        results: dict[str, tuple[str, Result]],
    ) -> SubmittedAssignment:
        self._gradebook.update_or_create_student(student)
        submission = self._submission(student)
        for submitted in _complete(self._gradebook.db, submission):
            part = submitted.name
            if part in notebooks:
                _mark_notebook(submitted, notebooks[part].notebook, results[part][1])
            else:
                for grade in submitted.grades:
                    grade.auto_score, grade.needs_manual_grade = 0, False
        return submission

    def _submission(self, student: str) -> SubmittedAssignment:
        timestamp = time_of(self._submitted(student))
        return self._gradebook.update_or_create_submission(
            self.assignment, student, **({"timestamp": timestamp} if timestamp else {})
        )

    def _write_stamp(self, student: str) -> None:
        if stamp := stamp_of(self._submitted(student)):
            write_whole(self._folder(student) / "timestamp.txt", stamp)

    def _write_files(self, student: str, notebooks: dict[str, Rebuilt]) -> None:
        """Replace the files of autograded/, each at one blow."""
        folder = self._folder(student)
        folder.mkdir(parents=True, exist_ok=True)
        texts = {f"{p}.ipynb": nbformat.writes(r.notebook) + "\n" for p, r in notebooks.items()}
        if stamp := stamp_of(self._submitted(student)):
            texts["timestamp.txt"] = stamp
        for path in folder.iterdir():
            if path.name not in texts:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for name, text in texts.items():
            write_whole(folder / name, text)
        self._files.set_permissions(self.assignment, student)


def _complete(session: Session, submission: Any) -> list[Any]:
    """Return a submission's notebooks, with a row for each cell the assignment has now."""
    there = {notebook.notebook_id: notebook for notebook in submission.notebooks}
    for notebook in submission.assignment.notebooks:
        submitted = there.get(notebook.id)
        if submitted is None:
            submitted = SubmittedNotebook(notebook=notebook, assignment=submission)
            session.add(submitted)
            there[notebook.id] = submitted
        graded = {grade.cell_id for grade in submitted.grades}
        commented = {comment.cell_id for comment in submitted.comments}
        for cell in [*notebook.grade_cells, *notebook.task_cells]:
            if cell.id not in graded:
                session.add(Grade(cell=cell, notebook=submitted))
        for cell in [*notebook.solution_cells, *notebook.task_cells]:
            if cell.id not in commented:
                session.add(Comment(cell=cell, notebook=submitted))
    session.flush()
    return list(there.values())


def _mark_notebook(submitted: Any, notebook: Any, result: Result) -> None:
    verdicts = {f"{verdict.question}_check": verdict for verdict in result.verdicts}
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    for grade in submitted.grades:
        mark(grade, verdicts.get(grade.cell.name))
    for comment in submitted.comments:
        if comment.cell.name in cells:
            comment.auto_comment = comment_on(cells[comment.cell.name])
