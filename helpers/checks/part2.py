"""Public items of part 2: leakage."""

from __future__ import annotations

import pandas as pd

from .question import Question, expect
from .values import as_number, expect_given, kind_of

leakage = Question("q2_1_leakage")


@leakage.item(points=1)
def distinct_texts_are_counted(student):
    """`n_distinct` counts each text of `df_binary` once."""
    n_distinct = as_number(
        student.get("n_distinct"), "`n_distinct`", "how many texts, not which: count them"
    )
    table = student.get("df_binary")
    expect_given(isinstance(table, pd.DataFrame) and "review" in table, "df_binary", table)
    expect(
        n_distinct == len(set(table["review"])),
        expected="the number of different texts among the positive and negative reviews",
        got=f"{n_distinct:g}",
        next_step="how many texts can 16 templates and 10 movies make?",
    )


@leakage.item(points=1)
def share_of_a_small_example(student):
    """`exact_leakage(["a", "b"], ["b", "c"])` is 0.5, and with nothing in common it is 0."""
    for train, test, share in (
        (["a", "b"], ["b", "c"], 0.5),
        (["a", "b"], ["c", "d", "e"], 0.0),
        (["good", "bad", "fine"], ["bad", "good"], 1.0),
    ):
        result = student.call("exact_leakage", train, test)
        got = as_number(result, "what `exact_leakage` returns")
        in_percent = share > 0 and abs(got - 100 * share) < 0.5
        expect(
            abs(got - share) < 1e-9,
            expected=f"{share:g} for training texts {train} and test texts {test}",
            got=kind_of(result),
            next_step="a share from 0 to 1, not percent"
            if in_percent
            else "of the test texts, count those that stand among the training texts; then "
            "divide by how many test texts there are",
        )
