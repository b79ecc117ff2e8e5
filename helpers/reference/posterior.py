"""From many weak opinions on a review to one calibrated probability.

The opinions are columns of *evidence*, as log-odds of the positive class: what the label model
says, the majority vote, the language model, and an *end model* that reads the text itself. The
end model learns from the other opinions' probabilities, not from their labels: being told how
sure they are was worth two to three points of accuracy in trials. It never scores a review it has
learned from, so its column is as good as it looks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, logit
from sklearn.model_selection import KFold

from helpers.weak_supervision import ABSTAIN, NEGATIVE, POSITIVE


def vote_evidence(L: np.ndarray, random_state: int = 0) -> np.ndarray:
    """Turn a label matrix into evidence.

    Parameters
    ----------
    L : ndarray of int, shape (n, m)
        Votes 1, 0 and -1 (none).
    random_state : int
        Seed of the label model.

    Returns
    -------
    ndarray of float, shape (n, 2)
        Log-odds by Snorkel's label model, and the lead of the positive votes over the negative.
        Both 0 where nobody votes. The first is 0 everywhere for fewer than three functions:
        a label model needs three.
    """
    from helpers.checkpoints import label_probabilities

    L = np.asarray(L)
    lead = (L == POSITIVE).sum(axis=1) - (L == NEGATIVE).sum(axis=1)
    modelled = np.zeros(len(L))
    if L.shape[1] >= 3 and (L != ABSTAIN).any():
        probabilities = label_probabilities(L, seed=random_state)[:, 1]
        modelled = log_odds(probabilities, 0.02) * (L != ABSTAIN).any(axis=1)
    return np.column_stack([modelled, lead.astype(float)])


def log_odds(probabilities: np.ndarray, least: float = 0.005) -> np.ndarray:
    """Return log-odds of probabilities, which are first kept `least` away from 0 and 1."""
    return logit(np.clip(probabilities, least, 1 - least))


class EndModel:
    """Logistic regression on text features, learned from probabilities, scored out of fold.

    Parameters
    ----------
    C : float
        Inverse strength of regularisation, as in scikit-learn.
    n_folds : int
    random_state : int
        Decides which review is in which fold.

    Attributes
    ----------
    weights_ : ndarray, shape (n_folds, n_features + 1)
        One model a fold, the intercept last.
    """

    def __init__(self, C: float = 10.0, n_folds: int = 3, random_state: int = 0) -> None:
        self.C, self.n_folds, self.random_state = C, n_folds, random_state
        self.weights_: np.ndarray | None = None

    def fit_score(self, X: sp.csr_matrix, target: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Learn, and score each review with the model that has not seen it.

        Parameters
        ----------
        X : CSR matrix of float64, shape (n, n_features)
        target : ndarray of float, shape (n,)
            Probability of the positive class.
        weight : ndarray of float, shape (n,)
            How much each review counts.

        Returns
        -------
        ndarray of float, shape (n,)
            Log-odds; 0 for fewer reviews than folds. Called again, it goes on from the last
            weights.
        """
        if self.weights_ is None:
            self.weights_ = np.zeros((self.n_folds, X.shape[1] + 1))
        scores = np.zeros(X.shape[0])
        if len(scores) < self.n_folds:
            return scores
        folds = KFold(self.n_folds, shuffle=True, random_state=self.random_state)
        for i, (learn, score) in enumerate(folds.split(scores)):
            start = self.weights_[i]
            end = _fit_soft(X[learn], target[learn], weight[learn], self.C, start)
            self.weights_[i] = end
            scores[score] = X[score] @ end[:-1] + end[-1]
        return scores

    def score(self, X: sp.csr_matrix) -> np.ndarray:
        """Return the mean log-odds of all folds' models for new reviews."""
        return (X @ self.weights_[:, :-1].T + self.weights_[:, -1]).mean(axis=1)


def _fit_soft(
    X: sp.csr_matrix, target: np.ndarray, weight: np.ndarray, C: float, start: np.ndarray
) -> np.ndarray:
    """Minimise the cross-entropy to probabilities; scikit-learn's takes labels only."""
    columns = X.T

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        scores = X @ w[:-1] + w[-1]
        misfit = weight * (expit(scores) - target)
        value = weight @ (np.logaddexp(0, scores) - target * scores) + w[:-1] @ w[:-1] / (2 * C)
        return value, np.append(columns @ misfit + w[:-1] / C, misfit.sum())

    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 60}).x


# What the weights of the opinions come out at, about, when there are many human labels.
_USUAL = {"llm": 0.3, "text": 1.5}
_PULL = 1.0  # towards them: as strong as scikit-learn's default towards 0


def stacked(
    evidence: np.ndarray, names: Sequence[str], rows: np.ndarray, labels: np.ndarray
) -> np.ndarray:
    """Weigh the opinions by how well they agree with human labels.

    Parameters
    ----------
    evidence : ndarray of float, shape (n, k)
    names : sequence of str, length k
        Of the columns; ``"text"`` is the end model's, ``"llm"`` the language model's.
    rows : ndarray of int, shape (h,)
        Reviews with human labels.
    labels : ndarray of int, shape (h,)

    Returns
    -------
    ndarray of float, shape (n,)
        Probability of the positive class, by logistic regression that is drawn to the usual
        weights: with no labels it takes these, with a few hundred it goes its own way.
    """
    usual = np.array([*(_USUAL.get(name, 0.0) for name in names), 0.0])
    known, sign = evidence[rows], np.where(labels == POSITIVE, 1.0, -1.0)
    columns = np.column_stack([known, np.ones(len(rows))])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        margins, away = sign * (columns @ weights), weights - usual
        gradient = columns.T @ (-sign * expit(-margins)) + _PULL * away
        return np.logaddexp(0, -margins).sum() + _PULL * (away @ away) / 2, gradient

    weights = minimize(loss, usual, jac=True, method="L-BFGS-B").x
    return expit(evidence @ weights[:-1] + weights[-1])


def tempered(
    posterior: np.ndarray, rows: np.ndarray, labels: np.ndarray, trust: float = 0.95
) -> np.ndarray:
    """Make a posterior as sure as it should be, by human labels of reviews drawn at random.

    A model that learns from its own probabilities becomes too sure of them, and the reviews that
    people are asked about are no random sample: only the calibration labels can tell.

    Parameters
    ----------
    posterior : ndarray of float, shape (n,)
    rows, labels : ndarray of int, shape (h,)
        The random sample, and what people said.
    trust : float
        How often people are right: what they get wrong is not held against the posterior.

    Returns
    -------
    ndarray of float, shape (n,)
        The log-odds times one number, from 0.2 to 2; the same posterior for fewer than 50 labels.
    """
    if len(rows) < 50:
        return posterior
    scores = log_odds(posterior, 1e-6)

    def misfit(factor: float) -> float:
        right = expit(factor * np.where(labels == POSITIVE, scores[rows], -scores[rows]))
        # A faint pull towards 1: a small sample may have no error at all.
        return -np.log(trust * right + (1 - trust) * (1 - right)).sum() + np.log(factor) ** 2

    return expit(minimize_scalar(misfit, bounds=(0.2, 2.0), method="bounded").x * scores)
