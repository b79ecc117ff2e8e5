"""Hidden items of challenge 3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from helpers.checks import expect
from helpers.checks.annotation import (
    REVIEWS,
    SCORES,
    Scores,
    current,
    current_of,
    expect_current,
    expect_current_is_shown,
    expect_on_disk,
    expect_progress,
    expect_shown,
    label_all,
    labeled_pairs,
    make_tool,
    open_view,
    press,
    tool_for,
    use,
)
from helpers.checks.challenge3 import annotation_ui


@contextmanager
def full_disk(student: Any) -> Iterator[None]:
    """Let nothing be written to any file for the length of a `with` block, by whatever means.

    So it makes no difference whether a tool has a `LabelFile`, something made from it, or a new one
    for each label.
    """
    before = student.run(limit_files, 0)
    try:
        yield
    finally:
        student.run(limit_files, before)


def limit_files(size: int) -> int:
    """Let no file grow beyond this many bytes; return the limit before. Runs where the tool is."""
    import resource

    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Who writes more gets an OSError, for Python ignores the signal.
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    return before


@annotation_ui.item(points=1, hidden=True)
def labels_are_found_again(student):
    """After a restart, a new tool on the same file knows all labels and goes on with the rest."""
    scores = Scores(100, SCORES)
    with tool_for(student, scores=scores) as path:
        first, second, _ = label_all(student, [1, 0, 1])
        use(student, "undo")
        before = len(scores.calls)
        make_tool(student, REVIEWS, scores, path)
        after = "in a new tool, after three labels and one `undo`"
        expect_progress(student, 2, 6, after)
        expect(
            labeled_pairs(student) == [(first, 1), (second, 0)],
            expected=f"rows {[first, second]} and labels [1, 0] {after}",
            got=labeled_pairs(student),
            next_step="what does your tool do with `LabelFile(path).read()` when it starts?",
        )
        calls = scores.calls[before:]
        expect(
            calls and pairs_of(calls[-1]) == {(first, 1), (second, 0)},
            expected="`uncertainty` is asked with the labels from the file",
            got=calls[-1] if calls else "`uncertainty` was not asked",
            next_step="with which rows and labels does a new tool ask `uncertainty`?",
        )
        rest = label_all(student, [0] * 4)
        expect(
            not {first, second} & set(rest),
            expected=f"a new tool shows neither row {first} nor row {second} again",
            got=f"rows {rest}",
            next_step="which reviews are in the queue of a new tool?",
        )


@annotation_ui.item(points=1, hidden=True)
def ranking_is_refreshed_after_each_batch(student):
    """After each `batch_size` labels the order is the model's new one; between, the model rests."""
    again = [0.30, 0.0, 0.45, 0.11, 0.49, 0.37]
    last = [0.20, 0.0, 0.45, 0.40, 0.49, 0.49]
    scores = Scores(2, SCORES, again, last)
    with tool_for(student, scores=scores, batch_size=2):
        use(student, "skip")  # row 4 waits behind all others from here on
        seen = []
        for place in range(5):
            seen.append(current(student))
            use(student, "label", place % 2)
        expect(
            seen == [1, 5, 2, 0, 3],
            expected="the order of the newest uncertainties, and the skipped review last",
            got=seen,
            next_step="try it with batch_size=2 and an `uncertainty` that changes its mind",
        )
        first = [labels for labels in scores.calls if len(labels[0]) == 2]
        expect(
            first and pairs_of(first[0]) == {(1, 0), (5, 1)},
            expected="`uncertainty` is asked with the labels of the first batch",
            got=first[:1],
            next_step="which lists do you hand to `uncertainty`?",
        )
        expect(
            len(scores.calls) <= 4 and not any(len(labels[0]) % 2 for labels in scores.calls),
            expected="`uncertainty` is asked at the start and after every second label",
            got=f"after {[len(labels[0]) for labels in scores.calls]} labels",
            next_step="how often does your tool ask? Count the calls",
        )


