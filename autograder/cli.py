"""The command `autograder`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from .course import Course
from .terminal import bar, said_plainly, steps

app = typer.Typer(
    help="Build, grade and report on the lab. Run it in the course folder.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console()

Assignment = Annotated[str, typer.Argument(help="Name of the assignment, a folder in source/.")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, help="Processes to grade with.")]


@app.command()
def build(assignment: Assignment = "week04") -> None:
    """Build release/ and solutions/ from source/; say what is wrong with it."""
    from .build import build_with_bar

    with said_plainly():
        build_with_bar(Course.find(Path.cwd()), assignment, console)
    console.print(f"release/{assignment} and solutions/{assignment} are up to date")


@app.command()
def grade(
    assignment: Assignment = "week04",
    student: Annotated[str, typer.Option(help="Grade only this student.")] = "*",
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
    from .batch import Batch
    from .report import print_marks

    with said_plainly():
        batch = Batch(Course.find(Path.cwd()), assignment, student, walls=not unsafe)
        with bar(console) as shown:
            reports = batch.grade(jobs, steps(shown), scheduler)
            if feedback:
                batch.feedback(steps(shown))
        print_marks(console, batch.parts, reports)
        if not all(report.gradable for report in reports):
            raise typer.Exit(3)


@app.command()
def demo(
    samples: Annotated[Path, typer.Option(help="Sample submissions, as text.")] = Path(
        "tests/samples"
    ),
    everyone: Annotated[
        bool, typer.Option("--all", help="Every sample, not only the small class of eight.")
    ] = False,
    jobs: Jobs = 2,
) -> None:
    """Build the lab and grade a sample class, in build/demo."""
    from .demo import run_demo

    with said_plainly():
        run_demo(Course.find(Path.cwd()), samples, everyone, jobs, console)


@app.command()
def doctor() -> None:
    """Say which walls this machine has around student code, and try them."""
    from .doctor import examine

    with said_plainly():
        findings = []
        for finding in examine(Course.find(Path.cwd())):
            findings.append(finding)
            mark = "ok  " if finding.well else "FAIL"
            console.print(f"{mark} {finding.what}: {finding.detail}", markup=False, highlight=False)
        if not all(finding.well for finding in findings):
            raise typer.Exit(1)


if __name__ == "__main__":
    app()
