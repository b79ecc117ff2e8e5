"""Whoever handed something in is named, wherever it lies; and what is broken is said in a line."""

import csv
import errno
import shutil
import subprocess
import sys

import pytest
from conftest import write_release
from nbgrader.api import Gradebook
from test_record import WORK, grade, hand_in, marks
from typer.testing import CliRunner

from autograder.batch import Batch
from autograder.cli import app
from autograder.course import Course, CourseError
from autograder.limits import Limits
from autograder.results import Results

FILE = "part90_mini.ipynb"


@pytest.fixture
def ana(mini):
    """A course whose one student, ana, handed in as she should."""
    hand_in(mini, "ana", WORK["ana"])
    return mini


def put(course, place):
    path = course.submitted / place
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(course.submitted / "ana/mini" / FILE, path)


def release_also(course, part):
    """Release the one part again, under another name."""
    notebook = course.release / "mini" / FILE
    shutil.copy(notebook, notebook.with_name(f"{part}.ipynb"))
    points = {"q90_1_double_check": 4, "q90_2_total_check": 2, "q90_3_why": 2}
    with Gradebook(f"sqlite:///{course.gradebook}", "cs203") as gradebook:
        gradebook.add_notebook(part, "mini")
        for cell, most in points.items():
            kind = "markdown" if cell == "q90_3_why" else "code"
            gradebook.add_grade_cell(cell, part, "mini", max_score=most, cell_type=kind)


@pytest.mark.parametrize(
    ("place", "remark"),
    [
        (
            f"flat/{FILE}",
            f"nothing in mini/, but {FILE} lies beside it: "
            "move it to submitted/flat/mini/ and run this again",
        ),
        (
            f"flat/Mini/{FILE}",
            f"nothing in mini/, but Mini/{FILE} lies beside it: "
            "move it to submitted/flat/mini/ and run this again",
        ),
        (
            f"flat/mini/mini/{FILE}",
            f"mini/mini/{FILE} lies too deep: "
            "move it up to submitted/flat/mini/ and run this again",
        ),
    ],
)
def test_a_notebook_in_the_wrong_place_is_named_and_not_marked(ana, place, remark):
    put(ana, place)
    reports = grade(ana)
    assert reports["flat"].notes == [remark]
    assert not reports["flat"].gradable
    assert reports["ana"].gradable
    assert marks(ana) == {"ana": 6.0}


@pytest.mark.parametrize("place", ["flat/all.zip", "flat/mini/all.zip", "flat/mini/x/all.tar.gz"])
def test_what_is_packed_is_named(ana, place):
    put(ana, place)
    report = grade(ana)["flat"]
    name = place.partition("/")[2]
    assert report.notes == [
        f"{name} cannot be read: unpack into submitted/flat/mini/ and run this again"
    ]
    assert not report.gradable
    assert marks(ana) == {"ana": 6.0}


def test_what_lies_beside_a_readable_notebook_packed_is_nothing(ana):
    put(ana, "ana/mini/data.zip")
    assert grade(ana)["ana"].notes == []


def test_a_notebook_in_nobodys_folder_is_named(ana):
    put(ana, FILE)
    report = grade(ana)[FILE]
    assert report.notes == [
        "lies in no student's folder: move it to submitted/<student>/mini/ and run this again"
    ]
    assert not report.gradable


def test_a_student_alone_in_the_wrong_place_is_named_when_asked_for(ana):
    put(ana, f"flat/{FILE}")
    assert list(grade(ana, student="flat")) == ["flat"]


def test_a_part_beside_the_folder_is_named_and_what_lies_in_it_is_graded(ana):
    lost = "part90_lost"
    release_also(ana, lost)
    put(ana, f"ana/{lost}.ipynb")
    put(ana, "ana/old/draft.ipynb")
    (report,) = Batch(ana, "mini").grade(1, lambda *_: None)
    assert report.notes == [
        f"{lost}.ipynb lies beside mini/: move it to submitted/ana/mini/ and run this again"
    ]
    assert report.recorded
    assert not report.gradable


def test_many_notebooks_are_counted(ana):
    for number in range(5):
        put(ana, f"flat/{number}.ipynb")
    remark = grade(ana)["flat"].misplaced
    assert "0.ipynb, 1.ipynb, 2.ipynb and 2 more lie beside it: move them to" in remark


@pytest.mark.parametrize(
    "place",
    [
        f"flat/week03/{FILE}",  # another assignment of this course
        f"flat/.ipynb_checkpoints/{FILE}",
        f".ipynb_checkpoints/{FILE}",
        "flat/notes.txt",
    ],
)
def test_who_has_not_handed_in_is_no_one(ana, place):
    (ana.source / "week03").mkdir()
    put(ana, place)
    assert list(grade(ana)) == ["ana"]


