"""From msgpack data to values; safe on data that somebody made by hand."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from .limits import (
    DTYPE_KINDS,
    LIBRARY_NODES,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_HEX,
    MAX_NODES,
    Opaque,
    WireError,
)

_OF_LIBRARIES = frozenset(["frame", "series", "index", "csr"])
# Lists that msgpack may make, with all that is in them; a value of MAX_NODES parts has fewer.
_MAX_PARTS = 8 * MAX_NODES
_MAX_ALIKE = 100
_MAX_ITEMSIZE = 64 * 1024
# What `dtype.str` gives. NumPy's own reader must not see more: "M8[s/0]" ends the process.
_DTYPE = re.compile(
    r"[<>|](?:[biufc]\d{1,2}|[US][1-9]\d{0,4}|[mM]8(?:\[(?:[1-9]\d{0,8})?(?:[YMWDhms]|[munpfa]s)\])?)"
)


class Parts:
    """Counts what msgpack makes: a byte can become a list of sixty."""

    def __init__(self) -> None:
        self._parts = 0

    def count(self, items: list) -> list:
        self._parts += 1 + len(items)
        if self._parts > _MAX_PARTS:
            raise WireError("the value has too many parts")
        return items


_PLAIN = frozenset((type(None), bool, int, float, str, bytes))


class Decoder:
    """One decoding: every branch checks shape and size before it builds anything."""

    def __init__(self) -> None:
        self.nodes = 0

    def value(self, node: Any, depth: int) -> Any:
        self.nodes += 1
        self._demand_bounds(depth)
        if not isinstance(node, list):
            if type(node) in _PLAIN:
                return node
            raise WireError(f"a value cannot be a bare {type(node).__name__}")
        if not node or not isinstance(node[0], str):
            raise WireError("a value has no tag")
        reader = getattr(self, f"_read_{node[0]}", None)
        if reader is None:
            raise WireError(f"unknown kind of value: {node[0][:40]!r}")
        if node[0] in _OF_LIBRARIES:
            self.nodes += LIBRARY_NODES
        return reader(depth + 1, *node[1:])

    def _demand_bounds(self, depth: int) -> None:
        if depth > MAX_DEPTH + 4 or self.nodes > 2 * MAX_NODES:
            raise WireError("the value is nested too deeply or has too many parts")

    def _items(self, depth: int, nodes: Any) -> list:
        if not isinstance(nodes, list):
            raise WireError("a container's items are not a list")
        if _PLAIN.issuperset(map(type, nodes)):
            self.nodes += len(nodes)
            self._demand_bounds(depth)
            return nodes
        return [self.value(node, depth) for node in nodes]

    def _read_list(self, depth: int, nodes: Any) -> list:
        return self._items(depth, nodes)

    def _read_tuple(self, depth: int, nodes: Any) -> tuple:
        return tuple(self._items(depth, nodes))

    def _read_set(self, depth: int, nodes: Any) -> set:
        return set(_distinct(self._items(depth, nodes)))

    def _read_frozenset(self, depth: int, nodes: Any) -> frozenset:
        return frozenset(_distinct(self._items(depth, nodes)))

    def _read_dict(self, depth: int, pairs: Any) -> dict:
        if not isinstance(pairs, list):
            raise WireError("a dict's pairs are not a list")
        items = [(self.value(key, depth), self.value(value, depth)) for key, value in pairs]
        _distinct(key for key, _ in items)
        return dict(items)

    def _read_bigint(self, depth: int, text: Any) -> int:
        if not isinstance(text, str) or len(text) > MAX_HEX:
            raise WireError("an integer is too long")
        return int(text, 16)

    def _read_opaque(self, depth: int, name: Any) -> Opaque:
        if not isinstance(name, str):
            raise WireError("a type's name is not text")
        return Opaque(name[:200])

    @staticmethod
    def _shape(shape: Any, most: int) -> tuple[int, ...]:
        if not isinstance(shape, list) or len(shape) > 16:
            raise WireError("an array's shape is not a short list")
        if not all(type(size) is int and 0 <= size <= most for size in shape):
            raise WireError("an array's shape is out of range")
        return tuple(shape)

    def _read_array(self, depth: int, dtype: Any, shape: Any, data: Any) -> Any:
        import numpy as np

        if not isinstance(dtype, str) or not isinstance(data, bytes) or len(dtype) > 20:
            raise WireError("an array is malformed")
        if not _DTYPE.fullmatch(dtype):
            raise WireError(f"arrays of {dtype!r} do not cross")
        kind = np.dtype(dtype)
        if kind.kind not in DTYPE_KINDS or kind.hasobject or not 0 < kind.itemsize <= _MAX_ITEMSIZE:
            raise WireError(f"arrays of {dtype!r} do not cross")
        sizes = self._shape(shape, MAX_BYTES)
        if math.prod(sizes) * kind.itemsize != len(data):
            raise WireError("an array's size does not fit its data")
        array = np.frombuffer(data, dtype=kind).reshape(sizes).copy()
        if kind.kind == "U":
            # Code points above 0x10FFFF would break every later look at the text.
            points = array.reshape(-1).view(np.uint32) if array.size else np.zeros(0, np.uint32)
            if kind.byteorder == ">" or (points > 0x10FFFF).any():
                raise WireError("an array of text holds characters that do not exist")
        return array

    def _read_objects(self, depth: int, shape: Any, nodes: Any) -> Any:
        import numpy as np

        items = self._items(depth, nodes)
        sizes = self._shape(shape, MAX_NODES)
        if math.prod(sizes) != len(items):
            raise WireError("an array's size does not fit its data")
        array = np.empty(len(items), dtype=object)
        for position, item in enumerate(items):
            array[position] = item
        return array.reshape(sizes)

    def _vector(self, node: Any, depth: int) -> Any:
        import numpy as np

        array = self.value(node, depth)
        if not isinstance(array, np.ndarray) or array.ndim != 1:
            raise WireError("a column is not one-dimensional")
        return array

    def _read_frame(self, depth: int, columns: Any, index: Any) -> Any:
        import pandas as pd

        if not isinstance(columns, list):
            raise WireError("a frame's columns are not a list")
        names = [self.value(name, depth) for name, _ in columns]
        arrays = [self._vector(column, depth) for _, column in columns]
        labels = pd.Index(self._vector(index, depth))
        if any(len(array) != len(labels) for array in arrays):
            raise WireError("a frame's columns differ in length")
        frame = pd.DataFrame(dict(enumerate(arrays)), index=labels)
        frame.columns = pd.Index(names, dtype=object) if names else pd.Index([])
        return frame

    def _read_series(self, depth: int, values: Any, index: Any, name: Any) -> Any:
        import pandas as pd

        labels = pd.Index(self._vector(index, depth))
        return pd.Series(self._vector(values, depth), index=labels, name=self.value(name, depth))

    def _read_index(self, depth: int, values: Any) -> Any:
        import pandas as pd

        return pd.Index(self._vector(values, depth))

    def _read_csr(self, depth: int, shape: Any, data: Any, indices: Any, indptr: Any) -> Any:
        import numpy as np
        import scipy.sparse as sp

        sizes = self._shape(shape, 2**31 - 1)
        parts = [self._vector(part, depth) for part in (data, indices, indptr)]
        if len(sizes) != 2 or any(part.dtype.kind not in "iu" for part in parts[1:]):
            raise WireError("a sparse matrix is malformed")
        values, columns, starts = parts[0], *(part.astype(np.int64) for part in parts[1:])
        # SciPy's own check overlooks differences that overflow, and its C code believes it.
        if (
            values.dtype.kind not in "biufc"
            or values.dtype.itemsize > 16
            or len(starts) != sizes[0] + 1
            or starts[0] != 0
            or starts[-1] > len(values)
            or (starts[1:] < starts[:-1]).any()
            or len(columns) != len(values)
            or ((columns < 0) | (columns >= sizes[1])).any()
        ):
            raise WireError("a sparse matrix is malformed")
        held = slice(starts[-1])
        return sp.csr_matrix((values[held], columns[held], starts), shape=sizes)


def _distinct(keys: Iterable[Any]) -> list[Any]:
    """Return keys as they are, unless they were made to collide: looking up such takes hours."""
    kept = list(keys)
    most = Counter(map(hash, kept)).most_common(1)
    if most and most[0][1] > _MAX_ALIKE:
        raise WireError("too many keys look alike")
    return kept