@annotation_ui.item(points=1, hidden=True)
def keys_work(student):
    """Typing p, n, s and u into the text box does what the buttons do."""
    with tool_for(student) as path:
        open_view(student)
        wanted = {}
        for key, value in (("p", 1), ("n", 0)):
            wanted[expect_current_is_shown(student, f"before the key {key}")] = value
            _type(student, key)
            expect_on_disk(student, path, wanted, f"after the key {key}")
        row = expect_current_is_shown(student, "after two keys")
        _type(student, "n")
        _type(student, "u")
        expect_on_disk(student, path, wanted, "after the keys n and u")
        _type(student, "s")
        expect(
            expect_current_is_shown(student, "after the key s") != row,
            expected="another review after the key s",
            got=f"row {row} again",
            next_step="which of your keys work, and which do not?",
        )
        _type(student, "x")
        expect_on_disk(student, path, wanted, "after a skip, and a key that means nothing")
        wanted[current(student)] = 1
        _type(student, "p")
        wanted[current(student)] = 0
        press(student, "Negative")
        expect_on_disk(student, path, wanted, "after keys and a click")


@annotation_ui.item(points=0.5, hidden=True)
def a_label_that_is_not_saved_does_not_count(student):
    """When a label cannot be written, the review stays current and has no label."""
    with tool_for(student):
        (saved,) = label_all(student, [1])
        row = current(student)
        with full_disk(student):
            student.call("_hands.attempt", "label", 0)
        after = "when the disk is full"
        expect_current(student, row, after, "which comes first, the disk or the next review?")
        expect_progress(student, 1, 6, after)
        expect(
            labeled_pairs(student) == [(saved, 1)],
            expected=f"one label, that of row {saved}",
            got=labeled_pairs(student),
            next_step="when do you note a label: before it is written, or after?",
        )


@annotation_ui.item(points=0.5, hidden=True)
def time_is_kept(student):
    """The file says of each label how many seconds its review was shown."""
    with tool_for(student) as path:
        current(student)
        student.call("_hands.wait", 0.2)
        use(student, "label", 1)
        use(student, "label", 0)
        entries = student.call("_hands.entries", path)
        seconds = [entry.get("seconds") for entry in entries if isinstance(entry, dict)]
        expect(
            len(seconds) == 2
            and all(isinstance(value, (int, float)) for value in seconds)
            and 0.15 <= seconds[0] < 3600
            and 0 <= seconds[1] < seconds[0],
            expected="about 0.2 seconds for the first label, and next to none for the second",
            got=seconds,
            next_step="when does the clock start for the second review?",
        )


@annotation_ui.item(points=0.5, hidden=True)
def reviews_are_text(student):
    """Any text is shown as it is, and the same text twice is two reviews."""
    odd = ["I <b>loved</b> it & 5 < 6", "Ünglaublich 🎬 schön", "Same.", "Same."]
    with tool_for(student, odd, Scores(100, [0.4, 0.3, 0.2, 0.1])) as path:
        open_view(student)
        for place in range(4):
            after = f"after {place} clicks"
            expect_shown(student, odd[current_of(student, odd, after)], after)
            press(student, "Positive")
        expect_on_disk(student, path, dict.fromkeys(range(4), 1), "after four clicks")
        expect_progress(student, 4, 4, "after four clicks")


@annotation_ui.item(points=0.5, hidden=True)
def the_end_is_quiet(student):
    """With no review left, or none at all, clicks and calls do nothing; `undo` still works."""
    with tool_for(student, REVIEWS[:1], Scores(100, [0.4])) as path:
        open_view(student)
        press(student, "Negative")
        for word in ("Positive", "Skip"):
            press(student, word)
        use(student, "label", 1)
        use(student, "skip")
        expect_on_disk(student, path, {0: 0}, "after more clicks than reviews")
        expect_current(student, None, "when all are labeled", "what is current when none waits?")
        press(student, "Undo")
        expect_current(student, 0, "after Undo at the end", "try `undo` after the last label")
    with tool_for(student, [], Scores(100, [])) as path:
        open_view(student)
        press(student, "Positive")
        use(student, "undo")
        expect_current(student, None, "without reviews", "try your tool with an empty list")
        expect_progress(student, 0, 0, "without reviews")


def _type(student: Any, key: str) -> None:
    expect(
        student.call("_hands.type", key),
        expected="a text box for keys",
        got="no `widgets.Text` in the view",
        next_step="is it among the `children` of the box?",
    )


def pairs_of(call: Any) -> set[tuple[int, int]]:
    """Return the labels one call of `uncertainty` was given, as pairs of row and label."""
    return set(zip(*call, strict=False))
