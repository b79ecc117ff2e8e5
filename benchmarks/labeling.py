"""What does it cost to label reviews, and how good are the labels? Measured, method by method.

Prices are the handout's (`helpers.costs`); a human label is wrong for 4 % of the reviews.
Every method runs in a process of its own, forked from one that has the data, the libraries and
the LLM's answers: CPU seconds and peak memory are the method's, and the LLM's time is left out.

    .venv/bin/python benchmarks/labeling.py --sizes 10000 --seeds 0,1,2
    .venv/bin/python benchmarks/labeling.py --sizes 10000,100000 --human tired --out build/tired
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from threadpoolctl import threadpool_limits

from helpers.humans import SimulatedHuman, TiredHuman
from helpers.llm import LabelResult, MockLabeler
from helpers.reference.bill import Prices
from helpers.reference.fast_lfs import FastLFApplier
from helpers.reference.pipeline import SmartLabelingPipeline
from helpers.reference.posterior import EndModel, log_odds, vote_evidence
from helpers.reviews import realistic
from helpers.weak_supervision import ABSTAIN, PLAIN_LFS, majority_vote

warnings.filterwarnings("ignore", message="Input has data type int64", category=FutureWarning)

PRICES = Prices()
HUMANS = {"lot": SimulatedHuman, "tired": TiredHuman}


class Remembered:
    """A labeler that has its answers ready, so that the LLM's time does not count."""

    def __init__(self, texts: list[str]) -> None:
        self.answers = dict(zip(texts, MockLabeler().label(texts), strict=True))

    def label(self, texts: list[str]) -> list[LabelResult]:
        return [self.answers[text] for text in texts]


class World:
    """One data set: reviews, truth, people, and the LLM's answers."""

    def __init__(self, n: int, seed: int, human: str) -> None:
        self.df = realistic(n, difficulty=0.5, seed=seed)
        self.texts, self.truth = self.df["review"].tolist(), self.df["label"].to_numpy()
        self.human = HUMANS[human](self.df, error=0.04, seed=seed)
        self.llm = Remembered(self.texts)
        self.n = n

    def said(self) -> np.ndarray:
        """Return the LLM's log-odds."""
        answers = self.llm.label(self.texts)
        sign = np.array([1 if a.label == "POSITIVE" else -1 for a in answers])
        return sign * log_odds(np.array([max(a.confidence, 0.505) for a in answers]))


def manual(world: World) -> tuple[np.ndarray, float]:
    """One human label for each review."""
    return world.human(world.texts), world.n * PRICES.human


def llm(world: World) -> tuple[np.ndarray, float]:
    """One LLM label for each review."""
    return world.said() > 0, world.n * PRICES.llm


def llm_end_model(world: World) -> tuple[np.ndarray, float]:
    """A classifier that learns how sure the LLM is, out of fold."""
    target = 1 / (1 + np.exp(-world.said()))
    return end_model(world, target, np.ones(world.n)) > 0, world.n * PRICES.llm


def weak(world: World) -> tuple[np.ndarray, float]:
    """Majority vote of fourteen labeling functions, positive where it has no answer."""
    votes = majority_vote(FastLFApplier(PLAIN_LFS).apply(world.df, dtype=np.int8))
    return np.where(votes == ABSTAIN, 1, votes), PRICES.setup


def weak_end_model(world: World) -> tuple[np.ndarray, float]:
    """A classifier that learns from the lead of the positive votes, out of fold."""
    lead = vote_evidence(FastLFApplier(PLAIN_LFS).apply(world.df, dtype=np.int8))[:, 1]
    target = 1 / (1 + np.exp(-lead))
    return end_model(world, target, (lead != 0).astype(float)) > 0, PRICES.setup


def end_model(world: World, target: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return EndModel().fit_score(features(world), target, weight)


def features(world: World) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    least = 3 if world.n >= 5000 else 1
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=least, sublinear_tf=True)
    return vectorizer.fit_transform(world.texts)


