"""A part's items, public and hidden, as the grader has them."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import cloudpickle

from helpers.checks import hands, labeling_votes, pipelines, stub_labeler
from helpers.checks.question import REGISTRY, AuthoringError, Question

from .wording import to_mend

_ROOT = Path(__file__).parent.parent

# What they run in the student's process is as it is here, whatever that process has made of them.
for _module in (hands, labeling_votes, pipelines, stub_labeler):
    cloudpickle.register_pickle_by_value(_module)


def load_items(part: str) -> dict[str, Question]:
    """Import a part's public and hidden items; return its questions by id.

    Parameters
    ----------
    part : str
        Short name: ``"part3"``. A part without items has no questions.

    Raises
    ------
    AuthoringError
        If the modules cannot be imported; the message names the file and the line.
    """
    for package in ("helpers.checks", "autograder.checks"):
        name = f"{package}.{part}"
        if find_spec(name) is not None:
            module = _imported(name)
            # Stubs and probes must not need this module at the other end of the wall.
            cloudpickle.register_pickle_by_value(module)
    return {id: question for id, question in REGISTRY.items() if question.part == part}


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except AuthoringError:
        raise
    except Exception as error:  # noqa: BLE001 - importing may raise anything; it is said
        raise AuthoringError(to_mend(error, _ROOT)) from None