def test_a_strange_name_takes_one_line(ana):
    put(ana, "flat/a\nb\x1b[2J.ipynb")
    assert "a?b?[2J.ipynb lies beside it" in grade(ana)["flat"].misplaced


def test_an_unreadable_file_is_to_be_asked_for(ana):
    hand_in(ana, "ben", {}).write_text("")
    assert grade(ana)["ben"].notes == [
        f"part90_mini: {FILE} is empty: ask for the right file, then run this again"
    ]
    html = (ana.feedback / "ben/mini/part90_mini.html").read_text()
    assert f"{FILE} is empty" in html
    assert "ask for the right file" not in html


def test_a_notebook_of_another_course_is_not_gradable(ana):
    hand_in(ana, "ben", {}).write_text('{"cells": [{"cell_type": "code", "source": "1 / 0"}]}')
    report = grade(ana)["ben"]
    assert report.notes == [
        f"part90_mini: {FILE} has none of the lab's cells: ask for the right file, then run this "
        "again"
    ]
    assert not report.gradable
    assert "1 / 0" not in (ana.autograded / "ben/mini" / FILE).read_text()


def test_a_name_that_no_gradebook_takes_costs_no_other(ana):
    for name in ("M\udcfcller", "two\nlines"):
        put(ana, f"{name}/mini/{FILE}")
    reports = {report.student: report for report in Batch(ana, "mini").grade(1, lambda *_: None)}
    assert reports["ana"].recorded
    for name in ("M\udcfcller", "two\nlines"):
        assert reports[name].problems == [
            "this folder's name cannot be a student's id: rename it and run this again"
        ]
        assert not reports[name].gradable


def test_a_folder_called_as_everyone_is_not_taken_for_everyone(ana):
    put(ana, f"*/mini/{FILE}")
    batch = Batch(ana, "mini")
    assert set(batch.students) == {"*", "ana"}


def test_the_command_names_the_misplaced_and_exits_with_3(ana, monkeypatch):
    put(ana, f"flat/{FILE}")
    monkeypatch.chdir(ana.root)
    result = CliRunner().invoke(app, ["grade", "mini", "--jobs", "1"])
    assert result.exit_code == 3
    assert f"flat: nothing in mini/, but {FILE} lies beside it" in result.output


def test_a_gradebook_with_other_points_than_the_release_is_said_in_one_line(ana, monkeypatch):
    """As when points were changed and built, and release/ was then put back alone."""
    with Gradebook(f"sqlite:///{ana.gradebook}", "cs203") as gradebook:
        for cell in ("q90_2_total_check", "q90_3_why"):
            gradebook.find_grade_cell(cell, "part90_mini", "mini").max_score = 7
        gradebook.db.commit()
    monkeypatch.chdir(ana.root)
    result = CliRunner().invoke(app, ["grade", "mini"])
    assert (result.exit_code, result.output) == (
        2,
        "error: the gradebook and release/mini differ in the points of q90_2_total_check in "
        "part90_mini and 1 more: run `autograder build mini`\n",
    )
    write_release(ana)
    assert Batch(ana, "mini").students == ["ana"]


@pytest.mark.parametrize("command", ["grade", "build"])
def test_a_gradebook_that_is_none_is_said_in_one_line(ana, monkeypatch, command):
    ana.gradebook.write_text("garbage")
    monkeypatch.chdir(ana.root)
    result = CliRunner().invoke(app, [command, "mini"])
    assert result.exit_code == 2
    assert (
        "error: gradebook.db is not a gradebook: restore your copy; or move it away, run "
        "`autograder build mini`, and grade again (marks given by hand are in it)\n"
    ) in result.output
    assert ana.gradebook.read_text() == "garbage"


def test_a_file_where_a_folder_must_be_is_said_in_one_line(ana, monkeypatch):
    ana.autograded.write_text("")
    monkeypatch.chdir(ana.root)
    result = CliRunner().invoke(app, ["grade", "mini", "--jobs", "1"])
    assert result.exit_code == 2
    assert (
        "error: autograded is a file and not a folder: move it away, then run this again\n"
        in result.output
    )


def test_an_assignment_that_is_not_built_is_to_be_built(ana):
    shutil.rmtree(ana.release)
    with pytest.raises(CourseError, match=r"released: none yet: run `autograder build mini` first"):
        Batch(ana, "mini")


def test_outside_a_course_one_is_told_where_to_go(tmp_path):
    with pytest.raises(CourseError, match="is missing\\): cd to the course's folder first"):
        Course.find(tmp_path)


