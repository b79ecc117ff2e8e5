"""Prices, the cost model, the frontier, and faults played offline."""

import numpy as np
import pytest

# `weak_supervision` brings snorkel, whose import draws from NumPy's global random state.
from helpers import checkpoints, costs, llm_prices, weak_supervision  # noqa: F401
from helpers.llm import MockLabeler
from helpers.llm_faults import FAULTS, FaultyLabeler
from helpers.reviews import realistic

FACTS = {"n_labels": 600, "human_share": 0.3, "llm_label_price": 0.0001}


@pytest.mark.parametrize(
    ("method", "usd"),
    [
        ("manual", 30_000),
        ("active_learning", 180 + 150),
        ("weak_supervision", 500 + 150),
        ("llm", 10 + 150),
        ("hybrid", 9_000 + 10 + 150),
    ],
)
def test_what_each_method_costs(method, usd):
    assert costs.measured_cost(method, 100_000, **FACTS) == pytest.approx(usd)
    without = costs.measured_cost(method, 100_000, **FACTS, gold_labels=0)
    assert without == pytest.approx(usd - (150 if method != "manual" else 0))


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="unknown method 'magic'; known: manual"):
        costs.measured_cost("magic", 10, **FACTS)


def test_todays_price_comes_from_the_one_place():
    model = llm_prices.model()
    assert costs.llm_price(1_000_000, 0) == model.input_usd
    assert costs.llm_price(0, 1_000_000) == model.output_usd
    # A hundred thousand short reviews: a few dollars, where the story says two hundred.
    assert 1 < 100_000 * costs.llm_price(88, 14) < 20


def test_no_model_is_both_offered_and_retired():
    assert not set(llm_prices.MODELS) & set(llm_prices.RETIRED)
    assert llm_prices.DEFAULT_MODEL in llm_prices.MODELS


@pytest.mark.parametrize(
    ("points", "frontier"),
    [
        ([], []),
        ([(5, 0.9)], [0]),
        ([(3, 0.9), (1, 0.8), (2, 0.7)], [1, 0]),
        ([(1, 0.9), (2, 0.9), (3, 0.95)], [0, 2]),  # as good for more money
        ([(2, 0.8), (2, 0.9), (1, 0.1)], [2, 1]),  # better for the same money
        ([(1, 0.9), (1, 0.9)], [0]),
    ],
)
def test_the_frontier(points, frontier):
    found = costs.pareto_frontier([cost for cost, _ in points], [quality for _, quality in points])
    assert found.tolist() == frontier


def test_nothing_beats_the_frontier():
    rng = np.random.default_rng(0)
    money, quality = rng.random(60).round(1), rng.random(60).round(1)
    on = set(costs.pareto_frontier(money, quality).tolist())
    for i in range(60):
        beaten = [
            j
            for j in range(60)
            if money[j] <= money[i]
            and quality[j] >= quality[i]
            and (money[j], quality[j]) != (money[i], quality[i])
        ]
        twins = [j for j in on if (money[j], quality[j]) == (money[i], quality[i])]
        assert bool(twins) == (not beaten)


def test_qualities_are_measured_and_tell_the_story_of_part_7():
    before = np.random.get_state()[1].tolist()
    measured = checkpoints.measured_qualities()
    assert np.random.get_state()[1].tolist() == before
    quality = measured.qualities
    assert tuple(quality) == costs.METHODS
    assert 0.95 < quality["manual"] < 0.98
    assert 0.84 < quality["llm"] < 0.91
    assert 0.80 < quality["weak_supervision"] < 0.89
    assert 0.83 < quality["active_learning"] < 0.90
    assert quality["llm"] + 0.04 < quality["hybrid"] < 0.98
    assert 0.2 < measured.human_share < 0.4
    assert measured.n_labels == 600
    price = costs.llm_price(measured.input_tokens, measured.output_tokens)
    money = [
        costs.measured_cost(
            method,
            100_000,
            n_labels=measured.n_labels,
            human_share=measured.human_share,
            llm_label_price=price,
        )
        for method in quality
    ]
    frontier = costs.pareto_frontier(money, list(quality.values()))
    assert [costs.METHODS[i] for i in frontier] == ["llm", "hybrid", "manual"]


def test_faults_befall_their_share_and_always_the_same_reviews():
    texts = realistic(2000)["review"].tolist()
    rates = {
        "429": 0.03,
        "bad_json": 0.02,
        "blocked": 0.01,
        "truncated": 0.02,
        "out_of_range": 0.02,
    }
    labeler = FaultyLabeler(MockLabeler(), rates, seed=4)
    results = labeler.label(texts)
    assert results == FaultyLabeler(MockLabeler(), rates, seed=4).label(texts)
    assert results[::-1] == labeler.label(texts[::-1])
    failed = [result for result in results if result.label is None]
    assert 0.08 < len(failed) / 2000 < 0.12
    for name, rate in rates.items():
        error, bills_input, bills_output = FAULTS[name]
        hit = [result for result in failed if result.error == error]
        assert 0.5 * rate < len(hit) / 2000 < 1.5 * rate
        assert {result.confidence for result in hit} == {None}
        assert {result.input_tokens > 0 for result in hit} == {bills_input}
        assert {result.output_tokens > 0 for result in hit} == {bills_output}


def test_without_faults_the_labeler_is_as_it_was():
    texts = realistic(50)["review"].tolist()
    assert FaultyLabeler(MockLabeler(), {}).label(texts) == MockLabeler().label(texts)
    everything = FaultyLabeler(MockLabeler(), {"blocked": 1.0}).label(texts)
    assert {result.label for result in everything} == {None}


@pytest.mark.parametrize("rates", [{"fire": 0.1}, {"429": -0.1}, {"429": 0.6, "blocked": 0.6}])
def test_shares_that_make_no_sense(rates):
    with pytest.raises(ValueError, match=r"unknown fault|must not be negative"):
        FaultyLabeler(MockLabeler(), rates)
