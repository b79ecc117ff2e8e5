"""What labels cost."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.costs import HUMAN_PRICE, LLM_STORY_PRICE, SETUP_PRICE


@dataclass(frozen=True)
class Prices:
    """Prices in dollars; the defaults are the handout's.

    Attributes
    ----------
    human, llm : float
        Of one label.
    setup : float
        Of writing the labeling functions.
    """

    human: float = HUMAN_PRICE
    llm: float = LLM_STORY_PRICE
    setup: float = SETUP_PRICE


def bill_of(n: int, n_llm: int, n_human: int, prices: Prices) -> dict[str, float]:
    """Add up a run.

    Parameters
    ----------
    n : int
        Number of reviews.
    n_llm, n_human : int
        Labels bought.
    prices : Prices

    Returns
    -------
    dict
        ``llm_labels`` and ``human_labels`` (numbers), ``setup``, ``llm``, ``human``, ``total``
        and ``manual`` (dollars; the last for one human label for each review), and
        ``times_cheaper``.
    """
    llm, human, manual = n_llm * prices.llm, n_human * prices.human, n * prices.human
    total = prices.setup + llm + human
    return {
        "llm_labels": n_llm,
        "human_labels": n_human,
        "setup": prices.setup,
        "llm": llm,
        "human": human,
        "total": total,
        "manual": manual,
        "times_cheaper": manual / total if total else float("inf"),
    }
