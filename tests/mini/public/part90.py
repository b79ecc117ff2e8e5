"""Public items of the mini course."""

import numpy as np

from helpers.checks import Question, expect

double = Question("q90_1_double")
total = Question("q90_2_total")


@double.item(points=1)
def doubles_a_number(student):
    """`double(3)` is 6."""
    got = student.call("double", 3)
    expect(got == 6, expected=6, got=got, next_step="multiply by two")


@total.item(points=1)
def is_fifteen(student):
    """`total` is 15."""
    got = student.get("total")
    expect(got == 15, expected=15, got=got)


@double.item(points=1)
def doubles_an_array(student):
    """`double` takes an array too."""
    got = student.call("double", np.arange(3))
    expect(isinstance(got, np.ndarray) and got.tolist() == [0, 2, 4], got=got)
