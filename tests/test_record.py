"""Three ways to grade, one set of marks; and every student is accounted for."""

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from conftest import MINI
from nbgrader.api import Comment, Grade, Gradebook
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from autograder.batch import Batch
from autograder.cli import app
from autograder.course import CourseError
from autograder.gradebook import demand, nbgrader_api
from autograder.items import load_items
from autograder.recorder import Recorder
from autograder.release import load

WORK = {
    "ana": {"q90_1_double": "def double(x):\n    return x * 2", "q90_2_total": "total = 15"},
    "ben": {"q90_1_double": "def double(x):\n    return 6", "q90_2_total": "total = 15.0"},
    "cat": {},
}
MARKS = {"ana": 6.0, "ben": 2.0, "cat": 0.0}


def hand_in(course, student, answers, name="part90_mini"):
    release = load(course.release / "mini/part90_mini.ipynb")
    notebook = nbformat.from_dict(json.loads(nbformat.writes(release.notebook)))
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    folder = course.submitted / student / "mini"
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder / f"{name}.ipynb"


@pytest.fixture
def class_of_three(mini):
    for student, answers in WORK.items():
        hand_in(mini, student, answers)
    return mini


def marks(course):
    with Gradebook(f"sqlite:///{course.gradebook}", "cs203") as gradebook:
        submissions = gradebook.assignment_submissions("mini")
        return {s.student_id: sum(g.auto_score or 0 for n in s.notebooks for g in n.grades)
                for s in submissions}  # fmt: skip


def grade(course, **options):
    batch = Batch(course, "mini", **options)
    reports = batch.grade(1, lambda *_: None)
    batch.feedback(1, lambda *_: None)
    return {report.student: report for report in reports}


def forget(course):
    for folder in (course.autograded, course.feedback, course.results):
        shutil.rmtree(folder, ignore_errors=True)


def test_three_ways_give_the_same_marks(class_of_three):
    course = class_of_three
    reports = grade(course)
    assert marks(course) == MARKS
    assert all(report.gradable for report in reports.values())

    forget(course)
    command = [sys.executable, "-m", "nbgrader", "autograde", "mini", "--force"]
    env = os.environ | {"PYTHONPATH": str(MINI / "site")}
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    assert marks(course) == MARKS

    forget(course)
    api = nbgrader_api(course)  # what formgrader's Autograde button calls
    for student in WORK:
        demand(api.autograde("mini", student), "autograde")
    assert marks(course) == MARKS


def test_nbgrader_itself_writes_no_marks_that_the_gradebook_counts_otherwise(class_of_three):
    course = class_of_three
    with Gradebook(f"sqlite:///{course.gradebook}", "cs203") as gradebook:
        gradebook.find_grade_cell("q90_2_total_check", "part90_mini", "mini").max_score = 9
        gradebook.db.commit()
    words = r"q90_2_total_check 9 points, its items \d: run `autograder build mini`"
    with pytest.raises(CourseError, match=words):
        demand(nbgrader_api(course).autograde("mini", "ana"), "autograde")
    assert not (course.autograded / "ana/mini").exists()


def test_manual_cells_wait_for_a_person_and_a_manual_mark_survives(class_of_three):
    course = class_of_three
    grade(course)
    with Gradebook(f"sqlite:///{course.gradebook}", "cs203") as gradebook:
        wait = gradebook.find_grade("q90_3_why", "part90_mini", "mini", "ana")
        assert wait.needs_manual_grade
        assert wait.auto_score is None
        wait.manual_score = 1.5
        gradebook.db.commit()
    hand_in(course, "ana", WORK["ben"])
    grade(course)
    with Gradebook(f"sqlite:///{course.gradebook}", "cs203") as gradebook:
        kept = gradebook.find_grade("q90_3_why", "part90_mini", "mini", "ana")
        assert kept.manual_score == 1.5
    assert marks(course)["ana"] == MARKS["ben"]


def test_a_second_run_changes_nothing_and_a_change_is_seen(class_of_three):
    course = class_of_three
    grade(course)
    folders = (course.submitted, course.autograded, course.feedback)
    files = {p: p.stat().st_mtime_ns for f in folders for p in f.glob("*/mini/*")}
    grade(course)
    assert {p: p.stat().st_mtime_ns for p in files} == files
    hand_in(course, "cat", WORK["ana"])
    grade(course)
    changed = {p for p in files if p.stat().st_mtime_ns != files[p]}
    assert {p.parent.parent.name for p in changed} == {"cat"}
    assert marks(course)["cat"] == 6.0


