"""What people said of which review, within a budget; and what a language model says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from helpers.reference.ledger import Answer, Ledger
from helpers.reference.posterior import log_odds

# How much a person is believed: they err on about one review in twenty.
_TRUST = 0.95


class Opinions:
    """Buys human labels through a ledger and counts them.

    Parameters
    ----------
    ledger : Ledger
    human : callable or None
        ``human(texts, opinion=0)``.
    texts : list of str
        All different.
    budget : int
        Number of labels that may be bought, those included that the ledger already has: so that
        a run that is taken up again goes the same way as one that never stopped.
    chunk : int
        How many are asked for at a time.

    Attributes
    ----------
    spent : int
        Labels bought so far.
    asked : ndarray of bool, shape (n,)
        Reviews with a label.
    """

    def __init__(
        self, ledger: Ledger, human: Any, texts: list[str], budget: int, chunk: int = 1
    ) -> None:
        self._ledger, self._human, self._texts = ledger, human, texts
        self._budget, self._chunk = budget, chunk
        self._votes: dict[int, list[int]] = {}
        self.spent = 0
        self.asked = np.zeros(len(texts), dtype=bool)

    @property
    def left(self) -> int:
        """Number of labels that may still be bought."""
        return self._budget - self.spent

    def ask(self, rows: np.ndarray) -> None:
        """Ask the first person about reviews nobody was asked about; stop at the budget."""
        chosen = [int(row) for row in rows if not self.asked[row]][: self.left]
        for row, label in zip(chosen, self._buy(chosen, 0), strict=True):
            self._votes[row] = [label]
        self.asked[chosen] = True

    def review(self, rows: np.ndarray) -> None:
        """Ask a second person about reviews, and a third where the two differ."""
        for opinion in (1, 2):
            chosen = [int(row) for row in rows[: self.left]]
            for row, label in zip(chosen, self._buy(chosen, opinion), strict=True):
                self._votes[row].append(label)
            rows = np.array([row for row in chosen if len(set(self._votes[row])) > 1], dtype=int)

    def majority(self) -> tuple[np.ndarray, np.ndarray]:
        """Return rows with human labels, and what most people said of each.

        Where they are equally many, it is what the first person said.

        Returns
        -------
        rows, labels : ndarray of int
        """
        rows = sorted(self._votes)
        means = [np.mean(self._votes[row]) for row in rows]
        labels = [
            int(mean > 0.5) if mean != 0.5 else self._votes[row][0]
            for row, mean in zip(rows, means, strict=True)
        ]
        return np.array(rows, dtype=int), np.array(labels, dtype=int)

    def first(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return those of the rows that have a human label, and the first person's labels."""
        asked = np.array([row for row in rows if self.asked[row]], dtype=int)
        labels = [self._votes[row][0] for row in asked]
        return asked, np.array(labels, dtype=int)

    def combined(self, posterior: np.ndarray) -> np.ndarray:
        """Return the posterior with what people said weighed in: a slip can be overruled."""
        lead = np.zeros(len(posterior))
        for row, votes in self._votes.items():
            lead[row] = sum(2 * vote - 1 for vote in votes)
        said = lead * log_odds(_TRUST)
        return np.where(self.asked, expit(log_odds(posterior) + said), posterior)

    def table(self) -> pd.DataFrame:
        """Return all labels: columns ``row``, ``opinion`` and ``label``."""
        rows = [
            (row, opinion, label)
            for row, votes in self._votes.items()
            for opinion, label in enumerate(votes)
        ]
        return pd.DataFrame(rows, columns=["row", "opinion", "label"])

    def _buy(self, rows: list[int], opinion: int) -> list[int]:
        def ask(texts: list[str]) -> list[Answer]:
            return [(int(label), None) for label in self._human(texts, opinion=opinion)]

        self.spent += len(rows)
        texts = [self._texts[row] for row in rows]
        answers = self._ledger.buy(f"human {opinion}", texts, ask, self._chunk)
        labels = [label for label, _ in answers]
        if not set(labels) <= {0, 1}:
            raise ValueError("human labels must be 0 or 1")
        return labels


def suspects(posterior: np.ndarray, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Let cleanlab say which human labels look wrong.

    Parameters
    ----------
    posterior : ndarray of float, shape (n,)
        Probability of the positive class, by models that have not learned from the review's label.
    rows, labels : ndarray of int
        From `Opinions.majority`.

    Returns
    -------
    ndarray of int
        Some of `rows`, the most suspect first. None for fewer than ten labels, or of one class.
    """
    from cleanlab.filter import find_label_issues

    if len(rows) < 10 or len(set(labels)) < 2:
        return np.array([], dtype=int)
    probabilities = np.column_stack([1 - posterior[rows], posterior[rows]])
    ranked = find_label_issues(
        labels, probabilities, return_indices_ranked_by="self_confidence", n_jobs=1
    )
    return rows[ranked]


def llm_log_odds(client: Any, ledger: Ledger, texts: list[str], chunk: int) -> np.ndarray:
    """Ask a language model, through the ledger.

    Parameters
    ----------
    client : Labeler
    ledger : Ledger
    texts : list of str
    chunk : int
        How many texts a call gets.

    Returns
    -------
    ndarray of float, shape (len(texts),)
        Log-odds of the positive class; 0 where there is no answer.
    """

    def ask(some: list[str]) -> list[Answer]:
        known = {"POSITIVE": 1, "NEGATIVE": 0}
        return [(known.get(result.label), result.confidence) for result in client.label(some)]

    said = np.zeros(len(texts))
    for i, (label, confidence) in enumerate(ledger.buy("llm", texts, ask, chunk)):
        if label is not None:
            # An answer of even chances is still an answer: it must not look like none.
            sure = log_odds(0.75 if confidence is None else max(confidence, 0.505))
            said[i] = sure if label else -sure
    return said
