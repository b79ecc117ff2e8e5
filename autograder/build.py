"""Build the notebooks: text -> nbgrader sources -> release/ and solutions/.

Everything is read and checked before anything is written, and what is written appears whole:
a build that fails leaves release/ and solutions/ as they were.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import ClearSolutions
from rich.console import Console

from helpers.checks.question import REGISTRY, AuthoringError, Question, part_of

from .course import Course, CourseError, not_a_gradebook
from .gradebook import demand, nbgrader_api
from .items import load_items
from .notebook_files import METADATA, dumps, replace_folder, write_if_changed
from .release import ANSWER, CHECK, GIVEN, REFLECT, Release, load_all
from .solutions import generate_solutions
from .source import SourceCell, SourceError, read
from .terminal import bar

_HEADING = re.compile(r"^(##+ )(Question (\d+)\.(\d+)|Challenge (\d+))\b(.*)$", re.MULTILINE)
Say = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """A part read from text, with its questions' items."""

    name: str
    cells: list[SourceCell]
    questions: dict[str, Question]

    @property
    def points(self) -> dict[str, float]:
        """Points by question id, reflections included."""
        manual = {cell.question: cell.points for cell in self.cells if cell.role == REFLECT}
        return {id: question.points for id, question in self.questions.items()} | manual


def build(course: Course, assignment: str, say: Say = lambda text: None) -> None:
    """Build an assignment's release and solutions.

    Parameters
    ----------
    course : Course
    assignment : str
        Name of a folder in source/.
    say : callable
        Told what is being done, one line at a time.

    Raises
    ------
    CourseError
        With one line that names what is wrong and where. What was built is as before then; if a
        solution raises, the gradebook already has the points of the new items.
    """
    parts = read_parts(course, assignment)
    sources = {part.name: dumps(notebook_of(part)) for part in parts}
    replace_folder(course.build / "source" / assignment, sources)
    # First what refuses changes that would orphan marks: solutions take minutes.
    say("release")
    released = generate_release(course, assignment)
    solutions = generate_solutions(course, assignment, sources, say)
    replace_folder(course.release / assignment, released)
    replace_folder(course.solutions / assignment, solutions)
    counts = course.root / "helpers/checks/hidden.json"
    built = {part.name.partition("_")[0] for part in parts}
    before = json.loads(counts.read_text(encoding="utf-8")) if counts.is_file() else {}
    write_if_changed(counts, json.dumps(_hidden_counts(before, built), indent=1) + "\n")


def build_with_bar(course: Course, assignment: str, console: Console) -> None:
    """Build an assignment and show how far it is; see `build`."""
    steps = len(read_parts(course, assignment)) + 1
    with bar(console) as shown:
        task = shown.add_task(f"building {assignment}", total=steps)
        build(course, assignment, lambda what: shown.update(task, advance=1, description=what))
        shown.update(task, completed=steps, description=f"built {assignment}")


def read_parts(course: Course, assignment: str) -> list[Part]:
    """Read and check all parts of an assignment.

    Raises
    ------
    CourseError
        If the assignment is unknown, a text is malformed, a question has no items or no cells,
        an id stands twice, or the points do not add up.
    """
    folder = course.source / assignment
    if not folder.is_dir():
        known = sorted(p.name for p in course.source.glob("*") if p.is_dir())
        raise CourseError(f"unknown assignment {assignment!r}; known: {', '.join(known) or 'none'}")
    promised = _read_promise(folder / "lab.toml")
    try:
        parts = [_read_part(folder / f"{name}.py") for name in promised["parts"]]
    except FileNotFoundError as error:
        raise CourseError(f"lab.toml lists {Path(error.filename).name}, which is missing") from None
    except (SourceError, AuthoringError) as error:
        raise CourseError(str(error)) from None
    _demand_unique_ids(parts)
    _demand_total(parts, promised, f"source/{assignment}/lab.toml")
    return parts


def _read_promise(path: Path) -> dict[str, Any]:
    try:
        promised = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, tomllib.TOMLDecodeError) as error:
        raise CourseError(f"{path.parent.name}/{path.name} cannot be read: {error}") from None
    parts = promised.get("parts")
    if not isinstance(parts, list) or not parts or len(set(parts)) < len(parts):
        raise CourseError(f"{path.parent.name}/{path.name}: `parts` must list each part once")
    return promised


def _read_part(path: Path) -> Part:
    _, cells = read(path)
    known = load_items(path.stem.partition("_")[0])
    questions = {}
    for place, cell in enumerate(cells):
        if cell.role not in (ANSWER, CHECK):
            continue
        if cell.question not in known or not known[cell.question].items:
            raise SourceError(f"{cell.where}: question {cell.question!r} has no items")
        questions[cell.question] = known[cell.question]
        follower = cells[place + 1] if place + 1 < len(cells) else None
        if cell.role == ANSWER and (
            follower is None or (follower.role, follower.question) != (CHECK, cell.question)
        ):
            raise SourceError(f"{cell.where}: answer {cell.question!r} has no check cell after it")
    missing = sorted(set(known) - set(questions))
    if missing:
        raise SourceError(f"{path.name}: question {missing[0]!r} has items but no cells")
    return Part(path.stem, cells, questions)


