"""The labeling pipeline: better than its parts, within its budget, and safe against a kill."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from helpers.humans import BudgetedHuman, BudgetSpent, SimulatedHuman, TiredHuman
from helpers.llm import MockLabeler
from helpers.reference.ledger import Ledger
from helpers.reference.pipeline import SmartLabelingPipeline
from helpers.reference.posterior import tempered
from helpers.reviews import realistic
from helpers.weak_supervision import HANDOUT_LFS, PLAIN_LFS

ROOT = Path(__file__).parent.parent
SMALL = {"n_calibration": 60, "rounds": 2}


@pytest.fixture(scope="module")
def df():
    return realistic(3000, seed=9)


@pytest.fixture(scope="module")
def labeled(df):
    human = SimulatedHuman(df)
    pipeline = SmartLabelingPipeline(
        PLAIN_LFS, MockLabeler(), human=human, human_budget=300, **SMALL
    )
    return pipeline.fit(df[["review"]]), human


def accuracy(labels, df):
    return np.mean(labels == df["label"].to_numpy())


def test_better_than_its_parts(labeled, df):
    llm = [answer.label == "POSITIVE" for answer in MockLabeler().label(df["review"].tolist())]
    assert accuracy(labeled[0].labels_, df) > accuracy(llm, df) + 0.05


def test_results_have_scikit_learns_form(labeled, df):
    pipeline, _ = labeled
    assert set(pipeline.labels_.tolist()) == {0, 1}
    assert set(pipeline.sources_.tolist()) <= {"human", "llm", "weak", "model"}
    assert pipeline.confidence_.min() >= 0.5
    assert pipeline.confidence_.max() <= 1
    assert len(pipeline.labels_) == len(pipeline.sources_) == len(pipeline.confidence_) == len(df)
    assert clone(pipeline).get_params()["human_budget"] == 300
    assert accuracy(pipeline.predict(df["review"].tolist()), df) > 0.85
    assert pipeline.predict_proba(df[:5]).sum(axis=1) == pytest.approx(1)
    assert "total" in pipeline.report()


def test_the_budget_is_spent_and_not_more(labeled):
    pipeline, human = labeled
    assert human.asked == pipeline.bill_["human_labels"] == len(pipeline.opinions_) == 300
    assert not pipeline.opinions_.duplicated(["row", "opinion"]).any()
    assert set(pipeline.opinions_["opinion"]) >= {0, 1}  # cleanlab found some to ask again about
    assert pipeline.bill_["total"] == pytest.approx(500 + 3000 * 0.002 + 300 * 0.3)


def test_confidence_is_calibrated(labeled, df):
    pipeline, _ = labeled
    right = pipeline.labels_ == df["label"].to_numpy()
    assert pipeline.confidence_.mean() == pytest.approx(right.mean(), abs=0.04)
    order = np.argsort(pipeline.confidence_)
    assert right[order[-1000:]].mean() > right[order[:1000]].mean() + 0.1


def test_the_same_again(labeled, df):
    again = clone(labeled[0]).set_params(human=SimulatedHuman(df)).fit(df["review"].tolist())
    np.testing.assert_array_equal(again.posterior_, labeled[0].posterior_)


def test_works_with_what_there_is(df):
    few = df[:300]
    alone = SmartLabelingPipeline(PLAIN_LFS).fit(few)
    assert set(alone.sources_.tolist()) <= {"weak", "model"}
    assert alone.bill_["human_labels"] == alone.bill_["llm_labels"] == 0
    down = SmartLabelingPipeline(HANDOUT_LFS[:2], MockLabeler(failure_rate=0.5)).fit(few)
    assert 100 < down.bill_["llm_labels"] < 200
    assert SmartLabelingPipeline(PLAIN_LFS, MockLabeler()).label(few[:1])[0].shape == (1,)


def test_texts_that_come_twice_are_paid_for_once(df):
    texts = df["review"].tolist()[:200] * 2
    human = SimulatedHuman(df)
    pipeline = SmartLabelingPipeline(
        PLAIN_LFS, MockLabeler(), human=human, human_budget=150, n_calibration=100
    ).fit(texts)
    assert pipeline.bill_["llm_labels"] == 200
    np.testing.assert_array_equal(pipeline.labels_[:200], pipeline.labels_[200:])
    assert not pipeline.opinions_.duplicated(["row", "opinion"]).any()


def test_the_threshold_saves_llm_labels(df):
    few = df[:600]
    asked = [
        SmartLabelingPipeline(PLAIN_LFS, MockLabeler(), t).fit(few).bill_["llm_labels"]
        for t in (0.6, 0.9, 1.0)
    ]
    assert asked[0] < asked[1] < asked[2] == 600


def test_what_is_wrong_is_said(df):
    with pytest.raises(ValueError, match="negative"):
        SmartLabelingPipeline(PLAIN_LFS, human=SimulatedHuman(df), human_budget=-1).fit(df[:50])
    with pytest.raises(ValueError, match="1 texts of 'review' are missing"):
        SmartLabelingPipeline(PLAIN_LFS).fit(pd.DataFrame({"review": ["good", None]}))
    with pytest.raises(ValueError, match="0 or 1"):
        SmartLabelingPipeline(
            PLAIN_LFS, human=lambda texts, opinion: [2] * len(texts), human_budget=5
        ).fit(df[:50])


def test_sample_labels_tell_how_sure_to_be():
    rng = np.random.default_rng(0)
    truth = rng.random(2000) < 0.5
    honest = np.where(truth, 1, -1) + rng.normal(size=2000)
    sure = 1 / (1 + np.exp(-6 * honest))  # the log-odds are 2 x honest
    rows = np.arange(2000)
    mended = tempered(sure, rows, truth.astype(int), trust=0.999)
    confidence = np.maximum(mended, 1 - mended)
    assert confidence.mean() == pytest.approx(np.mean((mended > 0.5) == truth), abs=0.02)
    np.testing.assert_array_equal(tempered(sure, rows[:9], truth[:9]), sure)


def test_a_ledger_never_asks_twice(tmp_path):
    calls = []

    def ask(texts):
        calls.append(texts)
        return [(1, 0.9) if text != "no answer" else (None, None) for text in texts]

    ledger = Ledger(tmp_path / "labels.sqlite")
    first = ledger.buy("llm", ["a", "b", "a", "no answer"], ask, chunk=2)
    assert first == [(1, 0.9), (1, 0.9), (1, 0.9), (None, None)]
    assert calls == [["a", "b"], ["no answer"]]
    ledger.close()
    ledger = Ledger(tmp_path / "labels.sqlite")
    assert ledger.buy("llm", ["b", "c"], ask) == [(1, 0.9), (1, 0.9)]
    assert calls[2:] == [["c"]]
    with pytest.raises(ValueError, match="0 answers to 1"):
        ledger.buy("llm", ["d"], lambda texts: [])


RUN = """
    import os, signal, sys
    from helpers.humans import SimulatedHuman
    from helpers.llm import MockLabeler
    from helpers.reference.pipeline import SmartLabelingPipeline
    from helpers.reviews import realistic
    from helpers.weak_supervision import PLAIN_LFS

    folder, kill_at = sys.argv[1], int(sys.argv[2])
    df = realistic(1200, seed=9)
    sold = 0

    def sell(what, texts):
        '''The seller's own book: what was asked for and paid.'''
        global sold
        if 0 <= kill_at - sold < len(texts):
            os.kill(os.getpid(), signal.SIGKILL)
        sold += len(texts)
        with open(f"{folder}/sold.txt", "a") as book:
            book.writelines(f"{what} {text!r}\\n" for text in texts)

    class Human(SimulatedHuman):
        def __call__(self, texts, opinion=0):
            sell(f"human {opinion}", texts)
            return super().__call__(texts, opinion)

    class Labeler(MockLabeler):
        def label(self, texts):
            sell("llm", texts)
            return super().label(texts)

    pipeline = SmartLabelingPipeline(
        PLAIN_LFS, Labeler(), human=Human(df), human_budget=150, n_calibration=60, rounds=2,
        ledger=f"{folder}/labels.sqlite", llm_chunk=100,
    ).fit(df)
    pipeline.posterior_.tofile(f"{folder}/posterior")
