"""What a whole `autograder grade` costs as the class grows; `grading.py --growth` runs it.

    python benchmarks/grading_growth.py COURSE JOBS

grades a course folder and prints, as a JSON object, what grading and recording have used. All
is CPU time but `wall`; `start` is the rest: imports, reading the course, ending.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from grading_class import ASSIGNMENT, ROOT, made_class, released
from grading_usage import Usage, cpu_of_all, measure
from rich.table import Table

from autograder.batch import Batch
from autograder.build import generate_release
from autograder.course import Course, CourseError
from autograder.notebook_files import replace_folder
from autograder.samples import write_submission


def grow(
    sizes: list[int], part: str, jobs: int, say: Callable[[str], None]
) -> Iterator[dict[str, Any]]:
    """Grade classes of growing size, each from nothing; yield what each has used.

    Parameters
    ----------
    sizes : list of int
    part : str
        The only part the class hands in.
    jobs : int
        Processes to grade with.
    say : callable
        Told what is under way.
    """
    for size in sizes:
        say(f"{part}: writing a class of {size}")
        with tempfile.TemporaryDirectory() as root:
            _write_course(Course(Path(root)), part, size)
            say(f"{part}: grading and recording {size}, jobs {jobs}")
            used = measure([sys.executable, __file__, root, str(jobs)])
        yield _record(part, jobs, used)


def growth_table(records: list[dict[str, Any]]) -> Table:
    """Return the figures as a table; seconds are those of a submission."""
    about = f"{records[0]['part']}, jobs {records[0]['jobs']}" if records else ""
    table = Table(title=f"autograder grade, from nothing: {about}")
    columns = ("class", "grading", "recording", "start", "all", "wall", "peak MB", "recorded")
    for column in columns:
        table.add_column(column, justify="right")
    for r in records:
        n = r["submissions"]
        spent = (r["grading_cpu"], r["recording_cpu"], r["start_cpu"], r["cpu"], r["wall"])
        figures = [f"{seconds / n:.3f}" for seconds in spent]
        table.add_row(str(n), *figures, f"{r['peak_mb']:.0f}", f"{r['recorded']}/{n}")
    return table


def _write_course(course: Course, part: str, size: int) -> None:
    """Make a released course with a class that has handed one part in."""
    built = ROOT / "build/source" / ASSIGNMENT
    if not built.is_dir():
        raise CourseError(f"the lab is not built: run `autograder build {ASSIGNMENT}`")
    shutil.copy(ROOT / "nbgrader_config.py", course.root)
    shutil.copytree(built, course.build / "source" / ASSIGNMENT)
    course.source.mkdir()
    replace_folder(course.release / ASSIGNMENT, generate_release(course, ASSIGNMENT))
    parts = released()
    for sample in made_class(part, size, parts):
        write_submission(sample, parts[part], course.submitted, ASSIGNMENT)


def _record(part: str, jobs: int, used: Usage) -> dict[str, Any]:
    said = used.said
    start = used.cpu - said["grading_cpu"] - said["recording_cpu"]
    whole = {"cpu": used.cpu, "wall": used.wall, "start_cpu": start, "peak_mb": used.peak_mb}
    return {"part": part, "jobs": jobs, **said, **whole}


def grade_course(root: Path, jobs: int) -> dict[str, Any]:
    """Grade and record a course; return what the two phases used, told by the progress made."""
    batch = Batch(Course(root), ASSIGNMENT)
    marks = {"start": (cpu_of_all(), time.monotonic())}

    def progress(what: str, done: int, total: int) -> None:
        if done == total:
            marks[what] = (cpu_of_all(), time.monotonic())

    reports = batch.grade(jobs, progress)
    marks["recording"] = (cpu_of_all(), time.monotonic())
    marks.setdefault("grading", marks["start"])
    said: dict[str, Any] = {"submissions": len(batch.students)}
    for before, what in (("start", "grading"), ("grading", "recording")):
        for place, unit in enumerate(("cpu", "wall")):
            said[f"{what}_{unit}"] = marks[what][place] - marks[before][place]
    return said | {"recorded": sum(report.recorded for report in reports)}


if __name__ == "__main__":
    print(json.dumps(grade_course(Path(sys.argv[1]), int(sys.argv[2]))))
