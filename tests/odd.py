"""Judge the right solution, but with one odd value in place of something it says.

    python tests/odd.py solutions/week04/part6_noisy_labels.ipynb

prints, as JSON, where an item stumbles, or has no words. What the solution says to an item is kept
as on a tape, so that the item is judged again, with one reply replaced, in a few milliseconds.
"""

import json
import math
import sys
from collections import Counter
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace

import nbformat
import numpy as np
import pandas as pd
import scipy.sparse as sp
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from autograder.items import load_items
from helpers import checkpoints
from helpers.checks import lending, wire
from helpers.checks.namespace import Namespace
from helpers.checks.student import Student, StudentGone
from helpers.checks.verdict import MET, UNMET, judge_item

MEASURED = SimpleNamespace(
    qualities={"manual": 0.95, "active_learning": 0.76, "weak_supervision": 0.75, "llm": 0.8,
               "hybrid": 0.86},
    n_labels=600, human_share=0.3, input_tokens=110, output_tokens=14,
)  # fmt: skip
# In place of a whole value.
WHOLE = [
    None, True, -1, 0, 2.5, 10**30, math.nan, math.inf, "text", "", object(), b"bytes", 1j,
    [], (), {}, set(), [[]], [1], [1, 2], ["a", "b"], [None, None], [[1], [2, 3]],
    [[1, 2], [3, 4]], [[[1], [2, 3]], None], [[["a"], 1]], [({"a": 1}, 2)],
    [math.nan], [math.inf, 1], [10**30], [-1],
    [True, False], [{}, {}], [["a", {}], ["b", []]], {"a": 1}, {1: 2}, {None: None},
    {"a": [1], "b": [1, 2]}, {"a": {"b": []}},
    np.array([]), np.array(3.0), np.zeros((0, 3)), np.zeros((3, 0)), np.zeros((2, 3, 2)),
    np.full(3, np.nan), np.array([1, None, "x"], dtype=object), np.array(["a", "b"]),
    np.array([[1], [2]], dtype=object), np.array(["2020-01-01"], dtype="datetime64[D]"),
    pd.DataFrame(), pd.DataFrame({"a": []}), pd.DataFrame({"a": [1, 2], "b": [3, 4]}),
    pd.DataFrame({"a": [1, 2], "b": [[1], None], "c": ["x", "y"]}),
    pd.DataFrame({"label model": [], "majority vote": []}),
    pd.DataFrame({"coverage": [1, 2], "accuracy": [1, 2]}, index=["label model"] * 2),
    pd.DataFrame({"a": [[1], [2]], "b": [1, 2]}),
    pd.Series([], dtype=float), pd.Series(["a", None]), pd.Series([1, 2], index=["a", "a"]),
    pd.Index(["a", "b"]), sp.csr_matrix((2, 3)),
]  # fmt: skip
# In place of one entry of a right value.
ENTRY = [None, True, -1, 10**30, math.nan, math.inf, "text", [], [1], [[1], [2, 3]], {}, {"a": 1},
         np.zeros((2, 2)), pd.DataFrame({"a": []}), ["a", None]]  # fmt: skip
_NEAR_ENDS = 2
# Requests that code of ours answers, whatever the student has written.
OURS = {"_hands.path", "_hands.press", "_hands.open", "_hands.text", "_hands.type", "_hands.wait",
        "_hands.attempt", "limit_files"}  # fmt: skip


def near(value, depth=1):
    """Yield what is nearly this value: too short, or odd in one place."""
    if isinstance(value, dict):
        yield from _near_dicts(value, depth)
    elif isinstance(value, (list, tuple)):
        yield from _near_lists(value, depth)
    elif isinstance(value, np.ndarray):
        yield from _near_arrays(value)
    elif isinstance(value, pd.DataFrame):
        yield from (value.iloc[:0], value.iloc[:-1], value.T, value.reset_index())
        yield from (value.drop(columns=name) for name in value.columns)
        yield from (value.assign(**{str(name): None}) for name in value.columns)
    elif isinstance(value, (pd.Series, pd.Index)):
        yield from map(type(value), near(value.tolist(), 0))
    elif sp.issparse(value):
        yield from (value[:0], value[:-1], value[:, :0], value[:, :-1], value * np.nan)
        yield value[:5].toarray()
    elif isinstance(value, (int, float)):
        yield from (-value, 100 * value, str(value), [value], [value, value], 10.0**300)