def test_walls_are_left_out_also_where_no_limits_are_configured(ana):
    config = ana.root / "nbgrader_config.py"
    assert "c.GradeNotebook.limits = {}" in config.read_text()
    config.write_text(config.read_text().replace("c.GradeNotebook.limits = {}", ""))
    assert Batch(ana, "mini", walls=False).limits == Limits(walls=False)
    assert Batch(ana, "mini").limits == Limits()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("c.NotebookApp = = 1", r":1: SyntaxError: invalid syntax"),
        ("\nnowhere.limits = 1", r":2: NameError: name 'nowhere' is not defined"),
        ("import autograder.nowhere", r":1: ModuleNotFoundError: No module named 'autograder.no"),
    ],
)
@pytest.mark.parametrize("command", ["grade", "build"])
def test_a_mistake_in_the_configuration_is_said_with_its_line(
    ana, monkeypatch, command, text, words
):
    config = ana.root / "nbgrader_config.py"
    lines = len(config.read_text().splitlines())
    config.write_text(config.read_text() + text + "\n")
    monkeypatch.chdir(ana.root)
    result = CliRunner().invoke(app, [command, "mini"])
    assert result.exit_code == 2
    line, what = int(words[1]) + lines, words[2:]
    assert f"error: nbgrader_config.py:{line}{what}" in result.output
    assert result.output.endswith(": mend it, then run this again\n")


@pytest.mark.parametrize(
    "text", ["c.GradeNotebook.limits = [5]", "c.GradeNotebook.limits = None",
             "del c.GradeNotebook['limits']\nc.GradeNotebook.limits.cell_seconds = 5"],
)  # fmt: skip
def test_limits_that_are_no_dictionary_are_said_in_a_line(ana, text):
    config = ana.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\n{text}\n")
    with pytest.raises(CourseError, match=r"c\.GradeNotebook\.limits must be a dictionary"):
        Batch(ana, "mini")


NAME = "o'neil & co [a*]"


def test_a_student_is_found_by_name_first_and_else_by_pattern(ana):
    for name in (NAME, "o'neil & co a", "s001", "s002"):
        hand_in(ana, name, WORK["ana"])
    for asked, found in (
        (NAME, [NAME]),
        ("s00*", ["s001", "s002"]),
        ("o'neil & co [a*]*", ["o'neil & co a"]),
    ):
        assert Batch(ana, "mini", asked).students == found
    for asked in ("nobody", "", "/", "../submitted/ana", "."):
        with pytest.raises(CourseError, match=f"^no submission by '{asked}' for 'mini': put"):
            Batch(ana, "mini", asked)


def test_a_name_is_no_markup(ana, monkeypatch):
    hand_in(ana, "ben [red]", WORK["ana"])
    hand_in(ana, "dan [bold]", {}).write_text("")
    monkeypatch.chdir(ana.root)
    result = CliRunner().invoke(app, ["grade", "mini", "--jobs", "1"], env={"COLUMNS": "200"})
    assert "ben [red]" in result.output
    assert result.output.count("dan [bold]") == 2
    assert "\n2 graded, 1 not\n" in result.output


def test_marks_without_a_submission_are_said_when_the_whole_class_is_graded(ana, monkeypatch):
    for number in range(5):
        hand_in(ana, f"t{number}", WORK["ana"])
    grade(ana)
    for number in range(5):
        shutil.rmtree(ana.submitted / f"t{number}")
    monkeypatch.chdir(ana.root)
    result = CliRunner().invoke(app, ["grade", "mini", "--jobs", "1"])
    assert "in the gradebook, without a submission: t0, t1, t2 and 2 more: " in result.output
    assert result.exit_code == 0
    result = CliRunner().invoke(app, ["grade", "mini", "--jobs", "1", "--student", "a*"])
    assert "without a submission" not in result.output
    for number in range(4):
        hand_in(ana, f"t{number}", WORK["ana"])
    command = [sys.executable, "-m", "nbgrader", "db", "student", "remove", "--force", "t4"]
    subprocess.run(command, cwd=ana.root, check=True, capture_output=True)
    result = CliRunner().invoke(app, ["grade", "mini", "--jobs", "1"])
    assert "without a submission" not in result.output


def test_all_of_it_is_written_as_a_table_when_the_whole_class_is_graded(ana, monkeypatch):
    hand_in(ana, "ben", {}).write_text("")
    monkeypatch.chdir(ana.root)
    result = CliRunner().invoke(app, ["grade", "mini", "--jobs", "1", "--student", "ben"])
    assert "report.csv" not in result.output
    assert not ana.report.exists()
    result = CliRunner().invoke(app, ["grade", "mini", "--jobs", "1"])
    assert result.output.endswith("1 graded, 1 not\nas a table: build/report.csv\n")
    with ana.report.open(encoding="utf-8") as file:
        ana, ben = csv.DictReader(file)
    assert (ana["part90_mini"], ana["sum"], ana["status"], ana["notes"]) == (
        "6.0", "6.0", "graded", "",
    )  # fmt: skip
    assert (ben["part90_mini"], ben["sum"], ben["status"]) == ("", "0", "NOT GRADABLE")
    assert ben["notes"].startswith(f"part90_mini: {FILE} is empty: ask for")


