"""What is printed of a class: every student, what is to be settled last."""

from io import StringIO
from types import SimpleNamespace

import pytest
from rich.console import Console

from autograder.release import Cell, Release
from autograder.report import print_marks, write_marks
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
    name: release(name, 12.0, reflection)
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


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("name", ["b20cs001", "firstname.lastname-with-more@iitgn.ac.in"])
@pytest.mark.parametrize("points", [10.5, 10.25])
def test_no_number_is_cut_however_narrow_the_screen(printed, width, name, points):
    reports = [student(name, points, repairs=["x"], limits=["y"]), student("s2", 12)]
    lines = printed(reports, width=width)
    row = next(number for number, line in enumerate(lines) if f"{points}" in line)
    assert lines[row].split()[1:12] == [f"{points * 10:g}", *[f"{points}"] * 10]
    assert lines[row - 2].split()[:2] == ["Student", "/120"]
    assert all(len(line) <= 80 for line in lines[:row] if width == 80 and points == 10.5)
    table = lines[row : next(n for n, line in enumerate(lines) if " s2 " in line)]
    edge = len(table[0]) - len(table[0].lstrip())
    folded = "".join(line[edge:].partition(" ")[0] for line in table)
    assert folded == name
    assert {"limited,", "repaired"} <= {*" ".join(table).split()}


def test_columns_in_which_nobody_has_a_mark_are_left_out(printed):
    reports = [student("ana", points=0, parts=["part1_x"]), student("ben", parts=["part3_x"])]
    reports[1].done["part2_x"] = graded(0, problem="part2_x.ipynb is empty")
    lines = printed(reports, width=200)
    assert [line.split() for line in lines[2:4]] == [
        ["sum", "P1", "P3"],
        ["Student", "/120", "/12", "/12", "Status"],
    ]
    assert [line.split() for line in lines[5:7]] == [
        ["ana", "0", "0", "–", "graded"],
        ["ben", "10.25", "–", "10.25", "NOT", "GRADABLE"],
    ]
    assert "Nobody has marks in P2, P4, P5, P6, P7, C1, C2, C3." in " ".join("".join(lines).split())


def test_what_is_not_in_the_sum_is_said_with_its_points(printed):
    reports = [student("ana")]
    assert "4.5 points for reflections are marked in formgrader." in " ".join(printed(reports))
    plain = {name: part for name, part in PARTS.items() if name.startswith("part")}
    assert "reflections" not in " ".join(printed([student("ana", parts=plain)], plain))


def test_no_text_in_the_table_is_a_formula_or_breaks_a_line(tmp_path):
    report = student("ana", parts=["part1_x"])
    report.passed_over = ["=1+1\n.ipynb looks like part1_x, too", "b"]
    write_marks(tmp_path / "build/report.csv", {"part1_x": PARTS["part1_x"]}, [report])
    assert (tmp_path / "build/report.csv").read_text() == (
        "student,part1_x,sum,status,notes\n"
        'ana,10.25,10.25,graded,"\'=1+1?.ipynb looks like part1_x, too; b"\n'
    )