def _near_dicts(value, depth):
    for key, entry in value.items():
        rest = {k: v for k, v in value.items() if k != key}
        yield from (rest, rest | {7: entry}, rest | {None: entry})
        yield from ({**value, key: odd} for odd in ENTRY)
        if depth:
            yield from ({**value, key: odd} for odd in near(entry, depth - 1))
    yield from (list(value.items()), list(value), list(value.values()), [value])


def _near_lists(value, depth):
    kind = type(value)
    yield from (value[:-1], value[:1], value[:0], value + value[:1], kind([value]), value[::-1])
    for place in sorted({*range(len(value))[:_NEAR_ENDS], *range(len(value))[-_NEAR_ENDS:]}):
        before, after = value[:place], value[place + 1 :]
        yield from (before + kind([odd]) + after for odd in ENTRY)
        if depth:
            for odd in near(value[place], depth - 1):
                yield before + kind([odd]) + after


def _near_arrays(value):
    yield from (value[:-1], value[:0], value[..., None], value.T, value.astype(str), value[None])
    yield from (value * 100, value - 5) if value.dtype.kind in "iuf" else ()
    if value.ndim == 2:
        yield from (value[:, :-1], value[:, :0], value[:, ::-1], value[:1])
    for odd in (None, math.nan, math.inf, -1, 10**30, "x", [1]):
        changed = value.astype(object)
        if changed.size:
            changed.flat[0] = odd
            yield changed
    if value.dtype.kind in "iuf" and value.size:
        for odd in (math.nan, math.inf, -math.inf, 1e300):
            changed = value.astype(float)
            changed.flat[0] = odd
            yield from (changed, np.full(value.shape, odd))


def odd_figures(figure):
    """Yield what other drawings look like: no axes, no lines, lines of one point, no numbers."""
    yield figure | {"axes": []}
    for name in ("lines", "points", "legend", "texts"):
        yield figure | {"axes": [ax | {name: []} for ax in figure["axes"]]}
    for change in (
        lambda y: y[:0], lambda y: y[:1], lambda y: y[:3], lambda y: y * math.nan,
        lambda y: y * math.inf, lambda y: y * 100, lambda y: y - 5, lambda y: np.r_[y, y],
    ):  # fmt: skip
        for which in (("x",), ("y",), ("x", "y")):
            # Matplotlib makes both as long as each other.
            axes = [
                ax | {"lines": [_changed(line, change, which) for line in ax["lines"]]}
                for ax in figure["axes"]
            ]
            yield figure | {"axes": axes}
    yield figure | {"axes": [ax | {"points": [np.empty((0, 2))]} for ax in figure["axes"]]}
    yield figure | {"axes": [ax | {"xlabel": "", "ylabel": " "} for ax in figure["axes"]]}


def _changed(line, change, which):
    changed = {name: change(line[name]) for name in which}
    n = min(len(changed.get("x", line["x"])), len(changed.get("y", line["y"])))
    return {**line, **{name: changed.get(name, line[name])[:n] for name in "xy"}}


def odd_replies(operation, path, reply):
    """Yield what the student's side might say instead, and that as a reply."""
    kind, value, *_ = [*wire.decode(reply), None]
    if kind != "value" or path in OURS:
        return
    for odd in _odd_values(operation, path, value):
        # Of what is too large the student's process says so, and no item sees it.
        with suppress(wire.WireError):
            yield odd, wire.encode(["value", odd])


