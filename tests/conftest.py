"""A course small enough to build and grade in a second or two."""

import shutil
import tempfile
from pathlib import Path

import pytest

import autograder.checks
import helpers.checks
from autograder.course import Course
from autograder.sandbox import walls
from autograder.sandbox.client import started
from helpers.checks.question import REGISTRY

ROOT = Path(__file__).parent.parent
MINI = Path(__file__).parent / "mini"


@pytest.fixture(scope="session", autouse=True)
def _mini_items():
    """Let the mini course's items be found beside the lab's own."""
    helpers.checks.__path__.append(str(MINI / "public"))
    autograder.checks.__path__.append(str(MINI / "hidden"))


@pytest.fixture(scope="session")
def lab():
    """The lab's own course."""
    return Course(ROOT)


@pytest.fixture
def course(tmp_path):
    """A fresh course folder with the assignment `mini`, not built yet."""
    shutil.copytree(MINI / "source", tmp_path / "source")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    (tmp_path / "helpers/checks").mkdir(parents=True)
    return Course(tmp_path)


@pytest.fixture
def registry():
    """Forget the questions a test defines."""
    before = dict(REGISTRY)
    yield REGISTRY
    REGISTRY.clear()
    REGISTRY.update(before)


def write_release(course, assignment="mini"):
    """Build an assignment's release, and the gradebook, without executing solutions."""
    from autograder import build
    from autograder.notebook_files import dumps, replace_folder

    parts = build.read_parts(course, assignment)
    sources = {part.name: dumps(build.notebook_of(part)) for part in parts}
    replace_folder(course.build / "source" / assignment, sources)
    texts = build.generate_release(course, assignment)
    replace_folder(course.release / assignment, texts)
    return sources


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A built mini course; copy it before writing to it."""
    root = tmp_path_factory.mktemp("built") / "course"
    root.mkdir()
    shutil.copytree(MINI / "source", root / "source")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    made = Course(root)
    write_release(made)
    return made


@pytest.fixture
def mini(built, tmp_path):
    """A copy of the built mini course, to hand things in to."""
    root = tmp_path / "course"
    shutil.copytree(built.root, root)
    return Course(root)


@pytest.fixture(scope="session")
def mini_release(built):
    from autograder.release import load

    return load(built.release / "mini/part90_mini.ipynb")


# Behind walls


@pytest.fixture(scope="module", params=walls.KINDS, ids=lambda kind: kind.name)
def kind(request):
    """Each kind of walls this machine has."""
    if problem := request.param.problem():
        pytest.skip(problem)
    return request.param


@pytest.fixture(scope="module")
def zygote(kind):
    """Start a process that submissions are forked from, with what their tests import."""
    # Not below pytest's folder, which nobody else may enter.
    with tempfile.TemporaryDirectory(prefix="lab-") as folder, started(kind, folder) as kernel:
        kernel.run("import os, sys, socket, subprocess, ctypes, threading, time", 30)
        yield kernel


@pytest.fixture
def run(submission):
    """Run code in the module's own `submission` process; return what it shows."""
    kernel = submission()
    return lambda code, seconds=20: shown(kernel, code, seconds)


def shown(kernel, code, seconds=20):
    _, outputs = kernel.run(code, seconds)
    return "".join(o.get("text", "") or o.get("evalue", "") for o in outputs)
