"""Fast labeling functions: the same matrix as Snorkel's, in a hundredth of the time."""

import time
from types import SimpleNamespace

import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snorkel.labeling import PandasLFApplier, labeling_function

from helpers.reference.appliers import DaskLFApplier, PandasParallelLFApplier
from helpers.reference.fast_lfs import FastLFApplier, KeywordLF, PatternLF, apply_dask
from helpers.reference.phrases import phrases_of
from helpers.reviews import realistic
from helpers.weak_supervision import ABSTAIN, HANDOUT_LFS, NEGATIVE, PLAIN_LFS, POSITIVE

ODD = [
    "",
    "amazing",
    "AMAZING!!",
    "naïve GREAT café",
    "unloved",
    "loved\n",
    "not_bad bad",
    "x4.5 stars, 4.5 stars, 4x5 stars",
    "19/10 9/10 3.9/10 10/100",
    "well worth-it, well  worth it",
    "do not",
    "do not miss",
    "badé",
    "ſkip it, \u212aeep it",
    "",
    "bad",
]

MIXED = [
    KeywordLF("words", ["loved", "well worth", "4.5 stars"], POSITIVE),
    KeywordLF("some", "lou?d|(?:very|so) bad|[a-c]x/10", NEGATIVE),
    PatternLF("many_letters", r"[a-z]{9,}", POSITIVE),
    PatternLF("ends", r"bad\s*$", NEGATIVE),
    PatternLF("ahead", r"not(?= bad)", POSITIVE),
    PatternLF("negative_label", "film", -7),
]


def snorkels(lfs, df):
    return PandasLFApplier(lfs).apply(df, progress_bar=False)


def frame(texts):
    return pd.DataFrame({"review": pd.Series(texts, dtype="str")})


@pytest.fixture(scope="module")
def reviews():
    return realistic(3000, seed=5)[["review", "label"]]


@pytest.fixture(scope="module")
def expected(reviews):
    return snorkels(PLAIN_LFS, reviews)


def assert_same(L, wanted):
    assert L.dtype == wanted.dtype
    np.testing.assert_array_equal(L, wanted)


def test_the_matrix_is_snorkels(reviews, expected):
    applier = FastLFApplier(PLAIN_LFS)
    assert set(applier.plan.values()) == {"words"}
    assert_same(applier.apply(reviews), expected)


@pytest.mark.parametrize("lfs", [PLAIN_LFS, HANDOUT_LFS, MIXED, MIXED + HANDOUT_LFS + PLAIN_LFS])
def test_odd_texts_too(lfs):
    df = frame([*ODD, "a film that is so bad", "not bad", "lod loud lud CX/10 dx/10"])
    assert_same(FastLFApplier(lfs).apply(df), snorkels(lfs, df))


def test_each_way_is_used():
    ways = FastLFApplier([*MIXED, HANDOUT_LFS[0]]).plan
    assert list(ways.values()) == [
        "words", "words", "pattern", "search", "search", "pattern", "rows",
    ]  # fmt: skip


_LETTERS = st.text(alphabet="badgoBAD .,-'/_19é\nſ\u212a", max_size=30)


@settings(max_examples=150, deadline=None)
@given(st.lists(_LETTERS, max_size=6), st.sampled_from([1, 2, 5]))
def test_any_text(texts, repeats):
    lfs = [
        KeywordLF("a", "bad|good|bad dog|do-bad", POSITIVE),
        KeywordLF("b", "(?:1|19)/9|[ab]ad|g?oo?d?a", NEGATIVE),
        PatternLF("c", r"o+d|\bb", POSITIVE),
    ]
    df = frame(texts * repeats)
    wanted = np.array([[lf(row) for lf in lfs] for row in df.itertuples()], dtype=np.int64)
    assert_same(FastLFApplier(lfs).apply(df), wanted.reshape(len(df), 3))


def test_snorkel_takes_declared_functions():
    lf = KeywordLF("words", "fun|joy", POSITIVE)
    assert [lf(SimpleNamespace(review=t)) for t in ("What FUN", "funny")] == [POSITIVE, ABSTAIN]


def test_other_columns_and_slices(reviews):
    df = reviews.assign(title=["Bad Day", "good"] * 1500).iloc[7:1500:3]
    lfs = [KeywordLF("title", "bad", NEGATIVE, column="title"), *PLAIN_LFS]
    assert_same(FastLFApplier(lfs).apply(df), snorkels(lfs, df))