def _odd_values(operation, path, value):
    """Return what might come instead, where that is the student's."""
    if path == "_hands.entries":
        return filter(_is_from_a_file, near(value))
    if path == "_vote":
        return ([[odd, *votes[1:]] for votes in value] for odd in ENTRY)
    if path == "_query_by_modal":
        return ([odd, value[1]] for odd in [*WHOLE, *near(value[0])])
    if operation == "figure":
        return odd_figures(value)
    if operation == "get_all":
        return ([*value[:i], odd, *value[i + 1 :]] for i in range(len(value)) for odd in ENTRY)
    if operation == "calls":
        return _odd_calls(value)
    if value is None:
        return ENTRY
    return [*WHOLE, *near(value)] if operation in ("get", "call", "run") else ()


def _odd_calls(replies):
    *before, last = replies
    for odd in [*WHOLE, *near(wire.decode(last)[1])]:
        yield [*before, wire.encode(["value", odd])]


def _is_from_a_file(entries):
    """Tell whether these can be what was read from the lines of a file."""
    try:
        json.dumps(entries)
    except TypeError:
        return False
    return isinstance(entries, list)


class Tape:
    """What the student's side says to one item, request by request."""

    def __init__(self, item, names):
        self.item = item
        self._said = {}
        self._asked = {}
        self.verdict = self._judge(partial(self._record, Namespace(names).answer))

    def replies(self):
        """Yield each request's key, and its reply."""
        yield from self._said.items()

    def judge(self, key, odd):
        """Judge the item on what has been said, but for one reply."""
        return self._judge(
            lambda k, request, ask_back: odd if k == key else self._play(k, ask_back)
        )

    def _judge(self, answer):
        came = Counter()

        def numbered(request, ask_back):
            operation, payload = lending.loads(request, ask_back)
            what = operation, _path(operation, payload)
            came[what] += 1
            return answer((*what, came[what]), request, ask_back)

        return judge_item(self.item, Student(numbered))

    def _record(self, live, key, request, ask_back):
        asked = self._asked[key] = []

        def overheard(question):
            asked.append(question)
            return ask_back(question)

        self._said[key] = live(request, overheard)
        return self._said[key]

    def _play(self, key, ask_back):
        *what, number = key
        while number and (*what, number) not in self._said:
            number -= 1
        if not number:
            return wire.encode(["missing", "nobody was asked this"])
        key = (*what, number)
        for question in self._asked[key]:
            ask_back(question)
        return self._said[key]


def _path(operation, payload):
    if operation == "run":
        return payload[0].__name__
    if operation == "make":
        return payload[1]
    return str(payload[0]) if payload and operation != "patch" else ""


def stumbles(item, names):
    """Yield in words where an item does not cope with one odd value."""
    tape = Tape(item, names)
    if tape.verdict.status != MET or tape.judge(None, None).status != MET:
        yield f"{item.name} is not met by the solution: {tape.verdict}"
    for key, reply in tape.replies():
        for odd, odd_reply in odd_replies(*key[:2], reply):
            # What no honest process says ends the grading of a submission, not of an item.
            with suppress(StudentGone):
                verdict = tape.judge(key, odd_reply)
                said = (verdict.expected or verdict.got) and verdict.next_step
                if verdict.fault or (verdict.status == UNMET and not said):
                    why = verdict.fault or "no words"
                    yield f"{item.name}: {why}, for {' '.join(key[:2])}: {repr(odd)[:200]}"


def solved(path):
    """Return the names of a part's solution."""
    # Measured, these take half a minute; items look at nothing but their form.
    rising = np.linspace(0, 0.1, 23) + np.linspace(0, 0.01, 5)[:, None]
    checkpoints.repeated_runs = lambda *_: (0.7 + rising, 0.6 + rising)
    checkpoints.measured_qualities = lambda *_: MEASURED
    module = sys.modules["__main__"] = ModuleType("__main__")
    InteractiveShell.instance(user_module=module)
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "code" and not cell.id.endswith("_check"):
            exec(compile(cell.source, cell.id, "exec"), vars(module))
    return vars(module)


def main(path):
    with capture_output():
        questions = load_items(path.stem.partition("_")[0]).values()
        names = solved(path)
        items = [item for question in questions for item in question.items]
        found = [stumble for item in items for stumble in stumbles(item, names)]
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