def test_links_in_a_submission_are_kept_aside(class_of_three):
    course = class_of_three
    folder = course.submitted / "ana/mini"
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "data").symlink_to(course.root / name)
    demand(nbgrader_api(course).autograde("mini", "ana"), "autograde")
    aside = course.submitted / ".aside/ana/mini"
    assert [str((aside / name / "data").readlink()) for name in ("one", "two")] == [
        str(course.root / name) for name in ("one", "two")
    ]
    assert not any(path.is_symlink() for path in folder.rglob("*"))
    assert set(grade(course)) == set(WORK)


def test_one_bad_submission_harms_no_other(class_of_three):
    course = class_of_three
    hand_in(course, "ben", {}).write_text("{ not json")
    reports = grade(course)
    assert marks(course) == MARKS | {"ben": 0.0}
    assert not reports["ben"].gradable
    assert "not valid JSON" in reports["ben"].notes[0]
    assert reports["ana"].gradable


def test_a_renamed_notebook_is_graded_by_both_ways(class_of_three):
    course = class_of_three
    (course.submitted / "ana/mini/part90_mini.ipynb").unlink()
    hand_in(course, "ana", WORK["ana"], name="my homework")
    hand_in(course, "ana", {}, name="unrelated").write_text('{"cells": []}')
    reports = grade(course)
    assert marks(course) == MARKS
    assert "found under the name my homework.ipynb" in str(reports["ana"].notes)


def test_feedback_has_verdicts_and_no_hidden_words(class_of_three):
    grade(class_of_three)
    html = (class_of_three.feedback / "ben/mini/part90_mini.html").read_text()
    assert "works for a number you have not seen" in html
    assert "try other numbers" in html
    assert "SECRET" not in html
    assert str(class_of_three.root) not in html
    assert "hidden/part90.py" not in html


def test_a_forged_metadata_score_is_worth_nothing(class_of_three):
    course = class_of_three
    path = course.submitted / "cat/mini/part90_mini.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.id.endswith("_check"):
            cell.metadata.nbgrader.points = 1000
            cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "1000"})]
            cell.source = "1000"
            cell.metadata.tags = ["skip-execution"]
    nbformat.write(notebook, path)
    grade(course)
    assert marks(course)["cat"] == 0


def test_without_our_executor_autograding_fails_closed(class_of_three):
    """Stock preprocessors get an error from the check cells, which says what to set."""
    course = class_of_three
    config = course.root / "nbgrader_config.py"
    lines = config.read_text().splitlines()
    kept = [line for line in lines if "c.Autograde." not in line and "c.GradeNotebook" not in line]
    config.write_text("\n".join(kept))
    api = nbgrader_api(course)
    api.autograde("mini", "ana")
    assert marks(course)["ana"] == 0
    path = course.autograded / "ana/mini/part90_mini.ipynb"
    assert "autograder.record.PREPROCESSORS" in path.read_text()


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda c: None, "unknown assignment 'week99'; released: mini"),
        (
            lambda c: c.gradebook.unlink(),
            "gradebook.db is missing: put your copy back (marks given "
            "by hand are in it), or, if there is none, run `autograder build mini`",
        ),
        (lambda c: shutil.rmtree(c.submitted), "nothing has been submitted for 'mini'"),
    ],
)
def test_what_is_missing_is_said_in_one_line(class_of_three, break_it, words):
    break_it(class_of_three)
    assignment = "week99" if "week99" in words else "mini"
    with pytest.raises(CourseError) as caught:
        Batch(class_of_three, assignment)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_command_says_errors_plainly_and_exits_with_2(class_of_three, monkeypatch):
    monkeypatch.chdir(class_of_three.root)
    result = CliRunner().invoke(app, ["grade", "week99"])
    assert result.exit_code == 2
    assert "error: unknown assignment 'week99'" in result.output
    assert "Traceback" not in result.output


def test_the_command_prints_every_student_and_exits_with_3_if_one_is_not_gradable(
    class_of_three, monkeypatch
):
    monkeypatch.chdir(class_of_three.root)
    hand_in(class_of_three, "ben", {}).write_text("")
    result = CliRunner().invoke(app, ["grade", "mini", "--jobs", "1", "--feedback"])
    assert result.exit_code == 3
    for word in ("ana", "ben", "cat", "NOT GRADABLE", "part90_mini.ipynb is empty"):
        assert word in result.output


def everything(course):
    """All that recording writes: rows of the gradebook, and files."""
    with Gradebook(f"sqlite:///{course.gradebook}", "cs203") as gradebook:
        rows = [
            (s.student_id, s.timestamp, n.name, n.late_submission_penalty,
             sorted((g.cell.name, g.auto_score, g.needs_manual_grade) for g in n.grades),
             sorted((c.cell.name, c.auto_comment) for c in n.comments))
            for s in gradebook.assignment_submissions("mini") for n in s.notebooks
        ]  # fmt: skip
    paths = sorted(course.autograded.glob("*/mini/*"))
    return sorted(rows, key=repr), {
        (p.parent.parent.name, p.name): (p.read_bytes(), p.stat().st_mode) for p in paths
    }


