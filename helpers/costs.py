"""What labels cost: the only place for the story's prices, and a cost model for measured methods.

Prices of language models are in `helpers.llm_prices`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers import llm_prices

METHODS = ("manual", "active_learning", "weak_supervision", "llm", "hybrid")

# The handout's story, in US dollars.
HUMAN_PRICE = 0.30  # a label by a person
LLM_STORY_PRICE = 0.002  # a label by a language model, as people reckoned in 2023
HYBRID_STORY_PRICE = 0.05  # a label by both, on average
SETUP_PRICE = 500.0  # writing labeling functions

# The reviews that a method is checked with need labels by people, too. With 500, an accuracy of
# 0.9 is known to within 0.03.
GOLD_LABELS = 500


def llm_price(
    input_tokens: float, output_tokens: float, model: str = llm_prices.DEFAULT_MODEL
) -> float:
    """Return what one label by a language model costs today.

    Parameters
    ----------
    input_tokens, output_tokens : float
        Mean tokens of one label, failed calls included.
    model : str
        A model of `helpers.llm_prices`.

    Returns
    -------
    float
        US dollars.
    """
    return llm_prices.model(model).cost(input_tokens, output_tokens)


def measured_cost(
    method: str,
    n_items: int,
    *,
    n_labels: int,
    human_share: float,
    llm_label_price: float,
    gold_labels: int = GOLD_LABELS,
) -> float:
    """Return what it costs to label a dataset, by what was measured on a sample of it.

    Parameters
    ----------
    method : {"manual", "active_learning", "weak_supervision", "llm", "hybrid"}
    n_items : int
        Number of reviews in the dataset.
    n_labels : int
        Labels that active learning buys.
    human_share : float
        Share of the reviews that hybrid labeling gives to people.
    llm_label_price : float
        US dollars for one label by a language model; see `llm_price`.
    gold_labels : int
        Labels by people to find out how good a method is. Manual labeling is what the others are
        measured with, and needs none.

    Returns
    -------
    float
        US dollars.

    Raises
    ------
    ValueError
        If there is no such method.
    """
    by_people = {
        "manual": n_items,
        "active_learning": n_labels + gold_labels,
        "weak_supervision": gold_labels,
        "llm": gold_labels,
        "hybrid": human_share * n_items + gold_labels,
    }
    if method not in by_people:
        raise ValueError(f"unknown method {method!r}; known: {', '.join(METHODS)}")
    cost = HUMAN_PRICE * by_people[method]
    if method == "weak_supervision":
        cost += SETUP_PRICE
    if method in ("llm", "hybrid"):
        cost += llm_label_price * n_items
    return cost


def pareto_frontier(costs: Sequence[float], qualities: Sequence[float]) -> np.ndarray:
    """Find the methods that no other method beats.

    Parameters
    ----------
    costs, qualities : sequence of float, shape (n,)

    Returns
    -------
    ndarray of int
        Positions of the methods on the frontier, by rising cost. A method is not on it if another
        is at least as good and costs no more. Of equals, the first is on it.
    """
    frontier, best = [], -np.inf
    # By cost; of the same cost, the best first.
    for i in np.lexsort((-np.asarray(qualities, float), np.asarray(costs, float))):
        if qualities[i] > best:
            frontier.append(i)
            best = qualities[i]
    return np.array(frontier, dtype=int)
