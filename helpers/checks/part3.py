"""Public items of part 3: active learning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .curves import axes_with_curves, expect_readable
from .question import Question, Unmet, counted, expect
from .values import (
    SAME_ACCURACY,
    advice_on_share,
    as_indices,
    as_mapping,
    as_matrix,
    as_numbers,
    expect_given,
    is_mask,
    kind_of,
    without_metric,
)

random_sampling = Question("q3_3_random_sampling")
learning_curves = Question("q3_4_learning_curves")
query_strategies = Question("q3_5_query_strategies")

STRATEGIES = ("uncertainty", "margin", "entropy")


def rows_drawn(student: Any, pool: Any, n_instances: int | None = None) -> np.ndarray:
    """Let `random_sampling` choose from a pool; return the row numbers, in any style."""
    asked = {} if n_instances is None else {"n_instances": n_instances}
    return rows_in(student.call("random_sampling", None, pool, **asked), pool.shape[0])


def rows_in(result: Any, size: int) -> np.ndarray:
    """Return the row numbers in what `random_sampling` has returned for a pool of this size."""
    rows = without_metric(result)
    expect(
        not (is_mask(rows) and np.shape(rows)[:1] == (size,)),
        expected="the numbers of the chosen rows",
        got=f"True or False for each of the {counted(size, 'row')}",
        next_step="return row numbers, not True and False: `np.flatnonzero(mask)`",
    )
    return as_indices(rows, "what `random_sampling` returns")


def history_of(value: Any, name: str, rounds: int) -> np.ndarray:
    """Return a history as an array, if it has one accuracy before the queries and one a round."""
    history = as_numbers(value, name)
    expect(
        len(history) == rounds + 1,
        expected=f"{rounds + 1} accuracies: one before any query, then one for each round",
        got=f"{len(history)} in {name}",
        next_step="count the rounds of your loop, and look at what is in the list before the first",
    )
    expect(
        np.all((history >= 0) & (history <= 1)),
        expected=f"accuracies between 0 and 1 in {name}",
        got=f"from {history.min():.3g} to {history.max():.3g}",
        next_step="use what `learner.score` gives, not percent",
    )
    return history


def given_history(student: Any) -> np.ndarray:
    """Return `uncertainty_history`, which a given cell makes."""
    history = as_numbers(student.get("uncertainty_history"), "`uncertainty_history`")
    expect_given(len(history) > 1, "uncertainty_history", history)
    return history


def given_runs(student: Any, name: str) -> np.ndarray:
    """Return `random_runs` or `uncertainty_runs`, which a given cell makes."""
    runs = as_matrix(student.get(name), f"`{name}`")
    expect_given(runs.size > 0, name, runs)
    return runs


def strategies_in(value: Any, what: str) -> dict[str, Any]:
    """Return a mapping by the three strategies' short names: "margin" for "margin_sampling"."""
    mapping = (
        {name: value[name] for name in value.columns}
        if isinstance(value, pd.DataFrame) and value.shape[1] == len(STRATEGIES)
        else as_mapping(value, what)
    )
    found = {}
    for key, entry in mapping.items():
        short = [name for name in STRATEGIES if name in str(key).lower()]
        if len(short) == 1:
            found[short[0]] = entry
    missing = [name for name in STRATEGIES if name not in found]
    expect(
        not missing,
        expected=f"{what} has an entry for each of {', '.join(STRATEGIES)}",
        got=f"the names {', '.join(map(str, mapping)) or 'of nothing'}",
        next_step=f"there is nothing for {', '.join(missing)} yet",
    )
    return found


@random_sampling.item(points=1)
def as_many_rows_as_asked(student):
    """`random_sampling` returns as many rows as `n_instances` says; one if it says nothing."""
    pool = np.zeros((60, 3))
    for n in (1, 2, 25):
        rows = rows_drawn(student, pool, n)
        expect(
            len(rows) == n,
            expected=counted(n, "row number"),
            got=f"{len(rows)}",
            next_step="where does your code use `n_instances`?",
        )
    rows = rows_drawn(student, pool)
    expect(
        len(rows) == 1,
        expected="1 row number where n_instances is not said",
        got=len(rows),
        next_step="which value has `n_instances` in the first line of your function?",
    )


@random_sampling.item(points=0.5)
def rows_are_all_different(student):
    """`random_sampling` never returns a row twice."""
    pool = np.zeros((60, 3))
    for _ in range(5):
        rows = rows_drawn(student, pool, 50)
        expect(
            len(set(rows.tolist())) == len(rows),
            expected="50 different rows of a pool of 60",
            got=f"{len(set(rows.tolist()))} different ones",
            next_step="a review labeled twice is money spent twice: how can repeats be ruled out?",
        )


@random_sampling.item(points=0.5)
def calls_draw_different_rows(student):
    """`random_sampling` draws other rows when it is called again."""
    pool = np.zeros((1000, 3))
    draws = [sorted(rows_drawn(student, pool, 20).tolist()) for _ in range(3)]
    expect(
        draws != draws[:1] * 3,
        expected="20 rows of a pool of 1,000, and 20 others at the next call",
        got=f"three times {draws[0]}",
        next_step="does your function set a seed, or make a generator with one? Do that outside",
    )


