"""Read what students make in part 5: batches of labels, scores, and labels shared with a person.

As in `values`, every right style is read, and a wrong one raises `Unmet` in kind words.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from .question import Unmet, expect
from .values import as_labels, as_mapping, as_number, as_numbers, kind_of

_BATCH_KEYS = (
    "labels", "confidences", "n_failed", "seconds", "input_tokens", "output_tokens", "cost",
)  # fmt: skip
_SCORES = ("n_answered", "accuracy", "precision", "recall", "interval")


def batch_of(value: Any, what: str) -> dict[str, Any]:
    """Return a batch with all its entries, the labels as a list with None for no answer."""
    batch = dict(as_mapping(value, what))
    missing = [name for name in _BATCH_KEYS if name not in batch]
    expect(
        not missing,
        expected=f"{what} has the keys {', '.join(_BATCH_KEYS)}",
        got=f"no {', '.join(missing)}",
        next_step="compare the keys with the table in the question, letter by letter",
    )
    batch["labels"] = labels_of(batch["labels"], f"the labels of {what}")
    return batch


def labels_of(value: Any, what: str) -> list[str | None]:
    """Return labels as text, and None where there is none (nan counts as none).

    The text of a number is shown as a number: without quotation marks.
    """
    labels: list[str | None] = []
    for label in as_labels(value, what) if _size(value) else []:
        missing = label is None or (isinstance(label, float) and math.isnan(label))
        text = _Number if isinstance(label, (int, float)) else str
        labels.append(None if missing else text(label))
    return labels


class _Number(str):
    """The text of what was a number."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def advice_on_labels(found: int, wanted: int, reviews: str) -> str:
    """Return what to do about a batch that has `found` labels, and not `wanted` good ones."""
    if found == wanted:
        return "nothing but POSITIVE, NEGATIVE and None: keep the model's labels as they are"
    if 0 < found < wanted:
        return f"did a review without an answer get its None? Was it called on all of {reviews}?"
    return f"call your function on {reviews}"


def _size(value: Any) -> int:
    return len(value) if hasattr(value, "__len__") else 1


def scores_of(value: Any, what: str) -> dict[str, Any]:
    """Return scores with all their entries."""
    scores = dict(as_mapping(value, what))
    missing = [name for name in _SCORES if name not in scores]
    expect(
        not missing,
        expected=f"{what} has the keys {', '.join(_SCORES)}",
        got=f"no {', '.join(missing)}",
        next_step="compare the keys with those in the question, letter by letter",
    )
    return scores


def score(scores: dict[str, Any], name: str) -> float:
    """Return one score as a number; None is nan."""
    return math.nan if scores[name] is None else as_number(scores[name], f"`{name}`")


def interval_of(scores: dict[str, Any]) -> tuple[float, float]:
    """Return the two ends of the interval."""
    ends = as_numbers(scores["interval"], "`interval`")
    if len(ends) != 2:
        raise Unmet(
            "an interval of two numbers, low and high",
            kind_of(scores["interval"]),
            "put both ends into one pair: `(low, high)`",
        )
    return float(ends[0]), float(ends[1])


def hybrid_of(value: Any) -> tuple[list[tuple[str, str]], list[str]]:
    """Return what `hybrid_labeling` gave: (review, label) pairs, and the queue's reviews."""
    named = isinstance(value, dict) and {"llm_labeled", "human_queue"} <= set(value)
    if named:
        value = (value["llm_labeled"], value["human_queue"])
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise Unmet(
            "two things: llm_labeled and human_queue",
            kind_of(value),
            "end the function with `return llm_labeled, human_queue`",
        )
    if not named and _are_texts(value[0]) and _are_labeled(value[1]):
        raise Unmet(
            "first `llm_labeled`, reviews with their labels; then `human_queue`, texts",
            "a list of texts first",
            "is it `return llm_labeled, human_queue`, in this order?",
        )
    return labeled_of(value[0]), queue_of(value[1])


def labeled_of(value: Any, what: str = "`llm_labeled`") -> list[tuple[str, str]]:
    """Return (review, label) pairs, from dicts, tuples, or a table."""
    if isinstance(value, dict):
        value = list(value.items())
    pairs = []
    for entry in _entries(value, what):
        if isinstance(entry, dict) and {"review", "label"} <= set(entry):
            review, label = entry["review"], entry["label"]
        elif isinstance(entry, (tuple, list)) and len(entry) >= 2:
            review, label = entry[0], entry[1]
            label = label.get("label") if isinstance(label, dict) else label
        else:
            raise Unmet(
                f"{what}: a dict with 'review', 'label' and 'confidence' for each review",
                "a text without a label in it"
                if isinstance(entry, str)
                else f"{kind_of(entry)} in it",
                "keep the review together with its label",
            )
        pairs.append((str(review), {"1": "POSITIVE", "0": "NEGATIVE"}.get(str(label), str(label))))
    return pairs


def queue_of(value: Any, what: str = "`human_queue`") -> list[str]:
    """Return the reviews of a queue, from texts, dicts or a table."""
    reviews = []
    for entry in _entries(value, what):
        if isinstance(entry, dict) and "review" in entry:
            entry = entry["review"]
        elif isinstance(entry, (tuple, list)) and entry:
            entry = entry[0]
        if not isinstance(entry, str):
            raise Unmet(
                f"{what}: the texts of reviews",
                f"{kind_of(entry)} in it",
                "append the review itself, not what the model said of it",
            )
        reviews.append(entry)
    return reviews


def _are_texts(value: Any) -> bool:
    if isinstance(value, (pd.Series, pd.Index, np.ndarray)):
        value = value.tolist()
    texts = isinstance(value, (list, tuple)) and all(isinstance(entry, str) for entry in value)
    return texts and len(value) > 0


def _are_labeled(value: Any) -> bool:
    try:
        labeled_of(value)
    except Unmet:
        return False
    return True


def _entries(value: Any, what: str) -> list:
    if isinstance(value, pd.DataFrame):
        return value.to_dict("records")
    if isinstance(value, (pd.Series, pd.Index)) or (isinstance(value, np.ndarray) and value.ndim):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return list(value)
    raise Unmet(
        f"{what} is a list", kind_of(value), "collect the reviews in a list, in their order"
    )
