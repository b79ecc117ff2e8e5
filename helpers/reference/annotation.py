"""An annotation tool for a notebook: the most uncertain review first, every label safe on disk.

`AnnotationTool` is plain Python and needs no browser; `AnnotationTool.view` puts buttons and keys
around it. Labels live in a `LabelLog`.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

LABELS = {"Positive": 1, "Negative": 0}
Uncertainty = Callable[[list[int], list[int]], Sequence[float]]


class LabelLog:
    """Labels on disk, one line of JSON for each thing that happened. Nothing is ever rewritten.

    Parameters
    ----------
    path : str or Path
        Made when the first label is written; its folder must exist.
    reviews : sequence of str
        Each line carries a fingerprint of its review: labels cannot end up on other reviews.

    Attributes
    ----------
    labels : dict
        The labels that hold, by row, in the order in which they were given.
    seconds : dict
        How long the review of each of them was shown.
    skipped : dict
        Rows that were skipped and have no label, as keys, in order.

    Raises
    ------
    ValueError
        If the file belongs to other reviews.

    Notes
    -----
    A line that a crash cut off is left where it is and counts as not written. One tool a file at a
    time: a second one does not see the first one's labels until it is started again.
    """

    def __init__(self, path: str | Path, reviews: Sequence[str]) -> None:
        self.path = Path(path)
        self.labels: dict[int, int] = {}
        self.seconds: dict[int, float] = {}
        self.skipped: dict[int, None] = {}
        self._reviews = reviews
        text = self.path.read_bytes() if self.path.exists() else b""
        self._cut_off = bool(text) and not text.endswith(b"\n")
        for number, line in enumerate(text.split(b"\n"), 1):
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            row = entry.get("row") if isinstance(entry, dict) else None
            if row is None or entry.get("review") != self._fingerprint(row):
                raise ValueError(f"{self.path}, line {number}, is about another set of reviews")
            self._count(entry)

    def append(
        self, row: int, label: int | None, seconds: float = 0.0, *, skip: bool = False
    ) -> None:
        """Write down what happened to a review; return when it is on the disk.

        Parameters
        ----------
        row : int
        label : int or None
            None takes the row's label back.
        seconds : float
            How long the review was shown.
        skip : bool
            Whether it was skipped; `label` is None then.

        Raises
        ------
        OSError
            If it could not be written. It does not count then; if only the last step failed, it may
            be found after a restart.
        """
        entry: dict[str, Any] = {"row": int(row), "label": label, "seconds": round(seconds, 2)}
        if skip:
            entry["skip"] = True
        entry["at"] = datetime.now(UTC).isoformat(timespec="seconds")
        entry["review"] = self._fingerprint(row)
        line = json.dumps(entry).encode() + b"\n"
        self._write(b"\n" + line if self._cut_off else line)
        self._count(entry)

    def _write(self, line: bytes) -> None:
        new = not self.path.exists()
        # Until the end is known to be whole: a failed write may leave half a line.
        self._cut_off = True
        with self.path.open("ab", buffering=0) as file:
            if file.write(line) != len(line):
                raise OSError(f"{self.path} took only a part of the label")
            os.fsync(file.fileno())
        if new:
            _sync_folder(self.path.parent)
        self._cut_off = False

    def _count(self, entry: dict[str, Any]) -> None:
        row = entry["row"]
        for kept in (self.labels, self.seconds, self.skipped):
            kept.pop(row, None)
        if entry.get("skip"):
            self.skipped[row] = None
        elif entry["label"] is not None:
            self.labels[row] = entry["label"]
            self.seconds[row] = entry["seconds"]

    def _fingerprint(self, row: Any) -> str:
        if not isinstance(row, int | np.integer) or not 0 <= row < len(self._reviews):
            return "no such review"
        return hashlib.blake2b(
            self._reviews[row].encode("utf-8", "surrogatepass"), digest_size=6
        ).hexdigest()


def _sync_folder(folder: Path) -> None:
    """Make a new file's name survive a crash too; Windows has no such thing and needs none."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class AnnotationTool:
    """Shows reviews one by one, the most uncertain first, and keeps their labels.

    Parameters
    ----------
    reviews : sequence of str
    uncertainty : callable or sequence of float
        Takes the rows and labels known so far, two lists; returns a number for each review, higher
        where a label is worth more. Or just these numbers.
    path : str or Path
        File of the labels; if it exists, the tool goes on where it stopped.
    batch_size : int
        After how many labels to ask `uncertainty` again.
    labels : mapping of str to int
        Names of the buttons, and the labels they give.
    clock : callable
        Gives seconds; for tests.

    Raises
    ------
    ValueError
        If the file belongs to other reviews, or `uncertainty` gives too few numbers or too many.

    Examples
    --------
    >>> tool = AnnotationTool(reviews, uncertainty, "labels.jsonl")  # doctest: +SKIP
    >>> tool.view()  # doctest: +SKIP
    """

    def __init__(
        self,
        reviews: Sequence[str],
        uncertainty: Uncertainty | Sequence[float],
        path: str | Path,
        batch_size: int = 10,
        *,
        labels: Mapping[str, int] = LABELS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.reviews = list(reviews)
        self.batch_size = batch_size
        self.names = dict(labels)
        self.log = LabelLog(path, self.reviews)
        self._uncertainty = uncertainty
        self._clock = clock
        self._view: Any = None
        self.refresh()

    def refresh(self) -> None:
        """Ask for the uncertainties again, and put the reviews that wait in their order."""
        scores = self._scores()
        known = self.log.labels.keys() | self.log.skipped.keys()
        order = np.argsort(-scores, kind="stable").tolist()
        self._queue = deque(row for row in order if row not in known)
        self._queue.extend(self.log.skipped)
        self._until_refresh = self.batch_size
        self._shown = self._clock()

    def _scores(self) -> np.ndarray:
        if not self.reviews:
            return np.zeros(0)
        given = self._uncertainty
        scores = np.asarray(given(*self.labeled()) if callable(given) else given, dtype=float)
        if scores.shape != (len(self.reviews),):
            raise ValueError(
                f"uncertainty must give {len(self.reviews)} numbers, not shape {scores.shape}"
            )
        return scores

    def current(self) -> int | None:
        """Return the row of the review to label now; None when no review waits."""
        return self._queue[0] if self._queue else None

    def label(self, value: int) -> None:
        """Label the current review and go on to the next. Does nothing when no review waits.

        Raises
        ------
        ValueError
            If `value` is not one of the labels.
        OSError
            If the label could not be saved; the review stays current.
        """
        if value not in self.names.values():
            raise ValueError(f"{value!r} is not a label; there are {list(self.names.values())}")
        if not self._queue:
            return
        self.log.append(self._queue[0], int(value), self._clock() - self._shown)
        self._queue.popleft()
        self._until_refresh -= 1
        if self._until_refresh <= 0:
            self.refresh()
        self._shown = self._clock()

    def skip(self) -> None:
        """Go on without a label; the review comes again when no other waits."""
        if not self._queue:
            return
        self.log.append(self._queue[0], None, self._clock() - self._shown, skip=True)
        self._queue.rotate(-1)
        self._shown = self._clock()

    def undo(self) -> None:
        """Take back the last label, also one from before a restart; its review is current again."""
        if not self.log.labels:
            return
        row = next(reversed(self.log.labels))
        self.log.append(row, None)
        self._queue.appendleft(row)
        self._until_refresh += 1
        self._shown = self._clock()

    def progress(self) -> tuple[int, int]:
        """Return how many reviews are labeled, and how many there are."""
        return len(self.log.labels), len(self.reviews)

    def labeled(self) -> tuple[list[int], list[int]]:
        """Return rows and labels, in the order in which they were given, to learn from."""
        return list(self.log.labels), list(self.log.labels.values())

    def seconds(self) -> list[float]:
        """Return how many seconds each label of `labeled` took."""
        return list(self.log.seconds.values())

    def view(self) -> Any:
        """Return the tool as a widget; every call gives the same one.

        Returns
        -------
        ipywidgets.VBox
        """
        if self._view is None:
            from .annotation_view import make_view

            self._view = make_view(self)
        return self._view
