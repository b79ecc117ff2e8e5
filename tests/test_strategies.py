"""Question 3.3 takes a query strategy in every right style; a wrong one loses the right item."""

import pytest

from autograder.items import load_items
from helpers.checks.namespace import Namespace
from helpers.checks.student import Student
from helpers.checks.verdict import judge_item

ITEMS = {
    "as_many_rows_as_asked",
    "rows_are_all_different",
    "calls_draw_different_rows",
    "every_row_can_be_drawn",
    "labels_are_never_looked_at",
    "any_pool_will_do",
}
HEAD = "import random\nimport numpy as np\nrng = np.random.default_rng(1)\n"
DEF = (
    HEAD + "def random_sampling(classifier, X_pool, n_instances=1):\n    n = X_pool.shape[0]\n    "
)


def unmet(body):
    """Return what is said of the items that a strategy loses, of those that only call it."""
    names = {}
    exec(DEF + body.replace("\n", "\n    "), names)
    student = Student(Namespace(names).answer)
    question = load_items("part3")["q3_3_random_sampling"]
    verdicts = [judge_item(item, student) for item in question.items if item.name in ITEMS]
    assert {verdict.name for verdict in verdicts} == ITEMS
    assert not [verdict.fault for verdict in verdicts if verdict.fault]
    return {verdict.name: verdict for verdict in verdicts if verdict.status != "met"}


def lost(body):
    return set(unmet(body))


@pytest.mark.parametrize(
    "body",
    [
        "return rng.choice(n, size=n_instances, replace=False)",
        "return rng.choice(n, size=n_instances, replace=False), np.ones(n_instances)",
        "return rng.permutation(n)[:n_instances], None",
        "return np.random.choice(range(n), n_instances, replace=False)",
        "return random.sample(range(n), n_instances)",
        "idx = list(range(n))\nrandom.shuffle(idx)\nreturn idx[:n_instances], [0] * n_instances",
        "return np.random.default_rng().choice(n, n_instances, replace=False)",
    ],
)
def test_right_styles_are_accepted(body):
    assert lost(body) == set()


@pytest.mark.parametrize(
    ("body", "item"),
    [
        ("return rng.choice(n, size=n_instances)", "rows_are_all_different"),
        ("return rng.choice(n, 1)", "as_many_rows_as_asked"),
        ("return rng.choice(n, n_instances, replace=False) + 1", "every_row_can_be_drawn"),
        ("return rng.choice(n // 2, n_instances, replace=False)", "every_row_can_be_drawn"),
        ("return np.arange(n_instances)", "every_row_can_be_drawn"),
        (
            "return np.random.default_rng(42).choice(n, n_instances, replace=False)",
            "every_row_can_be_drawn",
        ),
        ("return rng.permutation(len(X_pool))[:n_instances]", "any_pool_will_do"),
        ("return rng.permutation(588)[:n_instances]", "any_pool_will_do"),
    ],
)
def test_wrong_ones_lose_their_item(body, item):
    assert item in lost(body)


@pytest.mark.parametrize(
    "body",
    [
        "return np.random.default_rng(42).choice(n, n_instances, replace=False)",
        "np.random.seed(42)\nreturn np.random.choice(n, n_instances, replace=False), None",
        "random.seed(42)\nreturn random.sample(range(n), n_instances)",
    ],
)
def test_a_seed_inside_is_called_a_seed(body):
    """Its rows are no fair draw of the classes either, but nobody has looked at a label."""
    said = unmet(body)
    assert {"calls_draw_different_rows", "every_row_can_be_drawn"} <= set(said)
    assert "any_pool_will_do" not in said
    assert all("set a seed" in verdict.next_step for verdict in said.values())


@pytest.mark.parametrize("order", ["np.argsort(y)", "np.argsort(-y)", "np.argsort(y != 1)"])
def test_one_that_reads_the_labels_is_found_out(order):
    body = f"y = globals().get('y_real_pool', np.zeros(n))\nreturn {order}[:n_instances]"
    assert "labels_are_never_looked_at" in lost(body)
