"""The other end of `student`: answers an item's questions from live names.

Runs where the student's code runs: in the notebook's kernel, or in the grader's sandbox.
It decides nothing and knows no item; what it says is only ever believed as data.
"""

from __future__ import annotations

import dis
import traceback
from collections.abc import Callable, MutableMapping
from types import FunctionType, MethodType
from typing import Any

from . import lending, wire
from .figures import describe

_STUB_CODE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}
_MISSING = object()


class _Missing(Exception):
    """A name is not there, or is still a placeholder."""


class Namespace:
    """Answers requests about a dictionary of names.

    Parameters
    ----------
    names : dict
        The notebook's global names.
    """

    def __init__(self, names: MutableMapping[str, Any]) -> None:
        self._names = names
        self._patched: list[dict[str, Any]] = []

    def answer(self, request: bytes, ask_back: lending.AnswerBack) -> bytes:
        """Answer one pickled request; never raises for what the student's code does.

        Parameters
        ----------
        request : bytes
            Made by `Student`, that is by us: unpickled here.
        ask_back : callable
            Carries to the item what the student's code asks of a function it lends.

        Returns
        -------
        bytes
            ``["value", v]``, ``["missing", text]`` or ``["error", kind, message, where]``,
            encoded by `wire`.
        """
        operation, payload = lending.loads(request, ask_back)
        try:
            return wire.encode(["value", getattr(self, f"_{operation}")(*payload)])
        except _Missing as missing:
            return wire.encode(["missing", str(missing)])
        except wire.WireError as error:
            return wire.encode(["error", "value", str(error), ""])
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - the student's code may raise anything
            return wire.encode(["error", type(error).__name__, _text_of(error), _where(error)])

    def _get(self, path: str) -> Any:
        value = self._find(path)
        if value is _MISSING:
            raise _Missing(f"there is no `{path}` yet")
        if value is ...:
            raise _Missing(f"`{path}` is still `...`")
        if value is None:
            raise _Missing(f"`{path}` is still None")
        return value

    def _has(self, path: str) -> bool:
        value = self._find(path)
        return not (value is _MISSING or value is None or value is ...)

    def _call(self, path: str, args: tuple, kwargs: dict) -> Any:
        return self._callable(path)(*args, **kwargs)

    def _demand(self, path: str) -> None:
        self._callable(path)

    def _callable(self, path: str) -> Callable[..., Any]:
        function = self._get(path)
        if not callable(function):
            raise _Missing(f"`{path}` is not a function")
        if is_stub(function):
            raise _Missing(f"`{path}` has no code of yours yet")
        return function

    def _make(self, name: str, path: str, args: tuple, kwargs: dict) -> None:
        self._names[name] = self._call(path, args, kwargs)

    def _figure(self, path: str) -> dict:
        return describe(self._get(path))

    def _patch(self, stubs: dict[str, Any]) -> None:
        self._patched.append({name: self._names.get(name, _MISSING) for name in stubs})
        self._names.update(stubs)

    def _unpatch(self) -> None:
        for name, value in self._patched.pop().items():
            if value is _MISSING:
                self._names.pop(name, None)
            else:
                self._names[name] = value

    def _find(self, path: str) -> Any:
        first, *rest = path.split(".")
        value = self._names.get(first, _MISSING)
        for attribute in rest:
            if value is _MISSING:
                return value
            value = getattr(value, attribute, _MISSING)
        return value


def is_stub(function: Any) -> bool:
    """Tell whether a function's body is nothing but a docstring, `pass`, `...` or `return`."""
    if isinstance(function, MethodType):
        function = function.__func__
    if not isinstance(function, FunctionType):
        return False
    instructions = list(dis.get_instructions(function))
    only_constants = {step.opname for step in instructions} <= _STUB_CODE
    returned = [s.argval for s in instructions if s.opname in ("LOAD_CONST", "RETURN_CONST")]
    return only_constants and all(value is None for value in returned)


def _text_of(error: BaseException) -> str:
    # str() of a student's own exception is the student's code too.
    try:
        return str(error)[:2000]
    except Exception:  # noqa: BLE001
        return ""


def _where(error: BaseException) -> str:
    """Return the deepest line that stands in a notebook cell, as one line of text."""
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if "ipykernel_" in frame.filename or frame.filename.startswith("<ipython-input"):
            return f"in `{frame.name}`, at the line `{(frame.line or '').strip()}`"
    return ""
