"""Functions that an item lends to the student's code: called there, run here.

An item may need somebody whom the student's code asks: a person with a budget, a language model.
What they would answer, and what they have counted, must not lie where that code can read or change
it. So such a function stays in the item's process. The student's code gets a stand-in for it, whose
questions and answers travel as those of items do, the other way round.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from functools import cache, partial
from types import FunctionType
from typing import Any

import cloudpickle

from . import wire

# Takes a question of a stand-in (bytes, untrusted); returns the answer (bytes, pickled by us).
AnswerBack = Callable[[bytes], bytes]


class Lent:
    """Marks a function as lent, wherever it stands among the arguments of a request.

    Parameters
    ----------
    function : callable
        Takes plain data that is untrusted, without limits but those of `wire`. What it returns or
        raises is what the student's code sees.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __reduce__(self) -> Any:
        raise TypeError("what is lent is not given away")


class Lender:
    """The item's end: knows the functions, and answers for them."""

    def __init__(self) -> None:
        self._functions: list[Callable[..., Any]] = []

    def dumps(self, request: Any) -> bytes:
        """Pickle a request; what is lent in it stays here."""
        file = io.BytesIO()
        _Pickler(file, self._functions).dump(request)
        return file.getvalue()

    def answer(self, question: bytes) -> bytes:
        """Answer a question.

        Parameters
        ----------
        question : bytes
            The number of a function, its arguments in a list and in a dict, encoded by `wire`;
            untrusted.

        Returns
        -------
        bytes
            Pickled: ``(True, value)``, or ``(False, error)`` if the function raised.
        """
        try:
            match wire.decode(question):
                case [int(number), list(args), dict(named)] if 0 <= number < len(self._functions):
                    return cloudpickle.dumps((True, self._functions[number](*args, **named)))
            raise TypeError("this is no question")
        except Exception as error:  # noqa: BLE001 - it is the student's code that is to see it
            return cloudpickle.dumps((False, error))


class Borrowed:
    """The stand-in, in the student's process."""

    def __init__(self, ask: AnswerBack, number: int) -> None:
        self._ask = ask
        self._number = number

    def __call__(self, *args: Any, **named: Any) -> Any:
        well, answer = pickle.loads(self._ask(wire.encode([self._number, list(args), named])))
        if well:
            return answer
        raise answer


def loads(request: bytes, ask: AnswerBack) -> Any:
    """Unpickle a request in the student's process.

    Parameters
    ----------
    request : bytes
        From `Lender.dumps`.
    ask : callable
        Carries a question of a stand-in to `Lender.answer`.
    """
    return _Unpickler(io.BytesIO(request), ask).load()


class _Pickler(cloudpickle.Pickler):
    def __init__(self, file: io.BytesIO, functions: list[Callable[..., Any]]) -> None:
        super().__init__(file)
        self._functions = functions

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, FunctionType) and obj.__qualname__ == obj.__name__ != "<lambda>":
            return pickle.loads, (_pickled(obj),)
        if not isinstance(obj, Lent):
            return super().reducer_override(obj)
        self._functions.append(obj.function)
        return Borrowed, (len(self._functions) - 1,)


@cache
def _pickled(function: FunctionType) -> bytes:
    """Pickle a module's function, once: to find out what it needs takes longer than most calls."""
    return cloudpickle.dumps(function)


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, ask: AnswerBack) -> None:
        super().__init__(file)
        self._ask = ask

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (__name__, Borrowed.__name__):
            return partial(Borrowed, self._ask)
        return super().find_class(module, name)
