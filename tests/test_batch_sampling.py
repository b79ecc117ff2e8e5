"""The reference of challenge 1: uncertain, different, and no more expensive late than early."""

import numpy as np
import pytest
import scipy.sparse as sp

from helpers.reference.batch_sampling import diversity_uncertainty_sampling


class Given:
    """A classifier that says what it was told, row by row."""

    def __init__(self, p):
        self.table = np.column_stack([1 - np.asarray(p), p])

    def predict_proba(self, X):
        assert X.shape[0] == len(self.table)
        return self.table


def copies(n_groups, n_each, seed=0):
    """Uncertain rows in groups of near-copies, those of group 0 the most uncertain."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_groups), n_each)
    X = np.eye(n_groups)[groups] + rng.normal(scale=0.01, size=(len(groups), n_groups))
    p = 0.5 - np.where(groups == 0, 0.001, rng.uniform(0.01, 0.1, size=len(groups)))
    return Given(p), X, groups


@pytest.mark.parametrize("make", [np.asarray, sp.csr_matrix], ids=["dense", "sparse"])
@pytest.mark.parametrize("n", [1, 3, 10])
def test_rows_are_different_uncertain_and_of_different_groups(make, n):
    classifier, X, groups = copies(10, 20)
    idx, metric = diversity_uncertainty_sampling(classifier, make(X), n, preselect=20)
    assert len(set(idx)) == n
    assert len(set(groups[idx])) >= 0.7 * n
    assert groups[idx[0]] == 0
    assert np.all(np.diff(metric) <= 0)
    assert metric == pytest.approx(classifier.table[idx].min(axis=1))


def test_rows_the_model_is_sure_of_are_left_alone():
    rng = np.random.default_rng(1)
    p = np.r_[rng.uniform(0.45, 0.5, 200), rng.uniform(0, 0.05, 2000)]
    X = np.r_[np.eye(12)[rng.integers(2, size=200)], 9 * np.eye(12)[rng.integers(2, 12, size=2000)]]
    idx, _ = diversity_uncertainty_sampling(Given(p), X, 10)
    assert idx.max() < 200


def test_a_pool_of_copies_still_gives_a_full_batch_without_warnings(recwarn):
    p = np.linspace(0.4, 0.5, 60)
    idx, _ = diversity_uncertainty_sampling(Given(p), np.repeat(np.eye(3), 20, axis=0), 10)
    assert len(set(idx)) == 10
    assert len(recwarn) == 0


@pytest.mark.parametrize(("size", "n"), [(1, 1), (1, 5), (4, 10), (10, 10)])
def test_small_pools_are_taken_whole(size, n):
    p = np.linspace(0.1, 0.5, size)
    idx, _ = diversity_uncertainty_sampling(Given(p), np.eye(size), n)
    assert idx.tolist() == list(range(size))[::-1]


def test_large_batches_have_as_many_groups_as_rows():
    rng = np.random.default_rng(2)
    X = sp.random(9000, 4000, density=0.002, format="csr", random_state=3)
    p = rng.uniform(size=9000)
    idx, _ = diversity_uncertainty_sampling(Given(p), X, 300, preselect=10)
    assert len(set(idx)) == 300
    assert np.abs(p[idx] - 0.5).max() <= np.sort(np.abs(p - 0.5))[3000]


def test_the_same_pool_gives_the_same_rows_and_draws_no_global_random_numbers():
    classifier, X, _ = copies(10, 20)
    np.random.seed(5)
    first = diversity_uncertainty_sampling(classifier, X, 7)[0]
    after = np.random.rand()
    np.random.seed(5)
    assert np.random.rand() == after
    assert diversity_uncertainty_sampling(classifier, X, 7)[0].tolist() == first.tolist()


def test_ties_do_not_depend_on_their_number():
    X = np.eye(50)
    idx, _ = diversity_uncertainty_sampling(Given(np.full(50, 0.5)), X, 50)
    assert idx.tolist() == list(range(50))


@pytest.mark.filterwarnings("ignore:'force_all_finite':FutureWarning")
def test_it_is_a_query_strategy_of_modal():
    from modAL.models import ActiveLearner
    from sklearn.linear_model import LogisticRegression

    X = np.random.default_rng(4).normal(size=(200, 5))
    model = LogisticRegression()
    learner = ActiveLearner(model, diversity_uncertainty_sampling, X[:20], np.arange(20) % 2)
    for n in (1, 2, 10):
        idx, rows = learner.query(X, n_instances=n)
        assert rows.shape == (n, 5)
        assert len(set(idx)) == n


@pytest.mark.parametrize(("n", "preselect"), [(0, 10), (-1, 10), (5, 0)])
def test_nonsense_is_refused(n, preselect):
    with pytest.raises(ValueError, match="at least 1"):
        diversity_uncertainty_sampling(Given([0.5]), np.eye(1), n, preselect=preselect)
