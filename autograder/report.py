"""Print marks as a table."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .notebook_files import write_whole
from .release import CHECK, REFLECT, Release
from .students import StudentReport
from .wording import MOST_NAMED, named, plain

_WORDS = len("GRADABLE")


def print_marks(
    console: Console,
    parts: dict[str, Release],
    reports: list[StudentReport],
    gone: Sequence[str] = (),
) -> None:
    """Print a row a student: points a part, their sum, and what happened; then what to do.

    Points of items only: what a person marks is in formgrader.
    """
    console.print(_table(parts, reports, console.width), crop=False)
    # What is to be settled comes last, where it is seen.
    remarks = [*_remarks(reports), *_gone(gone), *_stumbled(reports)]
    for line in [*remarks, *_problems(reports), _counted(reports)]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _table(parts: dict[str, Release], reports: list[StudentReport], screen: int) -> Table:
    """Lay the marks out; names and words are folded first, but a number that is cut is another."""
    marked = [name for name in parts if any(r.points(name) is not None for r in reports)]
    heads = [f"sum\n/{_most(parts.values(), CHECK):g}"]
    heads += [f"{_short(parts[name])}\n/{_most([parts[name]], CHECK):g}" for name in marked]
    rows = [[_sum(report), *map(report.points, marked)] for report in reports]
    cells = [["–" if value is None else f"{value:g}" for value in row] for row in rows]
    columns = map("\n".join, zip(heads, *cells, strict=True))
    widths = [max(map(len, column.split("\n"))) for column in columns]
    least = sum(widths) + len(widths) + 2 * _WORDS + 3
    table = Table(
        title="Marks by items",
        caption=_not_in(parts, marked),
        box=box.SIMPLE_HEAVY,
        padding=0,
        width=least if least > screen else None,
    )
    table.add_column("Student", overflow="fold", min_width=_WORDS)
    for head, width in zip(heads, widths, strict=True):
        table.add_column(head, justify="right", no_wrap=True, min_width=width)
    table.add_column("Status", overflow="fold", min_width=_WORDS)
    for report, row in zip(reports, cells, strict=True):
        # A folder may be called [red], which is markup to rich.
        table.add_row(escape(plain(report.student)), *row, _status(report))
    return table


def _not_in(parts: dict[str, Release], marked: list[str]) -> str:
    """Say what is neither in the sum nor in a column."""
    said = []
    if by_hand := _most(parts.values(), REFLECT):
        said.append(f"{by_hand:g} points for reflections are marked in formgrader.")
    if unmarked := [_short(release) for name, release in parts.items() if name not in marked]:
        said.append(f"Nobody has marks in {', '.join(unmarked)}.")
    return " ".join(said)


def _short(release: Release) -> str:
    return release.short_name.replace("part", "P").replace("challenge", "C")


def _sum(report: StudentReport) -> float:
    return sum(report.points(part) or 0 for part in report.done)


def _most(parts: Iterable[Release], role: str) -> float:
    return sum(cell.points for part in parts for cell in part.cells if cell.role == role)


def write_marks(path: Path, parts: dict[str, Release], reports: list[StudentReport]) -> None:
    """Write all of this as a table for a program, with no points where nothing could be graded."""
    text = StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["student", *parts, "sum", "status", "notes"])
    for report in reports:
        points = [report.points(part) for part in parts]
        row = [*points, _sum(report), _status(report), _text("; ".join(report.notes))]
        table.writerow([_text(report.student), *row])
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.getvalue())


def _text(text: str) -> str:
    """Return text, with file names in it, that is no formula to a spreadsheet."""
    return f"'{plain(text)}" if text.startswith(("=", "+", "-", "@")) else plain(text)


def print_unwritten(console: Console, why: dict[str, str]) -> None:
    """Say whose feedback could not be written, and why."""
    for student, reason in why.items():
        line = f"no feedback for {plain(student)}: {reason}: put that right, run this again"
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _remarks(reports: list[StudentReport]) -> list[str]:
    """Say what holds for many students once, then what holds for few."""
    students = _by_line((report.student, line) for report in reports for line in report.remarks)
    many = {line: len(who) for line, who in students.items() if len(who) > MOST_NAMED}
    few = [
        f"  {plain(report.student)}: {line}"
        for report in reports
        for line in report.remarks
        if line not in many
    ]
    return [f"  {count} students: {line}" for line, count in many.items()] + few


def _gone(students: Sequence[str]) -> list[str]:
    """Say whose marks stay, as their submissions do not."""
    if not students:
        return []
    return [
        f"in the gradebook, without a submission: {named(students)}: their marks stay; put their "
        "folders back into submitted/, or `nbgrader db student remove --force <student>` (which "
        "removes the marks of all their assignments)"
    ]


def _problems(reports: list[StudentReport]) -> list[str]:
    """Say what could not be graded; whoever is to be asked for a file is named."""
    students = _by_line((report.student, line) for report in reports for line in report.problems)
    lines = [f"  {', '.join(map(plain, who))}: {line}" for line, who in students.items()]
    return ["NOT GRADABLE:", *lines] if lines else []


def _by_line(said: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    students = defaultdict(list)
    for student, line in said:
        students[line].append(student)
    return students


def _stumbled(reports: list[StudentReport]) -> list[str]:
    """Say of each item that stumbled over what it did, and how often."""
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for report in reports:
        for item, fault in report.stumbled.items():
            found[item][report.student] = fault
    lines = []
    for (question, name), faults in sorted(found.items()):
        ((fault, _),) = Counter(faults.values()).most_common(1)
        who = f" ({', '.join(map(plain, faults))})" if len(faults) <= MOST_NAMED else ""
        lines.append(
            f"item {name} of {question} stumbled over {plain(fault)} in {len(faults)} of "
            f"{len(reports)} submissions{who}: mend it, run this again "
            "(no feedback is written for them until then)"
        )
    return lines


def _counted(reports: list[StudentReport]) -> str:
    settled = sum(report.settled for report in reports)
    left = len(reports) - settled
    return f"{settled} graded, {left} not" if left else f"{settled} graded"


def _status(report: StudentReport) -> str:
    results = [done.result for done in report.done.values()]
    words = []
    if not report.gradable:
        words.append("NOT GRADABLE")
    if report.stumbled:
        words.append("item stumbled")
    if any(result.limits for result in results):
        words.append("limited")
    if any(result.repairs for result in results):
        words.append("repaired")
    return ", ".join(words) or "graded"
