"""Make and use a student's annotation tool, and look at what it shows and keeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .hands import Hands
from .lending import Lent
from .question import NotAttempted, Unmet, expect
from .values import as_labels, as_numbers, kind_of

REVIEWS = [
    "The plot is thin as paper.",
    "A warm and clever comedy.",
    "Two hours I will not get back.",
    "My whole family laughed.",
    "The sound is muddled throughout.",
    "Every frame is a painting.",
]
# The most uncertain first: 4, 1, 5, 0, 3, 2.
SCORES = [0.30, 0.44, 0.05, 0.11, 0.48, 0.37]
ORDER = [4, 1, 5, 0, 3, 2]


class Scores:
    """Stands for a model: says how unsure it is of each review. It is lent.

    Parameters
    ----------
    every : int
        After how many labels it says something else.
    *rounds : list of float
        Scores before the first `every` labels, after them, and so on.

    Attributes
    ----------
    calls : list of list
        The rows and the labels of each call.
    """

    MOST = 1000

    def __init__(self, every: int, *rounds: list[float]) -> None:
        self.every = every
        self.rounds = rounds
        self.calls: list[list[list[int]]] = []

    def __call__(self, rows: Any, labels: Any) -> np.ndarray:
        if max(len(self.calls), len(rows), len(labels)) > self.MOST:
            raise RuntimeError("the model was asked too often, or with too much")
        known = [[int(row) for row in rows], [int(label) for label in labels]]
        self.calls.append(known)
        return np.array(self.rounds[min(len(known[0]) // self.every, len(self.rounds) - 1)])


@contextmanager
def tool_for(
    student: Any,
    reviews: list[str] = REVIEWS,
    scores: Scores | None = None,
    batch_size: int = 10,
) -> Iterator[str]:
    """Make an `AnnotationTool` called `_tool` in the student's process; give its file's path."""
    with student.patched(_hands=Hands(), _tool=None):
        path = student.call("_hands.path")
        make_tool(student, reviews, scores or Scores(100, SCORES), path, batch_size)
        yield path


def make_tool(
    student: Any, reviews: list[str], scores: Scores, path: str, batch_size: int = 10
) -> None:
    """Make an `AnnotationTool` called `_tool`, over a file that may be there."""
    student.make("_tool", "AnnotationTool", reviews, Lent(scores), path, batch_size=batch_size)


def use(student: Any, method: str, *args: Any) -> Any:
    """Call a method of the tool."""
    with _by_its_name():
        return student.call(f"_tool.{method}", *args)


def demand(student: Any, method: str) -> None:
    """Expect code in a method of the tool, without calling it."""
    with _by_its_name():
        student.demand(f"_tool.{method}")


@contextmanager
def _by_its_name() -> Iterator[None]:
    """Say what is missing with the name that students give it."""
    try:
        yield
    except NotAttempted as missing:
        raise NotAttempted(str(missing).replace("`_tool.", "`AnnotationTool.")) from None


def current(student: Any) -> int | None:
    """Return the current row."""
    row = use(student, "current")
    expect(
        row is None or (isinstance(row, int) and not isinstance(row, bool)),
        expected="`current` returns a row number, or None",
        got=kind_of(row),
        next_step="return where the review stands in `reviews`, not the review",
    )
    return row


def expect_current(student: Any, row: int | None, after: str, next_step: str) -> None:
    """Expect this row to be the current one."""
    got = current(student)
    expect(got == row, expected=f"row {row} {after}", got=f"row {got}", next_step=next_step)


def labels_on_disk(student: Any, path: str) -> dict[int, int]:
    """Return the labels that hold, from the file."""
    labels: dict[int, int] = {}
    for entry in student.call("_hands.entries", path):
        if isinstance(entry, dict) and "row" in entry and "label" in entry:
            expect(
                not isinstance(entry["row"], (list, dict)),
                expected="a row number in each line of the file",
                got=kind_of(entry["row"]),
                next_step="write where the review stands in `reviews`; `LabelFile` does it",
            )
            labels.pop(entry["row"], None)
            if entry["label"] is not None:
                labels[entry["row"]] = entry["label"]
    return labels


def expect_on_disk(student: Any, path: str, wanted: dict[int, int], after: str) -> None:
    """Expect just these labels in the file."""
    got = labels_on_disk(student, path)
    expect(
        got == wanted,
        expected=f"labels {wanted} in the file {after}",
        got=f"{got}",
        next_step="what does `LabelFile(path).read()` give after each call?",
    )


def expect_progress(student: Any, done: int, total: int, after: str) -> None:
    """Expect these two numbers."""
    got = as_numbers(use(student, "progress"), "what `progress` returns").tolist()
    expect(
        got == [done, total],
        expected=f"progress ({done}, {total}) {after}",
        got=got,
        next_step="which reviews have a label now?",
    )


def labeled_pairs(student: Any) -> list[tuple[int, int]]:
    """Return what `labeled` gives as pairs of row and label."""
    result = use(student, "labeled")
    if not (isinstance(result, (tuple, list)) and len(result) == 2):
        raise Unmet(
            "`labeled` returns two lists: rows and labels",
            kind_of(result),
            "end it with `return rows, labels`",
        )
    rows, labels = (as_labels(part, "each part of what `labeled` returns") for part in result)
    expect(
        len(rows) == len(labels),
        expected="as many rows as labels",
        got=f"{len(rows)} rows, {len(labels)} labels",
        next_step="put a row and its label into both lists at once",
    )
    return list(zip(rows, labels, strict=True))


def open_view(student: Any) -> None:
    """Open the tool's view in the student's process."""
    demand(student, "view")
    kind = student.call("_hands.open")
    expect(
        kind == "widget",
        expected="`view` returns a widget",
        got=f"a {kind}",
        next_step="put everything into a `widgets.VBox`, and return it",
    )


def press(student: Any, word: str) -> None:
    """Click a button of the view."""
    expect(
        student.call("_hands.press", word),
        expected=f"a button called {word}",
        got="no such button in the view",
        next_step="is it a `widgets.Button`, and among the `children` of the box?",
    )


def expect_shown(student: Any, review: str, after: str) -> None:
    """Expect a review to be readable in the view."""
    text = student.call("_hands.text")
    expect(
        # Between words there may be spaces, tags, or both.
        "".join(review.split()) in "".join(text.split()),
        expected=f"the review {review!r} in the view {after}",
        got=text or "no text",
        next_step="which line of your handler puts the new review into the widget?",
    )


def expect_current_is_shown(student: Any, after: str) -> int:
    """Expect the current review to be readable in the view; return its row."""
    row = current_of(student, REVIEWS, after)
    expect_shown(student, REVIEWS[row], after)
    return row


def current_of(student: Any, reviews: list[str], after: str) -> int:
    """Return the current row, if it is one of these reviews'."""
    row = current(student)
    expect(
        row is not None and 0 <= row < len(reviews),
        expected=f"a current review {after}: a row from 0 to {len(reviews) - 1}",
        got=f"{row}",
        next_step="what is at the front of your queue?",
    )
    return row


def label_all(student: Any, values: list[int]) -> list[int]:
    """Give these labels, one after the other; return the rows that got them."""
    rows = []
    for value in values:
        rows.append(current(student))
        use(student, "label", value)
    return rows
