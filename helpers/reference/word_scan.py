"""Find many words and phrases in many texts, reading each text once.

The texts of a block lie one after the other in memory, as Arrow keeps them. One pass over the
letters marks the few places where a word begins with the right letters; only those are compared
with the phrases, eight letters at a time. The work hardly grows with the number of phrases,
unlike that of a regular expression for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

_BLOCK_ROWS = 8_192  # about 1 MB of text: the arrays of a block stay in the processor's cache
_PREFIX = 3
_IN_WORD = 1  # a letter's class: this bit, and bit i for letters that may be the i-th of a phrase


class WordScan:
    """Which texts have one of a set's phrases, as whole words in any case, for many sets.

    Parameters
    ----------
    sets : sequence of sequence of str
        Lower-case ASCII phrases of three letters or more that begin and end with a letter or
        digit, as `helpers.reference.phrases.phrases_of` gives them.
    """

    def __init__(self, sets: Sequence[Sequence[str]]) -> None:
        phrases = [(phrase.encode(), column) for column, some in enumerate(sets) for phrase in some]
        groups: dict[int, list[int]] = {}  # numbers of phrases that begin alike; 0 is no phrase
        classes = bytearray(re.match(rb"\w", bytes([i])) is not None for i in range(256))
        for number, (phrase, _) in enumerate(phrases, 1):
            groups.setdefault(_key(phrase), []).append(number)
            for i, letter in enumerate(phrase[:_PREFIX]):
                for form in (*bytes([letter]).lower(), *bytes([letter]).upper()):
                    classes[form] |= 2 << i
        self._classes = bytes(classes)
        self._columns = np.array([0, *(column for _, column in phrases)])
        self._lengths = np.array([0, *(len(phrase) for phrase, _ in phrases)])
        self._padding = bytes(int(self._lengths.max()) + 16)
        self._tables = _tables(groups)
        self._parts = _parts([phrase for phrase, _ in phrases])

    def find(self, texts: pa.Array) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield rows, and for each the number of a set one of whose phrases it has.

        Parameters
        ----------
        texts : Array of string or large_string, without nulls
            Only for ASCII texts the answer is that of Python's `re`.
        """
        for first in range(0, len(texts), _BLOCK_ROWS):
            rows, columns = self._find_in_block(texts.slice(first, _BLOCK_ROWS))
            yield rows + first, columns

    def _find_in_block(self, block: pa.Array) -> tuple[np.ndarray, np.ndarray]:
        bounds, text = _letters_of(block)
        padded = text + self._padding
        classes = np.frombuffer(padded.translate(self._classes), np.uint8)
        eights = np.ndarray(len(padded) - 7, "<u8", padded, strides=(1,))
        places = _possible(classes, bounds, len(text))
        keys = _keys(eights[places])
        found, numbers = [], []
        for table in self._tables:
            number = table[keys]
            likely = np.flatnonzero(number)
            hits, which = self._compare(places[likely], number[likely], eights)
            found.append(hits)
            numbers.append(which)
        return self._whole(np.concatenate(found), np.concatenate(numbers), bounds, classes)

    def _compare(
        self, places: np.ndarray, numbers: np.ndarray, eights: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Keep the places where the letters of the phrase of this number stand."""
        for i, (wanted, mask, case) in enumerate(self._parts):
            letters = (eights[places + 8 * i] | case[numbers]) & mask[numbers]
            same = letters == wanted[numbers]
            places, numbers = places[same], numbers[same]
        return places, numbers

    def _whole(
        self, places: np.ndarray, numbers: np.ndarray, bounds: np.ndarray, classes: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Keep what ends in its text and at the end of a word; return rows and sets."""
        rows = np.searchsorted(bounds, places, side="right") - 1
        ends, text_ends = places + self._lengths[numbers], bounds[rows + 1]
        whole = (ends == text_ends) | ((ends < text_ends) & (classes[ends] & _IN_WORD == 0))
        return rows[whole], self._columns[numbers[whole]]


def _letters_of(block: pa.Array) -> tuple[np.ndarray, bytes]:
    """Return where each text begins, and where the last one ends; and all texts as bytes."""
    width = np.int64 if pa.types.is_large_string(block.type) else np.int32
    _, offsets, data = block.buffers()
    bounds = np.frombuffer(offsets, width)[block.offset : block.offset + len(block) + 1]
    if data is None:
        return np.zeros(len(block) + 1, np.int64), b""
    text = data[int(bounds[0]) : int(bounds[-1])].to_pybytes()
    return bounds.astype(np.int64) - int(bounds[0]), text


def _possible(classes: np.ndarray, bounds: np.ndarray, length: int) -> np.ndarray:
    """Return the places where a word begins with letters that some phrase begins with."""
    possible = (classes[:length] >> 1) & (classes[1 : length + 1] >> 2)
    possible &= classes[2 : length + 2] >> 3
    outside = np.ones(length + 1, np.uint8)
    outside[1:] = ~classes[:length]
    outside[bounds] = 1  # a text's first letter begins a word whatever stands before
    possible &= outside[:length]
    possible &= 1
    return np.flatnonzero(possible.view(np.bool_))


def _keys(letters: np.ndarray) -> np.ndarray:
    """Put five bits of each of the first three letters together; case is not among them."""
    low = letters.astype(np.uint32)
    return (low & 31) | ((low >> 3) & (31 << 5)) | ((low >> 6) & (31 << 10))


def _key(phrase: bytes) -> int:
    return int(_keys(np.array([_number(phrase[:_PREFIX])], np.uint64))[0])


def _number(letters: bytes) -> int:
    return int.from_bytes(letters, "little")


def _tables(groups: dict[int, list[int]]) -> list[np.ndarray]:
    """Return tables from keys to numbers of phrases: the first of each key, the second, ..."""
    tables = []
    for i in range(max(map(len, groups.values()), default=0)):
        table = np.zeros(2**15, dtype=np.int32)
        for key, numbers in groups.items():
            table[key] = numbers[i] if i < len(numbers) else 0
        tables.append(table)
    return tables or [np.zeros(2**15, dtype=np.int32)]


def _parts(phrases: Sequence[bytes]) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Cut phrases into numbers of eight letters: what is wanted, which bits count, and case.

    Setting the bit for case turns A into a, and nothing but a letter into a letter.
    """
    forms = (
        phrases,
        [b"\xff" * len(phrase) for phrase in phrases],
        [bytes(0x20 * chr(letter).isalpha() for letter in phrase) for phrase in phrases],
    )
    longest = max(map(len, phrases), default=0)
    return [
        tuple(
            np.array([0, *(_number(text[i : i + 8]) for text in form)], dtype=np.uint64)
            for form in forms
        )
        for i in range(0, longest, 8)
    ]
