"""The two data sets: the handout's exactly, and realistic ones within their bands."""

import hashlib
import os
import random
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from helpers import reviews

N_TEST = 2000


def handout_code(n: int) -> tuple[list[str], list[int]]:
    """The handout's `generate_reviews`, with its own global random numbers."""
    texts, labels = [], []
    for _ in range(n):
        movie = np.random.choice(reviews.MOVIES)
        sentiment = np.random.choice(["positive", "negative", "neutral"], p=[0.4, 0.4, 0.2])
        if sentiment == "positive":
            template, label = np.random.choice(reviews.POSITIVE_TEMPLATES), 1
        elif sentiment == "negative":
            template, label = np.random.choice(reviews.NEGATIVE_TEMPLATES), 0
        else:
            template, label = np.random.choice(reviews.NEUTRAL_TEMPLATES), 2
        texts.append(template.format(movie=movie))
        labels.append(label)
    return texts, labels


@pytest.fixture
def _numpy_state():
    state = np.random.get_state()
    yield
    np.random.set_state(state)


@pytest.mark.usefixtures("_numpy_state")
def test_handout_is_the_handouts():
    np.random.seed(42)
    texts, labels = handout_code(1000)
    df = reviews.handout()
    assert df["review"].tolist() == texts
    assert df["label"].tolist() == labels


def test_handout_counts():
    df = reviews.handout()
    assert df["label"].value_counts().to_dict() == {0: 426, 1: 392, 2: 182}
    binary = df[df["label"] != 2]
    assert len(binary) == 818
    assert binary["review"].nunique() == 160


@pytest.mark.parametrize("classes", [2, 3])
def test_first_reviews_do_not_depend_on_how_many(classes):
    short, long = (reviews.realistic(n, classes=classes) for n in (100, 1000))
    pd.testing.assert_frame_equal(short, long.head(100))


def test_realistic_has_the_columns_and_plain_labels():
    df = reviews.realistic(50, classes=3)
    assert list(df.columns) == ["review", "label", "kind", "genre", "movie"]
    assert df["label"].dtype == np.int64
    assert not df["review"].str.contains(r"[\x00-\x1f{}]").any()
    assert len(reviews.realistic(0)) == 0


def test_realistic_shares_of_classes():
    two = reviews.realistic(10_000)["label"].value_counts(normalize=True)
    three = reviews.realistic(10_000, classes=3)["label"].value_counts(normalize=True)
    assert two[1] == pytest.approx(0.5, abs=0.02)
    assert set(two.index) == {0, 1}
    assert [three[1], three[0], three[2]] == pytest.approx([0.4, 0.4, 0.2], abs=0.02)


