"""The other end of `student`: answers an item's questions from live names.

Runs where the student's code runs: in the notebook's kernel, or in the grader's sandbox.
It decides nothing and knows no item; what it says is only ever believed as data.
"""

from __future__ import annotations

import dis
import pickle
import re
import traceback
from collections.abc import Callable, Container, MutableMapping
from functools import partial
from types import FunctionType, MethodType
from typing import Any

from . import lending, wire
from .figures import describe

_STUB_CODE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}
_MISSING = object()
# What Python says of a call that does not fit a function's parameters.
_MISFIT = re.compile(r"([\w.<>]+)\(\) (?:got|missing|takes) .*argument")
_TOO_MUCH = "the check cannot look at this much: keep only what the question asks for"
_FROM_A_LIBRARY = "the error comes from inside a library: is what you gave it what it expects?"


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
        return self._reply(partial(getattr(self, f"_{operation}"), *payload), operation, payload)[1]

    def _reply(self, look: Callable[[], Any], operation: str, payload: tuple) -> tuple[bool, bytes]:
        """Encode what there is to see; tell whether it is a value."""
        try:
            return True, wire.encode(["value", look()])
        except _Missing as missing:
            return False, wire.encode(["missing", str(missing)])
        except wire.WireError as error:
            return False, wire.encode(["error", "value", str(error), _TOO_MUCH])
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - the student's code may raise anything
            said = told(error, self._names, operation, payload)
            return False, wire.encode(["error", *said])

    def _get(self, path: str) -> Any:
        value = self._find(path)
        if value is _MISSING:
            raise _Missing(f"there is no `{path}` yet: {self._advice_on_missing(path)}")
        if value is ...:
            # The answer cell begins with it: what comes after may have raised.
            raise _Missing(
                f"`{path}` is still `...`: write your answer there and run the cell; if it ends in "
                "an error, mend that first"
            )
        if value is None:
            raise _Missing(f"`{path}` is None: does the function it comes from return something?")
        return value

    def _advice_on_missing(self, path: str) -> str:
        if path.partition(".")[0] in self._names:
            return "compare the spelling with the question's"
        # What a question starts from is made by the cells above its answer.
        return (
            "run your answer cell, and those above it; if it ends in an error, mend that "
            "first; else compare the spelling"
        )

    def _get_all(self, paths: tuple[str, ...]) -> list:
        values = map(self._find, paths)
        return [None if value is _MISSING else value for value in values]

    def _has(self, path: str) -> bool:
        value = self._find(path)
        return not (value is _MISSING or value is None or value is ...)

    def _call(self, path: str, args: tuple, kwargs: dict) -> Any:
        return self._callable(path)(*args, **kwargs)

    def _calls(self, path: str, arguments: list[bytes]) -> list[bytes]:
        function, replies, well = self._callable(path), [], True
        for pickled in arguments:
            if well:
                args, kwargs = pickle.loads(pickled)
                # At once: it may be a view of what the next call changes.
                well, reply = self._reply(partial(function, *args, **kwargs), "call", (path,))
                replies.append(reply)
        return replies

    def _demand(self, path: str) -> None:
        self._callable(path)

    def _callable(self, path: str) -> Callable[..., Any]:
        function = self._get(path)
        if not callable(function):
            raise _Missing(
                f"`{path}` is not a function: is the name given to something else later on?"
            )
        if is_stub(function):
            raise _Missing(f"`{path}` has no code of yours yet")
        return function

    def _make(self, name: str, path: str, args: tuple, kwargs: dict) -> None:
        self._names[name] = self._call(path, args, kwargs)

    def _figure(self, path: str) -> dict:
        return describe(self._get(path))

    def _run(self, function: Callable[..., Any], args: tuple, kwargs: dict) -> Any:
        return function(*args, **kwargs)

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


def told(
    error: BaseException, names: Container[str], operation: str, payload: tuple
) -> tuple[str, str, str]:
    """Return what students are told of an error: its type, its text, and what to look at.

    Parameters
    ----------
    error : BaseException
    names : container of str
        The notebook's global names.
    operation : str
    payload : tuple
        With `operation`, what had been asked.
    """
    text = _text_of(error)
    place = _where(error) or _hint(error, text, names, operation, payload)
    return type(error).__name__, text, place


def _hint(
    error: BaseException, text: str, names: Container[str], operation: str, payload: tuple
) -> str:
    """Return what to do about an error that has no line of the student's."""
    if operation == "figure":
        return f"`{payload[0]}` should be axes, such as `ax` in `fig, ax = plt.subplots()`"
    if operation not in ("call", "make", "run"):
        return _FROM_A_LIBRARY
    misfit = _MISFIT.match(text) if issubclass(type(error), TypeError) else None
    if misfit is None:
        return _FROM_A_LIBRARY
    function = misfit[1].rpartition("<locals>.")[2]
    if function.partition(".")[0] not in names:
        # Such as a lambda. A library's own function is not the student's to mend.
        if not _is_from_the_call_itself(error):
            return _FROM_A_LIBRARY
        function = payload[operation == "make"]
    return f"compare the parameters of `{function}` with the question's"


def _text_of(error: BaseException) -> str:
    # str() of a student's own exception is the student's code too.
    try:
        # Theirs may be a text of a class of their own, too.
        return str.__getitem__(str(error), slice(2000))
    except Exception:  # noqa: BLE001
        return ""


def _where(error: BaseException) -> str:
    """Return the deepest line that stands in a notebook cell, as one line of text."""
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if "ipykernel_" in frame.filename or frame.filename.startswith("<ipython-input"):
            return f"in `{frame.name}`, at the line `{(frame.line or '').strip()}`"
    return ""


def _is_from_the_call_itself(error: BaseException) -> bool:
    """Tell whether no line of what was called has run."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals is globals()
