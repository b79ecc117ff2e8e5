"""A released part, as grading sees it: which cell is what."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import nbformat

GIVEN = "given"
ANSWER = "answer"
CHECK = "check"
REFLECT = "reflect"
_MOST_KEPT = 8


class ReleaseError(Exception):
    """There is no such released assignment or part; the message says what to do."""


@dataclass(frozen=True)
class Cell:
    """One cell of a released notebook.

    Attributes
    ----------
    id : str
        Its grade id; also its notebook cell id.
    role : {"given", "answer", "check", "reflect"}
    kind : {"code", "markdown"}
    source : str
        As released.
    points : float
        What it is worth; 0 unless it is a check or a reflection.
    """

    id: str
    role: str
    kind: str
    source: str
    points: float = 0.0

    @property
    def question(self) -> str:
        """Id of the question an answer, check or reflection belongs to."""
        return self.id.removesuffix("_check")


@dataclass(frozen=True)
class Release:
    """One released part.

    Attributes
    ----------
    name : str
        The notebook's name: ``"part3_active_learning"``.
    notebook : NotebookNode
        Not to be changed.
    cells : tuple of Cell
    """

    name: str
    notebook: Any
    cells: tuple[Cell, ...]

    @cached_property
    def by_id(self) -> dict[str, Cell]:
        return {cell.id: cell for cell in self.cells}

    @cached_property
    def digest(self) -> str:
        text = nbformat.writes(self.notebook)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def short_name(self) -> str:
        """``"part3"``: also the name of its modules of items."""
        return self.name.partition("_")[0]

    @property
    def questions(self) -> tuple[str, ...]:
        """Ids of the questions that are graded by items, in order."""
        return tuple(cell.question for cell in self.cells if cell.role == CHECK)


def load(path: Path) -> Release:
    """Read one released notebook."""
    notebook = nbformat.read(path, as_version=4)
    return Release(path.stem, notebook, tuple(_cell(node) for node in notebook.cells))


def load_all(folder: Path) -> dict[str, Release]:
    """Read every part of a released assignment: parts by name, then challenges.

    Raises
    ------
    ReleaseError
        If there is none.
    """
    paths = sorted(folder.glob("*.ipynb"), key=lambda p: (p.stem.startswith("challenge"), p.stem))
    if not paths:
        known = sorted(p.name for p in folder.parent.glob("*") if p.is_dir())
        hint = f"known assignments: {', '.join(known)}" if known else "run `autograder build`"
        raise ReleaseError(f"no released assignment at {folder}: {hint}")
    return {path.stem: load(path) for path in paths}


def releases(folder: Path) -> dict[str, Release]:
    """Return what `load_all` does; the files are read again only when they have been built again.

    For processes that outlive a build: Dask's workers, formgrader.
    """
    about = ((path.name, path.stat()) for path in sorted(folder.glob("*.ipynb")))
    return _releases(folder, tuple((name, s.st_size, s.st_mtime_ns) for name, s in about))


@lru_cache(_MOST_KEPT)
def _releases(folder: Path, stamps: tuple[tuple[str, int, int], ...]) -> dict[str, Release]:
    return load_all(folder)


def _cell(node: Any) -> Cell:
    meta = node.metadata.get("nbgrader", {})
    return Cell(
        id=meta.get("grade_id", node.id),
        role=_role(meta),
        kind=node.cell_type,
        source=node.source,
        points=float(meta.get("points", 0) or 0),
    )


def _role(meta: dict) -> str:
    if meta.get("solution"):
        return REFLECT if meta.get("grade") else ANSWER
    return CHECK if meta.get("grade") else GIVEN
