"""Items are not met by what only looks like an answer, and not stopped by what is huge."""

import tracemalloc

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB

from autograder.checks import part3, part4, realistic_data
from helpers import checkpoints
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