@pytest.mark.parametrize(
    ("name", "note"),
    [
        (
            "PART90_MINI.IPYNB",
            "PART90_MINI.IPYNB does not end in .ipynb: rename it and run this again",
        ),
        (
            "part90_mini.ipynb.txt",
            "part90_mini.ipynb.txt does not end in .ipynb: rename it and run this again",
        ),
        (
            "photo.pdf",
            "no notebook of this assignment in the submission, only photo.pdf: "
            "ask for it, then run this again",
        ),
        (
            "timestamp.txt",
            "no notebook of this assignment in the submission: ask for it, then run this again",
        ),
    ],
)
def test_what_lies_in_place_of_a_notebook_is_named(ana, name, note):
    folder = ana.submitted / "flat/mini"
    folder.mkdir(parents=True)
    (folder / name).write_text("2026-11-20 12:00:01 UTC\n")
    report = grade(ana)["flat"]
    assert report.notes == [note]
    assert not report.gradable


def test_a_misnamed_part_beside_a_notebook_is_named_if_it_is_missing(ana):
    release_also(ana, "part90_twin")
    for name in ("PART90_TWIN.IPYNB", "part90_mini.ipynb.bak", "part90_other.ipynb~"):
        put(ana, f"ana/mini/{name}")
    (report,) = Batch(ana, "mini").grade(1, lambda *_: None)
    assert report.notes == [
        "PART90_TWIN.IPYNB does not end in .ipynb: rename it and run this again"
    ]
    assert (report.recorded, report.gradable) == (True, False)


def full_disk(self, key, result):
    raise OSError(errno.ENOSPC, "No space left on device", str(self._folder))


def test_a_full_disk_is_said_once(ana, monkeypatch):
    hand_in(ana, "ben", WORK["ana"])
    monkeypatch.setattr(Results, "save", full_disk)
    monkeypatch.chdir(ana.root)
    result = CliRunner().invoke(app, ["grade", "mini", "--jobs", "1"])
    assert result.exit_code == 2
    assert result.output.count("No space left on device") == 1
    assert result.output.endswith(
        "error: build/results: No space left on device: put that right, then run this again\n"
    )


@pytest.mark.parametrize(
    "error",
    [
        PermissionError(errno.EACCES, "Permission denied"),
        # As where one student's code may write, and another's grading too.
        OSError(errno.ENOSPC, "No space left on device", "/tmp/lab-x"),
    ],
)
def test_another_system_error_stops_no_other_notebook(ana, monkeypatch, error):
    def refused(self, key, result):
        raise error

    monkeypatch.setattr(Results, "save", refused)
    assert "the grader stumbled over part90_mini: " in grade(ana)["ana"].error


def test_the_bar_is_there_before_the_first_notebook_is_graded(ana):
    told = []
    Batch(ana, "mini").grade(1, lambda *step: told.append(step))
    assert told[:2] == [("grading", 0, 1), ("grading", 1, 1)]


def test_a_source_edited_since_it_was_built_is_noted(ana, monkeypatch):
    path = ana.source / "mini/part90_mini.py"
    monkeypatch.chdir(ana.root)
    note = "note: source/mini was edited since it was built (part90_mini): run `autograder"
    for noted in (False, True):
        result = CliRunner().invoke(app, ["grade", "mini", "--jobs", "1"])
        assert result.exit_code == 0
        assert (note in result.output) == noted
        path.write_text(path.read_text().replace("START = 10", "START = 11"))


def test_a_second_notebook_of_a_part_is_named(ana):
    release = ana.release / "mini" / FILE
    copy = ana.submitted / "ana/mini/part90_mini-Copy1.ipynb"
    shutil.copy(ana.submitted / "ana/mini" / FILE, copy)
    report = grade(ana)["ana"]
    assert report.notes == []
    shutil.copy(release, ana.submitted / "ana/mini" / FILE)
    report = grade(ana)["ana"]
    assert report.notes == [
        "part90_mini-Copy1.ipynb looks like part90_mini, too, but part90_mini.ipynb is graded: "
        "which one counts?"
    ]
    assert report.gradable
    (ana.submitted / "ana/mini" / FILE).write_text("")
    assert "part90_mini-Copy1.ipynb looks like" in grade(ana)["ana"].remarks[0]
