"""Pages of feedback are written when what they show has changed, and only then."""

import re
import shutil

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from test_record import WORK, grade, hand_in
from typer.testing import CliRunner

from autograder import feedback
from autograder.batch import Batch
from autograder.cli import app
from autograder.course import Course

DONE = {"success": True}


@pytest.fixture
def class_of_two(mini):
    for student in ("ana", "ben"):
        hand_in(mini, student, WORK[student])
    return mini


def page_of(course, student):
    return course.feedback / student / "mini/part90_mini.html"


def test_a_mark_given_by_hand_is_in_the_next_page(class_of_two):
    course = class_of_two
    grade(course)
    before = page_of(course, "ben").stat().st_mtime_ns
    with Gradebook(f"sqlite:///{course.gradebook}", "cs203") as gradebook:
        gradebook.find_grade("q90_3_why", "part90_mini", "mini", "ana").manual_score = 1.5
        gradebook.find_comment("q90_3_why", "part90_mini", "mini", "ana").manual_comment = "Nice!"
        gradebook.db.commit()
    grade(course)
    assert "Nice!" in page_of(course, "ana").read_text()
    assert page_of(course, "ben").stat().st_mtime_ns == before


def test_the_list_at_the_top_names_questions(class_of_two):
    grade(class_of_two)
    page = page_of(class_of_two, "ana").read_text()
    named = re.findall(r'#toc a\[href="#(\w+)"\]::before { content: "(.*?): "; }', page)
    assert [name for name, _ in named] == ["q90_1_double_check", "q90_2_total_check", "q90_3_why"]
    assert [text.split(":")[0] for _, text in named] == [f"Question 90.{n}" for n in (1, 2, 3)]
    assert all(f'<a href="#{name}">' in page for name, _ in named)
    assert "<style>.rendered_html td, .rendered_html th { padding" in page


class Pages:
    """Writes pages as nbgrader does, but empty ones; notes for whom."""

    def __init__(self, course):
        self.course, self.asked, self.stops = course, [], False

    def generate_feedback(self, assignment, student, force):
        self.asked.append(student)
        for path in sorted((self.course.autograded / student / assignment).glob("*.ipynb")):
            page = self.course.feedback / student / assignment / f"{path.stem}.html"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.touch()
            if self.stops:
                raise KeyboardInterrupt
        return DONE


@pytest.fixture
def pages(tmp_path, monkeypatch):
    course = Course(tmp_path)
    for name in ("a", "b"):
        path = course.autograded / "ana/mini" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.setattr(feedback, "_marks", lambda *_: {"ana": []})
    return Pages(course)


def write(pages):
    return feedback.write_feedback(pages.course, "mini", ["ana"], pages, 1, lambda *_: None)


def test_a_page_that_is_gone_is_written_again(pages):
    assert write(pages) == {}
    write(pages)
    assert pages.asked == ["ana"]
    (pages.course.feedback / "ana/mini/b.html").unlink()
    write(pages)
    write(pages)
    assert pages.asked == ["ana"] * 2


def test_who_is_stopped_between_two_pages_gets_both_the_next_time(pages):
    write(pages)
    (pages.course.autograded / "ana/mini/a.ipynb").write_text("changed")
    pages.stops = True
    with pytest.raises(KeyboardInterrupt):
        write(pages)
    pages.stops = False
    write(pages)
    write(pages)
    assert pages.asked == ["ana"] * 3


def test_a_page_that_was_written_before_a_kill_is_not_taken_for_another(pages, monkeypatch):
    """Of two marks by hand the first is back, the page shows the second."""
    write(pages)
    monkeypatch.setattr(feedback, "_marks", lambda *_: {"ana": ["another mark"]})
    with monkeypatch.context() as killed:
        killed.setattr(feedback, "write_whole", raise_interrupt)
        with pytest.raises(KeyboardInterrupt):
            write(pages)
    monkeypatch.setattr(feedback, "_marks", lambda *_: {"ana": []})
    write(pages)
    assert pages.asked == ["ana"] * 3


def raise_interrupt(*_):
    raise KeyboardInterrupt


def test_blank_lines_without_end_are_two():
    """The colouring of code takes the square of their number: an hour for half a megabyte."""
    source = "a = 1\n\n\nb = 2\n" + " \n" * 200_000 + "    c = 3\n"
    cells = [new_code_cell(source), new_markdown_cell(f"```python\n{source}```")]
    fitted, _ = feedback.FitFeedback().preprocess(new_notebook(cells=cells), {})
    assert fitted.cells[0].source == "a = 1\n\n\nb = 2\n\n\n    c = 3\n"
    assert len(fitted.cells[1].source) < 100


def test_one_page_that_cannot_be_written_costs_no_other(class_of_two, monkeypatch):
    course = class_of_two
    course.feedback.mkdir()
    (course.feedback / "ana").write_text("a file")
    monkeypatch.chdir(course.root)
    result = CliRunner().invoke(
        app, ["grade", "mini", "--jobs", "1", "--feedback"], env={"COLUMNS": "200"}
    )
    assert result.exit_code == 3
    assert "2 graded" in result.output
    assert "no feedback for ana: nbgrader generate_feedback failed" in result.output
    assert page_of(course, "ben").is_file()
    (course.feedback / "ana").unlink()
    result = CliRunner().invoke(app, ["grade", "mini", "--jobs", "1", "--feedback"])
    assert result.exit_code == 0
    assert page_of(course, "ana").is_file()


def test_two_processes_write_the_same_pages_and_say_the_same(class_of_two):
    course = class_of_two
    grade(course)
    pages = {student: page_of(course, student).read_text() for student in ("ana", "ben")}
    shutil.rmtree(course.feedback)
    batch, told = Batch(course, "mini"), []
    assert batch.feedback(2, lambda *step: told.append(step)) == {}
    assert {student: page_of(course, student).read_text() for student in pages} == pages
    assert told == [("feedback", number, 2) for number in range(3)]
    shutil.rmtree(course.feedback)
    course.feedback.mkdir()
    (course.feedback / "ana").write_text("a file")
    failed = batch.feedback(2, lambda *_: None)
    assert set(failed) == {"ana"}
    assert failed["ana"].startswith("nbgrader generate_feedback failed")
    assert page_of(course, "ben").read_text() == pages["ben"]


def test_no_process_is_started_for_one_student(class_of_two, monkeypatch):
    grade(class_of_two)
    page_of(class_of_two, "ben").unlink()
    monkeypatch.setattr(feedback, "Workers", None)
    assert Batch(class_of_two, "mini").feedback(2, lambda *_: None) == {}
    assert page_of(class_of_two, "ben").is_file()


def test_hidden_folders_are_no_students(class_of_two):
    hand_in(class_of_two, ".trash", WORK["ana"])
    assert set(grade(class_of_two)) == {"ana", "ben"}
