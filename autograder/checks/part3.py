"""Hidden items of part 3."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.checks import expect
from helpers.checks.curves import axes_with_curves
from helpers.checks.part3 import (
    STRATEGIES,
    given_history,
    given_runs,
    history_of,
    learning_curves,
    picks_of,
    query_strategies,
    random_sampling,
    rows_drawn,
    rows_in,
    strategies_in,
)
from helpers.checks.values import as_numbers, expect_given

from .histories import (
    LOOKS,
    N_LABELS,
    N_ROUNDS,
    close,
    expect_test_scores,
    lines_of,
    named_curves,
    random_accuracies,
)

# Over runs of random sampling, the mean of these looks has a standard deviation of 0.016; the other
# strategies lie 0.065 and more above.
_BELOW, _ABOVE = 0.08, 0.058
_LABELS = ("y", "y_pool", "y_pool_remaining", "y_pool_al", "y_real_pool", "y_real_test", "y_left")


@random_sampling.item(points=1, hidden=True)
def history_is_one_of_random_sampling(student):
    """`random_history` is what random sampling gives on the untouched test set."""
    history = history_of(student.get("random_history"), "`random_history`", N_ROUNDS)
    expect_test_scores(history, "`random_history`")
    given = [*_runs_of(student, "random_runs"), given_history(student)]
    copied = any(close(history, run, 1e-3) for run in given)
    expect(
        not copied,
        expected="accuracies from your own loop",
        got="a history that was given",
        next_step="run the loop with your own strategy",
    )
    likely, mean = random_accuracies().mean(), history[list(LOOKS)].mean()
    expect(
        likely - _BELOW < mean < likely + _ABOVE,
        expected=f"about {likely:.2f} on average over the second half",
        got=f"{mean:.3f}",
        next_step="too good: are test reviews, or a cleverer strategy, in the loop? "
        "too bad: does the learner keep what it was taught?",
    )


def _runs_of(student: Any, name: str) -> np.ndarray:
    """Return runs of a given cell, with a score for each number of labels."""
    runs = given_runs(student, name)
    expect_given(runs.shape[1] == len(N_LABELS), name, runs)
    return runs


@random_sampling.item(points=1, hidden=True)
def every_row_can_be_drawn(student):
    """Every row of the pool can be drawn, and each about equally often."""
    pool = np.zeros((10, 2))
    # Counted draw by draw: a reply may be of any length.
    draws = student.call_often(240, "random_sampling", None, pool, n_instances=4)
    drawn = sum(np.bincount(np.clip(rows_in(draw, 10), 0, 9), minlength=10) for draw in draws)
    shares = drawn / max(drawn.sum(), 1)
    # A share of 0.1 is expected, with a standard deviation of 0.008.
    expect(
        shares.min() > 0.05 and shares.max() < 0.15,
        expected="about a tenth of the draws for each of 10 rows",
        got=shares.round(2).tolist(),
        next_step="call your function ten times on a pool of ten rows: do all rows appear, or does "
        "it set a seed, and draw the same rows each time?",
    )


@random_sampling.item(points=1, hidden=True)
def labels_are_never_looked_at(student):
    """`random_sampling` chooses without knowing any label."""
    pool = np.zeros((400, 3))
    labels = np.arange(400) % 2
    labels[:20] = 2  # a rare class: 5 % of the pool
    with student.patched(**dict.fromkeys(_LABELS, labels)):
        draws = student.call_often(200, "random_sampling", None, pool, n_instances=20)
        drawn = sum(_of_each_class(rows_in(draw, 400), labels) for draw in draws)
    # 0.475, 0.475 and 0.05 are expected, with standard deviations below 0.01.
    *shares, outside = drawn / max(drawn.sum(), 1)
    fair = np.allclose(shares, [0.475, 0.475, 0.05], atol=0.05)
    expect(
        outside == 0 and fair,
        expected="rows of the pool it is given, from each class as many as the class has",
        got=f"{shares[2]:.0%} from a class of 5 %; {outside:.0%} are not rows of the pool",
        next_step="a strategy gets `X_pool` only: which names does your function use besides it? "
        "Or does it set a seed, and draw the same rows each time?",
    )


def _of_each_class(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Count rows by class; last come those that are not of the pool."""
    inside = (rows >= 0) & (rows < len(labels))
    return np.append(np.bincount(labels[rows[inside]], minlength=3), np.sum(~inside))


