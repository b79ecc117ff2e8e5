"""From a submitted file to its cells; trusts nothing.

The file is read as plain JSON, of any nbformat. Of its cells only the kind and the text are used;
names in its metadata serve to recognise cells, never to decide what is graded.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from .wording import plain_name

MAX_FILE_BYTES = 50 * 2**20
MAX_CELLS = 2_000
MAX_CELL_CHARS = 500_000


class IntakeError(Exception):
    """A submitted file cannot be read as a notebook; the message is for its student."""


@dataclass(frozen=True)
class RawCell:
    """What is taken from a submitted cell."""

    kind: str
    source: str
    names: tuple[str, ...]


def read_cells(path: Path) -> list[RawCell]:
    """Read a submitted file's cells.

    Raises
    ------
    IntakeError
        If it is not a regular file, too large, not JSON, or not a notebook.
    """
    return [*_read(path, stamp_of(path))]


def stamp_of(path: Path) -> tuple[int, ...]:
    """Return what changes whenever a file does; of a file that is not there, nothing."""
    try:
        about = path.lstat()
    except OSError:  # `read_cells` says so
        return ()
    # The last of them also changes when a file may be read that could not be.
    return about.st_size, about.st_mtime_ns, about.st_ctime_ns


# A file is read to see of which part it is, and once more to be rebuilt.
@lru_cache(1)
def _read(path: Path, stamp: tuple[int, ...]) -> tuple[RawCell, ...]:
    name = plain_name(path)
    try:
        # O_NOFOLLOW: a link could point at another student's work, or at the solutions.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise IntakeError(f"{name} is not a regular file that can be read") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise IntakeError(f"{name} is not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(MAX_FILE_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(data) > MAX_FILE_BYTES:
        raise IntakeError(f"{name} is larger than {MAX_FILE_BYTES // 2**20} MB")
    if not data.strip():
        raise IntakeError(f"{name} is empty")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise IntakeError(f"{name} is not a notebook: it is not valid JSON") from None
    return tuple(parse_cells(document, name))


def parse_cells(document: Any, name: str = "the file") -> list[RawCell]:
    """Take the cells out of a parsed notebook of any nbformat.

    Raises
    ------
    IntakeError
        If there is no list of cells in it, or too much in it.
    """
    nodes = document.get("cells") if isinstance(document, dict) else None
    if isinstance(document, dict) and nodes is None:  # nbformat 3
        sheets = document.get("worksheets")
        if isinstance(sheets, list):
            nodes = []
            for sheet in sheets:
                inner = sheet.get("cells") if isinstance(sheet, dict) else None
                nodes.extend(inner if isinstance(inner, list) else [])
    if not isinstance(nodes, list):
        raise IntakeError(f"{name} is not a notebook: it has no list of cells")
    if len(nodes) > MAX_CELLS:
        raise IntakeError(f"{name} has more than {MAX_CELLS:,} cells")
    return [cell for node in nodes if (cell := _raw_cell(node, name)) is not None]


def _raw_cell(node: Any, name: str) -> RawCell | None:
    if not isinstance(node, dict):
        return None
    text = node.get("source", node.get("input", ""))
    if isinstance(text, list):
        text = "".join(line for line in text if isinstance(line, str))
    if not isinstance(text, str):
        return None
    if len(text) > MAX_CELL_CHARS:
        raise IntakeError(f"{name} has a cell of more than {MAX_CELL_CHARS:,} characters")
    # Lone surrogates are legal JSON and break every file written later.
    text = text.encode("utf-8", "replace").decode()
    kind = "code" if node.get("cell_type") == "code" else "markdown"
    metadata = node.get("metadata") if isinstance(node.get("metadata"), dict) else {}
    tags = metadata.get("nbgrader") if isinstance(metadata.get("nbgrader"), dict) else {}
    names = (tags.get("grade_id"), node.get("id"), metadata.get("id"))
    return RawCell(kind, text, tuple(value for value in names if isinstance(value, str)))
