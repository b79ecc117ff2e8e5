"""Verdicts into nbgrader's gradebook: the plug-ins that nbgrader_config.py names.

`nbgrader autograde` and formgrader's Autograde button grade through these.
CONTRIBUTING.md says who else knows nbgrader.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from nbgrader.utils import compute_checksum, is_task
from traitlets import Dict

from helpers.checks.table import Table
from helpers.checks.verdict import Verdict

from .course import Course, CourseError
from .grading import graded
from .limits import Limits
from .outputs import notice, safe_markdown
from .preloading import sandboxes_here
from .rebuilding import Rebuilt
from .release import releases
from .results import Result, Results
from .submission import files_by_part, rebuild_part

PREPROCESSORS = [
    "autograder.record.GradeNotebook",
    "autograder.record.SaveVerdicts",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
_NOTES = "labeling_lab"


def before_convert(assignment: str, student: str, notebooks: list[str]) -> None:
    """Make a student's folder safe to convert, and find notebooks under other names.

    nbgrader's pre-convert hook. nbgrader copies every file beside the notebooks, and follows
    links: links, pipes and devices are moved to submitted/.aside first. Released names of renamed
    notebooks are added to the list nbgrader will convert; `SubmissionExporter` reads the renamed
    file.
    """
    for folder in {Path(name).parent for name in notebooks}:
        course = Course.find(folder)
        _set_aside(folder, course.submitted / ".aside" / folder.parent.name / folder.name)
        for part in files_by_part(folder, releases(course.release / folder.name)):
            name = str(folder / f"{part}.ipynb")
            if name not in notebooks:
                notebooks.append(name)


def after_convert(assignment: str, student: str, notebooks: list[str]) -> None:
    """Leave only graded notebooks (and nbgrader's time stamp) in autograded/.

    nbgrader's post-convert hook: what else a student handed in stays in submitted/ and does not
    reach feedback/, which copies all it finds.
    """
    for folder in {Path(name).parent for name in notebooks}:
        course = Course.find(folder)
        autograded = course.autograded / folder.parent.name / folder.name
        for path in autograded.iterdir() if autograded.is_dir() else ():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.suffix != ".ipynb" and path.name != "timestamp.txt":
                path.unlink()


def _set_aside(folder: Path, aside: Path) -> None:
    for path in sorted(folder.rglob("*")):
        strange = path.is_symlink() or not (path.is_file() or path.is_dir())
        if strange and path.suffix != ".ipynb":
            kept = aside / path.relative_to(folder)
            kept.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, kept)


class SubmissionExporter(NotebookExporter):
    """Reads a submitted notebook as `submission` does; anything else as nbgrader would."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> tuple[str, Any]:
        path = Path(filename).absolute()
        course = Course.find(path.parent)
        if course.submitted not in path.parents:
            return super().from_filename(filename, resources=resources, **kw)
        parts = releases(course.release / path.parent.name)
        rebuilt = rebuild_part(path.parent, path.stem, parts)
        noted(rebuilt)
        return self.from_notebook_node(rebuilt.notebook, resources=resources, **kw)


class GradeNotebook(NbGraderPreprocessor):
    """Grades the notebook in the sandbox; shows verdicts where the check cells are."""

    limits = Dict(help="What a submission may use, by name: see autograder/limits.py").tag(
        config=True
    )

    def preprocess(self, nb: Any, resources: dict) -> tuple[Any, dict]:
        info = resources["nbgrader"]
        course = Course.find(Path.cwd())
        release = releases(course.release / info["assignment"])[info["notebook"]]
        notes = nb.metadata.get(_NOTES, {})
        rebuilt = Rebuilt(nb, list(notes.get("repairs", [])), notes.get("problem", ""))
        limits = Limits.from_dict(self.limits)
        key, result = graded(release, rebuilt, limits, Results(course.results), sandboxes_here())
        show(nb, result)
        nb.metadata[_NOTES] = {"key": key, **notes}
        resources[_NOTES] = {verdict.question: verdict for verdict in result.verdicts}
        return nb, resources


class SaveVerdicts(SaveAutoGrades):
    """Saves the verdicts' points. Outputs are never read: nothing shown can become a mark."""

    def _add_score(self, cell: Any, resources: dict) -> None:
        grade_id = cell.metadata["nbgrader"]["grade_id"]
        grade = self.gradebook.find_grade(
            grade_id, self.notebook_id, self.assignment_id, self.student_id
        )
        verdict: Verdict | None = resources[_NOTES].get(grade_id.removesuffix("_check"))
        if verdict is not None and abs(grade.max_score - verdict.max_points) > 1e-9:
            raise CourseError(
                f"the gradebook gives {grade_id} {grade.max_score:g} points, its items "
                f"{verdict.max_points:g}: run `autograder build {self.assignment_id}`"
            )
        mark(grade, verdict)
        self.gradebook.db.commit()


def mark(grade: Any, verdict: Verdict | None) -> None:
    """Set a mark in the gradebook; a question without a verdict is one a person marks."""
    grade.auto_score = None if verdict is None else verdict.points
    grade.needs_manual_grade = verdict is None or grade.manual_score is not None


def comment_on(cell: Any) -> str | None:
    """Return nbgrader's own remark on an answer that is as it was released."""
    unchanged = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
    return "No response." if unchanged and not is_task(cell) else None


def noted(rebuilt: Rebuilt, key: str = "") -> None:
    """Write into a notebook's metadata what was repaired, and the key of its result."""
    notes = {"repairs": rebuilt.repairs, "problem": rebuilt.problem}
    rebuilt.notebook.metadata[_NOTES] = ({"key": key} if key else {}) | notes


def key_in(path: Path) -> str:
    """Return the key of the result that an autograded notebook shows, or ''."""
    try:
        metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
        return metadata.get(_NOTES, {}).get("key", "")
    except (ValueError, KeyError):
        return ""


def show(notebook: Any, result: Result) -> None:
    """Put a result's outputs and verdict tables into a notebook, for feedback."""
    tables = {f"{v.question}_check": _table(v) for v in result.verdicts}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            if _is_students(cell):
                cell.source = safe_markdown(cell.source)
            continue
        shown = [tables[cell.id]] if cell.id in tables else result.outputs.get(cell.id, [])
        cell.outputs = [_node(output) for output in shown]
        cell.execution_count = None
    notes = [*result.limits, *(f"repaired: {text}" for text in result.repairs)]
    first = next((cell for cell in notebook.cells if cell.cell_type == "code"), None)
    if first is not None and (notes or result.problem):
        text = "\n".join(filter(None, [result.problem, *notes]))
        first.outputs = [_node(notice(text)), *first.outputs]


def _is_students(cell: Any) -> bool:
    return "own" in cell.metadata or cell.metadata.get("nbgrader", {}).get("solution", False)


def _table(verdict: Verdict) -> dict[str, Any]:
    for_student = Verdict(verdict.question, tuple(item.for_student() for item in verdict.items))
    table = Table(for_student)
    data = {"text/plain": repr(table), "text/html": table._repr_html_()}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _node(output: dict[str, Any]) -> Any:
    return nbformat.from_dict(output)