@random_sampling.item(points=1, hidden=True)
def any_pool_will_do(student):
    """`random_sampling` works for dense, sparse and tabular pools, small and large."""
    import scipy.sparse as sp

    wide = np.eye(40)
    for pool, n in (
        (sp.csr_matrix(wide), 7),
        (pd.DataFrame(wide, index=range(100, 140)), 7),
        (wide, 40),
        (np.zeros((1, 5)), 1),
        (sp.csr_matrix((5000, 3)), 25),
    ):
        rows = rows_drawn(student, pool, n)
        size = pool.shape[0]
        expect(
            len(rows) and rows.min() >= 0 and rows.max() < size,
            expected=f"row numbers from 0 to {size - 1}",
            got=f"from {rows.min()} to {rows.max()}" if len(rows) else "no rows",
            next_step="how do you find out how many rows the pool has, whatever it is?",
        )


@learning_curves.item(points=1, hidden=True)
def x_counts_labeled_reviews(student):
    """The curves of `ax` stand over the number of labeled reviews, from the first score on."""
    _, lines = axes_with_curves(student, "ax", 2)
    full = [line for line in lines if len(line["y"]) == len(N_LABELS)] or lines
    wrong = [line for line in full if not close(line["x"], N_LABELS, 1e-6)]
    expect(
        not wrong,
        expected=f"{N_LABELS[:3].tolist()} to {N_LABELS[-1]}",
        got=f"{wrong[0]['x'][:3].tolist()} to {wrong[0]['x'][-1:].tolist()}" if wrong else "",
        next_step="how many labels does the learner have before the first query? After one round?",
    )


@learning_curves.item(points=1, hidden=True)
def curves_are_the_middle_of_the_runs(student):
    """One curve of `ax` is the mean (or median) of each strategy's runs."""
    _, lines = axes_with_curves(student, "ax", 2)
    for name in ("uncertainty_runs", "random_runs"):
        expect(
            lines_of(lines, _runs_of(student, name)),
            expected=f"a curve with the mean of `{name}` at each number of labels",
            got=f"{len(lines)} curves, none of which is this",
            next_step="over which axis of the array do you take the mean?",
        )


@learning_curves.item(points=1, hidden=True)
def names_belong_to_their_curves(student):
    """The curve that is called random is random sampling's, and the other one is not."""
    ax, lines = axes_with_curves(student, "ax", 2)
    full = [line for line in lines if len(line["y"]) == len(N_LABELS)]
    runs = {True: _runs_of(student, "random_runs"), False: _runs_of(student, "uncertainty_runs")}
    middles = {own: array.mean(axis=0) for own, array in runs.items()}
    named = named_curves(ax, full, list(runs.values()))
    seen = {"random" in name.lower() for name, _ in named}
    expect(
        seen == {True, False},
        expected="one curve with 'random' in its name, and one without",
        got=[name for name, _ in named] or "curves without names",
        next_step="call random sampling's curve 'random …', and the other one something else"
        if named
        else "give each curve a `label` when you draw it",
    )
    for name, line in named:
        y = line["y"] / (100 if line["y"].max() > 1.5 else 1)
        nearest = min(middles, key=lambda own: np.abs(y - middles[own]).mean())
        expect(
            ("random" in name.lower()) == nearest,
            expected="the name of the strategy whose runs it shows",
            got=f"{name!r} on a curve that ends at {y[-1]:.2f}",
            next_step="compare the ends of the curves with the last columns of the two arrays",
        )


