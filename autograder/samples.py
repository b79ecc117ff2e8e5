"""Sample submissions, written as text: what a student answered, and what that deserves."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from helpers.checks.verdict import ERROR, MET, NOT_ATTEMPTED, UNMET, Verdict

from .course import CourseError
from .release import ANSWER, CHECK, GIVEN, REFLECT, Release
from .source import SourceCell, SourceError, read

_STATUSES = (MET, UNMET, ERROR, NOT_ATTEMPTED)


@dataclass(frozen=True)
class Sample:
    """One student's work on one part.

    Attributes
    ----------
    student, part : str
    story : str
        What this student did, for people.
    deserves : dict
        Status by item name, by question id; or one status for a whole question. What is not
        listed is met.
    mess : list of str
        What happened to the notebook on the way; see `MESSES`.
    cells : list of SourceCell
        Answers, reflections, and the student's own cells.
    """

    student: str
    part: str
    story: str
    deserves: dict[str, Any]
    mess: list[str]
    cells: list[SourceCell]

    def expected(self, question: str, item: str) -> str:
        """Return the status an item deserves."""
        listed = self.deserves.get(question, {})
        return listed if isinstance(listed, str) else listed.get(item, MET)

    def differences(self, verdicts: list[Verdict]) -> list[str]:
        """Compare verdicts with what the header says; one line for each difference."""
        lines = []
        for verdict in verdicts:
            for item in verdict.items:
                wanted = self.expected(verdict.question, item.name)
                if item.status != wanted:
                    lines.append(
                        f"{self.student}, {verdict.question}, {item.name}: deserves {wanted}, "
                        f"was {item.status} (expected {item.expected!r}, got {item.got!r}, "
                        f"next step {item.next_step!r})"
                    )
        return lines


def demand_samples(folder: Path) -> None:
    """Raise `CourseError` if a folder has no samples."""
    if not any(folder.glob("*/*.py")):
        raise CourseError(f"there are no sample submissions in {folder}")


def read_samples(folder: Path, parts: dict[str, Release]) -> list[Sample]:
    """Read every sample in a folder: ``<student>/<part>.py``.

    Raises
    ------
    CourseError
        If one is malformed; the message names file and cell.
    """
    paths = sorted(folder.glob("*/*.py"))
    try:
        return [_read(path, parts) for path in paths if path.stem in parts]
    except SourceError as error:
        raise CourseError(f"sample {error}") from None


def _read(path: Path, parts: dict[str, Release]) -> Sample:
    header, cells = read(path)
    release = parts[path.stem]
    where = f"{path.parent.name}/{path.name}"
    for cell in cells:
        if cell.role == CHECK or (cell.role != GIVEN and cell.question not in release.by_id):
            raise SourceError(f"{cell.where}: {path.stem} has no answer {cell.question!r}")
    deserves = header.get("deserves") or {}
    for question, listed in deserves.items():
        statuses = [listed] if isinstance(listed, str) else list(listed.values())
        if question not in release.questions or not set(statuses) <= set(_STATUSES):
            raise SourceError(f"{where}:1: deserves: {question!r}: no such question or status")
    mess = header.get("mess") or []
    if unknown := set(mess) - set(MESSES):
        raise SourceError(f"{where}:1: unknown mess {unknown.pop()!r}")
    student = header.get("student", path.parent.name)
    return Sample(student, path.stem, header.get("story", ""), deserves, mess, cells)


def notebook_of(sample: Sample, release: Release) -> Any:
    """Return the notebook a sample's student hands in."""
    notebook = copy.deepcopy(release.notebook)
    nodes = {node.id: node for node in notebook.cells}
    last = None
    for number, cell in enumerate(sample.cells, 1):
        if cell.role in (ANSWER, REFLECT):
            last = nodes[cell.question]
            last.source = cell.source
            continue
        code = cell.kind == "code"
        make = nbformat.v4.new_code_cell if code else nbformat.v4.new_markdown_cell
        node = make(cell.source, id=f"{sample.student}-{number}")
        notebook.cells.insert(notebook.cells.index(last) + 1 if last is not None else 0, node)
        last = node
    for mess in sample.mess:
        MESSES[mess](notebook, release)
    return notebook


def write_submission(sample: Sample, release: Release, submitted: Path, assignment: str) -> None:
    """Write a sample's notebook where nbgrader collects it."""
    folder = submitted / sample.student / assignment
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{sample.part}-Copy1" if "renamed_file" in sample.mess else sample.part
    text = nbformat.writes(notebook_of(sample, release))
    path = folder / f"{name}.ipynb"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _by_role(notebook: Any, release: Release, role: str) -> list[int]:
    ids = {cell.id for cell in release.cells if cell.role == role and cell.kind == "code"}
    return [i for i, node in enumerate(notebook.cells) if node.id in ids]


def _copy_an_answer(notebook: Any, release: Release) -> None:
    place = _by_role(notebook, release, ANSWER)[0]
    pasted = copy.deepcopy(notebook.cells[place])
    pasted.id = "pasted"
    notebook.cells.insert(place + 1, pasted)


def _delete_a_check(notebook: Any, release: Release) -> None:
    del notebook.cells[_by_role(notebook, release, CHECK)[0]]


def _retag(notebook: Any, release: Release) -> None:
    node = notebook.cells[_by_role(notebook, release, CHECK)[-1]]
    node.metadata.nbgrader |= {"points": 1000, "grade_id": "something_else", "locked": False}
    node.source = "True"


def _strip_metadata(notebook: Any, release: Release) -> None:
    notebook.metadata = {
        "colab": {"provenance": []},
        "kernelspec": {"name": "ir", "display_name": "R"},
    }
    for number, node in enumerate(notebook.cells):
        node.metadata = {"id": f"c0l4b{number}"}
        node.id = f"c0l4b{number}"


def _move_cells(notebook: Any, release: Release) -> None:
    place = _by_role(notebook, release, CHECK)[0]
    notebook.cells.append(notebook.cells.pop(place))


def _edit_a_given_cell(notebook: Any, release: Release) -> None:
    node = notebook.cells[_by_role(notebook, release, GIVEN)[0]]
    node.source += "\nprint('I was here')"


MESSES: dict[str, Callable[[Any, Release], None]] = {
    "copied_answer_cell": _copy_an_answer,
    "deleted_check_cell": _delete_a_check,
    "retagged": _retag,
    "colab_metadata": _strip_metadata,
    "moved_cells": _move_cells,
    "edited_given_cell": _edit_a_given_cell,
    "renamed_file": lambda notebook, release: None,
}
