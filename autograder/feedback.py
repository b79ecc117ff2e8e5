"""Pages of feedback: written again when what they show has changed, and small enough to open."""

from __future__ import annotations

import hashlib
import html
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat.v4 import new_markdown_cell
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import select

from .course import Course, CourseError
from .gradebook import demand, errors_told, nbgrader_api
from .notebook_files import write_whole
from .outputs import notice
from .workers import Workers

# In characters of the page, as far as a notebook decides: 2 MB with what is always there.
_ROOM = 1_200_000
_SHOWN = 1_000
# Bootstrap takes the room out of tables, and the triangle from what can be unfolded.
_STYLE = """\
.rendered_html td, .rendered_html th { padding: 0.2em 0.8em 0.2em 0; }
summary { display: list-item; }
"""
_BLANK_LINES = re.compile(r"\n\s*\n")
_TOKEN = re.compile(r"\w+|[^\w\s]")
# What becomes of one: `<span class="n">…</span>`, an anchor at a heading, a coloured span.
_TOKEN_CHARS, _MARKDOWN_CHARS, _COLOUR_CHARS = 27, 20, 100


@dataclass(frozen=True)
class Pages:
    """A student's pages.

    Attributes
    ----------
    course : Course
    assignment, student : str
    shown : str
        A digest of all that they are to show.
    """

    course: Course
    assignment: str
    student: str
    shown: str

    @property
    def kept(self) -> Path:
        """What the pages that are there show; without it, they are written once more."""
        return self.course.build / "feedback" / self.assignment / self.student


def write_feedback(
    course: Course,
    assignment: str,
    students: Iterable[str],
    api: Any,
    jobs: int,
    progress: Callable[[str, int, int], None],
) -> dict[str, str]:
    """Let nbgrader write the pages that do not show a student's work and marks as they are.

    Parameters
    ----------
    course : Course
    assignment : str
    students : iterable of str
    api : nbgrader.apps.api.NbGraderAPI
    jobs : int
        Number of processes; none is started for a single student.
    progress : callable

    Returns
    -------
    dict
        Whose pages could not be written, and why.
    """
    students, marks = list(students), _marks(assignment, api)
    found = (_outdated(course, assignment, student, marks[student]) for student in students)
    missing = [pages for pages in found if pages]
    done = len(students) - len(missing)
    if students:
        progress("feedback", done, len(students))
    failed = {}
    for number, (student, why) in enumerate(_written(missing, api, jobs), done + 1):
        if why:
            failed[student] = why
        progress("feedback", number, len(students))
    return failed


def _outdated(course: Course, assignment: str, student: str, marks: list[str]) -> Pages | None:
    """Return what is to be written for a student, if anything is."""
    graded = sorted((course.autograded / student / assignment).glob("*.ipynb"))
    folder = course.feedback / student / assignment
    pages = Pages(course, assignment, student, _stamp(graded, marks))
    there = all((folder / f"{path.stem}.html").is_file() for path in graded)
    same = pages.kept.is_file() and pages.kept.read_text() == pages.shown
    return None if not graded or (there and same) else pages


def _written(missing: list[Pages], api: Any, jobs: int) -> Iterator[tuple[str, str]]:
    """Write pages; yield a student each, and why there are none."""
    if min(jobs, len(missing)) <= 1:
        yield from (_write(pages, api) for pages in missing)
        return
    with closing(Workers(_write_there, missing, jobs, _killed)) as workers:
        yield from workers.done()


def _write(pages: Pages, api: Any) -> tuple[str, str]:
    # Whatever happens from here on, they are known to show this, or nothing is known of them.
    pages.kept.unlink(missing_ok=True)
    try:
        result = api.generate_feedback(pages.assignment, pages.student, force=True)
        demand(result, "nbgrader generate_feedback")
    except CourseError as error:
        return pages.student, str(error)
    pages.kept.parent.mkdir(parents=True, exist_ok=True)
    write_whole(pages.kept, pages.shown)
    return pages.student, ""


def _write_there(pages: Pages) -> tuple[str, str]:
    return _write(pages, _api_there(pages.course))


@cache
def _api_there(course: Course) -> Any:
    return nbgrader_api(course)


def _killed(pages: Pages) -> tuple[str, str]:
    return pages.student, "the process that writes it was killed time after time"


def _stamp(graded: list[Path], marks: list[str]) -> str:
    files = [f"{path.name} {path.stat().st_mtime_ns}" for path in graded]
    return hashlib.sha256("\n".join([*files, *marks]).encode()).hexdigest()


