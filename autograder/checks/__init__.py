"""Hidden items, one module a part. They add themselves to the questions of `helpers.checks`."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from pathlib import Path

import cloudpickle

from helpers.checks import hands, labeling_votes, pipelines, stub_labeler
from helpers.checks.question import REGISTRY, AuthoringError, Question

_ROOT = Path(__file__).parents[2]

# What they run in the student's process is as it is here, whatever that process has made of them.
for _module in (hands, labeling_votes, pipelines, stub_labeler):
    cloudpickle.register_pickle_by_value(_module)


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
    AuthoringError
        If the modules are not Python; the message names the file and the line.
    """
    for package in ("helpers.checks", "autograder.checks"):
        name = f"{package}.{part}"
        if package == "helpers.checks" or find_spec(name) is not None:
            try:
                module = importlib.import_module(name)
            except SyntaxError as error:
                raise AuthoringError(_place(error)) from None
            # Stubs and probes must not need this module at the other end of the wall.
            cloudpickle.register_pickle_by_value(module)
    return {id: question for id, question in REGISTRY.items() if question.part == part}


def _place(error: SyntaxError) -> str:
    path = Path(error.filename or "?")
    name = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else path.name
    return f"{name}:{error.lineno}: {error.msg}"
