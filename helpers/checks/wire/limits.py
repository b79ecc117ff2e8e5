"""How large a value may be, and what stands for one that does not cross."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 24
MAX_NODES = 500_000
MAX_TEXT = 4 * 2**20
# Integers this long can be printed: Python stops at 4,300 digits.
MAX_HEX = 3500
# What a frame, a series, an index or a sparse matrix counts for: each takes as long to make.
LIBRARY_NODES = 50
DTYPE_KINDS = frozenset("biufcmMUS")


class WireError(ValueError):
    """The bytes, or the value, are not plain data within the limits."""


@dataclass(frozen=True)
class Opaque:
    """Stands for a value that does not cross the wall.

    Parameters
    ----------
    type_name : str
        Name of the value's type, for messages: ``"RandomForestClassifier"``.
    """

    type_name: str

    def __repr__(self) -> str:
        return f"<a {self.type_name} object>"
