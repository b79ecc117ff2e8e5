"""The lab itself: what students get, what solutions earn, what everyone can read."""

import ast
import itertools
import re

import nbformat
import pytest
from conftest import ROOT

from autograder import build, grading, preloading, snapshot
from autograder.course import Course
from autograder.items import load_items
from autograder.limits import Limits
from autograder.rebuilding import Rebuilt
from autograder.release import CHECK, load_all
from autograder.results import shared_files
from autograder.snapshot import Snapshot
from helpers import reviews

LAB = Course(ROOT)
RELEASES = load_all(ROOT / "release/week04")
SOLUTIONS = {p.stem: nbformat.read(p, 4) for p in (ROOT / "solutions/week04").glob("*.ipynb")}
PARTS = sorted(RELEASES)
LIMITS = Limits(notebook_seconds=600)
# What makes folders packages.
EMPTY = {"autograder/__init__.py"}
IMPORTS = (ast.Import, ast.ImportFrom)

# A part at a time, so that it is preloaded once.
parts = pytest.mark.parametrize("part", PARTS, scope="module")


# What is committed


def test_release_and_solutions_are_of_the_same_parts():
    assert set(RELEASES) == set(SOLUTIONS)
    assert set(RELEASES) == {part.name for part in build.read_parts(LAB, "week04")}


@parts
def test_the_committed_release_is_what_the_text_says(part):
    """Cells, ids and points; `.ci/run` compares the bytes of a whole build."""
    text = {p.name: p for p in build.read_parts(LAB, "week04")}[part]
    fresh = build.notebook_of(text)
    assert [c.id for c in fresh.cells] == [c.id for c in RELEASES[part].cells]
    released = RELEASES[part].by_id
    for cell in fresh.cells:
        meta = cell.metadata.nbgrader
        assert released[cell.id].points == meta.get("points", 0)
        if meta.locked:
            assert released[cell.id].source == cell.source
    solution = SOLUTIONS[part]
    assert [c.source for c in solution.cells] == [c.source for c in fresh.cells]


@parts
def test_nothing_of_the_solutions_or_hidden_items_is_released(part):
    release = "\n".join(c.source for c in RELEASES[part].notebook.cells)
    assert "SOLUTION" not in release
    for item in hidden_items(part):
        assert item.statement not in release
        assert item.name not in release
    given = "\n".join(c.source for c in RELEASES[part].cells if c.role == "given")
    for cell in SOLUTIONS[part].cells:
        for block in re.findall(r"BEGIN SOLUTION\n(.*?)\s*### END SOLUTION", cell.source, re.S):
            lines = [line.strip() for line in block.splitlines() if len(line.strip()) > 40]
            assert not [line for line in lines if line in release and line not in given]


def hidden_items(part):
    questions = load_items(RELEASES[part].short_name).values()
    return [item for question in questions for item in question.items if item.hidden]


def test_the_release_folder_holds_notebooks_only():
    for folder in ("release", "solutions"):
        assert {p.suffix for p in (ROOT / folder / "week04").iterdir()} == {".ipynb"}


# What it is worth


def test_points_add_up_to_what_is_promised():
    total = sum(c.points for r in RELEASES.values() for c in r.cells if c.id.startswith("q"))
    assert total == 100


@parts
def test_every_question_has_public_and_hidden_items(part):
    for id in RELEASES[part].questions:
        question = load_items(RELEASES[part].short_name)[id]
        kinds = {item.hidden for item in question.items}
        assert kinds == {False, True}, id


@parts
def test_the_committed_solution_shows_full_marks_and_no_error(part):
    ids = {c.id for c in RELEASES[part].cells if c.role == CHECK}
    for cell in SOLUTIONS[part].cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error", cell.id
            assert output.get("name") != "stderr", cell.id
        if cell.id in ids:
            (shown,) = cell.outputs
            text = shown.data["text/plain"]
            earned, most = re.match(r"\w+: ([\d.]+) of ([\d.]+) points", text).groups()
            assert earned == most, text


@pytest.fixture(scope="module")
def sandboxes():
    kept = preloading.Sandboxes()
    yield kept
    kept.close()


@parts
def test_the_untouched_release_earns_nothing(part, sandboxes):
    release = RELEASES[part]
    rebuilt = Rebuilt(release.notebook)
    result = grading.grade(release, rebuilt, sandboxes.get(release, LIMITS), LIMITS)
    assert result.limits == []
    for verdict in result.verdicts:
        for item in verdict.items:
            assert (item.status, item.fault) == ("not attempted", ""), (verdict.question, item)


@parts
def test_the_solution_run_twice_in_one_kernel_earns_everything(part, sandboxes):
    """Nothing depends on a fresh kernel or on the state of global random numbers."""
    release = RELEASES[part]
    notebook = nbformat.reads(nbformat.writes(SOLUTIONS[part]), 4)
    code = [c for c in notebook.cells if c.cell_type == "code" and not c.id.endswith("_check")]
    first = [nbformat.v4.new_code_cell(c.source, id=f"first-{n}") for n, c in enumerate(code)]
    drawn = nbformat.v4.new_code_cell("import numpy, random; numpy.random.rand(7); random.random()")
    again = [nbformat.from_dict({**c, "id": f"again-{c.id}"}) if c.id in set(release.by_id) and
             release.by_id[c.id].role == "given" and c.cell_type == "code" else c
             for c in notebook.cells]  # fmt: skip
    notebook.cells = [*first, drawn, *again]
    result = grading.grade(release, Rebuilt(notebook), sandboxes.get(release, LIMITS), LIMITS)
    lost = [i for v in result.verdicts for i in v.items if i.status != "met"]
    assert lost == []
    assert result.limits == []


