"""The labeling functions and what is computed from their label matrix."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from snorkel.labeling import LabelingFunction, LFAnalysis, PandasLFApplier
from snorkel.preprocess import preprocessor

from helpers import checkpoints, reviews
from helpers import weak_supervision as ws

ABSTAIN = ws.ABSTAIN


def frame(*texts: str) -> pd.DataFrame:
    return pd.DataFrame({"review": list(texts)})


@pytest.fixture(scope="module")
def realistic() -> pd.DataFrame:
    return reviews.realistic(10_000)


def covered_and_right(L: np.ndarray, labels: pd.Series) -> tuple[float, float]:
    """Share of rows with a vote, and of the majority's decisions that are right."""
    votes = ws.majority_vote(L)
    decided = votes != ABSTAIN
    return (L != ABSTAIN).any(axis=1).mean(), (votes == labels)[decided].mean()


def test_the_handouts_functions_on_the_handouts_data():
    df = reviews.handout()
    df = df[df["label"] != 2].reset_index(drop=True)
    L = ws.apply_lfs(ws.HANDOUT_LFS, df)
    assert L.shape == (818, 8)
    summary = LFAnalysis(L=L)
    assert summary.label_coverage() == pytest.approx(0.501, abs=0.001)
    assert summary.label_overlap() == pytest.approx(0.108, abs=0.001)
    assert summary.label_conflict() == 0
    # The dead one: no review of the handout has two exclamation marks and a positive word.
    assert ws.coverage(L)[6] == 0
    votes = ws.majority_vote(L)
    assert (votes == df["label"])[votes != ABSTAIN].all()


@pytest.mark.parametrize(
    ("text", "votes"),
    [
        ("AMAZING!", {"lf_contains_amazing": 1}),
        (
            "Terrible, awful waste.",
            {"lf_contains_terrible": 0, "lf_contains_awful": 0, "lf_contains_waste": 0},
        ),
        ("I loved this masterpiece", {"lf_contains_loved": 1, "lf_contains_masterpiece": 1}),
        ("Great!!", {"lf_exclamation_positive": 1}),
        ("Great!", {}),
        ("Bad!!", {}),
        ("10/10", {"lf_rating_positive": 1}),
        ("3.9/10", {"lf_rating_positive": 1}),  # the handout's mistake, kept
        ("8/10", {}),
        ("", {}),
    ],
)
def test_what_the_handouts_functions_vote(text, votes):
    row = ws.apply_lfs(ws.HANDOUT_LFS, frame(text))[0]
    names = [lf.name for lf in ws.HANDOUT_LFS]
    assert dict(zip(names, row, strict=True)) == dict.fromkeys(names, ABSTAIN) | votes


def test_the_handouts_functions_on_realistic_reviews(realistic):
    L = ws.apply_lfs(ws.HANDOUT_LFS, realistic)
    coverage, accuracy = covered_and_right(L, realistic["label"])
    assert 0.35 <= coverage <= 0.50
    assert 0.74 <= accuracy <= 0.82
    assert (ws.coverage(L) > 0).all()


def test_fourteen_plain_functions_on_realistic_reviews(realistic):
    assert len(ws.PLAIN_LFS) == 14
    L = ws.apply_lfs(ws.PLAIN_LFS, realistic)
    coverage, accuracy = covered_and_right(L, realistic["label"])
    assert 0.85 <= coverage <= 0.92
    assert 0.84 <= accuracy <= 0.88
    labels = realistic["label"].to_numpy()[:, None]
    right = (labels == L).sum(axis=0) / (L != ABSTAIN).sum(axis=0)
    assert (right > 0.55).all()  # every one is better than chance


def test_plain_functions_look_for_whole_words():
    lf = ws.keyword_lf("gem", "gem|must-watch", ws.POSITIVE)
    L = ws.apply_lfs([lf], frame("A GEM.", "gems", "a must-watch!", ""))
    assert L[:, 0].tolist() == [1, ABSTAIN, 1, ABSTAIN]


