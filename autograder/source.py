"""Read a part's text: py:percent cells, each with at most one marker."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
import yaml

from .release import ANSWER, CHECK, GIVEN, REFLECT

_MARKERS = (ANSWER, CHECK, REFLECT)
_CELL = re.compile(r"^# %%(?P<rest>.*)$")
_BEGIN, _END = "### BEGIN SOLUTION", "### END SOLUTION"
_OPTION = re.compile(r'(\w+)=("[^"]*"|[^\s"]+)')


class SourceError(Exception):
    """A text is not as it must be; the message names the file and the line of the cell."""


@dataclass(frozen=True)
class SourceCell:
    """One cell of a text.

    Attributes
    ----------
    where : str
        ``"part3_active_learning.py:120"``, for messages.
    role : {"given", "answer", "check", "reflect"}
    question : str
        The question's id; empty for given cells.
    kind : {"code", "markdown"}
    source : str
    points : float
        Of a reflection; 0 otherwise.
    """

    where: str
    role: str
    question: str
    kind: str
    source: str
    points: float = 0.0


def read(path: Path) -> tuple[dict[str, Any], list[SourceCell]]:
    """Read a text.

    Parameters
    ----------
    path : Path
        A py:percent file; it may begin with a YAML header between ``# ---`` lines.

    Returns
    -------
    header : dict
        Empty if there is none.
    cells : list of SourceCell

    Raises
    ------
    SourceError
        For a marker that is not one, a header that is not YAML, or a solution without its end.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    header, start = _header(lines, path.name)
    marks = [i for i, line in enumerate(lines) if i >= start and _CELL.match(line)]
    between = lines[start : marks[0] if marks else len(lines)]
    if any(line.strip() for line in between):
        raise SourceError(f"{path.name}:{start + 1}: text before the first `# %%` cell")
    cells = []
    ends = [*marks[1:], len(lines)] if marks else []
    for first, end in zip(marks, ends, strict=True):
        block = "\n".join(lines[first:end]).rstrip() + "\n"
        cell = _cell(block, f"{path.name}:{first + 1}")
        _demand_pairs(lines[first:end], first + 1, path.name, cell.role)
        cells.append(cell)
    return header, cells


def _header(lines: list[str], name: str) -> tuple[dict[str, Any], int]:
    if not lines or lines[0].strip() != "# ---":
        return {}, 0
    ends = [i for i, line in enumerate(lines[1:], 1) if line.strip() == "# ---"]
    if not ends:
        raise SourceError(f"{name}:1: the header has no closing `# ---`")
    text = "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[1 : ends[0]])
    try:
        header = yaml.safe_load(text)
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or "not YAML"
        raise SourceError(f"{name}:1: the header is not YAML: {problem}") from None
    if not isinstance(header, dict):
        raise SourceError(f"{name}:1: the header is not `name: value` lines")
    return header, ends[0] + 1


def _demand_pairs(lines: list[str], number: int, name: str, role: str) -> None:
    """Demand that each BEGIN SOLUTION of a cell has an END SOLUTION, and the other way round."""
    begun = 0
    for here, line in enumerate(lines, number):
        if _BEGIN in line:
            if role not in (ANSWER, REFLECT):
                raise SourceError(f"{name}:{here}: only answer and reflect cells have solutions")
            if begun:
                break
            begun = here
        elif _END in line:
            if not begun:
                raise SourceError(f"{name}:{here}: END SOLUTION without BEGIN SOLUTION")
            begun = 0
    if begun:
        raise SourceError(f"{name}:{begun}: BEGIN SOLUTION without END SOLUTION")


def _cell(block: str, where: str) -> SourceCell:
    rest = _CELL.match(block.splitlines()[0])["rest"]
    options = {key: value.strip('"') for key, value in _OPTION.findall(rest)}
    left = _OPTION.sub("", rest).replace("[markdown]", "").strip()
    if left:
        raise SourceError(f"{where}: {left!r} is not a marker (known: {', '.join(_MARKERS)})")
    unknown = set(options) - {*_MARKERS, "points"}
    if unknown:
        raise SourceError(
            f"{where}: unknown marker {unknown.pop()!r} (known: {', '.join(_MARKERS)}, points)"
        )
    roles = [role for role in _MARKERS if role in options]
    if len(roles) > 1:
        raise SourceError(f"{where}: a cell has one marker, this has {' and '.join(roles)}")
    role = roles[0] if roles else GIVEN
    node = jupytext.reads(block, fmt="py:percent").cells[0]
    _demand_kind(role, node.cell_type, where)
    points = _points(role, options, where)
    return SourceCell(where, role, options.get(role, ""), node.cell_type, node.source, points)


def _demand_kind(role: str, kind: str, where: str) -> None:
    if role in (ANSWER, CHECK) and kind != "code":
        raise SourceError(f"{where}: {role} cells are code, not {kind}")
    if role == REFLECT and kind != "markdown":
        raise SourceError(f"{where}: reflect cells are markdown: write `# %% [markdown] reflect=`")


def _points(role: str, options: dict[str, str], where: str) -> float:
    if role != REFLECT:
        if "points" in options:
            raise SourceError(f"{where}: points come from the items; only reflect cells say them")
        return 0.0
    try:
        points = float(options.get("points", ""))
    except ValueError:
        raise SourceError(f"{where}: a reflect cell needs points=NUMBER") from None
    if not points > 0:
        raise SourceError(f"{where}: a reflect cell needs more than 0 points")
    return points
