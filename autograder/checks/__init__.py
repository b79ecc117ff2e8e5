"""Hidden items, one module a part. They add themselves to the questions of `helpers.checks`."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

import cloudpickle

from helpers.checks.question import REGISTRY, Question


def load(part: str) -> dict[str, Question]:
    """Import a part's public and hidden items; return its questions by id.

    Parameters
    ----------
    part : str
        Short name: ``"part3"``.

    Raises
    ------
    ModuleNotFoundError
        If the part has no public items.
    """
    for package in ("helpers.checks", "autograder.checks"):
        name = f"{package}.{part}"
        if package == "helpers.checks" or find_spec(name) is not None:
            module = importlib.import_module(name)
            # Stubs and probes must not need this module at the other end of the wall.
            cloudpickle.register_pickle_by_value(module)
    return {id: question for id, question in REGISTRY.items() if question.part == part}
