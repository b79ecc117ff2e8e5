"""A large made-up class for `survival.py`, and what has been recorded of it."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
import numpy as np

from autograder.build import generate_release, notebook_of, read_parts
from autograder.course import Course
from autograder.notebook_files import replace_folder
from autograder.release import ANSWER, load_all
from autograder.samples import Sample, read_samples, write_submission

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = "week04"
PART = "part1_setup"
_FIRST = (
    "aarav aditi alina amara anders anika ayo bela bilal carla chidi dara deniz elif emeka farah "
    "felix gauri hana ilse isha ivan jamal jia kai kavya lena luca mina mira nadia nils noor omar "
    "priya quinn rafa sana tara yuki"
)
_LAST = (
    "abara ahmed banerjee costa danso eriksen fofana gupta haddad ito jensen kaya lopez mehta "
    "nguyen okafor patel quispe rossi silva tanaka usman varga wang yilmaz zhou"
)
_MARKS = """
    SELECT sub.student_id, notebook.name, cell.name, grade.auto_score, grade_cells.max_score
    FROM grade
    JOIN base_cell AS cell ON cell.id = grade.cell_id
    JOIN grade_cells ON grade_cells.id = grade.cell_id
    JOIN submitted_notebook AS inside ON inside.id = grade.notebook_id
    JOIN notebook ON notebook.id = inside.notebook_id
    JOIN submitted_assignment AS sub ON sub.id = inside.assignment_id
"""


def class_of(count: int, random: np.random.Generator) -> list[str]:
    """Make up names, no two alike, in no order."""
    names = [f"{first}-{last}" for first in _FIRST.split() for last in _LAST.split()]
    rounds = -(-count // len(names))
    many = [name if turn == 0 else f"{name}-{turn + 1}" for turn in range(rounds) for name in names]
    return [many[i] for i in random.permutation(len(many))[:count]]


def make_course(root: Path, count: int, random: np.random.Generator) -> Course:
    """Make a course folder with one released part, a gradebook, and submissions.

    Parameters
    ----------
    root : Path
        Made here.
    count : int
        Number of students; each hands in what one of the sample class did.
    random : numpy.random.Generator
    """
    course = Course(root)
    root.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    course.source.mkdir()
    part = next(part for part in read_parts(Course(ROOT), ASSIGNMENT) if part.name == PART)
    replace_folder(course.build / "source" / ASSIGNMENT, {PART: nbformat.writes(notebook_of(part))})
    replace_folder(course.release / ASSIGNMENT, generate_release(course, ASSIGNMENT))
    parts = load_all(course.release / ASSIGNMENT)
    samples = read_samples(ROOT / "tests/samples", parts)
    for number, student in enumerate(class_of(count, random)):
        sample = _signed(samples[number % len(samples)], student)
        write_submission(sample, parts[PART], course.submitted, ASSIGNMENT)
    return course


def _signed(sample: Sample, student: str) -> Sample:
    """Return a sample as another student's, whose name is in it.

    Results are kept by what they depend on: equal work would be graded once.
    """
    first = next(i for i, cell in enumerate(sample.cells) if cell.role == ANSWER)
    cells = list(sample.cells)
    cells[first] = replace(cells[first], source=f"{cells[first].source}\n# by {student}")
    return replace(sample, student=student, cells=cells)


@dataclass(frozen=True)
class Recorded:
    """What a course has recorded.

    Attributes
    ----------
    marks : dict
        Score and possible score by student, notebook and cell.
    twice : list of tuple
        What the gradebook has more than once.
    files : dict
        Digests of the files in autograded/, by name.
    """

    marks: dict[tuple[str, str, str], tuple[float | None, float]]
    twice: list[tuple[str, ...]]
    files: dict[str, str]

    @property
    def students(self) -> set[str]:
        """Who has marks, and a file."""
        marked = {
            student for (student, _, _), (score, _) in self.marks.items() if score is not None
        }
        return marked & {name.partition("/")[0] for name in self.files}


def recorded(course: Course) -> Recorded:
    """Read the gradebook and autograded/."""
    with closing(sqlite3.connect(f"file:{course.gradebook}?mode=ro", uri=True)) as database:
        rows = database.execute(_MARKS).fetchall()
        handed_in = database.execute("SELECT student_id FROM submitted_assignment").fetchall()
    counts = Counter(row[:3] for row in rows) + Counter(handed_in)
    files = {
        str(path.relative_to(course.autograded)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(course.autograded.rglob("*"))
        if path.is_file()
    }
    return Recorded(
        {row[:3]: row[3:] for row in rows}, [key for key, n in counts.items() if n > 1], files
    )


def progress(course: Course) -> int:
    """Return how far a run is: results there are, and students recorded."""
    results = course.results.glob("*.json") if course.results.is_dir() else ()
    students = course.autograded.iterdir() if course.autograded.is_dir() else ()
    return sum(1 for _ in results) + sum(1 for _ in students)
