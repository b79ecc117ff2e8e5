"""Public items of challenge 3: an annotation tool."""

from __future__ import annotations

from .annotation import (
    ORDER,
    SCORES,
    current,
    demand,
    expect_current,
    expect_current_is_shown,
    expect_on_disk,
    expect_progress,
    label_all,
    labeled_pairs,
    open_view,
    press,
    tool_for,
    use,
)
from .question import Question, expect

annotation_ui = Question("c3_annotation_ui")


@annotation_ui.item(points=1)
def the_most_uncertain_comes_first(student):
    """`current` is the most uncertain review, then the next one, until none is left."""
    with tool_for(student):
        for place, row in enumerate(ORDER):
            expect_current(
                student,
                row,
                f"after {place} labels, for the uncertainties {SCORES}",
                "in which order does your queue stand, and where does it begin?",
            )
            use(student, "label", place % 2)
        expect_current(student, None, "when all are labeled", "what is current when none waits?")


@annotation_ui.item(points=1)
def every_label_is_on_disk(student):
    """Each label is in the file when `label` returns, and `labeled` knows it."""
    with tool_for(student) as path:
        wanted: dict[int, int] = {}
        for value in (1, 0, 1):
            row = current(student)
            use(student, "label", value)
            wanted[row] = value
            expect_on_disk(student, path, wanted, f"after {len(wanted)} labels")
        expect(
            labeled_pairs(student) == list(wanted.items()),
            expected=f"rows {list(wanted)} and labels {list(wanted.values())}",
            got=labeled_pairs(student),
            next_step="what does `labeled` return, and in which order?",
        )


@annotation_ui.item(points=1)
def undo_takes_back(student):
    """`undo` takes back the last label: its review is current again, and the file knows it."""
    with tool_for(student) as path:
        use(student, "undo")
        expect_progress(student, 0, 6, "after `undo` with nothing to undo")
        first, second, third = label_all(student, [1, 0, 0])
        hint = "where does your `undo` put the review?"
        use(student, "undo")
        expect_current(student, third, "after three labels and `undo`", hint)
        expect_on_disk(student, path, {first: 1, second: 0}, "after three labels and `undo`")
        use(student, "undo")
        expect_current(student, second, "after a second `undo`", hint)
        use(student, "label", 1)
        expect_on_disk(student, path, {first: 1, second: 1}, "after the other label")
        expect_progress(student, 2, 6, "after the other label")


@annotation_ui.item(points=1)
def skip_goes_on_without_a_label(student):
    """`skip` goes on without a label; the skipped review comes after all others, or not at all."""
    with tool_for(student) as path:
        demand(student, "skip")
        expect_progress(student, 0, 6, "at the start")
        skipped = current(student)
        use(student, "skip")
        expect_progress(student, 0, 6, "after `skip`")
        seen = label_all(student, [1] * 5)
        others = set(range(6)) - {skipped}
        expect(
            set(seen) == others,
            expected=f"the rows {sorted(others)} in some order, after row {skipped} was skipped",
            got=seen,
            next_step="a skipped review waits behind all others",
        )
        expect_on_disk(student, path, dict.fromkeys(seen, 1), "when all but one are labeled")
        expect_progress(student, 5, 6, "when all but one are labeled")


@annotation_ui.item(points=1)
def buttons_work(student):
    """The view shows the current review, and its buttons Positive, Negative, Skip and Undo work."""
    with tool_for(student) as path:
        open_view(student)
        first = expect_current_is_shown(student, "at the start")
        press(student, "Positive")
        expect_on_disk(student, path, {first: 1}, "after a click on Positive")
        second = expect_current_is_shown(student, "after the first click")
        press(student, "Negative")
        expect_on_disk(student, path, {first: 1, second: 0}, "after a click on Negative")
        press(student, "Undo")
        expect_on_disk(student, path, {first: 1}, "after a click on Undo")
        expect_current_is_shown(student, "after a click on Undo")
        press(student, "Skip")
        third = expect_current_is_shown(student, "after a click on Skip")
        expect(
            third != second,
            expected="another review after a click on Skip",
            got=f"row {third} again",
            next_step="call `tool.skip()` by hand: does it work without the button?",
        )
