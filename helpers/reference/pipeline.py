"""Label a large set of reviews with rules, a language model, and a few people.

The order is that of price. Labeling functions vote on everything, a language model labels what
they leave uncertain, both are weighed against a few hundred human labels, and people label the
reviews on which the result is least sure. cleanlab then says which human labels look wrong, and
other people look again. `benchmarks/labeling.py` measures what this costs and gives.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.validation import check_is_fitted
from tqdm import tqdm

from helpers.reference.bill import Prices, bill_of
from helpers.reference.fast_lfs import FastLFApplier
from helpers.reference.ledger import Ledger
from helpers.reference.opinions import Opinions, llm_log_odds, suspects
from helpers.reference.posterior import EndModel, stacked, tempered, vote_evidence
from helpers.weak_supervision import ABSTAIN, majority_vote

Human = Callable[..., Sequence[int]]
# A human label counts as much as ten reviews without one, and is not taken for certain.
_HUMAN_WEIGHT, _HUMAN_TRUST = 10.0, 0.96


class SmartLabelingPipeline(BaseEstimator):
    """Labels reviews as positive or negative, with a source and a confidence for each.

    Parameters
    ----------
    labeling_functions : sequence of LabelingFunction
        Snorkel's, or those of `helpers.reference.fast_lfs`.
    llm_client : Labeler, optional
        See `helpers.llm`. Without one, reviews stay with rules and people.
    confidence_threshold : float
        The language model is asked about reviews on which the labeling functions' probability is
        below this. 1: about all, which pays as long as its labels are cheap.
    human : callable, optional
        ``human(texts, opinion=0)`` returns a label (1 or 0) for each text; `opinion` says whom
        to ask: 0 the first person, 1 a second one, 2 a third.
    human_budget : int or float
        Number of labels that may be bought from people, second opinions and all; a float below 1
        is a share of the reviews.
    n_calibration : int
        So many of them, but at most a third, are spent on reviews drawn at random, to calibrate
        on.
    rounds : int
        In how many rounds people label the most uncertain reviews.
    review_share : float
        Share of the rest that is kept for second and third opinions.
    ledger : str or Path, optional
        sqlite file for the labels that are bought. After a kill, the same call with the same
        ledger goes on where it stood, and buys no label twice.
    column : str
        Of the data; holds the texts.
    llm_chunk, human_chunk : int
        How many labels are asked for at a time: so many a kill can cost at most.
    prices : Prices
        For the report only.
    random_state : int
    progress : bool
        Whether to show a bar.

    Attributes
    ----------
    labels_ : ndarray of int, shape (n,)
    sources_ : ndarray of str, shape (n,)
        Who decided: ``"human"`` (a person has read it), ``"llm"`` (what the language model
        said), ``"weak"`` (not that, but what most labeling functions said) or ``"model"``
        (neither: the text itself weighed more).
    confidence_ : ndarray of float, shape (n,)
        Probability that the label is right, from 0.5 to 1.
    posterior_ : ndarray of float, shape (n,)
        Probability of the positive class.
    opinions_ : DataFrame
        All human labels: ``row`` (the first with this text), ``opinion``, ``label``.
    bill_ : dict
        Labels bought and dollars spent; see `report`.
    seconds_ : dict
        CPU seconds by step.
    end_model_, vectorizer_
        What `predict_proba` uses on reviews that come later.
    """

    def __init__(
        self,
        labeling_functions: Sequence[Any],
        llm_client: Any = None,
        confidence_threshold: float = 1.0,
        *,
        human: Human | None = None,
        human_budget: float = 0,
        n_calibration: int = 300,
        rounds: int = 8,
        review_share: float = 0.1,
        ledger: str | Path | None = None,
        column: str = "review",
        llm_chunk: int = 100,
        human_chunk: int = 1,
        prices: Prices | None = None,
        random_state: int = 0,
        progress: bool = False,
    ) -> None:
        self.labeling_functions = labeling_functions
        self.llm_client = llm_client
        self.confidence_threshold = confidence_threshold
        self.human = human
        self.human_budget = human_budget
        self.n_calibration = n_calibration
        self.rounds = rounds
        self.review_share = review_share
        self.ledger = ledger
        self.column = column
        self.llm_chunk = llm_chunk
        self.human_chunk = human_chunk
        self.prices = prices
        self.random_state = random_state
        self.progress = progress

    def label(self, data: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Label data.

        Parameters
        ----------
        data : DataFrame, Series or sequence of str

        Returns
        -------
        labels, sources, confidence : ndarray, shape (n,)
            As in the attributes.
        """
        self.fit(data)
        return self.labels_, self.sources_, self.confidence_

    def fit(self, data: Any, y: None = None) -> SmartLabelingPipeline:
        """Label data and keep the result; `y` is ignored.

        Raises
        ------
        ValueError
            If a text is missing, a vote or a label is not of the two classes, or a budget is
            negative.
        """
        frame = _frame(data, self.column)
        # Equal texts are one review: it is paid for once, and never in two folds.
        self._same, distinct = pd.factorize(frame[self.column])
        self._first = np.unique(self._same, return_index=True)[1]
        if (self._same < 0).any():
            raise ValueError(f"{(self._same < 0).sum()} texts of {self.column!r} are missing")
        frame, texts = frame.iloc[self._first], distinct.tolist()
        budget = _budget(self.human_budget, len(self._same)) if self.human is not None else 0
        self.seconds_: dict[str, float] = {}
        ledger = Ledger(self.ledger)
        with tqdm(total=self.rounds + 6, disable=not self.progress, desc="labeling") as self._bar:
            try:
                opinions = Opinions(ledger, self.human, texts, budget, self.human_chunk)
                self._fit(frame, texts, opinions, ledger)
            finally:
                ledger.close()
        del self._bar, self._sample, self._same, self._first
        return self

    def _fit(
        self, frame: pd.DataFrame, texts: list[str], opinions: Opinions, ledger: Ledger
    ) -> None:
        with self._step("labeling functions"):
            L = FastLFApplier(self.labeling_functions).apply(frame, dtype=np.int8)
            if L.max(initial=0) > 1:
                raise ValueError("this pipeline knows two classes, 0 and 1")
        with self._step("label model"):
            evidence = vote_evidence(L, self.random_state)
        with self._step("language model"):
            llm = self._ask_llm(texts, evidence, ledger)
        with self._step("text features"):
            X = self._features(texts)
        with self._step("calibration"):
            rng = np.random.default_rng(self.random_state)
            n_sample = min(self.n_calibration, opinions.left // 3)
            self._sample = rng.permutation(len(texts))[:n_sample]
            opinions.ask(self._sample)
        posterior = self._rounds(X, evidence, llm, opinions)
        with self._step("second opinions"):
            opinions.review(suspects(posterior, *opinions.majority()))
            opinions.ask(_most_uncertain(posterior, opinions.asked, opinions.left))
            posterior = self._posterior(X, evidence, llm, opinions, posterior)
        self._conclude(L, llm, posterior, opinions)

    def _rounds(
        self, X: Any, evidence: np.ndarray, llm: np.ndarray, opinions: Opinions
    ) -> np.ndarray:
        """Ask people about the most uncertain reviews, learn, and again."""
        self.end_model_ = EndModel(random_state=self.random_state)
        # What the end model learns from first: nobody's labels, but how sure the others are.
        posterior = np.where(llm != 0, expit(llm), expit(evidence[:, 0]))
        posterior = self._posterior(X, evidence, llm, opinions, posterior)
        to_spend = int(opinions.left * (1 - self.review_share))
        for batch in np.diff(np.linspace(0, to_spend, self.rounds + 1).astype(int)):
            with self._step("rounds"):
                if batch:
                    opinions.ask(_most_uncertain(posterior, opinions.asked, batch))
                    posterior = self._posterior(X, evidence, llm, opinions, posterior)
        return posterior

    def _ask_llm(self, texts: list[str], evidence: np.ndarray, ledger: Ledger) -> np.ndarray:
        """Return the language model's log-odds; 0 where it was not asked or did not answer."""
        said = np.zeros(len(texts))
        if self.llm_client is not None:
            sure = expit(np.abs(evidence[:, 0]))
            rows = np.flatnonzero((sure < self.confidence_threshold) | (evidence[:, 0] == 0))
            asked = [texts[row] for row in rows]
            said[rows] = llm_log_odds(self.llm_client, ledger, asked, self.llm_chunk)
        self._n_llm = np.count_nonzero(said)
        return said

    def _features(self, texts: list[str]) -> Any:
        least = 3 if len(texts) >= 5000 else 1
        self.vectorizer_ = TfidfVectorizer(ngram_range=(1, 2), min_df=least, sublinear_tf=True)
        return self.vectorizer_.fit_transform(texts)

    def _posterior(
        self,
        X: Any,
        evidence: np.ndarray,
        llm: np.ndarray,
        opinions: Opinions,
        before: np.ndarray,
    ) -> np.ndarray:
        """Teach the end model what is known by now; weigh it against the other opinions."""
        rows, labels = opinions.majority()
        target, weight = before.copy(), np.ones(len(before))
        target[rows] = np.where(labels == 1, _HUMAN_TRUST, 1 - _HUMAN_TRUST)
        weight[rows] = _HUMAN_WEIGHT
        text = self.end_model_.fit_score(X, target, weight)
        names = ["label model", "majority", "llm", "llm label", "text"]
        columns = np.column_stack([evidence, llm, np.sign(llm), text])
        posterior = stacked(columns, names, rows, labels)
        return tempered(posterior, *opinions.first(self._sample))

    def _conclude(
        self, L: np.ndarray, llm: np.ndarray, posterior: np.ndarray, opinions: Opinions
    ) -> None:
        posterior = opinions.combined(posterior)
        labels = (posterior > 0.5).astype(int)
        votes = majority_vote(L)
        weak = (votes != ABSTAIN) & (votes == labels)
        by_llm = (llm != 0) & ((llm > 0) == labels)
        sources = np.select(
            [opinions.asked, by_llm, weak], ["human", "llm", "weak"], default="model"
        )
        self.posterior_, self.labels_ = posterior[self._same], labels[self._same]
        self.confidence_ = np.maximum(self.posterior_, 1 - self.posterior_)
        self.sources_ = sources[self._same]
        table = opinions.table()
        self.opinions_ = table.assign(row=self._first[table["row"]])
        n_bought = self._n_llm, opinions.spent
        self.bill_ = bill_of(len(self._same), *n_bought, self.prices or Prices())

    def report(self) -> str:
        """Return what was bought and spent, as a few lines of text."""
        check_is_fitted(self, "bill_")
        return "\n".join(f"{name:<16} {value:>12,.2f}" for name, value in self.bill_.items())

    def predict_proba(self, data: Any) -> np.ndarray:
        """Return class probabilities for new reviews, by the end model alone: nothing is bought.

        Returns
        -------
        ndarray of float, shape (n, 2)
        """
        check_is_fitted(self, "end_model_")
        X = self.vectorizer_.transform(_frame(data, self.column)[self.column])
        positive = expit(self.end_model_.score(X))
        return np.column_stack([1 - positive, positive])

    def predict(self, data: Any) -> np.ndarray:
        """Return labels for new reviews, by the end model alone: nothing is bought."""
        return (self.predict_proba(data)[:, 1] > 0.5).astype(int)

    @contextmanager
    def _step(self, name: str) -> Any:
        self._bar.set_postfix_str(name)
        start = time.process_time()
        yield
        self.seconds_[name] = self.seconds_.get(name, 0.0) + time.process_time() - start
        self._bar.update()


def _frame(data: Any, column: str) -> pd.DataFrame:
    if isinstance(data, pd.DataFrame):
        return data
    return pd.DataFrame({column: pd.Series(list(data), dtype="str")})


def _budget(budget: float, n: int) -> int:
    if budget < 0:
        raise ValueError(f"a budget must not be negative, but is {budget}")
    return round(budget * n) if isinstance(budget, float) and budget < 1 else int(budget)


def _most_uncertain(posterior: np.ndarray, asked: np.ndarray, n: int) -> np.ndarray:
    """Return up to `n` rows nobody was asked about, the most uncertain first."""
    free = np.flatnonzero(~asked)
    return free[np.argsort(np.abs(posterior[free] - 0.5), kind="stable")[:n]]
