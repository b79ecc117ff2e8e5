"""Hidden items of the mini course."""

from helpers.checks import expect
from helpers.checks.part90 import double, total


@double.item(points=2, hidden=True)
def doubles_any_number(student):
    """`double` works for a number you have not seen."""
    got = student.call("double", 20.5)
    expect(got == 41, expected="SECRET 41", got=got, next_step="try other numbers")


@total.item(points=1, hidden=True)
def total_is_a_number(student):
    """`total` is an int."""
    expect(type(student.get("total")) is int)