def active_learning(world: World, dollars: float) -> tuple[np.ndarray, float]:
    """Human labels only, on the most uncertain reviews, ten rounds; a classifier for the rest."""
    from sklearn.linear_model import LogisticRegression

    X = features(world)
    n_labels = min(int(dollars / PRICES.human), world.n)
    labeled = np.zeros(world.n, dtype=bool)
    labels = np.zeros(world.n, dtype=int)
    order = np.random.default_rng(0).permutation(world.n)
    for size in np.diff(np.linspace(0, n_labels, 11).astype(int)):
        rows = order[~labeled[order]][:size]
        labels[rows] = world.human([world.texts[i] for i in rows])
        labeled[rows] = True
        model = LogisticRegression(C=10, max_iter=300).fit(X[labeled], labels[labeled])
        scores = model.decision_function(X)
        order = np.argsort(np.abs(scores))
    return np.where(labeled, labels, scores > 0), n_labels * PRICES.human


def hybrid(world: World, dollars: float) -> tuple[np.ndarray, float]:
    """The LLM, and a human on those it is least sure of: a threshold set by the budget."""
    said = world.said()
    n_human = int(max(dollars - world.n * PRICES.llm, 0) / PRICES.human)
    rows = np.argsort(np.abs(said), kind="stable")[:n_human]
    labels = (said > 0).astype(int)
    labels[rows] = world.human([world.texts[i] for i in rows])
    return labels, world.n * PRICES.llm + len(rows) * PRICES.human


def pipeline(world: World, budget: float) -> tuple[np.ndarray, float]:
    """All of them; `budget` is the number of human labels as a share of the reviews."""
    labeler = SmartLabelingPipeline(
        PLAIN_LFS, world.llm, human=world.human, human_budget=round(budget * world.n)
    )
    labels, _, _ = labeler.label(world.df[["review"]])
    return labels, labeler.bill_["total"]


def measured(function: Callable, *arguments: Any) -> dict[str, float]:
    """Run a method in a forked process."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def work() -> None:
        start = time.perf_counter()
        labels, dollars = function(*arguments)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        sender.send(
            {
                "accuracy": float(np.mean(labels == arguments[0].truth)),
                "dollars": dollars,
                "cpu_s": usage.ru_utime + usage.ru_stime,
                "wall_s": time.perf_counter() - start,
                "peak_mb": usage.ru_maxrss / 1024,
            }
        )

    process = context.Process(target=work)
    process.start()
    sender.close()
    result = receiver.recv()
    process.join()
    return result


def run(n: int, seed: int, budgets: list[float], human: str) -> list[dict[str, Any]]:
    """Measure every method on one data set."""
    world = World(n, seed, human)
    rows: list[dict[str, Any]] = []

    def add(method: str, function: Callable, *arguments: Any, budget: float | None = None) -> dict:
        row = {"n": n, "seed": seed, "method": method, "budget": budget}
        row |= measured(function, world, *arguments)
        rows.append(row)
        print("  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{v}" for k, v in row.items()))
        sys.stdout.flush()
        return row

    for function in (manual, llm, llm_end_model, weak, weak_end_model):
        add(function.__name__.replace("_", " "), function)
    for budget in budgets:
        dollars = add("pipeline", pipeline, budget, budget=budget)["dollars"]
        add("active learning", active_learning, dollars, budget=budget)
        add("threshold hybrid", hybrid, dollars, budget=budget)
    return rows


def lead_over_others(table: pd.DataFrame) -> pd.DataFrame:
    """Return, for each run and budget, the pipeline's accuracy less the best other's it can buy."""
    leads = []
    for (n, seed), rows in table.groupby(["n", "seed"]):
        others = rows[rows["method"] != "pipeline"]
        for _, row in rows[rows["method"] == "pipeline"].iterrows():
            # A dollar or two less than the pipeline's is the same price.
            affordable = others[others["dollars"] <= row["dollars"] + 0.5]
            best = affordable.loc[affordable["accuracy"].idxmax()]
            lead = row["accuracy"] - best["accuracy"]
            leads.append((n, seed, row["budget"], best["method"], lead))
    return pd.DataFrame(leads, columns=["n", "seed", "budget", "best other", "lead"])


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return means over the seeds, and how far the accuracies lie apart."""
    grouped = table.groupby(["n", "method", "budget"], dropna=False, sort=False)
    means = grouped[["accuracy", "dollars", "cpu_s", "peak_mb"]].mean()
    means["spread"] = grouped["accuracy"].agg(lambda a: a.max() - a.min())
    means["times_cheaper"] = means.index.get_level_values("n") * PRICES.human / means["dollars"]
    return means.reset_index()


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw accuracy against dollars for the largest size."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    from helpers import plots

    plots.style()
    n = table["n"].max()
    rows = summary(table[table["n"] == n])
    fig, ax = plt.subplots()
    for method, points in rows.groupby("method", sort=False):
        points = points.sort_values("dollars")
        # One look more than the style has.
        own = {"color": "gray", "marker": "*", "linestyle": ""} if method == "manual" else {}
        ax.plot(points["dollars"], 100 * points["accuracy"], label=method, **own)
    ax.set(xscale="log", xlabel="Dollars", ylabel="Accuracy (%)", title=f"{n:,} reviews")
    ax.legend(fontsize=8)
    fig.savefig(path, dpi=150, bbox_inches="tight")