def test_no_reviews_give_an_empty_matrix():
    assert ws.apply_lfs(ws.HANDOUT_LFS, frame()).shape == (0, 8)


def test_majority_vote():
    L = np.array([[1, 1, 0], [0, -1, -1], [-1, -1, -1], [1, 0, -1], [2, 2, 1], [2, 1, -1]])
    assert ws.majority_vote(L).tolist() == [1, 0, ABSTAIN, ABSTAIN, 2, ABSTAIN]
    assert ws.majority_vote(np.empty((0, 3), dtype=int)).tolist() == []
    assert ws.majority_vote(np.empty((2, 0), dtype=int)).tolist() == [ABSTAIN, ABSTAIN]


def test_coverage_overlaps_and_conflicts_are_snorkels():
    L = np.random.default_rng(0).choice([-1, -1, -1, 0, 1], size=(300, 6))
    analysis = LFAnalysis(L=L)
    assert ws.coverage(L) == pytest.approx(analysis.lf_coverages())
    assert ws.overlaps(L) == pytest.approx(analysis.lf_overlaps())
    assert ws.conflicts(L) == pytest.approx(analysis.lf_conflicts())


class TestApplyLfs:
    """What `apply_lfs` gives is what Snorkel's own applier for tables gives."""

    @staticmethod
    def same(df: pd.DataFrame, *functions) -> np.ndarray:
        lfs = [LabelingFunction(f"lf_{i}", function) for i, function in enumerate(functions)]
        L = ws.apply_lfs(lfs, df)
        assert (PandasLFApplier(lfs).apply(df, progress_bar=False) == L).all()
        return L

    def test_on_realistic_reviews(self, realistic):
        L = ws.apply_lfs(ws.PLAIN_LFS, realistic)
        assert (PandasLFApplier(ws.PLAIN_LFS).apply(realistic, progress_bar=False) == L).all()

    def test_rows_are_series_with_all_they_can_do(self):
        df = pd.DataFrame({"review": ["a", "bb", "ccc"], "stars": [1, 2, 3]}, index=[7, 3, 9])
        L = self.same(
            df,
            lambda x: int(x["stars"] > 1),
            lambda x: int(x.iloc[0] == "bb"),
            lambda x: int("stars" in x and x.get("none") is None),
            lambda x: int(x.name == 9),
        )
        assert L.tolist() == [[0, 0, 1, 0], [1, 1, 1, 0], [1, 0, 1, 1]]

    def test_all_ways_to_read_a_row_say_the_same(self):
        df = pd.DataFrame({"review": ["a", "bb", "a", "bb"]})
        L = self.same(
            df,
            lambda x: int(x.review == "a"),
            lambda x: int(x["review"] == "a"),
            lambda x: int(x.get("review") == "a"),
            lambda x: int(dict(x)["review"] == "a"),
            lambda x: int(x.to_numpy()[0] == "a"),
            lambda x: int(x.iloc[0] == "a"),
        )
        assert L.tolist() == [[1] * 6, [0] * 6] * 2

    def test_what_a_function_took_of_a_row_stays_as_it_was(self):
        taken = []

        def take(x):
            taken.append((x.copy(), x[:], x.to_numpy(), x.rename("row"), dict(x), x.to_frame()))
            assert not x.attrs
            x.attrs["seen"] = True
            return ABSTAIN

        ws.apply_lfs([LabelingFunction("take", take)], frame("a", "b", "c"))
        for text, (copy, view, array, renamed, items, table) in zip("abc", taken, strict=True):
            assert copy["review"] == view["review"] == renamed["review"] == items["review"] == text
            assert array[0] == table.iloc[0, 0] == text

    def test_columns_named_like_what_a_row_has(self):
        df = pd.DataFrame({"show": [1, 0], "made": [0, 1], "is_as_made": [1, 1]})
        assert self.same(df, lambda x: x.show, lambda x: x.loc["made"] + x.made).tolist() == [
            [1, 0],
            [0, 2],
        ]

    def test_what_is_missing_stays_what_it_is(self):
        df = pd.DataFrame({"a": pd.array(["x", None], dtype="string"), "b": [1.0, np.nan]})
        self.same(df, lambda x: int(x.a is pd.NA), lambda x: int(x.b != x.b))

    def test_numbers_stay_numbers(self):
        df = pd.DataFrame({"stars": [1, 4, 5], "words": [1.5, 0.5, 7.5]})
        self.same(df, lambda x: int(x.stars > 3), lambda x: int(x["words"] + x.sum() > 7))

    def test_columns_named_like_what_a_series_has_do_not_hide_it(self):
        df = pd.DataFrame(
            {"count": ["x"] * 2, "size": ["y"] * 2, "values": ["z"] * 2, 0: ["w"] * 2}
        )
        L = self.same(df, lambda x: int(x.count() == 4), lambda x: int(x.size == 4))
        assert L.min() == 1

    def test_columns_of_the_same_name(self):
        df = pd.DataFrame([["a", "b", 1], ["c", "d", 0]], columns=["text", "text", "n"])
        assert self.same(df, lambda x: int(len(x.text) == 2), lambda x: x.n).tolist() == [
            [1, 1],
            [1, 0],
        ]

    @pytest.mark.parametrize(
        "write",
        [
            lambda x: x.__setitem__("review", x.review.lower()),
            lambda x: setattr(x, "review", x.review.lower()),
            lambda x: x.at.__setitem__("review", x.review.lower()),
            lambda x: x.loc.__setitem__("review", x.review.lower()),
            lambda x: x.iloc.__setitem__(0, x.review.lower()),
            lambda x: x.update(pd.Series({"review": x.review.lower()})),
            lambda x: x.replace(x.review, x.review.lower(), inplace=True),
        ],
    )
    def test_what_a_function_writes_it_reads_and_it_stays_in_the_row(self, write):
        def lower(x):
            write(x)
            return int(x.review == x["review"] == "great")

        df = pd.DataFrame({"review": ["GREAT", "great", "Bad"]})
        L = self.same(df.copy(), lower, lambda x: int(x.review.islower()))
        assert L.tolist() == [[1, 1], [1, 1], [0, 1]]
        assert df["review"].tolist() == ["GREAT", "great", "Bad"]

    def test_what_a_function_adds_is_gone_in_the_next_row(self):
        def add(x):
            if x.review == "a":
                x["more"] = "words"
                del x["stars"]
            return int("more" in x) + int("stars" in x)

        df = pd.DataFrame({"review": ["a", "b", "a", "b"], "stars": [1, 2, 3, 4]})
        self.same(df, add, lambda x: int("stars" in x), lambda x: int(x.get("more") is None))

    def test_a_preprocessors_copy(self):
        @preprocessor(memoize=True)
        def lower(x):
            x.review = x.review.lower()
            return x

        lf = LabelingFunction("lf", lambda x: int(x.review == "great"), pre=[lower])
        df = pd.DataFrame({"review": ["GREAT", "bad"]})
        assert ws.apply_lfs([lf], df).tolist() == [[1], [0]]

    def test_a_row_without_an_attribute_says_so(self):
        with pytest.raises(AttributeError, match="revue"):
            self.same(pd.DataFrame({"review": ["a"]}), lambda x: int(x.revue == "a"))


def test_five_times_longer_steps_end_at_nearly_the_same_probabilities(realistic):
    L = ws.apply_lfs(ws.PLAIN_LFS, realistic)
    usual = checkpoints.label_probabilities(L)

    def far_from_usual(**training) -> float:
        return np.abs(checkpoints.label_probabilities(L, **training) - usual).mean()

    assert far_from_usual(n_epochs=100, lr=0.05) < 0.003
    assert far_from_usual(n_epochs=100) > 0.006


def test_the_first_label_model_of_a_process_leaves_random_numbers_alone():
    code = (
        "import numpy as np\nfrom helpers import checkpoints\nnp.random.seed(1)\n"
        "checkpoints.label_probabilities(np.eye(3, dtype=int), n_epochs=1)\n"
        "found = np.random.random()\nnp.random.seed(1)\nassert found == np.random.random()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
