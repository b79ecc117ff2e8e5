"""Hidden items of part 7."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from helpers.checks import expect
from helpers.checks.part7 import METHODS, cost_quality, expect_best, table_of
from helpers.costs import HYBRID_STORY_PRICE

N_ITEMS = 100_000
# The handout's story, which nobody measured.
_STORY = {
    "manual": 0.95,
    "active_learning": 0.90,
    "weak_supervision": 0.80,
    "llm": 0.85,
    "hybrid": 0.90,
}


@cost_quality.item(points=1, hidden=True)
def numbers_are_measured_ones(student):
    """Costs are those of 100,000 reviews with a gold set, and qualities are measured, not told."""
    table = table_of(student)
    for name, (low, high) in _likely_costs().items():
        cost = table[name][0]
        expect(
            low <= cost <= high,
            expected=f"{low:,.0f} to {high:,.0f} dollars for {name}",
            got=f"{cost:,.2f} dollars",
            next_step="compare with the table above the question, line by line: is the gold set "
            "in, and a label by a language model at today's price?",
        )
    llm, hybrid = table["llm"][0], table["hybrid"][0]
    expect(
        hybrid >= llm and abs(hybrid - HYBRID_STORY_PRICE * N_ITEMS) > 1,
        expected="for hybrid what llm costs, and a person's labels for a share of the reviews",
        got=f"{hybrid:,.2f} dollars, and {llm:,.2f} for llm",
        next_step="which share of the reviews goes to a person, in `measured` or in your Part 5?",
    )
    # One or two may be the story's by chance, where a student has rounded.
    told = [name for name in METHODS if abs(table[name][1] - _STORY[name]) < 1e-9]
    likely = _likely_qualities()
    far = [name for name, (low, high) in likely.items() if not low <= table[name][1] <= high]
    expect(
        len(told) < 3 and not far,
        expected="accuracies that you measured, or those in `measured`",
        got=f"the handout's for {', '.join(told)}"
        if len(told) >= 3
        else f"{', '.join(far)} far from what can be measured",
        next_step="take each quality from Parts 4 and 5, or from `measured`",
    )


@cache
def _measured() -> Any:
    """Return what the given cell measures, whatever a student has made of `measured`."""
    from helpers.checkpoints import measured_qualities

    return measured_qualities()


def _likely_qualities() -> dict[str, tuple[float, float]]:
    """Return the range for each method's quality.

    Manual labeling and active learning can only come from `measured`. The others may be a
    student's own: weak supervision from a few functions of Part 4, which true labels for the whole
    pool beat; a model of Part 5 on 500 reviews, or Gemini; and what it makes together with people.
    """
    measured = _measured().qualities
    near = {name: (quality - 0.06, quality + 0.06) for name, quality in measured.items()}
    return near | {"weak_supervision": (0.6, 0.9), "llm": (0.8, 1.0), "hybrid": (0.8, 1.0)}


def _likely_costs() -> dict[str, tuple[float, float]]:
    """Return the range for each method's cost, with room for a student's own measurements."""
    from helpers import costs

    person, gold = costs.HUMAN_PRICE, costs.HUMAN_PRICE * costs.GOLD_LABELS
    measured = _measured()
    labels = person * measured.n_labels
    model = N_ITEMS * costs.llm_price(measured.input_tokens, measured.output_tokens)
    # Gemini counts other tokens than the stand-in does. The story's price is not within reach.
    by_model = (gold + 0.5 * model, gold + 5 * model)
    return {
        "manual": (0.99 * person * N_ITEMS, 1.01 * person * N_ITEMS + gold),
        "active_learning": (0.99 * (labels + gold), 1.01 * (labels + gold)),
        "weak_supervision": (0.99 * (costs.SETUP_PRICE + gold), 1.01 * (costs.SETUP_PRICE + gold)),
        "llm": by_model,
        # A model that is sure of all it says leaves nothing to people; one of nothing, everything.
        "hybrid": (by_model[0], by_model[1] + person * N_ITEMS),
    }


@cost_quality.item(points=1, hidden=True)
def the_line_is_the_frontier(student):
    """A line on `ax_frontier` joins the methods that no other one beats, and only those."""
    from helpers.costs import pareto_frontier

    table = table_of(student)
    costs, qualities = np.array([table[name] for name in METHODS]).T
    rows = pareto_frontier(costs, qualities)
    wanted = np.column_stack([costs[rows], qualities[rows]])
    axes = student.figure("ax_frontier")["axes"]
    lines = [np.column_stack([line["x"], line["y"]]) for ax in axes for line in ax["lines"]]
    expect(
        any(_same_path(line, wanted) for line in [*lines, *_joined(lines, len(wanted))]),
        expected=f"a line through {', '.join(METHODS[row] for row in rows)}, in this order",
        got=f"{len(lines)} lines, none of which is this",
        next_step="for each method ask: is there one that is at least as good and costs no more? "
        "Sort by cost before you draw",
    )


def _joined(lines: list[np.ndarray], n: int) -> list[np.ndarray]:
    """Return the paths of up to n points that lines of two points make, one piece at a time."""
    pieces = [sorted(map(tuple, line)) for line in lines if len(line) == 2]
    following = dict(pieces)
    paths = []
    for start, _ in pieces:
        path = [start]
        while path[-1] in following and len(path) < n:
            path.append(following[path[-1]])
        paths.append(np.array(path))
    return paths


def _same_path(line: np.ndarray, wanted: np.ndarray) -> bool:
    """Tell whether a line goes through these points: thousands, percent and steps are fine."""
    for x in (1, 1000):
        for y in (1, 0.01):
            points = line * (x, y)
            corners = [p for p in points if _near(wanted, p)]
            # A staircase has corners between two points: one's cost, the other's quality.
            others = [p for p in points if not _near(wanted, p)]
            between = all(_is_corner(p, wanted) for p in others)
            if len(corners) == len(wanted) and np.allclose(corners, wanted, rtol=0.01) and between:
                return True
    return False


def _near(wanted: np.ndarray, point: np.ndarray) -> bool:
    close = np.isclose(wanted[:, 0], point[0], rtol=0.01) & (np.abs(wanted[:, 1] - point[1]) < 2e-3)
    return bool(close.any())


def _is_corner(point: np.ndarray, wanted: np.ndarray) -> bool:
    costs_known = np.isclose(wanted[:, 0], point[0], rtol=0.01).any()
    return bool(costs_known and (np.abs(wanted[:, 1] - point[1]) < 2e-3).any())


@cost_quality.item(points=1, hidden=True)
def best_at_every_budget(student):
    """`best_method` is right at every budget, also at exactly the cost of a method."""
    table = table_of(student)
    costs = sorted(cost for cost, _ in table.values())
    budgets = [step for cost in costs for step in (cost - 0.01, cost, cost + 0.01)]
    budgets += [(low + high) / 2 for low, high in pairwise(costs)]
    for budget in budgets:
        expect_best(student, table, budget)