def set_due_date(course, date):
    with Gradebook(f"sqlite:///{course.gradebook}", "cs203") as gradebook:
        gradebook.update_or_create_assignment("mini", duedate=date)


def test_recording_writes_what_nbgraders_own_way_writes(class_of_three):
    course = class_of_three
    set_due_date(course, "2026-11-20 12:00:00 UTC")
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    (course.submitted / "ana/mini/timestamp.txt").write_text("2026-11-20 12:00:01 UTC\n")
    (course.submitted / "ben/mini/timestamp.txt").write_text("2026-11-20 11:59:59 UTC\n")
    (course.submitted / "ben/mini/notes.txt").write_text("not for feedback")
    hand_in(course, "dan", {"q90_2_total": "total = (", "q90_3_why": "Because."})
    grade(course)
    rows, files = everything(course)
    late = {row[0]: row[3] for row in rows}
    assert late == {"ana": 6.0, "ben": None, "cat": None, "dan": None}
    assert set(files) >= {("ana", "timestamp.txt"), ("ben", "part90_mini.ipynb")}
    assert ("ben", "notes.txt") not in files

    forget(course)
    for student in (*WORK, "dan"):
        demand(nbgrader_api(course).autograde("mini", student, force=True), "autograde")
    assert everything(course) == (rows, files)


def test_what_comes_late_is_kept_up_to_date(class_of_three, monkeypatch):
    """A stamp, a due date, or a mark by hand that changes later changes the penalty, no mark."""
    course = class_of_three
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    stamp = course.submitted / "ana/mini/timestamp.txt"
    stamp.write_text("2026-11-20 12:00:01 UTC\n")

    def penalty():
        rows, files = everything(course)
        assert files["ana", "timestamp.txt"][0] == stamp.read_bytes()
        return {row[0]: row[3] for row in rows}["ana"]

    grade(course)
    rows, _ = everything(course)
    monkeypatch.setattr(Recorder, "record", None)
    for date, handed_in, wanted in (
        ("2026-11-20 12:00:00 UTC", "2026-11-20 12:00:01 UTC\n", 6.0),
        ("2026-11-21 12:00:00 UTC", "2026-11-20 12:00:01 UTC\n", None),
        ("2026-11-21 12:00:00 UTC", "2026-11-22 12:00:00 UTC\n", 6.0),
        ("2026-11-21 12:00:00 UTC", "2026-11-19 12:00:00 UTC\n", None),
        ("2026-11-19 11:00:00 UTC", "2026-11-19 12:00:00 UTC\n", 6.0),
    ):
        set_due_date(course, date)
        stamp.write_text(handed_in)
        assert grade(course)["ana"].recorded
        assert penalty() == wanted
    with Gradebook(f"sqlite:///{course.gradebook}", "cs203") as gradebook:
        why = gradebook.find_grade("q90_3_why", "part90_mini", "mini", "ana")
        why.manual_score = 1
        gradebook.db.commit()
    grade(course)
    assert penalty() == 7.0
    before = everything(course)
    grade(course)
    assert everything(course) == before
    marks_then, marks_now = ({row[0]: row[4] for row in r} for r in (rows, before[0]))
    assert marks_now == marks_then


def test_a_recording_that_fails_half_way_writes_no_mark(class_of_three, monkeypatch):
    course = class_of_three
    grade(course)
    before = everything(course)
    hand_in(course, "cat", WORK["ana"])
    hand_in(course, "dan", WORK["ana"])

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Recorder, "_write_files", full_disk)
    with pytest.raises(OSError, match="No space"):
        grade(course)
    assert everything(course) == before
    monkeypatch.undo()
    grade(course)
    assert marks(course) == MARKS | {"cat": 6.0, "dan": 6.0}


def test_a_mark_changed_behind_our_back_is_written_again(class_of_three):
    course = class_of_three
    grade(course)
    before = everything(course)
    with Gradebook(f"sqlite:///{course.gradebook}", "cs203") as gradebook:
        gradebook.find_grade("q90_1_double_check", "part90_mini", "mini", "cat").auto_score = 4
        gradebook.db.commit()
    assert everything(course) != before
    grade(course)
    assert everything(course) == before


def test_cells_that_an_assignment_gained_later_are_recorded(class_of_three):
    course = class_of_three
    grade(course)
    before = everything(course)
    with Gradebook(f"sqlite:///{course.gradebook}", "cs203") as gradebook:
        for model in (Comment, Grade):
            gradebook.db.query(model).delete()
        gradebook.db.commit()
    grade(course)
    assert everything(course) == before


