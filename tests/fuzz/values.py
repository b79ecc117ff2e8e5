"""Values of the kinds that cross the wall: made from a fuzzer's bytes, and compared."""

from __future__ import annotations

import math
from functools import singledispatch
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from helpers.checks import wire


def samples() -> list[Any]:
    """Return values of every kind, as items of the lab ask for."""
    frame = pd.DataFrame({"text": ["a", None, "c"], "n": [1, 2, 3], "x": [0.5, math.nan, 1.0]})
    return [
        None, True, 3, 2**70, -0.5, b"bytes", [1, [2, (3,)]], {"a": {1, 2}, 5: None},
        frozenset({(1, 2), "x"}), len, frame, frame["n"], frame.index, pd.Index(["a", "b"]),
        np.array([[1, "x"], [None, (2,)]], "O"), np.array(["2020-01-01"], "M8[s]"),
        ["ran", True, [{"output_type": "stream", "name": "stdout", "text": "hi"}]],
        np.arange(6).reshape(2, 3), np.array(["a", "bc"]), sp.eye(3, format="csr"), "text",
    ]  # fmt: skip


def made(read: Any, depth: int) -> Any:
    """Make a value from what a `FuzzedDataProvider` reads."""
    makers = [_scalar, _text, _array, *([_container, _sparse, _series, _frame] if depth else [])]
    return read.PickValueInList(makers)(read, depth)


def _scalar(read: Any, depth: int) -> Any:
    return read.PickValueInList([
        read.PickValueInList([None, True, False]),
        int.from_bytes(read.ConsumeBytes(read.ConsumeIntInRange(0, 40)), signed=True),
        read.ConsumeFloat(),
        read.ConsumeBytes(20),
    ])  # fmt: skip


def _text(read: Any, depth: int) -> str:
    return read.ConsumeUnicodeNoSurrogates(20)


def _container(read: Any, depth: int) -> Any:
    count = read.ConsumeIntInRange(0, 4)
    kind = read.PickValueInList([list, tuple, set, frozenset, dict])
    if kind is dict:
        return {_key(read): made(read, depth - 1) for _ in range(count)}
    if kind in (set, frozenset):
        return kind(_key(read) for _ in range(count))
    return kind(made(read, depth - 1) for _ in range(count))


def _frame(read: Any, depth: int) -> pd.DataFrame:
    rows = read.ConsumeIntInRange(0, 4)
    columns = {number: _column(read, rows) for number in range(read.ConsumeIntInRange(0, 3))}
    frame = pd.DataFrame(columns, index=[_key(read) for _ in range(rows)])
    frame.columns = [read.ConsumeUnicodeNoSurrogates(3) for _ in columns]
    return frame


def _series(read: Any, depth: int) -> pd.Series:
    return pd.Series(_column(read, read.ConsumeIntInRange(0, 4)), name=_key(read))


def _sparse(read: Any, depth: int) -> sp.csr_matrix:
    cells = np.frombuffer(read.ConsumeBytes(12).ljust(12, b"\0"), np.int8)
    return sp.csr_matrix(cells.reshape(4, 3).astype(read.PickValueInList(["f8", "i4", "u1"])))


def _array(read: Any, depth: int) -> np.ndarray:
    shape = tuple(read.ConsumeIntInRange(0, 3) for _ in range(read.ConsumeIntInRange(0, 3)))
    filled = _column(read, math.prod(shape)).reshape(shape)
    return filled.T if read.ConsumeBool() else filled


def _column(read: Any, count: int) -> np.ndarray:
    if read.ConsumeBool():
        dtype = read.PickValueInList([str, object])
        column = np.array([""] * count if dtype is str else [None] * count, dtype=dtype)
        items = [_text(read, 0) if dtype is str else _key(read) for _ in range(count)]
        if dtype is str:
            return np.array(items, dtype=str)
        column[:] = items
        return column
    data = read.ConsumeBytes(8 * count).ljust(8 * count, b"\0")
    numbers = np.frombuffer(data, np.int64)
    kind = read.PickValueInList(["i8", "u2", "f4", "f8", "?", "c16", "M8[ns]", "m8[ns]", "M8[s]"])
    return numbers.view(kind) if "[" in kind else numbers.astype(kind)


def _key(read: Any) -> Any:
    """Make something that can be looked up."""
    fixed = [(), (1, "a"), frozenset({2})]
    return read.PickValueInList(
        [read.ConsumeUnicodeNoSurrogates(6), read.ConsumeInt(9), read.PickValueInList(fixed)]
    )


def same(a: Any, b: Any) -> bool:
    """Tell whether two values are the same, in type and to the last item."""
    return look(a) == look(b)


@singledispatch
def look(value: Any) -> Any:
    """Return what can be compared: NaN is itself here, and the order of a set is nothing."""
    return (type(value).__name__, repr(value))


@look.register
def _(value: wire.Opaque) -> Any:
    return "opaque"  # an opaque value that crosses once more has lost the rest of its name


@look.register(list)
@look.register(tuple)
def _(value: Any) -> Any:
    return (type(value).__name__, [look(item) for item in value])


@look.register(set)
@look.register(frozenset)
def _(value: Any) -> Any:
    return (type(value).__name__, sorted((look(item) for item in value), key=repr))


@look.register
def _(value: dict) -> Any:
    return [(look(key), look(item)) for key, item in value.items()]


@look.register
def _(value: np.ndarray) -> Any:
    inside = look(value.ravel().tolist()) if value.dtype.hasobject else value.tobytes()
    return (value.dtype.str, value.shape, inside)


@look.register
def _(value: pd.Index) -> Any:
    return ("index", look(value.to_numpy()))


@look.register
def _(value: pd.Series) -> Any:
    return ("series", look(value.to_numpy()), look(value.index), look(value.name))


@look.register
def _(value: pd.DataFrame) -> Any:
    columns = [look(value.iloc[:, i].to_numpy()) for i in range(value.shape[1])]
    return ("frame", look(list(value.columns)), columns, look(value.index))


@look.register
def _(value: sp.csr_matrix) -> Any:
    parts = (value.data, value.indices.astype(np.int64), value.indptr.astype(np.int64))
    return ("csr", value.shape, [look(part) for part in parts])
