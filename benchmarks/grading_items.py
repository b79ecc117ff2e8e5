"""The lab's items as tests inside the kernel that runs the submission: for other graders.

Public and hidden items alike are judged on the live names. Their code is the one this grader runs
from outside, so that all graders do the same work.
"""

from __future__ import annotations

from typing import Any

from autograder.items import load_items
from helpers.checks.namespace import Namespace
from helpers.checks.question import part_of
from helpers.checks.student import Student
from helpers.checks.verdict import MET, judge_item


def demand(question: str, names: dict[str, Any], only: str = "") -> None:
    """Assert that an answer meets its items.

    Parameters
    ----------
    question : str
    names : dict
        The notebook's global names.
    only : str
        Name of a single item; all items by default.
    """
    student = Student(Namespace(names).answer)
    for item in load_items(part_of(question))[question].items:
        if not only or item.name == only:
            verdict = judge_item(item, student)
            assert verdict.status == MET, f"{item.name}: {verdict.status}"
