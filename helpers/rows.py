"""The rows of a table, one after another, as labeling functions read them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd


def rows_of(df: pd.DataFrame) -> Iterator[pd.Series]:
    """Give every row of a table in turn, quick to read.

    As in `DataFrame.apply`, one object is all the rows: who wants to keep a row keeps a copy.

    Parameters
    ----------
    df : DataFrame

    Yields
    ------
    Series
        With what each column says as an attribute of its own, for as long as nobody writes to it:
        a series looks everywhere else before it finds `x.review` among its data, which takes
        longer than most functions need for their vote.
    """
    once = df.columns[~df.columns.duplicated(keep=False)]
    known = {name: iter(df[name].tolist()) for name in once if _can_be_known(name)}
    row = None
    for name, values in zip(df.index, df.to_numpy(copy=True), strict=True):
        if row is None or not row._is_as_made():
            row = _Row._made_of(df.columns, values)
        row._show(name, values, {column: next(entries) for column, entries in known.items()})
        yield row


def _can_be_known(name: object) -> bool:
    """Tell whether a column's name is free to be an attribute of a row."""
    return isinstance(name, str) and not name.startswith("_") and not hasattr(pd.Series, name)


class _Row(pd.Series):
    """A row that can be given other values, until a function has written to it."""

    # What comes out of a pickle has these.
    _made: Any = None
    _known: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def _made_of(cls, columns: pd.Index, values: np.ndarray) -> _Row:
        row = cls(values, index=columns, dtype=values.dtype, copy=False)
        row.__dict__["_made"] = row._mgr
        return row

    def _is_as_made(self) -> bool:
        return self._made is self._mgr

    def _show(self, name: Hashable, values: np.ndarray, known: dict[str, Any]) -> None:
        """Become another row; what was taken of the one before stays as it is."""
        self._mgr.set_values(values)
        self.__dict__.update(known, _name=name, _attrs={}, _known=known)

    def _forget(self) -> None:
        """What it knows may be written over, and its data be elsewhere."""
        for name in ("_made", *self._known):
            self.__dict__.pop(name, None)

    def __setattr__(self, name: str, value: Any) -> None:
        self._forget()
        super().__setattr__(name, value)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._forget()
        super().__setitem__(key, value)

    def __delitem__(self, key: Any) -> None:
        self._forget()
        super().__delitem__(key)

    def update(self, other: Any) -> None:
        self._forget()
        super().update(other)


def _forgetting(name: str) -> property:
    def indexer(row: _Row) -> Any:
        row._forget()
        return getattr(super(_Row, row), name)

    return property(indexer)


for _name in ("loc", "iloc", "at", "iat"):
    setattr(_Row, _name, _forgetting(_name))
