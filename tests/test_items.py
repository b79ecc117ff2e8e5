"""Items are not met by what only looks like an answer, and not stopped by what is huge."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB

from autograder.checks import part3, part4, part7, realistic_data
from helpers import checkpoints, costs
from helpers.checks import annotation, method_scores, part6, pipelines, weak_labels
from helpers.checks.namespace import Namespace
from helpers.checks.question import Unmet
from helpers.checks.student import Student
from helpers.checks.values import is_mask
from helpers.humans import BudgetedHuman, BudgetSpent
from helpers.weak_supervision import HANDOUT_LFS, apply_lfs


def student_of(**names):
    return Student(Namespace(names).answer)


@pytest.fixture(scope="module")
def votes():
    """The handout's votes on the pool, and labels made of them."""
    data = realistic_data.split()
    L = apply_lfs(HANDOUT_LFS, data.df_pool)
    covered = (L != -1).any(axis=1)
    labels = checkpoints.label_probabilities(L).argmax(axis=1)
    return L, data.X_pool[covered], labels[covered]


class TestTheModelOfPart4:
    @pytest.mark.parametrize("strategy", ["uniform", "stratified", "constant", "most_frequent"])
    def test_one_that_does_not_read(self, votes, strategy):
        L, X, labels = votes
        model = DummyClassifier(strategy=strategy, constant=1, random_state=0).fit(X, labels)
        with pytest.raises(Unmet, match="repeats most votes"):
            part4.weak_model_learned_from_votes(student_of(L_real=L, weak_model=model))

    @pytest.mark.parametrize("model", [LogisticRegression(max_iter=1000), MultinomialNB()])
    def test_one_that_does(self, votes, model):
        L, X, labels = votes
        part4.weak_model_learned_from_votes(student_of(L_real=L, weak_model=model.fit(X, labels)))


class TestTheHistoryOfPart3:
    def test_replies_of_any_length_take_little_memory(self):
        long = np.zeros(100_000, dtype="i1")
        student = student_of(random_sampling=lambda model, pool, n_instances=1: (long, None))
        for item in (part3.every_row_can_be_drawn, part3.labels_are_never_looked_at):
            tracemalloc.start()
            with pytest.raises(Unmet):
                item(student)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert peak < 20e6

    @pytest.mark.parametrize(
        ("labels", "advice"),
        [
            (("Baseline", "Active learning"), "call random sampling's curve 'random …'"),
            (("random", "not random"), "call random sampling's curve 'random …'"),
            ((None, None), "give each curve a `label`"),
        ],
    )
    def test_names_without_the_word_have_a_next_step(self, labels, advice):
        import matplotlib.pyplot as plt

        rising = np.linspace(0, 0.2, 23)
        runs = {"random_runs": [0.5 + rising] * 5, "uncertainty_runs": [0.5 + 1.5 * rising] * 5}
        fig, ax = plt.subplots()
        for label, rows in zip(labels, runs.values(), strict=True):
            ax.plot(50 + 25 * np.arange(23), rows[0], label=label)
        student = student_of(ax=ax, **{name: np.array(rows) for name, rows in runs.items()})
        with pytest.raises(Unmet) as unmet:
            part3.names_belong_to_their_curves(student)
        assert unmet.value.next_step.startswith(advice)
        plt.close(fig)

    def test_fair_draws_are_met(self):
        rng = np.random.default_rng(1)

        def draw(model, pool, n_instances=1):
            return rng.choice(pool.shape[0], size=n_instances, replace=False), None

        part3.every_row_can_be_drawn(student_of(random_sampling=draw))
        part3.labels_are_never_looked_at(student_of(random_sampling=draw))


# What `checkpoints.measured_qualities` gives, in round numbers.
MEASURED = SimpleNamespace(
    qualities={
        "manual": 0.963,
        "active_learning": 0.865,
        "weak_supervision": 0.824,
        "llm": 0.884,
        "hybrid": 0.956,
    },
    n_labels=600,
    human_share=0.28,
    input_tokens=85,
    output_tokens=14,
)
MODEL_PRICE = costs.llm_price(MEASURED.input_tokens, MEASURED.output_tokens)


def cost_table(qualities=None, more=None, *, share=0.28, price=MODEL_PRICE, gold=500):
    """Return the table of part 7 with some qualities, and some costs, put in by hand."""
    facts = {"n_labels": 600, "human_share": share, "llm_label_price": price, "gold_labels": gold}
    bill = {name: costs.measured_cost(name, 100_000, **facts) for name in costs.METHODS}
    bill |= more or {}
    good = MEASURED.qualities | (qualities or {})
    return {name: (bill[name], good[name]) for name in costs.METHODS}