@pytest.mark.parametrize(
    "wrong", [{"difficulty": 1.1}, {"difficulty": -0.1}, {"classes": 4}, {"n": -1}]
)
def test_realistic_refuses_what_makes_no_sense(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        reviews.realistic(**({"n": 10} | wrong))


def test_seeds_give_other_reviews():
    first, second = (set(reviews.realistic(500, seed=seed)["review"]) for seed in (0, 1))
    assert len(first & second) < 10


@pytest.mark.parametrize(
    ("difficulty", "seed", "low", "high"),
    [(0.0, 0, 0.985, 1.0), (0.5, 0, 0.90, 0.93), (0.5, 1, 0.90, 0.93), (1.0, 0, 0.82, 0.88)],
)
def test_how_well_true_labels_can_be_learned(difficulty, seed, low, high):
    df = reviews.realistic(10_000, difficulty=difficulty, seed=seed)
    test, train = df[:N_TEST], df[N_TEST:]
    vectorizer = TfidfVectorizer(ngram_range=(1, 2))
    model = LogisticRegression(max_iter=1000)
    model.fit(vectorizer.fit_transform(train["review"]), train["label"])
    accuracy = model.score(vectorizer.transform(test["review"]), test["label"])
    assert low <= accuracy <= high


def test_hardly_a_near_duplicate_between_test_and_train():
    df = reviews.realistic(10_000)
    words = [
        re.findall(r"\w+", text.replace(movie, "").lower())
        for text, movie in zip(df["review"], df["movie"], strict=True)
    ]
    bags = [frozenset(review) for review in words]
    train_bags = set(bags[N_TEST:])
    near = np.array([bag in train_bags for bag in bags[:N_TEST]])

    shingles = CountVectorizer(
        ngram_range=(3, 3), binary=True, token_pattern=r"\S+", dtype=np.float32
    ).fit_transform([" ".join(review) for review in words])
    sizes = np.asarray(shingles.sum(axis=1)).ravel()
    common = (shingles[:N_TEST] @ shingles[N_TEST:].T).tocoo()
    union = sizes[common.row] + sizes[N_TEST + common.col] - common.data
    near[common.row[common.data / union >= 0.8]] = True
    assert near.mean() <= 0.01


def test_no_two_reviews_differ_in_the_title_only():
    # At difficulty 0 texts are short: there the generator repeats itself most. No typos there.
    df = reviews.realistic(20_000, difficulty=0.0)
    stripped = {
        " ".join(sorted(set(re.findall(r"\w+", text.replace(movie, "").lower()))))
        for text, movie in zip(df["review"], df["movie"], strict=True)
    }
    assert len(stripped) == len(df)


@pytest.mark.parametrize("seed", [0, 1])
def test_simulated_human_slips_now_and_then(seed):
    df = reviews.realistic(10_000)
    given = reviews.simulated_human(df, seed=seed)
    assert given.dtype == np.int64
    assert 0.955 <= (given == df["label"]).mean() <= 0.97


def test_simulated_human_judges_each_text_by_itself():
    df = reviews.realistic(2000, classes=3)
    all_at_once = reviews.simulated_human(df, error=0.3, classes=3)
    backwards = df[::-1]
    texts, labels = backwards["review"].tolist(), backwards["label"].tolist()
    one_by_one = [
        reviews.simulated_human([text], [label], error=0.3, classes=3)[0]
        for text, label in zip(texts, labels, strict=True)
    ]
    assert one_by_one[::-1] == all_at_once.tolist()
    slips = all_at_once != df["label"]
    assert slips.mean() == pytest.approx(0.3, abs=0.04)
    # Both wrong labels occur for each true one.
    assert len(set(zip(df["label"][slips], all_at_once[slips], strict=True))) == 6


def test_simulated_human_refuses_missing_or_odd_labels():
    with pytest.raises(ValueError, match="one true label"):
        reviews.simulated_human(["fine"])
    with pytest.raises(ValueError, match="classes"):
        reviews.simulated_human(["fine"], [2])
    assert reviews.simulated_human([], []).tolist() == []
    assert reviews.simulated_human(["\ud800", ""], [0, 1], error=1.0).tolist() == [1, 0]


def test_global_random_numbers_are_left_alone():
    numpys, pythons = np.random.get_state(), random.getstate()
    reviews.handout(50)
    reviews.simulated_human(reviews.realistic(50))
    assert random.getstate() == pythons
    assert np.array_equal(np.random.get_state()[1], numpys[1])
    assert np.random.get_state()[2] == numpys[2]


FINGERPRINT = """
import hashlib
from helpers import reviews
df = reviews.realistic(400, classes=3, seed=5)
human = reviews.simulated_human(df, error=0.2, classes=3).tolist()
print(hashlib.sha256((df.to_csv() + str(human)).encode()).hexdigest())
"""


def test_another_process_gives_the_same():
    df = reviews.realistic(400, classes=3, seed=5)
    human = reviews.simulated_human(df, error=0.2, classes=3).tolist()
    here = hashlib.sha256((df.to_csv() + str(human)).encode()).hexdigest()
    for hash_seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", FINGERPRINT],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert there.stdout.strip() == here