@query_strategies.item(points=1, hidden=True)
def histories_are_of_three_strategies(student):
    """The three histories are of three different strategies, and all beat random sampling."""
    histories = {
        name: history_of(history, name, N_ROUNDS)
        for name, history in strategies_in(
            student.get("strategy_histories"), "`strategy_histories`"
        ).items()
    }
    for name, history in histories.items():
        expect_test_scores(history, name)
        likely = random_accuracies()[-1]
        expect(
            likely + 0.01 < history[-1] < likely + 0.15,
            expected=f"{name} ends above random sampling's {likely:.2f}, and below 1",
            got=f"{history[-1]:.3f}",
            next_step="is the strategy handed to the learner, and the test set never to `teach`?",
        )
    for first, second in (
        ("uncertainty", "margin"),
        ("uncertainty", "entropy"),
        ("margin", "entropy"),
    ):
        expect(
            np.abs(histories[first] - histories[second]).max() > 0.002,
            expected="three different histories",
            got=f"the same for {first} and {second}",
            next_step="with three classes they choose differently: which one did each loop get?",
        )


@query_strategies.item(points=1, hidden=True)
def curves_show_the_histories(student):
    """Each curve of `ax_strategies` shows one of the histories over the number of labels."""
    _, lines = axes_with_curves(student, "ax_strategies", 3)
    histories = strategies_in(student.get("strategy_histories"), "`strategy_histories`")
    for name, history in histories.items():
        y = as_numbers(history, name)
        drawn = [line for line in lines if close(line["y"], y, 1e-6)]
        drawn += [line for line in lines if close(line["y"], 100 * y, 1e-4)]  # in percent
        expect(
            any(close(line["x"], N_LABELS, 1e-6) for line in drawn),
            expected=f"a curve for {name}, from {N_LABELS[0]} to {N_LABELS[-1]} labels",
            got="no curve with this history"
            if not drawn
            else f"x is {drawn[0]['x'][:3].tolist()} …",
            next_step="plot each history against the number of labeled reviews",
        )


@query_strategies.item(points=0.5, hidden=True)
def best_strategy_is_the_best(student):
    """`best_strategy` is the one that does best in `strategy_histories`."""
    best = str(student.get("best_strategy")).lower()
    histories = {
        name: as_numbers(history, name)
        for name, history in strategies_in(
            student.get("strategy_histories"), "`strategy_histories`"
        ).items()
    }
    empty = [name for name, history in histories.items() if not len(history)]
    expect(
        not empty,
        expected="a history for each strategy",
        got=f"an empty one for {', '.join(empty)}",
        next_step="append the accuracy after each round of your loop",
    )
    winners = set()
    for measure in (np.mean, np.sum, lambda h: h[-1], np.max, lambda h: np.mean(h[-5:])):
        values = {name: measure(history) for name, history in histories.items()}
        winners |= {name for name in STRATEGIES if values[name] >= max(values.values()) - 1e-9}
    expect(
        any(name in best for name in winners),
        expected=f"one of {sorted(winners)}",
        got=best,
        next_step="compare the last numbers, or the means, of your three histories",
    )


@query_strategies.item(points=1, hidden=True)
def rows_are_right_for_all_strategies(student):
    """`most_uncertain` is right for all three strategies, also on other tables of probabilities."""
    rng = np.random.default_rng(7)
    tables = [rng.dirichlet(np.ones(k), size=n) for n, k in ((6, 2), (40, 3), (15, 4), (1, 3))]
    tables.append(np.array([[1.0, 0.0, 0.0], [0.52, 0.48, 0.0], [0.5, 0.27, 0.23]]))
    for table in tables:
        rows = picks_of(student, table)
        expect(
            rows == _reference_picks(table),
            expected=f"{_reference_picks(table)} for a table of shape {table.shape}",
            got=rows,
            next_step="work out the three numbers for one row by hand; try a probability of 0, "
            "and a table with four classes",
        )


def _reference_picks(table: np.ndarray) -> dict[str, int]:
    ordered = np.sort(table, axis=1)
    logs = np.log(table, out=np.zeros_like(table), where=table > 0)
    return {
        "uncertainty": int(np.argmin(ordered[:, -1])),
        "margin": int(np.argmin(ordered[:, -1] - ordered[:, -2])),
        "entropy": int(np.argmin((table * logs).sum(axis=1))),
    }