class TestTheTableOfPart7:
    @pytest.fixture(autouse=True)
    def _measured(self, monkeypatch):
        monkeypatch.setattr(part7, "_measured", lambda: MEASURED)

    @pytest.mark.parametrize(
        "table",
        [
            cost_table(),
            # An honest student's own Parts 4 and 5; weaker functions; Gemini, sure of all it says.
            cost_table({"weak_supervision": 0.7755, "llm": 0.872, "hybrid": 0.948}, share=0.31),
            cost_table({"weak_supervision": 0.64, "llm": 0.85, "hybrid": 0.91}, share=0.12),
            cost_table({"llm": 0.95, "hybrid": 0.952}, share=0.004, price=3 * MODEL_PRICE),
            cost_table({"llm": 0.97, "hybrid": 0.966}, share=0),
            cost_table({"hybrid": 0.962}, share=1),
            # Two of the handout's by chance.
            cost_table({"weak_supervision": 0.80, "llm": 0.85}),
        ],
    )
    def test_numbers_of_ones_own_are_taken(self, table):
        part7.numbers_are_measured_ones(student_of(cost_table=table))

    @pytest.mark.parametrize(
        "table",
        [
            cost_table({"weak_supervision": 0.55}),
            cost_table({"weak_supervision": 0.93}),  # more than all true labels give
            cost_table({"llm": 0.75}),
            cost_table({"hybrid": 0.78}),
            cost_table({"manual": 0.85}),
            cost_table({"active_learning": 0.95}),
            cost_table(dict.fromkeys(costs.METHODS, 0.9)),
            cost_table(part7._STORY),
            cost_table(
                {name: part7._STORY[name] for name in ("weak_supervision", "llm", "hybrid")}
            ),
        ],
    )
    def test_qualities_that_nobody_measured_are_not(self, table):
        with pytest.raises(Unmet, match="accuracies that you measured") as unmet:
            part7.numbers_are_measured_ones(student_of(cost_table=table))
        assert "from Parts 4 and 5, or from `measured`" in unmet.value.next_step

    @pytest.mark.parametrize(
        "table",
        [
            cost_table(gold=0),
            cost_table(price=costs.LLM_STORY_PRICE),
            cost_table(more={"llm": 200.0}),
            cost_table(more={"hybrid": 5000.0}),
            cost_table(more={"hybrid": 154.0}, price=1.5 * MODEL_PRICE),  # less than the model
            cost_table(more={"hybrid": 45_000.0}),
            cost_table(more={"active_learning": 10_000.0}),
            cost_table(more={"weak_supervision": 500.0}),
        ],
    )
    def test_costs_that_do_not_add_up_are_not(self, table):
        with pytest.raises(Unmet, match="dollars"):
            part7.numbers_are_measured_ones(student_of(cost_table=table))


class TestThePipelineOfChallenge2:
    def test_labels_better_than_all_opinions_together(self):
        with pytest.raises(Unmet, match="how did the true labels get in"):
            pipelines.expect_better(0.98, 0.9, "")
        with pytest.raises(Unmet, match="does each step help"):
            pipelines.expect_better(0.9, 0.9, "does each step help?")
        pipelines.expect_better(0.93, 0.9, "")

    def test_one_long_source_does_not_lengthen_all(self):
        _, sources, _ = pipelines.three([0, 1], ["x" * 10**6, "LLM"], [0.5, 0.5], 2)
        assert sources.nbytes < 1000
        assert sources[1] == "llm"

    def test_the_model_knows_a_review_with_other_spaces_and_capitals(self):
        texts = ["A masterpiece!  I loved it.", "Dull."]
        model, tidy = pipelines.LanguageModel(texts), pipelines.LanguageModel(texts)
        assert model([" a masterpiece! i loved it."]) == tidy(texts[:1])
        assert model.asked == texts[:1]

    def test_the_model_reads_no_book(self):
        model = pipelines.LanguageModel(["fine"] * 300)
        with pytest.raises(RuntimeError, match="too long"):
            model(["." * (pipelines.LONGEST + 1)])


class Endless:
    """Something long that nobody may look through."""

    def __len__(self):
        return 10**9

    def __iter__(self):
        raise AssertionError("somebody looks through it")


def test_who_is_asked_too_much_does_not_look_through_it():
    with pytest.raises(BudgetSpent, match="asked for 1000000000 labels; 1 are left"):
        BudgetedHuman(["a"], [1], budget=1)(Endless())
    with pytest.raises(RuntimeError, match="too much"):
        annotation.Scores(1, [0.5])(Endless(), [])
    with pytest.raises(RuntimeError, match="too much"):
        pipelines.LanguageModel(["a"])(Endless())


def test_a_person_labels_what_a_generator_gives():
    assert BudgetedHuman(["a", "b"], [1, 0], budget=2)(text for text in "ab") == [1, 0]


def test_a_legend_of_the_figure_counts():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    ax.plot([0, 1], label="random")
    fig.legend()
    assert student_of(ax=ax).figure("ax")["axes"][0]["legend"] == ["random"]
    plt.close(fig)


LONG = [*["a"] * 3999, "x" * 200_000]


@pytest.mark.parametrize(
    "look",
    [
        lambda: part6.rows_of(student_of(rows=LONG), "rows"),
        lambda: weak_labels.weak_rows_of(student_of(weak_rows=LONG)),
        lambda: method_scores.score_of(LONG[-2:], "scores"),
        lambda: part6.scores_of(LONG[-3:], "scores"),
    ],
)
def test_one_long_text_in_a_list_stays_alone(look):
    tracemalloc.start()
    with pytest.raises(Unmet):
        look()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


@pytest.mark.parametrize("mask", [[True, False], np.array([True, False]), [np.True_, False]])
def test_what_is_a_mask(mask):
    assert is_mask(mask)


@pytest.mark.parametrize("other", [[], [1, 0], ["True"], [True, None], (True,), np.array([1, 0])])
def test_what_is_none(other):
    assert not is_mask(other)