"""


def start(folder, kill_at):
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-c", textwrap.dedent(RUN), str(folder), str(kill_at)]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True
    )


def test_a_killed_run_goes_on_and_pays_for_nothing_twice(tmp_path):
    whole = tmp_path / "whole"
    assert start(whole, 10**9).returncode == 0
    broken = tmp_path / "broken"
    # In the language model's labels, among the calibration labels, and in a round.
    for kill_at in (550, 700, 30):
        assert start(broken, kill_at).returncode == -signal.SIGKILL
    assert start(broken, 10**9).returncode == 0
    sold = (broken / "sold.txt").read_text().splitlines()
    assert len(sold) == len(set(sold)) == 1200 + 150
    assert sorted(sold) == sorted((whole / "sold.txt").read_text().splitlines())
    assert (broken / "posterior").read_bytes() == (whole / "posterior").read_bytes()


def test_people_err_as_often_as_they_should(df):
    texts, truth = df["review"].tolist(), df["label"].to_numpy()
    for human in (SimulatedHuman(df, seed=3), TiredHuman(df, seed=3)):
        first, second = human(texts), human(texts, opinion=1)
        assert np.mean(first != truth) == pytest.approx(0.04, abs=0.012)
        np.testing.assert_array_equal(first, human(texts))
        both = np.mean((first != truth) & (second != truth))
        assert (both > 0.012) == isinstance(human, TiredHuman)  # some errors everyone makes
    assert human.asked == 3 * len(texts)
    wrong = pd.Series(first != truth).groupby(df["kind"]).mean()
    assert wrong["sarcasm"] > 3 * wrong["plain"]


def test_a_budget_is_a_budget():
    human = BudgetedHuman(["good", "bad", "ugly"], [1, 0, 0], budget=2)
    assert human("good") == 1
    with pytest.raises(BudgetSpent, match="2 labels; 1 are left"):
        human(["bad", "ugly"])
    assert human(["bad"]) == [0]
    assert (human.left, human.asked) == (0, ["good", "bad"])