def _marks(assignment: str, api: Any) -> dict[str, list[str]]:
    """Return all that is in the gradebook on each student's work, those given by hand too."""
    late = SubmittedNotebook.late_submission_penalty
    marked = (Grade.cell_id, Grade.auto_score, Grade.manual_score, Grade.extra_credit, late)
    said = (Comment.cell_id, Comment.auto_comment, Comment.manual_comment)
    found = defaultdict(list)
    with errors_told("read"), Gradebook(api.coursedir.db_url, api.course_id) as gradebook:
        for kind, columns in ((Grade, marked), (Comment, said)):
            rows = gradebook.db.execute(
                select(SubmittedAssignment.student_id, *columns)
                .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
                .join(kind, kind.notebook_id == SubmittedNotebook.id)
                .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
                .where(Assignment.name == assignment)
                .order_by(kind.cell_id)
            )
            for student, *values in rows:
                found[student].append(repr(values))
    return found


class FitFeedback(Preprocessor):
    """Shortens a notebook until its page is small: the longest code and outputs first.

    It also mends nbgrader's look: room in tables, a list at the top that names questions. A part
    of every conversion to HTML (`c.HTMLExporter.preprocessors`). What is in submitted/ and
    autograded/ stays whole.
    """

    def preprocess(self, nb: Any, resources: dict) -> tuple[Any, dict]:
        for cell in nb.cells:
            # What colours code looks at blank lines again from each of them.
            cell.source = _BLANK_LINES.sub(_at_most_two, cell.source)
        pieces = [piece for cell in nb.cells for piece in _pieces(cell)]
        length = sum(size for size, _, _ in pieces)
        for size, cell, what in sorted(pieces, key=lambda piece: -piece[0]):
            if length <= _ROOM:
                break
            length -= size
            if what == "source":
                rest = "[the rest of this cell is not shown here: it is too long]"
                cell.source = cell.source[:_SHOWN] + f"\n# {rest}"
            else:
                cell.outputs = [notice("[not shown here: this cell's output is too long]")]
        style = "".join(["<style>", _STYLE, *_names_in_the_list(nb.cells), "</style>"])
        nb.cells.append(new_markdown_cell(style))
        return nb, resources


def _at_most_two(blank: re.Match) -> str:
    return blank[0] if blank[0].count("\n") <= 3 else "\n\n\n"


def _names_in_the_list(cells: list[Any]) -> Iterable[str]:
    """Let the list at the top say which question a score is of; nbgrader's says "Test cell"."""
    heading = ""
    for cell in cells:
        tags = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and tags.get("locked", False):
            found = re.findall(r"^##+ ([\w .:,]+\w)", cell.source, re.MULTILINE)
            heading = found[-1] if found else heading
        if tags.get("grade", False) and heading:
            name = re.sub(r"\W", "", tags["grade_id"])
            yield f'#toc a[href="#{name}"]::before {{ content: "{heading}: "; }}\n'


def _pieces(cell: Any) -> list[tuple[int, Any, str]]:
    """Return what can be shortened in a cell, with its length on the page."""
    tags = cell.metadata.get("nbgrader", {})
    pieces = []
    if "own" in cell.metadata or tags.get("solution", False):
        long = _code_length if cell.cell_type == "code" else _markdown_length
        pieces.append((long(cell.source), cell, "source"))
    is_check = tags.get("grade", False) and not tags.get("solution", False)
    if cell.cell_type == "code" and cell.outputs and not is_check:
        pieces.append((sum(map(_output_length, cell.outputs)), cell, "outputs"))
    return pieces


def _code_length(source: str) -> int:
    return len(html.escape(source)) + _TOKEN_CHARS * len(_TOKEN.findall(source))


def _markdown_length(source: str) -> int:
    return _MARKDOWN_CHARS * len(source)


def _output_length(output: Any) -> int:
    if output.output_type == "stream":
        return _text_length(output.text)
    if output.output_type == "error":
        return sum(map(_text_length, [output.ename, output.evalue, *output.traceback]))
    long = {"text/markdown": _markdown_length, "text/plain": _text_length}
    return max((long.get(kind, len)(text) for kind, text in output.data.items()), default=0)


def _text_length(text: str) -> int:
    return len(html.escape(text)) + _COLOUR_CHARS * text.count("\x1b")
