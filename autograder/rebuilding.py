"""From submitted cells to the notebook that is graded.

The result is the *released* notebook with the student's cells in their places: given cells are as
released again, copied, moved, deleted, retyped and retagged cells are repaired, and every repair
is said.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat

from .intake import IntakeError, RawCell, read_cells
from .release import ANSWER, REFLECT, Cell, Release
from .wording import plain_name

_MOST_KEPT = 4096
_DEFINES = re.compile(r"^(?:def|class)\s+(\w+)|^(\w+)\s*=(?!=)", re.MULTILINE)


@dataclass
class Rebuilt:
    """A notebook ready to grade.

    Attributes
    ----------
    notebook : NotebookNode
        The release, with the student's cells.
    repairs : list of str
        What had to be mended, for student and instructor.
    problem : str
        Why nothing of the file could be used; empty if it could.
    """

    notebook: Any
    repairs: list[str] = field(default_factory=list)
    problem: str = ""


def rebuild_file(path: Path, release: Release) -> Rebuilt:
    """Read a submitted file and rebuild its notebook; never raises for what is in the file."""
    try:
        cells = read_cells(path)
        _demand_some_of(cells, release, plain_name(path))
    except IntakeError as error:
        return without_answers(release, str(error))
    return rebuild(cells, release)


def without_answers(release: Release, problem: str) -> Rebuilt:
    """Return what stands for a submission of which nothing can be used, and why."""
    return Rebuilt(copy.deepcopy(release.notebook), problem=problem)


def shares(cells: list[RawCell], parts: tuple[tuple[Cell, ...], ...]) -> tuple[float, ...]:
    """Return the share of each part's cells that are among submitted ones, by name or by text."""
    names = {name for cell in cells for name in cell.names}
    texts = {_squeeze(cell.source) for cell in cells} - {""}
    # Where a reflection is to be written, the same words stand in many notebooks.
    return tuple(
        sum(c.id in names or (c.role != REFLECT and _released(c.source) in texts) for c in part)
        / max(1, len(part))
        for part in parts
    )


def _demand_some_of(cells: list[RawCell], release: Release, name: str) -> None:
    """Refuse what is not of this lab; whoever kept only answers kept what they define."""
    defined = {name for cell in cells for name in _defined(cell.source)}
    answers = [cell for cell in release.cells if cell.role == ANSWER]
    if any(_defined(cell.source) & defined for cell in answers):
        return
    if not any(shares(cells, (release.cells,))):
        raise IntakeError(f"{name} has none of the lab's cells")


def rebuild(cells: list[RawCell], release: Release) -> Rebuilt:
    """Put a student's cells into the released notebook.

    Parameters
    ----------
    cells : list of RawCell
        In the submission's order.
    release : Release

    Returns
    -------
    Rebuilt
    """
    owners = _recognise(cells, release)
    repairs: list[str] = []
    answers = _choose_answers(cells, owners, release, repairs)
    notebook = copy.deepcopy(release.notebook)
    own = _own_cells(cells, owners, answers, release, repairs)
    rebuilt = list(own[""])
    for node, cell in zip(notebook.cells, release.cells, strict=True):
        if cell.id in answers:
            node.source = cells[answers[cell.id]].source
        rebuilt += [*own[f"before {cell.id}"], node, *own[cell.id]]
    for number, node in enumerate((n for n in rebuilt if "own" in n.metadata), 1):
        node.id = f"own-{number}"
    notebook.cells = rebuilt
    _report_missing(owners, release, repairs)
    return Rebuilt(notebook, repairs)


def _recognise(cells: list[RawCell], release: Release) -> list[str | None]:
    """Say for every submitted cell which released cell it is; None: the student's own."""
    by_source = {_squeeze(cell.source): cell.id for cell in release.cells if cell.source.strip()}
    owners: list[str | None] = []
    for raw in cells:
        known = [name for name in raw.names if name in release.by_id]
        owner = known[0] if known else by_source.get(_squeeze(raw.source))
        owners.append(owner)
    for cell in release.cells:
        if cell.role in (ANSWER, REFLECT) and cell.id not in owners:
            position = _find_answer(cell, cells, owners, release)
            if position is not None:
                owners[position] = cell.id
    return owners