@random_sampling.item(points=1)
def history_has_every_round(student):
    """`random_history` has one accuracy before any query and one after each round."""
    rounds = len(given_history(student)) - 1
    history_of(student.get("random_history"), "`random_history`", rounds)


@random_sampling.item(points=1)
def both_start_at_the_same_place(student):
    """`random_history` begins with the same accuracy as `uncertainty_history`."""
    history = as_numbers(student.get("random_history"), "`random_history`")
    start = given_history(student)[0]
    expect(
        len(history) > 0 and abs(history[0] - start) < SAME_ACCURACY,
        expected=f"{start:.4f}: the same 50 labels, the same model, the same test set",
        got=f"{history[0]:.4f}" if len(history) else "an empty history",
        next_step=advice_on_share(
            history[:1],
            start,
            "train a new learner on `X_real_start`, and score it before the first query",
        ),
    )


@learning_curves.item(points=1)
def everything_is_named(student):
    """Both axes of `ax` have a name, and a legend names the curves."""
    ax, _ = axes_with_curves(student, "ax", 1)
    expect_readable(ax, "ax", 2)


@learning_curves.item(points=1)
def one_curve_for_each_strategy(student):
    """`ax` shows two curves with as many points as there are scores in a run."""
    _, lines = axes_with_curves(student, "ax", 2)
    n_scores = given_runs(student, "random_runs").shape[1]
    full = [line for line in lines if len(line["y"]) == n_scores]
    expect(
        len(full) >= 2,
        expected=f"two curves of {n_scores} points",
        got=f"curves of {', '.join(str(len(line['y'])) for line in lines)} points",
        next_step="a mean over the runs has one number for each column",
    )


@learning_curves.item(points=1)
def there_is_a_band_around_each_curve(student):
    """`ax` shows for both strategies how far the runs lie apart."""
    ax, lines = axes_with_curves(student, "ax", 1)
    n_runs = len(given_runs(student, "random_runs"))
    expect(
        ax["bands"] >= 2 or len(lines) >= 2 * n_runs,
        expected="two bands, or error bars, or the single runs as thin lines",
        got=f"{ax['bands']} bands and {len(lines)} lines",
        next_step="see Hint 1",
    )


@query_strategies.item(points=1)
def three_histories(student):
    """`strategy_histories` has a full history for uncertainty, margin and entropy."""
    rounds = len(given_history(student)) - 1
    histories = strategies_in(student.get("strategy_histories"), "`strategy_histories`")
    for name, history in histories.items():
        history_of(history, f"`strategy_histories[{name!r}]`", rounds)


@query_strategies.item(points=1)
def histories_share_their_start(student):
    """All three histories begin with the same accuracy as `uncertainty_history`."""
    start = given_history(student)[0]
    histories = strategies_in(student.get("strategy_histories"), "`strategy_histories`")
    for name, history in histories.items():
        first = as_numbers(history, f"`strategy_histories[{name!r}]`")[:1]
        expect(
            len(first) and abs(first[0] - start) < SAME_ACCURACY,
            expected=f"{start:.4f} at the start of each",
            got=f"{first[0]:.4f} for {name}" if len(first) else f"nothing for {name}",
            next_step=advice_on_share(
                first,
                start,
                "does every strategy get a new learner, trained on `X_real_start` only?",
            ),
        )


@query_strategies.item(points=1)
def lowest_top_probability_is_found(student):
    """`most_uncertain` finds the row that uncertainty sampling chooses."""
    table = np.array([[0.8, 0.1, 0.1], [0.2, 0.35, 0.45], [0.3, 0.2, 0.5], [0.05, 0.9, 0.05]])
    rows = picks_of(student, table)
    expect(
        rows["uncertainty"] == 1,
        expected="row 1, whose top probability 0.45 is the lowest",
        got=f"row {rows['uncertainty']}",
        next_step="take the largest number of each row first; which row has the smallest of them?",
    )


@query_strategies.item(points=1)
def one_graph_for_three_strategies(student):
    """`ax_strategies` shows three curves, with a legend and a name for both axes."""
    ax, _ = axes_with_curves(student, "ax_strategies", 3)
    expect_readable(ax, "ax_strategies", 3)


@query_strategies.item(points=0.5)
def best_strategy_is_one_of_them(student):
    """`best_strategy` names one of the three strategies."""
    best = student.get("best_strategy")
    expect(
        any(name in str(best).lower() for name in STRATEGIES),
        expected=f"the name of one strategy: {', '.join(STRATEGIES)}",
        got=kind_of(best),
        next_step="give its name, as a text",
    )


def picks_of(student: Any, table: np.ndarray) -> dict[str, int]:
    """Return the row that `most_uncertain` names for each strategy."""
    picks = student.call("most_uncertain", table)
    named = strategies_in(picks, "what `most_uncertain` returns")
    rows = {}
    for name, value in named.items():
        numbers = as_indices(value, f"the row for {name}")
        if len(numbers) != 1:
            raise Unmet(
                "one row number for each strategy",
                f"{kind_of(value)} for {name}",
                "of all rows, only the one that the strategy would choose first",
            )
        rows[name] = int(numbers[0])
    return rows