def _demand_unique_ids(parts: list[Part]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for part in parts:
        for cell in part.cells:
            key = (cell.role, cell.question)
            if cell.role != GIVEN and key in seen:
                raise CourseError(f"{cell.where}: {cell.question!r} stands also at {seen[key]}")
            seen[key] = cell.where


def _demand_total(parts: list[Part], promised: dict[str, Any], path: str) -> None:
    """Compare the sum of all points with what the lab promises, in lab.toml."""
    for name, first in (("points", "q"), ("bonus", "c")):
        sums = {
            part.name: sum(value for id, value in part.points.items() if id.startswith(first))
            for part in parts
        }
        total, wanted = sum(sums.values()), promised.get(name, 0)
        if abs(total - wanted) > 1e-9:
            by_part = ", ".join(f"{part} {value:g}" for part, value in sums.items() if value)
            move = "take the points from" if total > wanted else "give the points to"
            raise CourseError(
                f"points do not add up: lab.toml promises {wanted:g} {name}, the items and "
                f"reflections give {total:g} ({by_part or 'no part has any'}): "
                f"{move} other items, or change `{name}` in {path}"
            )


def notebook_of(part: Part) -> Any:
    """Turn a part's text into an nbgrader source notebook."""
    nodes = []
    for number, cell in enumerate(part.cells, 1):
        id = {
            GIVEN: f"{part.name.partition('_')[0]}-{number:02d}",
            CHECK: f"{cell.question}_check",
        }.get(cell.role, cell.question)
        code = cell.kind == "code"
        make = nbformat.v4.new_code_cell if code else nbformat.v4.new_markdown_cell
        source = cell.source if code else _with_points(cell.source, part)
        nodes.append(make(source, id=id, metadata={"nbgrader": _nbgrader(cell, id, part)}))
    return nbformat.v4.new_notebook(cells=nodes, metadata=deepcopy(METADATA))


def _nbgrader(cell: SourceCell, id: str, part: Part) -> dict[str, Any]:
    graded = cell.role in (CHECK, REFLECT)
    meta = {
        "schema_version": 3,
        "grade_id": id,
        "grade": graded,
        "solution": cell.role in (ANSWER, REFLECT),
        "locked": cell.role in (GIVEN, CHECK),
        "task": False,
        "cell_type": cell.kind,
    }
    return meta | ({"points": part.points[cell.question]} if graded else {})


def _with_points(text: str, part: Part) -> str:
    """Add the points to the headings of questions."""

    def add(match: re.Match) -> str:
        prefix = f"c{match[5]}_" if match[5] else f"q{match[3]}_{match[4]}_"
        points = [value for id, value in part.points.items() if id.startswith(prefix)]
        total = sum(points)
        return f"{match[0]} · {total:g} point{'s' * (total != 1)}" if points else match[0]

    return _HEADING.sub(add, text)


def generate_release(course: Course, assignment: str) -> dict[str, str]:
    """Let nbgrader make the students' version and write the assignment into the gradebook.

    Returns
    -------
    dict
        The released notebooks' texts by part; they are also in build/release, not in release/.
    """
    api = nbgrader_api(course, release_directory="build/release")
    result = api.generate_assignment(assignment, force=True)
    try:
        demand(result, f"nbgrader generate_assignment {assignment}")
    except CourseError as error:
        if "file is not a database" in str(error):
            raise not_a_gradebook(course.gradebook.name, assignment) from None
        if "submissions associated with it" in str(error):
            raise _is_recorded(course, assignment, str(error)) from None
        raise
    released = {}
    for path in sorted((course.build / "release" / assignment).glob("*.ipynb")):
        released[path.stem] = dumps(nbformat.read(path, as_version=4))
    return released


def _is_recorded(course: Course, assignment: str, said: str) -> CourseError:
    """Return what to say of a change that nbgrader refuses, as it would orphan marks."""
    part = re.search(r"for notebook '([^']*)'", said)
    return CourseError(
        f"submissions of {part[1] if part else assignment} are recorded: words in its cells and "
        f"items may change, {'cells' if part else 'parts'} may not be added or removed; to do it "
        f"nevertheless, move {course.gradebook.name} elsewhere (marks given by hand are in it), "
        f"run `autograder build {assignment}`, and grade again"
    )


def outdated(course: Course, assignment: str) -> str:
    """Say whether an assignment's source was edited since it was built; '' if it was not.

    What students get is compared, so nothing is executed; a solution may differ.
    """
    if not (course.source / assignment).is_dir():
        return ""
    try:
        parts = read_parts(course, assignment)
    except CourseError as error:
        return f"release/{assignment} cannot be built again: {error}"
    built = load_all(course.release / assignment)
    clear = ClearSolutions(config=nbgrader_api(course).config)
    edited = [p.name for p in parts if p.name not in built or _differs(p, built[p.name], clear)]
    edited += sorted(set(built) - {part.name for part in parts})
    if not edited:
        return ""
    names = edited[0] if len(edited) == 1 else f"{edited[0]} and {len(edited) - 1} more"
    return (
        f"source/{assignment} was edited since it was built ({names}): "
        f"run `autograder build {assignment}`"
    )


def _differs(part: Part, built: Release, clear: ClearSolutions) -> bool:
    notebook, _ = clear.preprocess(notebook_of(part), {})
    return _gist(notebook) != _gist(built.notebook)


def _gist(notebook: Any) -> list[tuple[Any, ...]]:
    return [(cell.id, cell.source, cell.metadata.nbgrader.get("points")) for cell in notebook.cells]


def _hidden_counts(before: dict[str, list], built: set[str]) -> dict[str, list]:
    """Say how many hidden items each question has, so that students can be told.

    Questions of parts that were not built, as those of another assignment, stay as before.
    """
    counts = {id: count for id, count in before.items() if part_of(id) not in built}
    for id, question in REGISTRY.items():
        hidden = [item.points for item in question.items if item.hidden]
        if hidden and question.part in built:
            counts[id] = [len(hidden), sum(hidden)]
    return dict(sorted(counts.items()))