def test_a_submission_changed_while_it_is_graded_is_not_recorded(class_of_three, monkeypatch):
    course = class_of_three
    run = Batch._record

    def collect_meanwhile(batch, reports, progress):
        hand_in(course, "ben", WORK["ana"])
        run(batch, reports, progress)

    monkeypatch.setattr(Batch, "_record", collect_meanwhile)
    reports = grade(course)
    assert reports["ben"].error == "part90_mini was changed while it was graded: grade it again"
    assert "ben" not in marks(course)
    monkeypatch.undo()
    grade(course)
    assert marks(course) == MARKS | {"ben": 6.0}


@pytest.mark.parametrize("text", ["yesterday", "\x00\x00", "9" * 23, "2024" + "0" * 50 + "m"])
def test_a_time_stamp_that_is_none_is_said_and_harms_no_other(class_of_three, text):
    (class_of_three.submitted / "ben/mini/timestamp.txt").write_text(text)
    reports = grade(class_of_three)
    assert "timestamp.txt does not hold a time" in reports["ben"].notes[0]
    assert reports["ben"].notes[0].endswith(": mend or delete it, then run this again")
    assert not reports["ben"].gradable
    assert marks(class_of_three) == {k: v for k, v in MARKS.items() if k != "ben"}


def test_a_locked_gradebook_is_said(class_of_three, monkeypatch):
    course = class_of_three
    other = sqlite3.connect(course.gradebook)
    config = course.root / "nbgrader_config.py"
    url = f"sqlite:///{course.gradebook}?timeout=0.1"
    config.write_text(config.read_text() + f"\nc.CourseDirectory.db_url = {url!r}\n")
    other.execute("BEGIN IMMEDIATE")
    reports = grade(course)
    assert "the gradebook cannot be written" in reports["ana"].error
    assert reports["ana"].error.endswith("database is locked: run this again")
    other.rollback()
    grade(course)
    assert marks(course) == MARKS


@pytest.mark.parametrize("lost", ["", "{", "[]", "{}", '{"verdicts": [{}]}', "\xff"])
def test_a_broken_result_is_graded_again_and_replaced(class_of_three, lost):
    course = class_of_three
    grade(course)
    (one, *_) = sorted(course.results.glob("*.json"))
    before = one.read_text()
    one.write_bytes(lost.encode("latin-1"))
    reports = grade(course)
    assert all(report.gradable for report in reports.values())
    assert (one.read_text(), marks(course)) == (before, MARKS)


def test_nothing_half_written_is_left_when_the_disk_is_full(class_of_three, monkeypatch):
    course = class_of_three
    write = Path.write_text

    def full_disk(path, text, **options):
        write(path, text[:5], **options)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full_disk)
    with pytest.raises(OSError, match="No space") as caught:
        grade(course)
    assert caught.value.filename == str(course.autograded / "ana/mini")
    assert not [path for path in course.autograded.rglob("*") if path.is_file()]


@pytest.fixture
def stumbling(monkeypatch):
    """Let an item stumble, through its author's mistake."""
    question = load_items("part90")["q90_1_double"]
    item = question._items["doubles_an_array"]

    def breaks(student):
        return nmupy.arange(3)  # noqa: F821 - that is the mistake

    monkeypatch.setitem(question._items, item.name, replace(item, function=breaks))


def test_an_item_that_stumbles_is_said_once_and_the_marks_wait(
    class_of_three, stumbling, monkeypatch
):
    monkeypatch.chdir(class_of_three.root)
    result = CliRunner().invoke(
        app, ["grade", "mini", "--jobs", "1", "--feedback"], env={"COLUMNS": "200"}
    )
    assert result.exit_code == 3
    assert result.output.count(" item stumbled") == 3
    assert "NOT GRADABLE" not in result.output
    assert result.output.endswith(
        "item doubles_an_array of q90_1_double stumbled over NameError: name 'nmupy' is not "
        "defined in 3 of 3 submissions (ana, ben, cat): mend it, run this again (no feedback is "
        "written for them until then)\n0 graded, 3 not\nas a table: build/report.csv\n"
    )
    assert marks(class_of_three) == {"ana": 5.0, "ben": 2.0, "cat": 0.0}
    assert not list(class_of_three.feedback.rglob("*.html"))


def test_who_met_no_item_that_stumbles_gets_feedback(class_of_three, stumbling):
    hand_in(class_of_three, "dan", {}).write_text("")
    reports = grade(class_of_three)
    assert {name: report.settled for name, report in reports.items()} == dict.fromkeys(
        ("ana", "ben", "cat", "dan"), False
    )
    assert [p.parent.parent.name for p in class_of_three.feedback.rglob("*.html")] == ["dan"]


def test_a_disk_too_full_for_the_gradebook_is_said_once(class_of_three, monkeypatch):
    def full_disk(*_):
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(Recorder, "_write_rows", full_disk)
    with pytest.raises(OSError, match=r"cannot be written: .* database or disk is full"):
        grade(class_of_three)