def _find_answer(
    cell: Cell, cells: list[RawCell], owners: list[str | None], release: Release
) -> int | None:
    """Find an answer whose names are lost: by what it defines, else by its neighbours."""
    free = [i for i, owner in enumerate(owners) if owner is None and cells[i].source.strip()]
    order = [c.id for c in release.cells]
    place = order.index(cell.id)
    before = next((i for n in reversed(order[:place]) for i in _all(owners, n)), -1)
    after = next((i for n in order[place + 1 :] for i in _all(owners, n)), len(cells))
    between = [i for i in free if before < i < after]
    wanted = _defined(cell.source)
    # The names may be tried out elsewhere too, so first where the answer belongs; there, the last.
    for where in (between[::-1], free):
        best = max(where, key=lambda i: len(wanted & _defined(cells[i].source)), default=None)
        if best is not None and wanted & _defined(cells[best].source):
            return best
    same_kind = [i for i in between if cells[i].kind == cell.kind]
    return next(iter(same_kind or between), None)


def _choose_answers(
    cells: list[RawCell], owners: list[str | None], release: Release, repairs: list[str]
) -> dict[str, int]:
    """Choose, for each answer, the submitted cell that stands for it.

    That is the last that is filled and is code where code is asked for; else the last.
    """
    chosen = {}
    for cell in release.cells:
        if cell.role not in (ANSWER, REFLECT):
            continue
        candidates = _all(owners, cell.id)
        if not candidates:
            continue
        filled = [i for i in candidates if _squeeze(cells[i].source) != _squeeze(cell.source)]
        # A copy that is kept as a note, in a Raw or Markdown cell, does not replace code.
        of_kind = [i for i in filled if cells[i].kind == cell.kind]
        chosen[cell.id] = (of_kind or filled or candidates)[-1]
        if len(candidates) > 1:
            repairs.append(f"{cell.id}: {len(candidates)} cells claim this answer; all are run")
        if cells[chosen[cell.id]].kind != cell.kind:
            repairs.append(f"{cell.id}: a {cell.kind} cell again")
    return chosen


def _own_cells(
    cells: list[RawCell],
    owners: list[str | None],
    answers: dict[str, int],
    release: Release,
    repairs: list[str],
) -> dict[str, list]:
    """Collect the student's own cells by the released cell they follow."""
    own: dict[str, list] = defaultdict(list)
    anchor = ""
    for position, (raw, owner) in enumerate(zip(cells, owners, strict=True)):
        cell = release.by_id.get(owner or "")
        if cell is not None and answers.get(cell.id) == position:
            anchor = cell.id
            continue
        as_released = cell is not None and _squeeze(raw.source) == _squeeze(cell.source)
        if cell is not None and cell.role not in (ANSWER, REFLECT):
            copied = len(_all(owners, cell.id)) > 1
            if not as_released and not copied:
                differs = "differs from the release: changed, or released anew since"
                repairs.append(f"{cell.id}: as released again ({differs})")
            anchor = cell.id
            if as_released or not copied:
                continue
            repairs.append(f"{cell.id}: a changed copy is run, too")
        if not raw.source.strip() or as_released:
            continue
        place = f"before {owner}" if position < answers.get(owner or "", 0) else anchor
        own[place].append(_own_node(raw))
    return own


def _own_node(raw: RawCell) -> Any:
    make = nbformat.v4.new_code_cell if raw.kind == "code" else nbformat.v4.new_markdown_cell
    return make(raw.source, metadata={"own": True})


def _report_missing(owners: list[str | None], release: Release, repairs: list[str]) -> None:
    present = [owner for owner in owners if owner is not None]
    repairs.extend(
        f"{cell.id}: put back (it was missing)"
        for cell in release.cells
        if cell.id not in present and (cell.kind == "code" or cell.role == REFLECT)
    )
    order = {cell.id: place for place, cell in enumerate(release.cells)}
    places = [order[owner] for owner in dict.fromkeys(present)]
    if places != sorted(places):
        repairs.append("cells had been moved: they are in their released order again")


def _all(owners: list[str | None], name: str) -> list[int]:
    return [i for i, owner in enumerate(owners) if owner == name]


def _squeeze(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


@lru_cache(_MOST_KEPT)
def _released(source: str) -> str:
    """Squeeze a released cell, which every file is compared with."""
    return _squeeze(source)


def _defined(source: str) -> set[str]:
    return {name for match in _DEFINES.finditer(source) for name in match.groups() if name}
