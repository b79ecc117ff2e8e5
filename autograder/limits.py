"""What a submission may use; nbgrader_config.py changes it with ``c.GradeNotebook.limits``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Limits:
    """Limits on one graded notebook.

    Attributes
    ----------
    cell_seconds : float
        Wall-clock time of one cell.
    notebook_seconds : float
        Wall-clock time of all of a notebook's cells together, replays included.
    item_seconds : float
        Wall-clock time of one item's look at an answer.
    replays : int
        How often a notebook is run again without a cell that killed its process.
    memory_bytes : int
        Memory of one process, on top of what the part's given cells use.
    disk_bytes : int
        Each of the scratch folders /scratch, /tmp and /dev/shm; also the largest file.
    processes : int
        Processes and threads at one time.
    walls : bool
        False runs student code without walls: only for code you trust.
    """

    cell_seconds: float = 60.0
    notebook_seconds: float = 300.0
    item_seconds: float = 20.0
    replays: int = 3
    memory_bytes: int = 2 * 2**30
    disk_bytes: int = 256 * 2**20
    processes: int = 64
    walls: bool = True

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Limits:
        """Make limits from a dictionary.

        Raises
        ------
        ValueError
            If a name is unknown or a value is not a positive number.
        """
        known = {field.name for field in fields(cls)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown limit {name!r}; known: {', '.join(sorted(known))}")
            if name == "walls" and isinstance(value, bool):
                continue
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
                raise ValueError(f"the limit {name!r} must be a number, not {value!r}")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
