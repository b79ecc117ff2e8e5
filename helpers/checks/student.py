"""The `student` that items are written against: asks for names, gets plain data.

The same class serves a student's own check in JupyterLab and the grader: only `ask`, the
way a question reaches the student's names, differs. In both cases arguments are pickled
on the way in and results come back through `wire`, so an item that passes here does not
fail there because of a type.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from . import wire
from .lending import AnswerBack, Lender
from .question import NotAttempted

# Calls in a request: replies may be long.
_AT_ONCE = 20
MALFORMED = "the answer to an item's question is malformed"
_READS = {"get", "get_all", "has", "figure", "demand"}


class StudentError(Exception):
    """The student's code raised, or ran past a limit, while an item looked at it.

    Parameters
    ----------
    kind : str
        Name of the exception's type, or of the limit.
    message : str
        The exception's text.
    where : str
        The line of the student's own code, where known.

    Notes
    -----
    What is longer than anybody reads is cut off: the student's process has said it.
    """

    def __init__(self, kind: str, message: str = "", where: str = "") -> None:
        self.kind = kind[:200]
        self.message = message[:2000]
        self.where = where[:500]
        super().__init__(f"{self.kind}: {self.message}")


class StudentGone(Exception):
    """The process with the student's names does not answer any more."""


class Student:
    """Reaches the names a student's cells have made.

    Parameters
    ----------
    ask : callable
        Takes a request (bytes, pickled by us) and whom to ask back for what an item lends;
        returns a reply (bytes, untrusted).
    read : callable, optional
        The same, for requests that call nothing and give nothing away; `ask` by default.
    known : dict, optional
        What items of the same question have learned in the same process; see `once`.
    alone : bool
        Share through `once` only what this student calls first: a later look sees what earlier
        calls have changed.

    Notes
    -----
    Paths are dotted: ``"learner.query"`` is the attribute `query` of the name `learner`.
    Every method raises `NotAttempted` if a name is missing or is still a stub,
    and `StudentError` if the student's code raises.
    """

    def __init__(
        self,
        ask: Callable[[bytes, AnswerBack], bytes],
        read: Callable[[bytes, AnswerBack], bytes] | None = None,
        known: dict[Hashable, Any] | None = None,
        *,
        alone: bool = False,
    ) -> None:
        self._ask = ask
        self._read = read or ask
        self._lender = Lender()
        self._reader = wire.Reader()
        self._demanded: set[str] = set()
        self._known = {} if known is None else known
        self._alone = alone
        self._called = False

    def get(self, path: str) -> Any:
        """Return a copy of a value, in plain types."""
        return self._request("get", path)

    def get_all(self, *paths: str) -> list[Any]:
        """Return copies of several values, in one request; None for what is not there."""
        values = self._request("get_all", paths)
        if not isinstance(values, list) or len(values) != len(paths):
            raise StudentGone(MALFORMED)
        return values

    def has(self, path: str) -> bool:
        """Tell whether there is a value of this name that is not a placeholder."""
        return self._request("has", path)

    def call(self, path: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call a function on copies of the arguments; return a copy of its result.

        What stands in the arguments, or in a stub, as `lending.Lent` is not copied but asked.
        """
        self._demand_first(path)
        return self._request("call", path, args, kwargs)

    def demand(self, path: str) -> None:
        """Raise `NotAttempted` if there is nothing to call, without calling it."""
        if path not in self._demanded:
            self._request("demand", path)
            self._demanded.add(path)

    def call_each(self, path: str, *calls: tuple) -> Iterator[Any]:
        """Call a function once for each tuple of arguments; yield copies of the results.

        Twenty calls are one request, so this takes a fraction of the time that `call` does. Nothing
        can be lent. What a call raises is raised when it is its turn.
        """
        return self._calls(path, [pickle.dumps((args, {})) for args in calls])

    def call_often(self, times: int, path: str, /, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Call a function many times as `call_each` does, each time on fresh copies."""
        return self._calls(path, [pickle.dumps((args, kwargs))] * times)

    def _calls(self, path: str, arguments: list[bytes]) -> Iterator[Any]:
        self._demand_first(path)
        for done in range(0, len(arguments), _AT_ONCE):
            wanted = arguments[done : done + _AT_ONCE]
            replies = self._request("calls", path, wanted)
            if not isinstance(replies, list) or len(replies) > len(wanted):
                raise StudentGone(MALFORMED)
            # The last one may say what the call raised: then there are no more.
            yield from map(self._said, replies)
            if len(replies) < len(wanted):
                raise StudentGone(MALFORMED)

    def make(self, name: str, path: str, /, *args: Any, **kwargs: Any) -> None:
        """Call a function or class and keep the result under `name`, in the student's process."""
        self._demand_first(path)
        self._request("make", name, path, args, kwargs)

    def run(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Run a function of ours where the student's names are; return a copy of its result.

        It finds these names in `__main__`. What it says is no more to be believed than what the
        student's own functions say.
        """
        return self._request("run", function, args, kwargs)

    def figure(self, path: str) -> dict:
        """Return a description of a figure.

        Parameters
        ----------
        path : str
            Name of an axes, a figure, or an array of axes.

        Returns
        -------
        dict
            ``{"axes": [{"xlabel", "ylabel", "legend": [str], "lines": [{"label", "x": array,
            "y": array}], "bands": int, ...}, ...]}``: all of it stands in
            `helpers.checks.figures`.
        """
        return self._request("figure", path)

    @contextmanager
    def patched(self, **stubs: Any) -> Iterator[None]:
        """Replace names in the student's notebook for the length of a `with` block.

        A stub is pickled into the student's process, and whatever it knows or notes there is in
        reach of the student's code. What is not to be goes into a `lending.Lent`.
        """
        self._request("patch", stubs)
        try:
            yield
        finally:
            self._request("unpatch")

    def once(self, key: Hashable, look: Callable[[], Any]) -> Any:
        """Look at the student, or return what another item of the question has seen.

        Parameters
        ----------
        key : hashable
            Says all that `look` depends on.
        look : callable
            Calls the student's code, at length. What it returns is shared: leave it as it is.
        """
        if key in self._known:
            return self._known[key]
        first = not self._called
        seen = look()
        if first or not self._alone:
            self._known[key] = seen
        return seen

    def _demand_first(self, path: str) -> None:
        # Once something has been called, the call itself will tell.
        if not self._called:
            self.demand(path)

    def _request(self, operation: str, *payload: Any) -> Any:
        reach = self._read if operation in _READS else self._ask
        self._called |= operation not in _READS
        return self._said(reach(self._lender.dumps((operation, payload)), self._lender.answer))

    def _said(self, reply: Any) -> Any:
        match self._decoded(reply):
            case [str("value"), value]:
                return value
            case [str("missing"), str(text)]:
                raise NotAttempted(text)
            case [str("error"), str(kind), str(message), str(where)]:
                raise StudentError(kind, message, where)
        raise StudentGone(MALFORMED)

    def _decoded(self, reply: Any) -> Any:
        try:
            return self._reader.decode(reply)
        except (wire.WireError, TypeError) as error:
            raise StudentGone(str(error)) from None
