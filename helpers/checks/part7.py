"""Public items of part 7: costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from helpers.costs import METHODS

from .curves import advice_on, axes_of
from .question import Question, Unmet, expect
from .values import as_number, kind_of

cost_quality = Question("q7_2_cost_quality")

_AS_A_TABLE = "a DataFrame will do: one row a method, with the columns method, cost and quality"
FIRST_WORDS = {name: name.partition("_")[0] for name in METHODS}


def plain(name: Any) -> str:
    """Return a method's name as the handout writes it: "active_learning"."""
    return str(name).strip().lower().replace(" ", "_").replace("-", "_")


def table_of(student: Any) -> dict[str, tuple[float, float]]:
    """Return `cost_table` as (cost, quality) by method, whichever form it has."""
    value = student.get("cost_table")
    table: dict[str, tuple[float, float]] = {}
    for name, row in _rows(value):
        if plain(name) in METHODS:
            cost, quality = _pick(row, name)
            table[plain(name)] = (as_number(cost, "a cost"), as_number(quality, "a quality"))
    missing = [name for name in METHODS if name not in table]
    expect(
        not missing,
        expected=f"a row for each of {', '.join(METHODS)}",
        got=f"nothing for {', '.join(missing)}",
        next_step="use the names as they are written in `METHODS`",
    )
    return table


def _rows(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each row's name and what is in it."""
    if isinstance(value, dict) and any(
        isinstance(v, (list, np.ndarray, pd.Series)) for v in value.values()
    ):
        value = _table_of_columns(value)
    if isinstance(value, pd.DataFrame):
        column = next((c for c in value.columns if plain(c) in ("method", "methods", "name")), None)
        if column is None and not set(map(plain, value.index)) & set(METHODS):
            value = value.T  # one column for each method
        names = value.index if column is None else value[column]
        yield from zip(names, value.to_dict("records"), strict=True)
    elif isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, (list, tuple)):
        for row in value:
            if isinstance(row, dict):
                yield row.get("method"), row
            elif isinstance(row, (list, tuple)) and len(row) == 3:
                yield row[0], row[1:]
    else:
        raise Unmet("a table with method, cost and quality", kind_of(value), _AS_A_TABLE)


def _table_of_columns(columns: dict) -> pd.DataFrame:
    """Return a dict of columns as a table."""
    try:
        return pd.DataFrame(columns)
    except ValueError:
        given = ", ".join(f"{kind_of(column)} under {name!r}" for name, column in columns.items())
        raise Unmet("columns with one entry for each method", given, _AS_A_TABLE) from None


def _pick(row: Any, name: Any) -> tuple[Any, Any]:
    """Return the cost and the quality of one row."""
    if isinstance(row, (list, tuple)) and len(row) == 2:
        return row[0], row[1]
    if isinstance(row, dict):
        costs = [v for key, v in row.items() if "cost" in plain(key)]
        qualities = [v for k, v in row.items() if "quality" in plain(k) or "accuracy" in plain(k)]
        if costs and qualities:
            return costs[0], qualities[0]
    raise Unmet("the columns 'cost' and 'quality'", f"{kind_of(row)} for {name}", _AS_A_TABLE)


def points_of(axes: list[dict]) -> np.ndarray:
    """Return all points that are drawn, on any of the axes, as rows of (x, y)."""
    found = [np.empty((0, 2))]
    for ax in axes:
        found += [np.asarray(points).reshape(-1, 2) for points in ax["points"]]
        found += [np.column_stack([line["x"], line["y"]]) for line in ax["lines"]]
    return np.concatenate(found)


def is_drawn(points: np.ndarray, cost: float, quality: float) -> bool:
    """Tell whether a method is among the points; thousands of dollars and percent are fine."""
    return any(
        np.any(
            np.isclose(points[:, 0] * x, cost, rtol=0.01)
            & (np.abs(points[:, 1] * y - quality) < 2e-3)
        )
        for x in (1, 1000)
        for y in (1, 0.01)
    )


def best_affordable(table: dict[str, tuple[float, float]], budget: float) -> set[str]:
    """Return the names of the best methods that cost at most `budget`."""
    affordable = {name: quality for name, (cost, quality) in table.items() if cost <= budget}
    return {n for n, quality in affordable.items() if quality == max(affordable.values())}


def expect_best(student: Any, table: dict[str, tuple[float, float]], budget: float) -> None:
    """Expect `best_method` to name one of the best methods for a budget, or None."""
    named = student.call("best_method", budget)
    wanted = best_affordable(table, budget)
    right = plain(named) in wanted if wanted else named is None
    a_row = isinstance(named, (list, tuple, dict, np.ndarray, pd.Series, pd.DataFrame))
    its_number = bool(wanted) and not (named is None or isinstance(named, str))
    expect(
        right,
        expected=f"{' or '.join(sorted(wanted)) or None} for {budget:,.2f} dollars",
        got=kind_of(named),
        next_step="return the name only, as a text"
        if a_row or its_number
        else "of the methods that cost at most so much, which has the highest quality?",
    )


@cost_quality.item(points=1)
def five_methods_with_cost_and_quality(student):
    """`cost_table` has a cost in dollars and a quality between 0 and 1 for each of five methods."""
    for name, (cost, quality) in table_of(student).items():
        expect(
            cost > 0 and 0.5 < quality <= 1,
            expected=f"a cost above 0, and a quality between 0.5 and 1, for {name}",
            got=f"{cost:g} and {quality:g}",
            next_step="quality is a share, not percent; and what does the gold set cost?",
        )


@cost_quality.item(points=1)
def every_method_is_on_the_plot(student):
    """`ax_frontier` has a point and a name for every method, and a name for both axes."""
    axes = axes_of(student, "ax_frontier")
    points = points_of(axes)
    absent = [
        n for n, (cost, quality) in table_of(student).items() if not is_drawn(points, cost, quality)
    ]
    expect(
        not absent,
        expected="one point for each row of `cost_table`: cost across, quality up",
        got=f"none for {', '.join(absent)}",
        next_step=advice_on(
            axes[0],
            "ax_frontier",
            "`ax_frontier.scatter` takes all costs and all qualities at once",
        ),
    )
    texts = " ".join(text for ax in axes for text in ax["texts"] + ax["legend"]).lower()
    nameless = [name for name, word in FIRST_WORDS.items() if word not in texts]
    expect(
        not nameless,
        expected="the names of the methods, at the points or in a legend",
        got=f"no name for {', '.join(nameless)}",
        next_step=advice_on(
            axes[0], "ax_frontier", "see `ax_frontier.annotate`, or give each point a `label`"
        ),
    )
    for label in ("xlabel", "ylabel"):
        expect(
            any(len(ax[label].strip()) > 1 for ax in axes),
            expected="a name in words for both axes",
            got=f"none for the {label[0]}-axis",
            next_step=advice_on(axes[0], "ax_frontier", f"see `ax_frontier.set_{label}`"),
        )


@cost_quality.item(points=1)
def budgets_are_kept(student):
    """`best_method` finds the best method for a large budget, and none for a budget of nothing."""
    table = table_of(student)
    expect_best(student, table, 10 * max(cost for cost, _ in table.values()))
    expect_best(student, table, 0)
