"""What a submission may use; nbgrader_config.py changes it with ``c.GradeNotebook.limits``."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from .sandbox.walls import KINDS

_WALLS = tuple(kind.name for kind in KINDS)


@dataclass(frozen=True)
class Limits:
    """Limits on one graded notebook.

    Attributes
    ----------
    cell_seconds : float
        Wall-clock time of one cell.
    notebook_seconds : float
        Wall-clock time of all of a notebook's cells together, each time that they are run.
    item_seconds : float
        Wall-clock time of one item's look at an answer.
    replays : int
        How often a notebook is run again: without a cell that killed its process, or for items
        that were left without a verdict when another's call had ended or hung it.
    memory_bytes : int
        Memory of one process, on top of what the part's given cells use.
    disk_bytes : int
        Each of the scratch folders /scratch, /tmp and /dev/shm; also the largest file.
    total_memory_bytes : int
        Memory of all of a submission's processes together, on top of what the given cells use.
    processes : int
        Processes and threads at one time.
    output_chars : int
        Characters one cell may show; what comes after them is dropped.
    outputs : int
        Outputs one cell may show.
    notebook_output_chars : int
        Characters that are kept of all that a notebook's cells show.
    walls : bool or str
        True for the best walls this machine has; ``"bubblewrap"`` or ``"landlock"`` for these and
        no others. False runs student code without walls: only for code you trust.
    """

    cell_seconds: float = 60.0
    notebook_seconds: float = 300.0
    item_seconds: float = 20.0
    replays: int = 3
    memory_bytes: int = 2 * 2**30
    disk_bytes: int = 256 * 2**20
    total_memory_bytes: int = 3 * 2**30
    processes: int = 64
    output_chars: int = 2_000_000
    outputs: int = 1_000
    notebook_output_chars: int = 20_000_000
    walls: bool | str = True

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Limits:
        """Make limits from a dictionary.

        Raises
        ------
        ValueError
            If a name is unknown, a value is no number that can be a limit, or walls are of no
            known kind.
        """
        known = {field.name: field.default for field in fields(cls)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown limit {name!r}; known: {', '.join(sorted(known))}")
            if wanted := _wanted_instead_of(value, name, known[name]):
                raise ValueError(f"the limit {name!r} must be {wanted}, not {value!r}")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def _wanted_instead_of(value: Any, name: str, default: Any) -> str:
    """Say what a limit must be, if a value is not that; else ''."""
    if name == "walls":
        well = isinstance(value, bool) or value in _WALLS
        return "" if well else f"True, False or one of {', '.join(map(repr, _WALLS))}"
    whole = isinstance(default, int)
    least = 0 if name == "replays" else 1 if whole else 0.001
    kinds = (int,) if whole else (int, float)
    well = type(value) in kinds and least <= value < math.inf
    return "" if well else f"a {'whole ' * whole}number from {least} on"