def test_object_columns_and_many_chunks(reviews, expected):
    assert_same(FastLFApplier(PLAIN_LFS).apply(reviews.astype({"review": object})), expected)
    chunks = pd.concat([reviews.iloc[:1000], reviews.iloc[1000:1001], reviews.iloc[1001:]])
    assert_same(FastLFApplier(PLAIN_LFS).apply(chunks), expected)


def test_small_numbers_on_request(reviews, expected):
    L = FastLFApplier(PLAIN_LFS).apply(reviews, dtype=np.int8)
    assert L.dtype == np.int8
    np.testing.assert_array_equal(L, expected)


def test_what_is_wrong_is_said():
    with pytest.raises(ValueError, match="same name"):
        FastLFApplier([PLAIN_LFS[0], PLAIN_LFS[0]])
    with pytest.raises(ValueError, match="1 texts of 'review' are missing"):
        FastLFApplier(PLAIN_LFS).apply(pd.DataFrame({"review": ["a", None]}))


def test_empty_frames():
    assert FastLFApplier(PLAIN_LFS).apply(frame([])).shape == (0, 14)


@pytest.mark.parametrize(
    ("pattern", "phrases"),
    [
        ("loved|Well Worth", ["loved", "well worth"]),
        (r"[1-3]/10", ["1/10", "2/10", "3/10"]),
        (r"(?:1\.5|one) stars?", ["1.5 star", "1.5 stars", "one star", "one stars"]),
        ("a(?:b|(?:cd)?)e1", ["abe1", "acde1", "ae1"]),
        ("go", None),  # shorter than three letters
        ("lo+ng", None),
        ("any.thing", None),
        ("ends-", None),
        ("(?:abc", None),
        ("abc)", None),
        ("abc??d", None),
        ("[0-9][0-9][0-9]", None),
    ],
)
def test_patterns_spelled_out(pattern, phrases):
    assert phrases_of(pattern) == phrases


@pytest.mark.parametrize("scheduler", [None, "threads", "synchronous"])
def test_dask_gives_the_same(reviews, expected, scheduler):
    parts = dd.from_pandas(reviews, npartitions=4)
    assert_same(apply_dask(parts, PLAIN_LFS, scheduler), expected)


def test_dask_on_two_workers(reviews, expected):
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        parts = dd.from_pandas(reviews, npartitions=4)
        assert_same(apply_dask(parts, PLAIN_LFS, client), expected)


def test_snorkels_parallel_appliers_work_with_this_pandas(reviews, expected):
    shuffled = reviews.sample(frac=1, random_state=0)[:400]  # an index in no order
    wanted = snorkels(PLAIN_LFS, shuffled)
    L = PandasParallelLFApplier(PLAIN_LFS).apply(shuffled, n_parallel=2, scheduler="threads")
    assert_same(L, wanted)
    parts = dd.from_pandas(reviews[:400], npartitions=2)
    L = DaskLFApplier(PLAIN_LFS).apply(parts, scheduler="threads")
    assert_same(L, expected[:400])
    with pytest.raises(ValueError, match="2 or more"):
        PandasParallelLFApplier(PLAIN_LFS).apply(shuffled, n_parallel=1)


def test_functions_that_raise_abstain_if_asked():
    @labeling_function()
    def fails(x):
        return 1 // (len(x.review) - 3)

    parts = dd.from_pandas(frame(["four", "abc"]), npartitions=1)
    L = DaskLFApplier([fails]).apply(parts, scheduler="threads", fault_tolerant=True)
    assert L.tolist() == [[1], [-1]]


def test_a_hundred_times_fewer_seconds(reviews):
    """The ratio of two measurements side by side; half of what is claimed, for a busy machine."""
    applier = FastLFApplier(PLAIN_LFS)
    many = pd.concat([reviews] * 10, ignore_index=True)
    slow = min(seconds(lambda: snorkels(PLAIN_LFS, reviews[:1000])) for _ in range(3)) / 1000
    fast = min(seconds(lambda: applier.apply(many)) for _ in range(5)) / len(many)
    assert slow / fast > 50


def seconds(function):
    start = time.process_time()
    function()
    return time.process_time() - start
