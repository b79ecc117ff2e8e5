"""From values to msgpack data; runs where the student's code does."""

from __future__ import annotations

import enum
from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .limits import (
    DTYPE_KINDS,
    LIBRARY_NODES,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_HEX,
    MAX_NODES,
    MAX_TEXT,
    WireError,
)

_MIN, _MAX = -(2**63), 2**63 - 1


class Encoder:
    """One encoding: counts nodes, and looks types up without importing their libraries."""

    def __init__(self) -> None:
        self.nodes = 0

    def node(self, value: Any, depth: int) -> Any:
        """Return `value` as msgpack data: a scalar, or a list [tag, ...]."""
        self._count(1, depth)
        kind = type(value)
        if value is None or kind in (bool, float):
            return value
        if kind is int:
            return value if _MIN <= value <= _MAX else self._bigint(value)
        if kind is str:
            return self._text(value)
        if kind is bytes:
            return value
        if kind in (list, tuple, set, frozenset):
            return [kind.__name__, self._items(value, depth + 1)]
        if isinstance(value, dict):
            pairs = [
                [self.node(key, depth + 1), self.node(item, depth + 1)]
                for key, item in value.items()
            ]
            return ["dict", pairs]
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return ["tuple", self._items(value, depth + 1)]
        for plain in (int, float, str):
            if isinstance(value, plain) and isinstance(value, enum.Enum):
                # What it is, and not what its class says that it is.
                return self.node(plain.__getnewargs__(value)[0], depth)
        return self._from_library(value, depth)

    def _count(self, nodes: int, depth: int) -> None:
        self.nodes += nodes
        if depth > MAX_DEPTH:
            raise WireError(f"the value is nested more than {MAX_DEPTH} levels deep")
        if self.nodes > MAX_NODES:
            raise WireError(f"the value has more than {MAX_NODES:,} parts")

    def _items(self, values: Collection[Any], depth: int) -> list:
        # Most are numbers of one kind, and many: labels, votes, curves.
        kinds = set(map(type, values))
        if kinds == {float} or (kinds == {int} and min(values) >= _MIN and max(values) <= _MAX):
            self._count(len(values), depth)
            return [*values]
        return [self.node(value, depth) for value in values]

    @staticmethod
    def _bigint(value: int) -> list[str]:
        text = hex(value)
        if len(text) > MAX_HEX:
            raise WireError(f"an integer of {value.bit_length():,} bits is too long to check")
        return ["bigint", text]

    def _text(self, text: str) -> str:
        if len(text) > MAX_TEXT:
            raise WireError(f"a text of {len(text):,} characters is too long to check")
        # Lone surrogates are legal in Python and not in msgpack.
        return text.encode("utf-8", "replace").decode("utf-8")

    def _from_library(self, value: Any, depth: int) -> Any:
        module = type(value).__module__.partition(".")[0]
        if module == "numpy":
            return self._from_numpy(value, depth)
        if module in ("decimal", "fractions"):
            return self._from_exact(value)
        if module == "pandas":
            return self._from_pandas(value, depth)
        if module == "scipy":
            self._count(LIBRARY_NODES, depth)
            return self._from_scipy(value, depth)
        return self._opaque(value)

    def _from_exact(self, value: Any) -> Any:
        """Return a `Decimal` or a `Fraction` as the number it nearly is."""
        try:
            return float(value) if type(value) in (Decimal, Fraction) else self._opaque(value)
        except (ValueError, OverflowError):
            return self._opaque(value)

    def _opaque(self, value: Any) -> list[str]:
        return ["opaque", self._text(type(value).__name__[:200])]

    def _from_numpy(self, value: Any, depth: int) -> Any:
        import numpy as np

        if isinstance(value, np.generic):
            if isinstance(value, np.longdouble):
                return float(value)
            if isinstance(value, (np.bool_, np.integer, np.floating, np.str_)):
                return self.node(value.item(), depth)
            value = np.asarray(value)
        if not isinstance(value, np.ndarray):
            return self._opaque(value)
        if value.dtype.kind in DTYPE_KINDS and value.dtype.names is None:
            if value.nbytes > MAX_BYTES:
                raise WireError(f"an array of {value.nbytes:,} bytes is too large to check")
            plain = np.ascontiguousarray(value).reshape(value.shape)
            return ["array", plain.dtype.str, list(plain.shape), plain.tobytes()]
        if value.dtype.kind == "O":
            items = self._items(value.ravel().tolist(), depth + 1)
            return ["objects", list(value.shape), items]
        return ["opaque", f"array of {value.dtype}"[:200]]

    def _from_pandas(self, value: Any, depth: int) -> Any:
        import pandas as pd

        if value is pd.NA or value is pd.NaT:
            return None
        self._count(LIBRARY_NODES, depth)
        if isinstance(value, pd.DataFrame):
            columns = [
                [self.node(value.columns[i], depth + 1), self._column(value.iloc[:, i], depth)]
                for i in range(value.shape[1])
            ]
            return ["frame", columns, self._column(value.index.to_series(), depth)]
        if isinstance(value, pd.Series):
            index = self._column(value.index.to_series(), depth)
            name = self.node(value.name, depth + 1)
            return ["series", self._column(value, depth), index, name]
        if isinstance(value, pd.Index):
            return ["index", self._column(value.to_series(), depth)]
        if isinstance(value, pd.api.extensions.ExtensionArray):
            return self._column(pd.Series(value), depth)
        return self._opaque(value)

    def _column(self, series: Any, depth: int) -> Any:
        values = series.to_numpy()
        return self._from_numpy(values, depth + 1)

    def _from_scipy(self, value: Any, depth: int) -> Any:
        import scipy.sparse as sp

        if not sp.issparse(value) or value.ndim != 2:
            return self._opaque(value)
        csr = value.tocsr()
        parts = [self._from_numpy(part, depth + 1) for part in (csr.data, csr.indices, csr.indptr)]
        return ["csr", list(csr.shape), *parts]