def weak_at(n: int, seed: int) -> None:
    """Print what the weak part gives and takes on many reviews."""
    df = realistic(n, difficulty=0.5, seed=seed)[["review", "label"]]
    applier = FastLFApplier(PLAIN_LFS)
    start = time.process_time()
    L = applier.apply(df, dtype=np.int8)
    applied = time.process_time()
    votes = majority_vote(L)
    voted = time.process_time()
    vote_evidence(L)
    modelled = time.process_time()
    right = votes == df["label"].to_numpy()
    print(
        f"weak part, {n:,} reviews, seed {seed}: functions {applied - start:.2f}, majority vote "
        f"{voted - applied:.2f}, label model {modelled - voted:.2f} CPU s; coverage "
        f"{np.mean(votes != ABSTAIN):.3f}, accuracy on covered {right[votes != ABSTAIN].mean():.3f}"
    )


def main() -> None:
    """Parse the command line, measure, print, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    numbers = {"type": lambda text: [int(x) for x in text.split(",")], "metavar": "N,N,..."}
    parser.add_argument("--sizes", default=[10_000], **numbers, help="numbers of reviews")
    parser.add_argument("--seeds", default=[0, 1, 2], **numbers, help="seeds of the data")
    parser.add_argument(
        "--budgets",
        default=[0.0, 0.01, 0.03, 0.1, 0.2],
        type=lambda text: [float(x) for x in text.split(",")],
        help="human labels in the pipeline, as shares of the reviews (default 0,.01,.03,.1,.2)",
    )
    parser.add_argument(
        "--human",
        choices=sorted(HUMANS),
        default="lot",
        help="people err by lot, or where it is hard",
    )
    parser.add_argument("--weak", type=int, metavar="N", help="also the weak part on N reviews")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks"), help="a folder")
    options = parser.parse_args()
    threadpool_limits(1)  # CPU seconds are then comparable
    torch.set_num_threads(1)
    rows = [
        row
        for n in options.sizes
        for seed in options.seeds
        for row in run(n, seed, options.budgets, options.human)
    ]
    table = pd.DataFrame(rows)
    options.out.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out / "labeling.csv", index=False)
    draw(table, options.out / "labeling.png")
    print("\n", summary(table).round(4).to_string(index=False))
    print("\n", lead_over_others(table).round(4).to_string(index=False))
    if options.weak:
        weak_at(options.weak, options.seeds[0])
    print(f"\nwritten: {options.out}/labeling.csv, {options.out}/labeling.png")


if __name__ == "__main__":
    main()
