"""Every attack gets what it deserves, and harms, reads and leaves behind nothing."""

import os

import nbformat
import psutil
import pytest
from conftest import MINI
from nbgrader.api import Gradebook

from attacks import damage
from attacks.cases import CASES, RIGHT, Case
from autograder.batch import Batch
from autograder.release import load
from autograder.sandbox import walls

LIMITS = {
    "cell_seconds": 2,
    "notebook_seconds": 30,
    "item_seconds": 1,
    "replays": 2,
    "memory_bytes": 400 * 2**20,
    "disk_bytes": 8 * 2**20,
    "processes": 48,
}
HONEST = ["aaa_honest", "mmm_honest", "zzz_honest"]
CANARIES = ["CANARY-KEY", "CANARY-SOURCE", "CANARY-NEIGHBOUR", "SECRET 41"]


def hand_in(course, case):
    release = load(course.release / "mini/part90_mini.ipynb")
    notebook = nbformat.reads(nbformat.writes(release.notebook), as_version=4)
    places = {"{root}": str(course.root), "{checks}": str(MINI / "hidden/part90.py")}

    def placed(code):
        for word, place in places.items():
            code = code.replace(word, place)
        return code

    cells = []
    for cell in notebook.cells:
        cell.source = placed(case.answers.get(cell.id, cell.source))
        cells.append(cell)
        if case.own.get(cell.id):
            cells.append(nbformat.v4.new_code_cell(placed(case.own[cell.id])))
    notebook.cells = cells
    folder = course.submitted / case.name / "mini"
    folder.mkdir(parents=True)
    getattr(damage, case.damage or "write")(notebook, folder / "part90_mini.ipynb")
    for name, text in case.files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


@pytest.fixture(scope="module", params=walls.KINDS, ids=lambda kind: kind.name)
def graded(request, built, tmp_path_factory):
    """Grade all cases and three honest neighbours in one batch, behind either kind of walls."""
    import shutil

    from autograder.course import Course

    if problem := request.param.problem():
        pytest.skip(problem)
    limits = LIMITS | {"walls": request.param.name}
    root = tmp_path_factory.mktemp("attacked") / "course"
    shutil.copytree(built.root, root)
    course = Course(root)
    config = root / "nbgrader_config.py"
    config.write_text(config.read_text() + f"\nc.GradeNotebook.limits = {limits}\n")
    with (root / "source/mini/part90_mini.py").open("a") as file:
        file.write("\n# CANARY-SOURCE\n")
    for name in HONEST:
        note = {"q90_3_why": "CANARY-NEIGHBOUR"} if name == "aaa_honest" else {}
        hand_in(course, Case(name, "accident", 6, RIGHT | note))
    for case in CASES:
        hand_in(course, case)
    os.environ["GEMINI_API_KEY"] = "CANARY-KEY"
    files = {p: p.read_bytes() for p in (*root.glob("*.py"), *root.glob("source/**/*.py"))}
    try:
        batch = Batch(course, "mini")
        reports = batch.grade(1, lambda *_: None)
        batch.feedback(1, lambda *_: None)
    finally:
        del os.environ["GEMINI_API_KEY"]
    return course, {report.student: report for report in reports}, files


@pytest.fixture(scope="module")
def marks(graded):
    course = graded[0]
    with Gradebook(f"sqlite:///{course.gradebook}", "cs203") as gradebook:
        return {
            s.student_id: sum((g.auto_score or 0) + (g.manual_score or 0)
                              for n in s.notebooks for g in n.grades)
            for s in gradebook.assignment_submissions("mini")
        }  # fmt: skip


def test_names_are_told_apart():
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names) >= 80


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}-{case.name}")
def test_each_gets_what_it_deserves(marks, graded, case):
    report = graded[1][case.name]
    verdicts = [v for done in report.done.values() for v in done.result.verdicts]
    assert marks.get(case.name, 0) == case.deserves, (report.notes, verdicts)


@pytest.mark.parametrize("name", HONEST)
def test_honest_neighbours_get_everything(marks, name):
    assert marks[name] == 6


def test_every_student_is_accounted_for(graded):
    _, reports, _ = graded
    assert set(reports) == {case.name for case in CASES} | set(HONEST)
    for report in reports.values():
        assert report.recorded or report.error


@pytest.mark.parametrize("canary", CANARIES)
def test_nothing_secret_is_in_what_students_get(graded, canary):
    course = graded[0]
    for folder in (course.feedback, course.autograded):
        for path in folder.rglob("*"):
            if "aaa_honest" not in str(path) and path.is_file():
                assert canary.encode() not in path.read_bytes(), path


def test_hidden_inputs_are_in_no_feedback(graded):
    """20.5 is what a hidden item calls `double` with."""
    for path in graded[0].feedback.rglob("*.html"):
        assert "20.5" not in path.read_text(), path


def test_no_path_of_the_grader_is_in_feedback(graded):
    course = graded[0]
    said = {case.name for case in CASES if "{" in str([*case.own.values(), *case.answers.values()])}
    for path in course.feedback.rglob("*.html"):
        if path.parts[-3] not in said:
            assert str(course.root) not in path.read_text(), path


def test_no_key_is_in_feedback(graded):
    page = (graded[0].feedback / "key_in_the_output/mini/part90_mini.html").read_text()
    assert (
        "SyA1234567890abcdefghijklmnopqrstuvw" not in page.replace("&#39;", "'").split("print")[0]
    )
    assert "AIzaSyA1234567890" not in page


def test_feedback_runs_no_script_of_a_student(graded):
    for path in graded[0].feedback.rglob("*.html"):
        page = path.read_text()
        assert "<script>alert" not in page, path
        assert "onerror=alert" not in page.replace("onerror=alert(1)&gt;", ""), path


def test_feedback_files_are_small(graded):
    for path in graded[0].feedback.rglob("*.html"):
        assert path.stat().st_size <= 2 * 2**20, path


def test_feedback_holds_only_feedback(graded):
    kinds = {path.suffix for path in graded[0].feedback.rglob("*") if path.is_file()}
    assert kinds == {".html"}


def test_the_course_is_unchanged(graded):
    _course, _, files = graded
    assert {p: p.read_bytes() for p in files} == files


def test_nothing_survives_the_run(graded):
    left = [p for p in psutil.process_iter(["cmdline"]) if "97531" in (p.info["cmdline"] or [])]
    assert left == []
    assert "PWNED" not in os.environ
