"""Other graders on the lab's submissions: stock nbgrader, and otter in its own environment."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from grading_class import ASSIGNMENT, ROOT, released

from autograder.grading import questions_of

OTTER = "otter-grader==7.0.0"
_SECONDS = 600  # otter has no limit of its own

_NBGRADER_CELL = """\
import sys
sys.path.insert(0, {here!r})
from grading_items import demand
demand({question!r}, globals())
"""
_OTTER_FILE = """\
import sys
sys.path.insert(0, {here!r})
from grading_items import demand
from otter.test_files import test_case
OK_FORMAT = False
name = {question!r}
"""
_OTTER_CASE = """
@test_case(name={name!r}, points={points!r}, hidden={hidden!r})
def {name}(env):
    demand({question!r}, env, {name!r})
"""


def stock_nbgrader(part: str, folder: Path, *, tests: bool) -> dict[str, int]:
    """Autograde all submissions with nbgrader's default configuration.

    Parameters
    ----------
    part : str
    folder : Path
        With submitted/<student>/<assignment>/<part>.ipynb.
    tests : bool
        Whether check cells run the items; if not, they do nothing.
    """
    with tempfile.TemporaryDirectory() as root:
        api = _stock_api(root)
        _write_source(part, Path(root) / "source" / ASSIGNMENT, tests)
        made = api.generate_assignment(ASSIGNMENT)
        if not made["success"]:
            raise RuntimeError(made["log"])
        shutil.copytree(folder / "submitted", Path(root) / "submitted")
        api.autograde(ASSIGNMENT, "*")
        return _full_marks_of(api) if tests else {}


def _stock_api(root: str) -> Any:
    from nbgrader.apps.api import NbGraderAPI
    from traitlets.config import Config

    # nbgrader looks for its `alembic` on the PATH.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    config = Config()
    config.CourseDirectory.root = root
    config.CourseDirectory.course_id = "stock"
    logging.getLogger("traitlets").setLevel(logging.CRITICAL + 1)
    return NbGraderAPI(config=config)


def _write_source(part: str, folder: Path, tests: bool) -> None:
    release = released()[part]
    notebook = nbformat.from_dict(release.notebook)
    for cell in notebook.cells:
        question = cell.id.removesuffix("_check")
        if question in release.questions and cell.id != question:
            text = _NBGRADER_CELL.format(here=str(Path(__file__).parent), question=question)
            cell.source = text if tests else "pass"
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{part}.ipynb")


def _full_marks_of(api: Any) -> dict[str, int]:
    with api.gradebook as gradebook:
        grades = [
            grade
            for submission in gradebook.assignment_submissions(ASSIGNMENT)
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.cell.name.endswith("_check")
        ]
        full = sum(grade.auto_score == grade.max_score for grade in grades)
        return {"questions": len(grades), "full": full}


def otter_home() -> Path:
    """Return the folder of otter's environment."""
    return ROOT / "build/benchmarks" / OTTER.replace("==", "-")


def prepare_otter(say: Callable[[str], None]) -> str:
    """Make an environment with otter, if there is none; return why that failed, or nothing.

    It is a virtual environment that also sees the lab's own packages: pip installs only what
    otter needs besides, and the lab's pins hold. Grading needs no network then.
    """
    home = otter_home()
    if (home / "ready").is_file():
        return ""
    say(f"installing {OTTER} into {home.relative_to(ROOT)} (once)")
    shutil.rmtree(home, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    paths = {"base": str(home), "platbase": str(home)}
    packages = Path(sysconfig.get_path("purelib", "venv", paths))
    # As a site folder, so that its own .pth files (an editable lab's) are read too.
    lab = sysconfig.get_path("purelib")
    (packages / "lab.pth").write_text(f"import site; site.addsitedir({lab!r})\n")
    pip = [home / "bin/python", "-m", "pip", "install", "-c", ROOT / "constraints.txt", OTTER]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode:
        return f"{OTTER} could not be installed: {done.stderr.strip()[-1000:]}"
    (home / "ready").touch()
    return ""


def otter_run(part: str, folder: Path) -> dict[str, int]:
    """Grade each submission with a call of `otter run`."""
    python = otter_home() / "bin/python"
    release = released()[part]
    scores: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        _write_autograder(part, home / "autograder.zip")
        submissions = sorted(folder.glob(f"submitted/*/{ASSIGNMENT}/{part}.ipynb"))
        for path in submissions:
            (home / "results.json").unlink(missing_ok=True)
            command = [python, "-m", "otter", "run", "-a", home / "autograder.zip", "-o", home]
            done = subprocess.run(
                [*command, "--no-logo", _with_otter_tests(path, release.questions, home)],
                capture_output=True,
                text=True,
                timeout=_SECONDS,
            )
            if done.returncode:
                raise RuntimeError(f"otter run failed: {done.stderr[-1000:]}")
            tests = json.loads((home / "results.json").read_text())["tests"]
            scores += [test for test in tests if test["name"] in release.questions]
    full = sum(test["score"] == test["max_score"] for test in scores)
    return {"questions": len(submissions) * len(release.questions), "full": full}


def _write_autograder(part: str, path: Path) -> None:
    """Write otter's zip file: one test file a question, one test case an item."""
    here = str(Path(__file__).parent)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("otter_config.json", json.dumps({"show_hidden": True}))
        for id, question in questions_of(released()[part]).items():
            text = _OTTER_FILE.format(here=here, question=id)
            for item in question.items:
                text += _OTTER_CASE.format(
                    name=item.name, points=item.points, hidden=item.hidden, question=id
                )
            archive.writestr(f"tests/{id}.py", text)


def _with_otter_tests(path: Path, questions: tuple[str, ...], folder: Path) -> Path:
    """Write a submission as `otter assign` would have it: its check cells name their tests."""
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        question = cell.id.removesuffix("_check")
        if question in questions and cell.id != question:
            cell.source = "pass"
            cell.metadata["otter"] = {"tests": [question]}
    nbformat.write(notebook, folder / path.name)
    return folder / path.name