@parts
def test_the_solution_earns_everything_by_what_its_last_cell_leaves(part, sandboxes, monkeypatch):
    """What is in doubt is judged by that: no later cell may spoil what items look at."""
    monkeypatch.setattr(Snapshot, "_verdict_on", lambda self, item: self._doubtful.append(item))
    monkeypatch.setattr(snapshot, "MET", "believed")
    release, rebuilt = RELEASES[part], Rebuilt(SOLUTIONS[part])
    result = grading.grade(release, rebuilt, sandboxes.get(release, LIMITS), LIMITS)
    assert [i for v in result.verdicts for i in v.items if i.status != "met"] == []
    assert result.limits == []


# What everyone can read


def headings(notebook):
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    text = re.sub(r"```.*?```", "", text, flags=re.S)
    return [len(mark) for mark in re.findall(r"^(#+) ", text, re.MULTILINE)]


@parts
def test_one_h1_and_no_skipped_level(part):
    levels = headings(RELEASES[part].notebook)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@parts
def test_every_figure_says_in_words_what_it_shows(part):
    for cell in SOLUTIONS[part].cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                alt = output.metadata.get("image/png", {}).get("alt", "")
                assert len(alt) > 40, cell.id
                assert output.data["text/plain"] == alt


@parts
def test_every_question_helps_its_reader(part):
    """A prediction first, a time, a folded hint, and what a good result looks like."""
    text = "\n".join(c.source for c in RELEASES[part].notebook.cells if c.cell_type == "markdown")
    questions = re.split(r"^## (?=Question|Challenge)", text, flags=re.MULTILINE)[1:]
    for question in questions:
        title = question.splitlines()[0]
        if "solved" in title or "·" not in title:
            continue
        assert re.search(r"about \d+ minutes?", question), title
        if "*Write your answer here.*" in question:  # marked by a person
            continue
        assert "<details>" in question, title
        assert "redict" in question, title


@parts
def test_a_reflection_says_what_earns_its_points(part):
    """Above it for students, in its solution for whoever marks it."""
    cells = RELEASES[part].cells
    for above, cell in itertools.pairwise(cells):
        if cell.role == "reflect":
            assert re.search(r"\b1 point\b", above.source), cell.id
            (solution,) = (c.source for c in SOLUTIONS[part].cells if c.id == cell.id)
            assert "*Marking guide.*" in solution, cell.id


def test_curves_differ_by_more_than_colour():
    from helpers import plots

    looks = [(s.get("marker"), s.get("linestyle")) for s in plots.STYLES.values()]
    assert len(set(looks)) == len(looks)


PACKAGES = {
    "jupyterlab": r"import jupyterlab",
    "nbgrader": r"import nbgrader",
    "ipywidgets": r"import ipywidgets",
    "numpy": r"import numpy",
    "pandas": r"import pandas",
    "matplotlib": r"import matplotlib",
    "seaborn": r"sns\.\w+plot",
    "scikit-learn": r"from sklearn",
    "modAL-python": r"from modAL",
    "snorkel": r"from snorkel",
    "cleanlab": r"from cleanlab",
    "google-genai": r"from google import genai|google-genai",
}


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_each_package_is_used_by_the_notebooks(package):
    code = "\n".join(
        c.source for nb in SOLUTIONS.values() for c in nb.cells if c.cell_type == "code"
    )
    assert re.search(PACKAGES[package], code)


# The handout's data


@parts
def test_torch_is_loaded_only_where_the_part_uses_it(part, sandboxes):
    """It takes a second and 120 MB, and makes every fork of the grader's dearer."""
    kernel = sandboxes.get(RELEASES[part], LIMITS).kernel
    wants = re.search(r"modAL|label_probabilities|measured_qualities", imports_and_calls(part))
    _, outputs = kernel.run("import sys; print('torch' in sys.modules)", 60)
    assert outputs[0]["text"].strip() == str(bool(wants))


def imports_and_calls(part):
    cells = itertools.takewhile(lambda cell: cell.role == "given", RELEASES[part].cells)
    return "\n".join(cell.source for cell in cells if cell.kind == "code")


@parts
def test_results_are_keyed_by_all_code_that_students_run_with(part, sandboxes):
    known = {str(path.relative_to(ROOT)) for path in shared_files()}
    code = "import sys; print(*(getattr(m, '__file__', '') for m in [*sys.modules.values()]))"
    _, outputs = sandboxes.get(RELEASES[part], LIMITS).kernel.run(code, 60)
    files = re.findall(r"(?<=/)(?:helpers|autograder)/\S+\.py\b", outputs[0]["text"])
    assert "helpers/checks/wire/encoder.py" in files
    assert not {file for file in files if "checks/part" not in file} - known - EMPTY


CHECKS = sorted(ROOT.glob("*/checks/**/*.py"))
A_PART = re.compile(r"(?:part|challenge)\d+")


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_part_is_judged_by_its_own_items_and_what_all_share(path):
    """So a result is keyed by all code that judges it, and by no other part's items."""
    imports = [node for node in ast.walk(ast.parse(path.read_text())) if type(node) in IMPORTS]
    others = set(A_PART.findall(" ".join(map(ast.unparse, imports)))) - {path.stem}
    assert not others
    assert (path in shared_files()) == (A_PART.fullmatch(path.stem) is None)


def test_the_handouts_data_to_the_number():
    data = reviews.handout()
    assert data["label"].value_counts().to_dict() == {0: 426, 1: 392, 2: 182}
    binary = data[data["label"] != 2]
    assert len(binary) == 818
    assert binary["review"].nunique() == 160
