"""The demo: the whole way from text to feedback, on a sample class, in a course of its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from rich.console import Console

from .batch import Batch
from .build import build_with_bar, generate_release, replace_folder
from .course import Course, CourseError
from .release import load_all
from .report import print_marks, print_unwritten
from .samples import Sample, demand_samples, read_samples, write_submission
from .students import StudentReport
from .terminal import steps

ASSIGNMENT = "week04"
# One of each kind: complete, partial, wrong, untouched, messy, peeking, failing, half handed in.
SMALL_CLASS = ("asha", "chen", "dev", "ema", "farid", "gita", "hugo", "ines")


def run_demo(course: Course, samples: Path, everyone: bool, jobs: int, console: Console) -> None:
    """Build the lab, grade the sample class, and say where to look.

    Parameters
    ----------
    course : Course
        Built if it is not; its own submissions and gradebook are not touched.
    samples : Path
        Folder of sample submissions, as text.
    everyone : bool
        Grade every sample there is, not only the small class.
    jobs : int
        Processes to grade with.
    console : rich.console.Console

    Raises
    ------
    CourseError
        If there are no samples, or a mark is not what its sample's header says it deserves.
    """
    demand_samples(samples)
    build_with_bar(course, ASSIGNMENT, console)
    parts = load_all(course.release / ASSIGNMENT)
    read = [
        sample
        for sample in read_samples(samples, parts)
        if everyone or sample.student in SMALL_CLASS
    ]
    demo = demo_course(course)
    students = {sample.student for sample in read}
    for folder in demo.submitted.glob("*"):
        if folder.name not in students:
            shutil.rmtree(folder)
    for sample in read:
        write_submission(sample, parts[sample.part], demo.submitted, ASSIGNMENT)
    batch = Batch(demo, ASSIGNMENT)
    with steps(console) as step:
        reports = batch.grade(jobs, step)
        unwritten = batch.feedback(jobs, step)
    print_marks(console, parts, reports)
    print_unwritten(console, unwritten)
    by_student = {report.student: report for report in reports}
    differences = [
        line for sample in read for line in _differences(sample, by_student[sample.student])
    ]
    if differences:
        raise CourseError("marks are not what was deserved:\n" + "\n".join(differences))
    here = Path(os.path.relpath(demo.root))
    console.print(
        f"{len(read)} notebooks of {len(reports)} students have the marks they deserve.\n"
        f"Look at:  {here}/feedback/<student>/{ASSIGNMENT}/*.html   what a student gets\n"
        f"          {here}/gradebook.db                        nbgrader's gradebook\n"
        f"          release/{ASSIGNMENT}/  solutions/{ASSIGNMENT}/      what was built",
        highlight=False,
    )


def _differences(sample: Sample, report: StudentReport) -> list[str]:
    if sample.part not in report.done:
        return [f"{sample.student}, {sample.part}: was not graded, see above why"]
    return sample.differences(report.done[sample.part].result.verdicts)


def demo_course(course: Course) -> Course:
    """Make, or bring up to date, a course folder for the demo: build/demo."""
    root = course.build / "demo"
    demo = Course(root)
    root.mkdir(parents=True, exist_ok=True)
    shutil.copy(course.root / "nbgrader_config.py", root / "nbgrader_config.py")
    demo.source.mkdir(exist_ok=True)
    built = course.build / "source" / ASSIGNMENT
    sources = _texts(built)
    before = _texts(demo.build / "source" / ASSIGNMENT)
    replace_folder(demo.build / "source" / ASSIGNMENT, sources)
    if before != sources or not demo.gradebook.is_file():
        # Another set of parts needs another gradebook: this one holds only samples.
        for path in (demo.submitted, demo.autograded, demo.feedback):
            shutil.rmtree(path, ignore_errors=True)
        demo.gradebook.unlink(missing_ok=True)
        replace_folder(demo.release / ASSIGNMENT, generate_release(demo, ASSIGNMENT))
    return demo


def _texts(folder: Path) -> dict[str, str]:
    """Return the notebooks of a folder as text, by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.ipynb")}
