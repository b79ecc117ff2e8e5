"""What counts as a labeling function somebody has written, and what as a stub."""

import functools
import re

import pytest
from snorkel.labeling import LabelingFunction, labeling_function

from helpers.checks.labeling_votes import ABSTAIN, NEGATIVE, POSITIVE, only_abstains
from helpers.checks.namespace import Namespace
from helpers.checks.student import Student

RULE = re.compile("great").search


def has_code(function):
    return not only_abstains(Student(Namespace({"lf": function}).answer), "lf")


@labeling_function()
def released(x):
    """As released."""
    # TODO
    return ABSTAIN


def minus_one(x):
    return -1


def empty(x):
    pass


@pytest.mark.parametrize("stub", [released, minus_one, empty, lambda x: ABSTAIN])
def test_what_only_abstains_is_no_code(stub):
    assert not has_code(stub)


def made(rule, label):
    def lf(x):
        return label if rule(x["review"]) else ABSTAIN

    return lf


def wrapped(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def with_defaults(x, search=RULE, label=POSITIVE):
    return label if search(x["review"]) else ABSTAIN


def by_resources(x, rule, label):
    return label if rule(x["review"]) else ABSTAIN


@labeling_function()
def by_subscript(x):
    return -("bad" not in x["review"])


@labeling_function()
def by_name(x):
    return POSITIVE if RULE(x.review) else ABSTAIN


@pytest.mark.parametrize(
    "function",
    [
        made(RULE, POSITIVE),
        LabelingFunction("made", made(RULE, NEGATIVE)),
        wrapped(by_name),
        with_defaults,
        LabelingFunction("resources", by_resources, resources={"rule": RULE, "label": POSITIVE}),
        by_subscript,
        by_name,
        lambda x: POSITIVE if "great" in x.review else ABSTAIN,
        functools.partial(by_resources, rule=RULE, label=POSITIVE),
    ],
)
def test_however_a_function_is_written_it_is_code(function):
    assert has_code(function)
