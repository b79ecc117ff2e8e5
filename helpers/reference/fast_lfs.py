"""Labeling functions at scale: keywords and patterns in one pass over the text.

Snorkel calls every labeling function on every row, as a pandas Series: about 0.4 ms a review for
fourteen functions. Functions that only look for words or a pattern can be *declared* instead:
then all words are looked for in one pass (`helpers.reference.word_scan`), and other patterns by
RE2, as pyarrow does it for a whole column. The label matrix is the same, entry by entry.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from snorkel.labeling import LabelingFunction, PandasLFApplier

from helpers.reference.phrases import phrases_of
from helpers.reference.word_scan import WordScan
from helpers.weak_supervision import ABSTAIN, keyword_lf

_WHOLE_WORDS = re.compile(r"\\b\(\?:(?P<body>.*)\)\\b", re.DOTALL)
# What RE2 and Python's `re` read alike in ASCII text; `\s`, `$`, `{,3}` and others they do not.
_COMMON = re.compile(
    r"(?:[\w !\"#%&',/:;<=>@`~|?*+.()-]|\(\?:|\\[bdwDW.?*+()\[\]{}|\\/^$!'-]"
    r"|\[\^?[A-Za-z0-9 .,!?'/-]+\]|\{\d+(?:,\d*)?\})*",
    re.ASCII,
)


class PatternLF(LabelingFunction):
    """A labeling function that votes where a pattern is found. Snorkel takes it as its own.

    Parameters
    ----------
    name : str
        Shown in Snorkel's tables.
    pattern : str
        Regular expression, in Python's syntax; case does not matter.
    label : int
        The vote.
    column : str
        Of the data; what the function reads.
    """

    def __init__(self, name: str, pattern: str, label: int, column: str = "review") -> None:
        search = re.compile(pattern, re.IGNORECASE).search
        super().__init__(name, lambda x: label if search(getattr(x, column)) else ABSTAIN)
        self.pattern, self.label, self.column = pattern, label, column


class KeywordLF(PatternLF):
    """A labeling function that votes where one of several whole words or phrases is found.

    Parameters
    ----------
    name : str
    words : str or sequence of str
        A pattern such as ``"loved|well worth|(?:8|9|10)/10"``, or plain words and phrases.
    label : int
    column : str
    """

    def __init__(
        self, name: str, words: str | Sequence[str], label: int, column: str = "review"
    ) -> None:
        if not isinstance(words, str):
            words = "|".join(re.escape(word).replace(r"\ ", " ") for word in words)
        super().__init__(name, rf"\b(?:{words})\b", label, column)


def declared(lf: LabelingFunction) -> PatternLF | None:
    """Return a labeling function as a declared one, if it is one or was made by `keyword_lf`."""
    if isinstance(lf, PatternLF):
        return lf
    made = getattr(lf, "_f", None)
    if getattr(made, "__code__", None) != _KEYWORD_LF_CODE or lf._pre or lf._resources:
        return None
    names = made.__code__.co_freevars
    inside = {n: c.cell_contents for n, c in zip(names, made.__closure__, strict=True)}
    expression = inside["search"].__self__
    return PatternLF(lf.name, expression.pattern, inside["label"])


_KEYWORD_LF_CODE = keyword_lf("any", "any", 1)._f.__code__


class FastLFApplier:
    """Applies labeling functions to a frame: declared ones column-wise, others row by row.

    Parameters
    ----------
    lfs : sequence of LabelingFunction
        `KeywordLF`, `PatternLF`, what `helpers.weak_supervision.keyword_lf` makes, and any other
        of Snorkel's.

    Attributes
    ----------
    plan : dict
        How each function is applied, by its name: ``"words"`` (all in one pass), ``"pattern"``
        (RE2, one pass each), ``"search"`` (Python's `re`, for what RE2 does not read alike), or
        ``"rows"`` (by Snorkel).

    Raises
    ------
    ValueError
        If two functions have the same name.
    """

    def __init__(self, lfs: Sequence[LabelingFunction]) -> None:
        self.lfs = list(lfs)
        if len({lf.name for lf in self.lfs}) < len(self.lfs):
            raise ValueError("two labeling functions have the same name")
        self._declared = [declared(lf) for lf in self.lfs]
        phrases = [_phrases(lf) for lf in self._declared]
        ways = [
            "rows" if lf is None else "words" if words else "pattern" if _re2(lf) else "search"
            for lf, words in zip(self._declared, phrases, strict=True)
        ]
        self.plan = {lf.name: way for lf, way in zip(self.lfs, ways, strict=True)}
        # One scan for each column of text that functions look for words in.
        self._scans: dict[str, tuple[list[int], WordScan]] = {}
        for column in dict.fromkeys(lf.column for lf in self._declared if lf is not None):
            numbers = [j for j in self._with("words") if self._declared[j].column == column]
            self._scans[column] = numbers, WordScan([phrases[j] for j in numbers])

    def _with(self, way: str) -> list[int]:
        return [j for j, lf in enumerate(self.lfs) if self.plan[lf.name] == way]

    def apply(self, df: pd.DataFrame, dtype: Any = np.int64) -> np.ndarray:
        """Apply the functions to every row.

        Parameters
        ----------
        df : DataFrame
            With the columns the functions read, without missing texts.
        dtype : dtype
            Snorkel's is int64; int8 takes an eighth of the memory.

        Returns
        -------
        ndarray of dtype, shape (len(df), len(lfs))
            Equal to what Snorkel's `PandasLFApplier` gives.

        Raises
        ------
        ValueError
            If a text is missing.
        """
        L = np.full((len(df), len(self.lfs)), ABSTAIN, dtype=dtype)
        for column in self._scans if len(df) else ():
            start = 0
            for texts in arrow_texts(df[column]):
                self._apply_to_texts(column, texts, L[start : start + len(texts)])
                start += len(texts)
        rows = self._with("rows")
        if rows and len(df):
            by_row = PandasLFApplier([self.lfs[j] for j in rows])
            L[:, rows] = by_row.apply(df, progress_bar=False)
        return L

    def _apply_to_texts(self, column: str, texts: pa.Array, L: np.ndarray) -> None:
        """Fill in the votes of the declared functions on one column's texts, a stretch of rows."""
        numbers, scan = self._scans[column]
        numbers, votes = (
            np.array(numbers, int),
            np.array([_vote(self._declared[j]) for j in numbers]),
        )
        for rows, found in scan.find(texts) if len(numbers) else ():
            L[rows, numbers[found]] = votes[found]
        for j in self._with("pattern"):
            lf = self._declared[j]
            if lf.column == column:
                hits = pc.match_substring_regex(texts, lf.pattern, ignore_case=True)
                L[hits.to_numpy(zero_copy_only=False), j] = _vote(lf)
        # In other alphabets, what a letter or a capital is differs: Python's own `re` decides.
        foreign = np.flatnonzero(~pc.string_is_ascii(texts).to_numpy(zero_copy_only=False))
        for j, lf in enumerate(self._declared):
            if lf is not None and lf.column == column:
                everywhere = self.plan[lf.name] == "search"
                _search(lf, texts, range(len(texts)) if everywhere else foreign, L[:, j])


def _search(lf: PatternLF, texts: pa.Array, rows: Sequence[int], votes: np.ndarray) -> None:
    search = re.compile(lf.pattern, re.IGNORECASE).search
    for row in rows:
        votes[row] = _vote(lf) if search(texts[row].as_py()) else ABSTAIN


def _vote(lf: PatternLF) -> int:
    return max(lf.label, ABSTAIN)  # Snorkel takes every negative number for an abstention


def _phrases(lf: PatternLF | None) -> list[str] | None:
    inside = _WHOLE_WORDS.fullmatch(lf.pattern) if lf is not None else None
    return phrases_of(inside["body"]) if inside else None


def _re2(lf: PatternLF) -> bool:
    """Tell whether RE2 reads a pattern as Python does, on ASCII text."""
    if not _COMMON.fullmatch(lf.pattern):
        return False
    try:
        pc.match_substring_regex(pa.array(["a"]), lf.pattern, ignore_case=True)
    except pa.ArrowInvalid:
        return False
    return True


def arrow_texts(texts: pd.Series) -> list[pa.Array]:
    """Return a column of texts as Arrow arrays; without a copy if pandas keeps it so."""
    array = pa.array(texts, from_pandas=True)
    if array.null_count:
        raise ValueError(f"{array.null_count} texts of {texts.name!r} are missing")
    return list(array.chunks) if isinstance(array, pa.ChunkedArray) else [array]


def apply_dask(ddf: Any, lfs: Sequence[LabelingFunction], scheduler: Any = None) -> np.ndarray:
    """Apply labeling functions to a Dask frame, for data larger than memory.

    Parameters
    ----------
    ddf : dask.dataframe.DataFrame
        Only the partitions at work are in memory.
    lfs : sequence of LabelingFunction
    scheduler : str, distributed.Client or None
        As for Dask's `compute`; None for the current client, or Dask's default.

    Returns
    -------
    ndarray of int64, shape (number of rows, len(lfs))
        Rows in the order of the partitions.
    """
    import dask

    applier = FastLFApplier(lfs)
    parts = [dask.delayed(_votes_of_part)(part, applier) for part in ddf.to_delayed()]
    chosen = {} if scheduler is None else {"scheduler": scheduler}
    votes = dask.compute(*parts, **chosen)
    return np.concatenate(votes).astype(np.int64)


def _votes_of_part(part: pd.DataFrame, applier: FastLFApplier) -> np.ndarray:
    """Return votes as the smallest numbers that hold them: they travel between processes."""
    votes = applier.apply(part)
    return votes.astype(np.result_type(np.int8, np.min_scalar_type(votes.max(initial=0))))
