"""`check("q...")` in a notebook."""

from __future__ import annotations

import importlib
import json
import os
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .namespace import Namespace
from .question import REGISTRY, AuthoringError, Question, part_of
from .student import Student
from .table import Table
from .verdict import judge

STAFF_CHECKS = "labeling_lab.hidden_checks"
# By question, as last checked in this kernel.
_points_so_far: dict[str, float] = {}


def find_question(question_id: str) -> Question:
    """Return the question of this id, with the items that are importable here.

    Students have the public items. On a staff machine the package `autograder` says, through
    the entry point group `labeling_lab.hidden_checks`, where the hidden ones are.

    Raises
    ------
    KeyError
        If there is no such question.
    """
    unknown = f"there is no question {question_id!r}"
    try:
        part = part_of(question_id)
    except AuthoringError:
        raise KeyError(unknown) from None
    module = f"{__package__}.{part}"
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        # What a part itself looks for in vain is not a question that is missing.
        if error.name != module:
            raise
        raise KeyError(unknown) from None
    for entry in entry_points(group=STAFF_CHECKS):
        # The students' copy of the lab declares the entry point but has no such package.
        if find_spec(entry.module.partition(".")[0]) is not None:
            entry.load()(part)
    if question_id not in REGISTRY:
        raise KeyError(unknown)
    return REGISTRY[question_id]


def check(question_id: str) -> Table:
    """Check an answer in the notebook it stands in.

    Parameters
    ----------
    question_id : str
        Such as ``"q3_3_random_sampling"``.

    Returns
    -------
    Table
        Shown by Jupyter as the cell's output.

    Raises
    ------
    RuntimeError
        If asked to autograde: grades come from the grader's process, never from here.
        Also outside of a notebook.
    KeyError
        If there is no such question.
    AssertionError
        If nbgrader validates the notebook and not all statements are met.
    """
    execution = os.environ.get("NBGRADER_EXECUTION")
    if execution == "autograde":
        raise RuntimeError(
            "This notebook is being autograded without the lab's executor, so nothing was "
            "graded. Grade from the course folder, whose nbgrader_config.py sets "
            "c.Autograde.autograde_preprocessors to autograder.record.PREPROCESSORS, "
            "or run `autograder grade`."
        )
    question = find_question(question_id)
    verdict = judge(question, Student(Namespace(_shell().user_ns).answer))
    _points_so_far[question.id] = verdict.points
    so_far = _told_so_far(question.part)
    table = Table(verdict, *_waiting(question), mark_hidden=True, so_far=so_far)
    if execution == "validate" and verdict.points < verdict.max_points:
        raise AssertionError(f"not all statements are met\n{table!r}")
    return table


def _told_so_far(part: str) -> str:
    """Sum up a part's questions, as they stood when each was last checked."""
    questions = [question for question in REGISTRY.values() if question.part == part]
    if len(questions) == 1:
        return ""
    points = sum(_points_so_far.get(question.id, 0.0) for question in questions)
    most = sum(question.points for question in questions)
    left = [".".join(q.id[1:].split("_")[:2]) for q in questions if q.id not in _points_so_far]
    unchecked = f"; not checked since the kernel was started: {', '.join(left)}" if left else ""
    return f"The checks of this notebook so far: {points:g} of {most:g} points{unchecked}."


def _waiting(question: Question) -> tuple[int, float]:
    """Count the hidden items that cannot be run here, from what the build wrote down."""
    if any(item.hidden for item in question.items):
        return 0, 0.0
    counts = json.loads(Path(__file__).with_name("hidden.json").read_text(encoding="utf-8"))
    return tuple(counts.get(question.id, (0, 0.0)))


def _shell() -> Any:
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        raise RuntimeError("check() looks at a notebook's names: run it in a notebook")
    return shell
