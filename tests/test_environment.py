"""Versions are pinned once, and every file that speaks of packages agrees."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version

import pytest
import yaml
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

USERS_PACKAGES = {
    "jupyterlab", "nbgrader", "numpy", "pandas", "matplotlib", "seaborn", "scikit-learn",
    "modal-python", "snorkel", "cleanlab", "google-genai", "ipywidgets",
}  # fmt: skip


def pins():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): number for name, number in pairs}


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def requirements():
    extras = project()["optional-dependencies"]
    lines = [*project()["dependencies"], *(line for group in extras.values() for line in group)]
    return [Requirement(line) for line in lines]


def conda():
    return yaml.safe_load((ROOT / "environment.yml").read_text())


def conda_pip():
    return next(entry["pip"] for entry in conda()["dependencies"] if isinstance(entry, dict))


def test_every_pin_is_what_is_installed():
    wrong = {n: (p, version(n)) for n, p in pins().items() if version(n).split("+")[0] != p}
    assert wrong == {}


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_every_range_allows_its_pin(requirement):
    name = canonicalize_name(requirement.name)
    assert name in pins(), f"{name} is not in constraints.txt: run `make lock`"
    assert requirement.specifier.contains(pins()[name])


def test_everything_installed_with_the_project_is_pinned():
    """Follow the requirements through installed metadata: no version is left to chance."""
    from importlib.metadata import requires

    todo, seen = requirements(), {}
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        new = {"", *requirement.extras} - seen.get(name, set())
        seen.setdefault(name, set()).update(new)
        for line in requires(name) or [] if new else []:
            inner = Requirement(line)
            if inner.marker is None or any(inner.marker.evaluate({"extra": e}) for e in new):
                todo.append(inner)
    assert set(seen) - set(pins()) == set()


def test_the_users_packages_are_in_both_lists():
    assert {canonicalize_name(Requirement(r).name) for r in project()["dependencies"]} >= (
        USERS_PACKAGES
    )
    named = {canonicalize_name(Requirement(r).name) for r in conda_pip() if not r.startswith("-")}
    assert named >= USERS_PACKAGES


def test_environment_yml_takes_its_versions_from_the_pins():
    pip = conda_pip()
    assert pip[0] == "--constraint constraints.txt"
    assert pip[-1] == "--editable ."
    named = [Requirement(r) for r in pip[1:-1]]
    assert all(not r.specifier for r in named)
    ours = {
        canonicalize_name(Requirement(r).name): Requirement(r) for r in project()["dependencies"]
    }
    for requirement in named:
        assert requirement.extras == ours[canonicalize_name(requirement.name)].extras


def test_one_python_everywhere():
    assert "python=3.11" in conda()["dependencies"]
    assert project()["requires-python"] == ">=3.11,<3.12"
    assert re.search(r"PYTHON \?= python3\.11$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert sys.version_info[:2] == (3, 11)


def test_known_bounds():
    by_name = {r.name: str(r.specifier) for r in requirements()}
    assert by_name["scikit-learn"] == "<1.8"
    assert by_name["google-genai"] == "<4,>=3.4"
    cleanlab = next(r for r in requirements() if r.name == "cleanlab")
    assert cleanlab.extras == {"datalab"}


def test_the_handout_works_and_has_nothing_of_the_staffs(tmp_path):
    """Made in a copy; the packages are this environment's, the lab is the handout's."""
    course, handout = tmp_path / "course", tmp_path / "course/build/handout"
    files = ("Makefile", "environment.yml", "constraints.txt", "pyproject.toml", "README.md")
    for name in ("release", "helpers", "docs", "autograder/checks"):
        shutil.copytree(ROOT / name, course / name)
    for name in (*files, "LICENSE"):
        shutil.copy(ROOT / name, course)
    subprocess.run(["make", "handout"], cwd=course, check=True, capture_output=True)
    assert {path.name for path in handout.iterdir()} == {
        "release", "helpers", "docs", "LICENSE", *files[1:],
    }  # fmt: skip
    assert not (handout / "helpers/reference").exists()
    assert "autograder =" not in (handout / "pyproject.toml").read_text()
    code = (
        "import sys; sys.meta_path = [f for f in sys.meta_path if 'editable' not in str(f)]\n"
        "import helpers.checkpoints, helpers.plots\n"
        "from helpers.checks.live import find_question\n"
        "items = find_question('q2_1_leakage').items\n"
        "print(helpers.__file__, any(item.hidden for item in items))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=handout / "release/week04",
        env=os.environ | {"PYTHONPATH": str(handout)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{handout / 'helpers/__init__.py'} False"


def test_a_handout_of_nothing_says_what_to_do(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    done = subprocess.run(["make", "handout"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert "error: release/week04 is missing: run make build first" in done.stdout


def test_no_host_and_no_machine_path_is_named():
    text = subprocess.run(
        ["git", "grep", "-nIE", r"/root/|/opt/(pypi|wheels)|index-url|files\.pythonhosted"],
        cwd=ROOT, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert [line for line in text.splitlines() if "tests/test_environment.py" not in line] == []


@pytest.mark.parametrize("wanted", [None, "2"])
def test_notebooks_compute_in_one_thread_unless_told_otherwise(wanted):
    """Active learning in part 3 takes ten times as long with two threads as with one."""
    code = (
        "import sklearn.linear_model, helpers, torch, threadpoolctl\n"
        "pools = [pool['num_threads'] for pool in threadpoolctl.threadpool_info()]\n"
        "print({*pools, torch.get_num_threads()})"
    )
    env = {name: value for name, value in os.environ.items() if "NUM_THREADS" not in name}
    env |= {"OMP_NUM_THREADS": wanted} if wanted else {}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{{{wanted or 1}}}\n"
