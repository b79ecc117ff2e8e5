"""The command `autograder`."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from multiprocessing import current_process
from pathlib import Path
from typing import Annotated, Any


@contextmanager
def _starting() -> Iterator[None]:
    """Let Ctrl-C end this process at once, in one line: while it imports, nothing is half done."""

    # A process that grades or builds for another one imports this module too; Ctrl-C reaches
    # both, and the other one alone has something to say.
    helping = current_process().name != "MainProcess"

    def leave(*_: Any) -> None:
        if not helping:
            os.write(2, b"stopped before anything was done; run it again\n")
        os._exit(130)

    before = signal.getsignal(signal.SIGINT)
    here = threading.current_thread() is threading.main_thread()
    if not here or before is signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        if not helping:
            signal.signal(signal.SIGINT, before)


# These take a second, and somebody who stops them wants no list of what was being imported.
with _starting():
    import typer
    from rich.console import Console

    from .course import Course
    from .terminal import said_plainly, steps

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console()

Assignment = Annotated[str, typer.Argument(help="Name of the assignment, a folder in source/.")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, help="Processes to do it with.")]


def _say_version(wanted: bool) -> None:
    if wanted:
        console.print(version("labeling-lab"), highlight=False)
        raise typer.Exit


@app.callback()
def options(
    _: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_say_version, help="Say which this is."),
    ] = False,
) -> None:
    """Build, grade and report on the lab. Run it in the course folder."""


@app.command()
def build(assignment: Assignment = "week04") -> None:
    """Build release/ and solutions/ from source/; say what is wrong with it."""
    with said_plainly():
        with _starting():
            from .build import build_with_bar
        build_with_bar(Course.find(Path.cwd()), assignment, console)
    console.print(f"release/{assignment} and solutions/{assignment} are up to date")


@app.command()
def grade(
    assignment: Assignment = "week04",
    student: Annotated[
        str, typer.Option(help="Grade only this student, or all that match, such as 's00*'.")
    ] = "*",
    jobs: Jobs = 2,
    feedback: Annotated[bool, typer.Option(help="Also write feedback/ for students.")] = False,
    scheduler: Annotated[
        str, typer.Option(help="Grade on the Dask cluster of this scheduler: tcp://host:port.")
    ] = "",
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="Run student code without walls. Only code you trust.")
    ] = False,
) -> None:
    """Grade what has changed in submitted/, and record it in the gradebook."""
    with said_plainly():
        with _starting():
            from .batch import Batch
            from .build import outdated
            from .report import print_marks, print_unwritten, write_marks
        course = Course.find(Path.cwd())
        batch = Batch(course, assignment, student, walls=not unsafe)
        with steps(console) as step:
            reports = batch.grade(jobs, step, scheduler)
        print_marks(console, batch.parts, reports, batch.gone)
        if batch.whole:
            write_marks(course.report, batch.parts, reports)
            console.print(f"as a table: {course.report.relative_to(course.root)}", highlight=False)
        unwritten = {}
        if feedback:
            with steps(console) as step:
                unwritten = batch.feedback(jobs, step)
            print_unwritten(console, unwritten)
        if edited := outdated(course, assignment):
            console.print(f"note: {edited}", markup=False, highlight=False, soft_wrap=True)
        if unwritten or not all(report.settled for report in reports):
            raise typer.Exit(3)


@app.command()
def demo(
    samples: Annotated[
        Path | None, typer.Option(help="Sample submissions, as text.", show_default="tests/samples")
    ] = None,
    everyone: Annotated[
        bool, typer.Option("--all", help="Every sample, not only the small class of eight.")
    ] = False,
    jobs: Jobs = 2,
) -> None:
    """Build the lab and grade a sample class, in build/demo."""
    with said_plainly():
        with _starting():
            from .demo import run_demo
        course = Course.find(Path.cwd())
        run_demo(course, samples or course.root / "tests/samples", everyone, jobs, console)


@app.command()
def doctor() -> None:
    """Say which walls this machine has around student code, and try them."""
    with said_plainly():
        with _starting():
            from .doctor import examine
        findings = []
        for finding in examine(Course.find(Path.cwd())):
            findings.append(finding)
            mark = "ok  " if finding.well else "FAIL"
            console.print(f"{mark} {finding.what}: {finding.detail}", markup=False, highlight=False)
        if not all(finding.well for finding in findings):
            raise typer.Exit(1)


if __name__ == "__main__":
    app()
