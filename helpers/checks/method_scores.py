"""Scores of the label model and of majority vote, in whatever form a student keeps them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .question import expect
from .values import as_mapping, as_number, is_sequence_of

_METHODS = {
    "label model": ("label model", "label_model", "labelmodel", "lm"),
    "majority vote": ("majority", "mv"),
}


def score_of(value: Any, what: str) -> dict[str, float]:
    """Return {"coverage", "accuracy"} from a dict, a series, or the pair in this order."""
    if is_sequence_of(value, 2):
        value = dict(zip(("coverage", "accuracy"), value, strict=True))
    found = {str(key).lower(): entry for key, entry in as_mapping(value, what).items()}
    missing = [name for name in ("coverage", "accuracy") if name not in found]
    expect(
        not missing,
        expected=f"'coverage' and 'accuracy' in {what}",
        got=f"{', '.join(map(str, found)) or 'nothing'}",
        next_step="see step 1 of the question",
    )
    return {
        name: _number(found[name], f"the {name} in {what}") for name in ("coverage", "accuracy")
    }


def by_method(value: Any, what: str) -> dict[str, Any]:
    """Return a mapping by "label model" and "majority vote", however they are spelled."""
    if isinstance(value, pd.DataFrame) and len(value):
        value = _by_row_or_column(value, what)
    mapping = as_mapping(value, what)
    found = {method: mapping[key] for key in mapping if (method := _method_of(key))}
    expect(
        len(found) == len(_METHODS),
        expected=f"{what} with one entry for 'label model' and one for 'majority vote'",
        got=f"the names {', '.join(map(str, mapping)) or 'of nothing'}",
        next_step="call the entries as in the question",
    )
    return found


def _by_row_or_column(table: pd.DataFrame, what: str) -> dict[str, Any]:
    """Return a table with a row, or a column, for each method as a dict."""
    named = [name for name in table if _method_of(table[name].iloc[0])]
    table = table.set_index(named[0]) if named else table
    if all(map(_method_of, table.columns)):
        return table.to_dict("series")
    expect(
        table.index.is_unique,
        expected=f"one row for each method in {what}",
        got=f"the rows {', '.join(map(str, table.index[:4]))}",
        next_step="call the entries as in the question",
    )
    return table.to_dict("index")


def accuracies_of(value: Any, what: str) -> dict[str, float]:
    """Return the accuracy of each method: a number, or what `score_of` reads."""
    accuracies = {}
    for method, entry in by_method(value, what).items():
        name = f"{what[:-1]}[{method!r}]`"
        scored = isinstance(entry, (dict, pd.Series))
        accuracies[method] = score_of(entry, name)["accuracy"] if scored else as_number(entry, name)
    return accuracies


def _method_of(key: Any) -> str | None:
    name = str(key).strip().lower()
    for method, spellings in _METHODS.items():
        if any(name == s if len(s) == 2 else s in name for s in spellings):
            return method
    return None


def _number(value: Any, what: str) -> float:
    """Return a number; None stands for nan."""
    return float("nan") if value is None else as_number(value, what)
