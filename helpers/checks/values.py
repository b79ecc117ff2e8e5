"""Read what a student made in any of the styles that are right.

Each function returns one plain type, or raises `Unmet` in words a student understands.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .question import Unmet, expect, rounded
from .wire import Opaque

# The realistic reviews, in the pool and in the test set.
N_POOL, N_TEST = 4000, 2000
# Shares rounded to three digits are fine.
SAME = 6e-4
# Of 2,000 test reviews, one more is 0.0005; rounded to three digits, too.
SAME_ACCURACY = 0.0011
AS_PERCENT = "this is a percentage: give the share, between 0 and 1"
_ASKED_FOR = "compare it with what the question asks for, under Do"
# In a mapping that is not a dict.
_MOST_NAMES = 1000
_SEQUENCES = (list, tuple, np.ndarray, pd.Series, pd.Index, pd.DataFrame)


def as_numbers(value: Any, what: str, next_step: str = "") -> np.ndarray:
    """Return a list, tuple, array, series or index of numbers as a float array.

    Parameters
    ----------
    value : object
        From `Student.get` or `Student.call`.
    what : str
        How to call it in the message: "`random_history`", or "what `evaluate` returns".
    next_step : str, optional
        What to try if it is something else; where it is None, the message asks for `return`.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    Unmet
        If it is something else.
    """
    array = _flat(value, what, next_step)
    try:
        return array.astype(float)
    except (TypeError, ValueError):
        raise _unmet(what, "holds numbers", value, next_step) from None


def as_indices(value: Any, what: str, next_step: str = "") -> np.ndarray:
    """Return row numbers as an int array; a bare int counts as one row.

    Of modAL's pair ``(indices, metric)`` the indices are returned.
    """
    value = without_metric(value) if isinstance(value, tuple) else value
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        value = [value]
    numbers = as_numbers(value, what, next_step)
    if numbers.size and not np.all(numbers == np.floor(numbers)):
        advice = next_step or "each entry is the number of a row: 0, 1, 2 and so on"
        raise _unmet(what, "are whole row numbers", value, advice)
    return numbers.astype(np.int64)


def without_metric(value: Any) -> Any:
    """Return the indices of modAL's pair ``(indices, metric)``, which may come as a list.

    Anything else is returned as it is.
    """
    if isinstance(value, list) and len(value) == 2:
        return value[0] if isinstance(value[0], _SEQUENCES) else value
    if isinstance(value, tuple) and len(value) == 2:
        # Two bare numbers are two rows; a number and None are one row without its metric.
        return value[0] if value[1] is None or not np.isscalar(value[0]) else value
    return value


def as_labels(value: Any, what: str, next_step: str = "") -> list:
    """Return labels as a list of plain Python values."""
    return _flat(value, what, next_step).tolist()


def as_mapping(value: Any, what: str, next_step: str = "") -> dict:
    """Return a dict, a series, or a table of two columns as a dict."""
    if isinstance(value, dict):
        return value
    # Keys may be made to be slow to put into a dict, if there are many; a `dict` was looked at.
    if isinstance(value, (list, tuple, pd.Series, pd.DataFrame)) and len(value) > _MOST_NAMES:
        raise _unmet(what, "is a dict or a small table", value, next_step)
    if isinstance(value, pd.Series):
        return value.to_dict()
    if isinstance(value, pd.DataFrame) and value.shape[1] == 1:
        return value.iloc[:, 0].to_dict()
    pairs = value
    if isinstance(value, pd.DataFrame) and value.shape[1] == 2:
        pairs = list(zip(value.iloc[:, 0], value.iloc[:, 1], strict=True))
    if isinstance(pairs, (list, tuple)) and all(map(_has_a_name, pairs)):
        return dict(pairs)
    raise _unmet(what, "is a dict or a small table", value, next_step)


def _has_a_name(pair: Any) -> bool:
    """Tell whether these are two things, of which the first can be a key."""
    return (
        isinstance(pair, (list, tuple))
        and len(pair) == 2
        and isinstance(pair[0], (str, int, float, np.generic))
    )


def as_matrix(value: Any, what: str, next_step: str = "") -> np.ndarray:
    """Return an array, a frame or a list of rows as a float array of two dimensions."""
    if isinstance(value, pd.DataFrame):
        value = value.to_numpy()
    try:
        matrix = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise _unmet(what, "is a table of numbers", value, next_step) from None
    if matrix.ndim != 2:
        raise _unmet(what, "has rows and columns", value, next_step)
    return matrix


def as_number(value: Any, what: str, next_step: str = "") -> float:
    """Return one number as a float; an array of one element counts."""
    try:
        numbers = as_numbers([value] if np.isscalar(value) else value, what)
    except Unmet:
        # A list, or numbers, is not what is expected of it.
        raise _unmet(what, "is one number", value, next_step) from None
    if numbers.size != 1:
        raise _unmet(what, "is one number", value, next_step)
    return float(numbers[0])


def advice_on_share(got: Any, wanted: Any, next_step: str) -> str:
    """Return what to do about shares that are not as wanted: whether they are in percent, or else.

    Parameters
    ----------
    got, wanted : float, or sequence of float
        Percent may be rounded to whole numbers.
    next_step : str
        What to try if they are not.
    """
    got, wanted = np.asarray(got, dtype=float), np.asarray(wanted, dtype=float)
    shares = np.all((wanted >= 0) & (wanted <= 1))
    # Nobody can tell half a percent from a half.
    if shares and np.any(got > 1) and np.all(np.abs(got - 100 * wanted) < 0.51):
        return AS_PERCENT
    return next_step


def expect_share(share: float, what: str, next_step: str) -> None:
    """Expect a number between 0 and 1."""
    expect(
        0 <= share <= 1,
        expected=f"{what} is a share between 0 and 1",
        got=f"{share:.4g}",
        next_step=AS_PERCENT if 1 < share <= 100 else next_step,
    )


def expect_given(fine: bool, name: str, value: Any) -> None:
    """Expect a name of the given cells to be as they make it: an answer may have taken it."""
    expect(
        fine,
        expected=f"`{name}` as the given cell makes it",
        got=kind_of(value),
        next_step=advice_on_given(name),
    )


def advice_on_given(name: str) -> str:
    """Return what to do about a name of the given cells that is something else now."""
    return (
        f"some cell of yours has a line `{name} = …`: use another name there, then run all cells "
        "above and your answer"
    )


def is_mask(value: Any) -> bool:
    """Tell whether a list, an array or a series says True or False, and nothing else."""
    if isinstance(value, list):
        return len(value) > 0 and all(isinstance(entry, (bool, np.bool_)) for entry in value)
    return isinstance(value, (np.ndarray, pd.Series)) and value.dtype == bool


def is_sequence_of(value: Any, n: int) -> bool:
    """Tell whether a value has n entries, in a row."""
    if isinstance(value, np.ndarray):
        return value.shape == (n,)
    # NumPy would make an array of a list first, which one long text makes huge.
    return (
        isinstance(value, (tuple, list))
        and len(value) == n
        and not any(isinstance(entry, _SEQUENCES) for entry in value)
    )


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
    if value is None:
        return "None"
    return f"{rounded(value)!r} (a {type(value).__name__})"


def _unmet(what: str, must: str, value: Any, next_step: str) -> Unmet:
    """Return the refusal of `value`, with a next step in any case."""
    if value is None and what.startswith("what `"):
        next_step = "does your function end with `return`?"
    elif value is None:
        next_step = "it is None: does the function it comes from return something?"
    return Unmet(f"{what} {must}", kind_of(value), next_step or _ASKED_FOR)


def _flat(value: Any, what: str, next_step: str) -> np.ndarray:
    if isinstance(value, (pd.Series, pd.Index)):
        value = value.to_numpy()
    if isinstance(value, pd.DataFrame) and value.shape[1] == 1:
        value = value.iloc[:, 0].to_numpy()
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=repr)
    if isinstance(value, (list, tuple)):
        try:
            value = _array_of(value)
        except ValueError:
            raise _unmet(what, "is a flat list", value, next_step) from None
    if not isinstance(value, np.ndarray):
        raise _unmet(what, "is a list or an array", value, next_step)
    if value.ndim == 2 and 1 in value.shape:
        value = value.ravel()
    if value.ndim != 1:
        raise _unmet(what, "is one-dimensional", value, next_step)
    return value


def _array_of(entries: list | tuple) -> np.ndarray:
    """Return a list as an array; raise ValueError if its rows are of different lengths."""
    if not _holds_text(entries):
        return np.asarray(entries)
    # An array of text has room in every entry for the longest: 5,000 labels and one long
    # text would be gigabytes.
    array = np.array(entries, dtype=object)
    if any(isinstance(entry, _SEQUENCES) for entry in array.flat):
        raise ValueError("a list within the list")
    return array


def _holds_text(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_text, value))
    if isinstance(value, _SEQUENCES):
        return np.asarray(value).dtype.kind in "OSU"
    return isinstance(value, (str, bytes))
