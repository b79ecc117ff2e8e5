"""Read what a student made in any of the styles that are right.

Each function returns one plain type, or raises `Unmet` in words a student understands.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .question import Unmet
from .wire import Opaque


def as_numbers(value: Any, what: str) -> np.ndarray:
    """Return a list, tuple, array, series or index of numbers as a float array.

    Parameters
    ----------
    value : object
        From `Student.get` or `Student.call`.
    what : str
        How to call it in the message: "`random_history`".

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    Unmet
        If it is something else.
    """
    array = _flat(value, what)
    try:
        return array.astype(float)
    except (TypeError, ValueError):
        raise Unmet(f"{what} holds numbers", kind_of(value)) from None


def as_indices(value: Any, what: str) -> np.ndarray:
    """Return row numbers as an int array; a bare int counts as one row.

    Also takes modAL's pair ``(indices, metric)``: the indices are returned.
    """
    if isinstance(value, tuple) and len(value) == 2 and not np.isscalar(value[0]):
        value = value[0]
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        value = [value]
    numbers = as_numbers(value, what)
    if numbers.size and not np.all(numbers == np.floor(numbers)):
        raise Unmet(f"{what} are whole row numbers", kind_of(value))
    return numbers.astype(np.int64)


def as_labels(value: Any, what: str) -> list:
    """Return labels as a list of plain Python values."""
    return _flat(value, what).tolist()


def as_mapping(value: Any, what: str) -> dict:
    """Return a dict, a series, or a table of two columns as a dict."""
    if isinstance(value, dict):
        return value
    if isinstance(value, pd.Series):
        return value.to_dict()
    if isinstance(value, pd.DataFrame) and value.shape[1] == 1:
        return value.iloc[:, 0].to_dict()
    if isinstance(value, pd.DataFrame) and value.shape[1] == 2:
        return dict(zip(value.iloc[:, 0], value.iloc[:, 1], strict=True))
    if isinstance(value, (list, tuple)) and all(
        isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in value
    ):
        return dict(value)
    raise Unmet(f"{what} is a dict or a small table", kind_of(value))


def as_matrix(value: Any, what: str) -> np.ndarray:
    """Return an array, a frame or a list of rows as a float array of two dimensions."""
    if isinstance(value, pd.DataFrame):
        value = value.to_numpy()
    try:
        matrix = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise Unmet(f"{what} is a table of numbers", kind_of(value)) from None
    if matrix.ndim != 2:
        raise Unmet(f"{what} has rows and columns", kind_of(value))
    return matrix


def as_number(value: Any, what: str) -> float:
    """Return one number as a float; an array of one element counts."""
    numbers = as_numbers([value] if np.isscalar(value) else value, what)
    if numbers.size != 1:
        raise Unmet(f"{what} is one number", kind_of(value))
    return float(numbers[0])


def kind_of(value: Any) -> str:
    """Describe a value's type and size in a few words."""
    if isinstance(value, Opaque):
        return f"a {value.type_name}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return f"a {type(value).__name__} of shape {value.shape}"
    if isinstance(value, (list, tuple, set, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    return f"{value!r} (a {type(value).__name__})"


def _flat(value: Any, what: str) -> np.ndarray:
    if isinstance(value, (pd.Series, pd.Index)):
        value = value.to_numpy()
    if isinstance(value, pd.DataFrame) and value.shape[1] == 1:
        value = value.iloc[:, 0].to_numpy()
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=repr)
    if isinstance(value, (list, tuple)):
        try:
            value = np.asarray(value)
        except ValueError:
            raise Unmet(f"{what} is a flat list", kind_of(value)) from None
    if not isinstance(value, np.ndarray):
        raise Unmet(f"{what} is a list or an array", kind_of(value))
    if value.ndim == 2 and 1 in value.shape:
        value = value.ravel()
    if value.ndim != 1:
        raise Unmet(f"{what} is one-dimensional", kind_of(value))
    return value
