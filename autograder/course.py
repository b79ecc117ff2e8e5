"""Where things lie in a course folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class CourseError(Exception):
    """The course folder, or something said on the command line, is not as it must be.

    The message is one line and says what to do next.
    """


def not_a_gradebook(name: str, assignment: str) -> CourseError:
    """Return what to say of a gradebook that the database cannot read."""
    return CourseError(
        f"{name} is not a gradebook: restore your copy; or move it away, run "
        f"`autograder build {assignment}`, and grade again (marks given by hand are in it)"
    )


@dataclass(frozen=True)
class Course:
    """The folders of a course.

    Parameters
    ----------
    root : Path
        The folder with nbgrader_config.py.
    """

    root: Path

    @classmethod
    def find(cls, start: Path) -> Course:
        """Return the course that `start` lies in.

        Raises
        ------
        CourseError
            If no folder above has an nbgrader_config.py.
        """
        start = start.resolve()
        for folder in (start, *start.parents):
            if (folder / "nbgrader_config.py").is_file() and (folder / "source").is_dir():
                return cls(folder)
        raise CourseError(
            f"{start} is not in a course folder (nbgrader_config.py is missing): "
            "cd to the course's folder first"
        )

    def other_assignments(self, assignment: str) -> set[str]:
        """Return the names of all assignments, written or released, but this one."""
        folders = [*self.source.glob("*"), *self.release.glob("*")]
        return {path.name for path in folders if path.is_dir()} - {assignment}

    @property
    def source(self) -> Path:
        """Parts as text, written by hand."""
        return self.root / "source"

    @property
    def build(self) -> Path:
        """What may be deleted at any time."""
        return self.root / "build"

    @property
    def release(self) -> Path:
        return self.root / "release"

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def submitted(self) -> Path:
        return self.root / "submitted"

    @property
    def autograded(self) -> Path:
        return self.root / "autograded"

    @property
    def feedback(self) -> Path:
        return self.root / "feedback"

    @property
    def gradebook(self) -> Path:
        return self.root / "gradebook.db"

    @property
    def results(self) -> Path:
        """Graded notebooks, keyed by their content."""
        return self.build / "results"

    @property
    def report(self) -> Path:
        """What became of everyone when the whole class was graded last."""
        return self.build / "report.csv"
