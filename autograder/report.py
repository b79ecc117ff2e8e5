"""Print marks as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from .release import Release

if TYPE_CHECKING:
    from .batch import StudentReport


def print_marks(console: Console, parts: dict[str, Release], reports: list[StudentReport]) -> None:
    """Print a row a student: points a part, their sum, and what happened.

    Points of items only: what a person marks is in formgrader.
    """
    table = Table(
        title="Marks by items",
        caption="Reflections are marked in formgrader.",
        box=box.SIMPLE_HEAVY,
        padding=(0, 1, 0, 0),
    )
    table.add_column("Student", no_wrap=True)
    for release in parts.values():
        name = release.short_name.replace("part", "P").replace("challenge", "C")
        table.add_column(f"{name}\n/{_most(release):g}", justify="right", no_wrap=True)
    total = sum(_most(release) for release in parts.values())
    table.add_column(f"sum\n/{total:g}", justify="right")
    table.add_column("Status", no_wrap=True)
    for report in reports:
        points = [
            report.done[name].result.points if name in report.done else None for name in parts
        ]
        cells = ["–" if value is None else f"{value:g}" for value in points]
        total = sum(value or 0 for value in points)
        table.add_row(report.student, *cells, f"{total:g}", _status(report))
    console.print(table)
    for report in reports:
        for line in report.notes:
            console.print(
                f"  {report.student}: {line}", markup=False, highlight=False, soft_wrap=True
            )


def _status(report: StudentReport) -> str:
    results = [done.result for done in report.done.values()]
    words = []
    if not report.gradable:
        words.append("NOT GRADABLE")
    if any(result.limits for result in results):
        words.append("limited")
    if any(result.repairs for result in results):
        words.append("repaired")
    return ", ".join(words) or "graded"


def _most(release: Release) -> float:
    return sum(cell.points for cell in release.cells if cell.role == "check")
