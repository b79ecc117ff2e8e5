"""Simulated people who label reviews, for experiments that need many of them.

A person here is a callable: ``human(texts, opinion=0)`` returns a label for each text, and
`opinion` says whom to ask: 0 for the first person, 1 for a second one, and so on.
"""

from __future__ import annotations

from collections.abc import Sequence, Sized

import numpy as np
import pandas as pd

from helpers.reviews import simulated_human, text_noise

# How often a person errs on each kind of review, relative to a plain one.
HARDNESS = {
    "plain": 1.0,
    "eloquent": 2.0,
    "implicit": 3.0,
    "contrast": 4.0,
    "negation": 4.0,
    "mixed": 8.0,
    "sarcasm": 8.0,
}


class SimulatedHuman:
    """People who err on reviews as if by lot: which review it is makes no difference.

    Parameters
    ----------
    reviews : DataFrame
        Columns ``review`` and ``label``: what there is to label, and the truth.
    error : float
        Share of reviews that get a wrong label.
    seed : int
        Other people.

    Attributes
    ----------
    asked : int
        Labels given so far.
    """

    def __init__(self, reviews: pd.DataFrame, error: float = 0.04, seed: int = 0) -> None:
        self._truth = dict(zip(reviews["review"], reviews["label"].astype(int), strict=True))
        self.error, self.seed = error, seed
        self.asked = 0

    def __call__(self, texts: Sequence[str], opinion: int = 0) -> np.ndarray:
        """Label texts.

        Parameters
        ----------
        texts : sequence of str
            Among the reviews given at the start.
        opinion : int
            The number of the person to ask.

        Returns
        -------
        ndarray of int, shape (n,)
            The same person always gives the same text the same label.

        Raises
        ------
        KeyError
            For a text that is none of the reviews.
        """
        self.asked += len(texts)
        truth = [self._truth[text] for text in texts]
        return self._read(list(texts), truth, opinion)

    def _read(self, texts: list[str], truth: list[int], opinion: int) -> np.ndarray:
        return simulated_human(texts, truth, error=self.error, seed=self._person(opinion))

    def _person(self, opinion: int) -> int:
        return 1000 * self.seed + opinion


class TiredHuman(SimulatedHuman):
    """People who err mostly where it is hard, and often on the same reviews as each other.

    A sarcastic review misleads eight times as often as a plain one (`HARDNESS`), and half of the
    errors are of the kind that everyone makes: a second opinion does not help there. Labels are
    0 and 1.

    Parameters
    ----------
    reviews : DataFrame
        Columns ``review``, ``label`` and ``kind``.
    error : float
        Share of these reviews that get a wrong label; over all kinds.
    seed : int
    shared : float
        Share of a person's errors that everyone makes.

    Attributes
    ----------
    asked : int
        Labels given so far.
    """

    def __init__(
        self, reviews: pd.DataFrame, error: float = 0.04, seed: int = 0, shared: float = 0.5
    ) -> None:
        super().__init__(reviews, error, seed)
        hardness = reviews["kind"].map(HARDNESS).to_numpy(float)
        risk = np.minimum(error * hardness / hardness.mean(), 0.5)
        self._risk = dict(zip(reviews["review"], risk, strict=True))
        self.shared = shared

    def _read(self, texts: list[str], truth: list[int], opinion: int) -> np.ndarray:
        labels = np.array(truth, dtype=int)
        for i, text in enumerate(texts):
            if self._errs(text, self._risk[text], opinion):
                labels[i] = 1 - labels[i]
        return labels

    def _errs(self, text: str, risk: float, opinion: int) -> bool:
        if text_noise(text, f"everyone {self.seed}") < risk * self.shared:
            return True
        # The rest of the risk, given that it is not one of the errors everyone makes.
        own = risk * (1 - self.shared) / (1 - risk * self.shared)
        return text_noise(text, f"human {self._person(opinion)}") < own


class BudgetSpent(Exception):
    """There is no label left to buy."""


class BudgetedHuman:
    """One person whom you can ask for so many labels and no more.

    Parameters
    ----------
    texts : sequence of str
        The reviews this person may be shown.
    answers : sequence of int
        What the person says of each; for example from `helpers.reviews.simulated_human`.
    budget : int
        Number of labels.

    Attributes
    ----------
    asked : list of str
        The reviews shown so far, in order; one that is shown twice stands here twice.
    left : int
        Number of labels that can still be bought.
    """

    def __init__(self, texts: Sequence[str], answers: Sequence[int], budget: int) -> None:
        self._answers = dict(zip(texts, map(int, answers), strict=True))
        self.budget = budget
        self.asked: list[str] = []

    @property
    def left(self) -> int:
        return self.budget - len(self.asked)

    def __call__(self, review: str | Sequence[str]) -> int | list[int]:
        """Label a review, or a list of reviews.

        Parameters
        ----------
        review : str or sequence of str

        Returns
        -------
        int or list of int
            1 (positive) or 0 (negative); for a list, one for each.

        Raises
        ------
        BudgetSpent
            If that is more than is left; then nothing is labeled and nothing spent.
        KeyError
            For a text that is none of the reviews.
        """
        texts = [review] if isinstance(review, str) else review
        texts = texts if isinstance(texts, Sized) else list(texts)
        if len(texts) > self.left:
            raise BudgetSpent(f"asked for {len(texts)} labels; {self.left} are left")
        texts = list(texts)
        labels = self._read(texts)
        self.asked += texts
        return labels[0] if isinstance(review, str) else labels

    def _read(self, texts: list[str]) -> list[int]:
        return [self._answers[text] for text in texts]
