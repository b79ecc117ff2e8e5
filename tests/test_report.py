"""What is printed of a class: every student, what is to be settled last."""

from io import StringIO
from types import SimpleNamespace

import pytest
from rich.console import Console

from autograder.release import Cell, Release
from autograder.report import print_marks
from autograder.results import Result
from autograder.students import StudentReport
from autograder.tasks import Done


def release(name, points, reflection=0.0):
    cells = (
        Cell("q_check", "check", "code", "", points),
        Cell("q_why", "reflect", "markdown", "", reflection),
    )
    return Release(name, None, cells)


PARTS = {
    name: release(name, 12.75, reflection)
    for name, reflection in {
        **{f"part{number}_x": 0.0 for number in range(1, 8)},
        **{f"challenge{number}_x": 1.5 for number in range(1, 4)},
    }.items()
}


def graded(points, **about):
    verdicts = [SimpleNamespace(points=points, items=())]
    return Done(None, "", Result("", verdicts, **about))


def student(name, points=10.25, parts=PARTS, **about):
    done = {part: graded(points, **about) for part in parts}
    return StudentReport(name, done, recorded=True)


@pytest.fixture
def printed():
    """Print reports, 80 columns wide unless told otherwise; return the lines."""

    def lines(reports, parts=PARTS, width=80):
        console = Console(file=StringIO(), width=width)
        print_marks(console, parts, reports)
        return console.file.getvalue().splitlines()

    return lines


def test_what_holds_for_many_is_said_once_and_problems_come_last(printed):
    repairs = ["part1-12: as released again"]
    reports = [student(f"s{n}", parts=["part1_x"], repairs=repairs) for n in range(4)]
    reports[1].done["part2_x"] = graded(0, repairs=["part2-3: put back"])
    for number in (0, 2):
        reports[number].done["part2_x"] = graded(0, problem="part2_x.ipynb is empty")
    reports[3].error, reports[3].recorded = "the gradebook cannot be written", False
    lines = printed(reports, width=200)
    again = "ask for the right file, then run this again"
    assert lines[-6:] == [
        "  4 students: part1_x: repaired: part1-12: as released again",
        "  s1: part2_x: repaired: part2-3: put back",
        "NOT GRADABLE:",
        f"  s0, s2: part2_x: part2_x.ipynb is empty: {again}",
        "  s3: the gradebook cannot be written",
        "1 graded, 3 not",
    ]
