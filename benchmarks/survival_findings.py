"""What `survival.py` finds out, and whether it is as it must be."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from survival_class import Recorded
from survival_kills import Run, left_behind

MOST_GROWTH = 0.10
ENOUGH_TO_JUDGE_MEMORY = 300


@dataclass
class Calm:
    """The undisturbed run.

    Attributes
    ----------
    code : int
        Its exit code.
    seconds : float
    memory : list of float
        Megabytes, once a graded submission.
    """

    code: int = -1
    seconds: float = 0.0
    memory: list[float] = field(default_factory=list)

    @property
    def window(self) -> int:
        return min(100, len(self.memory) // 3)

    @property
    def growth(self) -> float:
        """How much more the last hundred submissions hold than the first, as a share."""
        if not self.window:
            return 0.0
        first, last = self.memory[: self.window], self.memory[-self.window :]
        return float(np.median(last) / np.median(first)) - 1


@dataclass
class Storm:
    """The runs that were killed, and the last one, which was not.

    Attributes
    ----------
    kills : Counter
        How many processes were hit, by kind and phase.
    ends : Counter
        How many runs ended with which exit code.
    tracebacks : Counter of str
        Last lines of what runs printed that showed one.
    said : Counter
        Errors that were said plainly.
    code : int
        Exit code of the last run.
    seconds : float
    spared_until : float
        When a submission's process may be killed again.
    """

    kills: Counter[tuple[str, str]] = field(default_factory=Counter)
    ends: Counter[int] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    tracebacks: Counter[str] = field(default_factory=Counter)
    code: int = -1
    seconds: float = 0.0
    spared_until: float = 0.0

    def note_end(self, run: Run) -> None:
        """Take down how a run ended."""
        self.ends[run.wait()] += 1
        lines = run.said().strip().splitlines()
        if any(line.startswith("Traceback") for line in lines):
            self.tracebacks[lines[-1][:160]] += 1
        self.said.update(line[:160] for line in lines if line.startswith("error:"))


def judge(
    calm: Calm,
    storm: Storm,
    planned: list[tuple[int, str]],
    courses: tuple[Recorded, Recorded],
    scratch: Path,
    results: Path,
) -> list[tuple[str, str, bool]]:
    """Say of each thing that must hold what was found, and whether it holds.

    Parameters
    ----------
    calm : Calm
    storm : Storm
    planned : list of (int, str)
        The kills.
    courses : tuple of Recorded
        What the undisturbed runs have recorded, and the others.
    scratch : Path
        The temporary folder of all runs.
    results : Path
        Where the runs that were killed keep their results.
    """
    before, after = courses
    lost = before.students - after.students
    other = [
        key for key in before.marks | after.marks if before.marks.get(key) != after.marks.get(key)
    ]
    files = set(before.files) ^ set(after.files)
    texts = [n for n in before.files if n in after.files and before.files[n] != after.files[n]]
    temporary = [path.name for path in (*scratch.iterdir(), *results.glob("*.tmp"))]
    kinds = ", ".join(f"{k} {n}" for k, n in sorted(_by_kind(storm).items()))
    recording = sum(n for (_, phase), n in storm.kills.items() if phase == "recording")
    enough = len(calm.memory) >= ENOUGH_TO_JUDGE_MEMORY
    growth = f"{calm.growth:+.1%}" + ("" if enough else " (too few to judge)")
    processes = _wait_for_the_last()
    return [
        ("processes killed", f"{sum(storm.kills.values())}: {kinds}",
         sum(storm.kills.values()) == len(planned)
         and set(_by_kind(storm)) >= {kind for _, kind in planned}),
        ("of these while recording", str(recording), recording > 0),
        ("students lost", _some(lost), not lost),
        ("recorded twice", _some(after.twice), not after.twice and not before.twice),
        ("marks that differ", _some(other), not other),
        ("files missing or too many", _some(files), not files),
        ("files that differ", _some(texts), not texts),
        ("temporary files left", _some(temporary), not temporary),
        ("processes left", _some(processes), not processes),
        ("runs that showed a traceback", f"{storm.tracebacks.total()}: {_some(storm.tracebacks)}",
         not storm.tracebacks),
        ("exit codes", f"undisturbed {calm.code}, last {storm.code}",
         calm.code == 0 and storm.code == 0),
        (f"memory, last {calm.window} against first", growth,
         not enough or abs(calm.growth) <= MOST_GROWTH),
    ]  # fmt: skip


def _by_kind(storm: Storm) -> Counter[str]:
    counts: Counter[str] = Counter()
    for (kind, _), number in storm.kills.items():
        counts[kind] += number
    return counts


def _wait_for_the_last(seconds: float = 10.0) -> list[str]:
    deadline = time.monotonic() + seconds
    while (left := left_behind()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def _some(things: Collection[object]) -> str:
    known = [str(thing) for thing in things]
    return f"{len(known)}" + (f": {'; '.join(sorted(known)[:3])}" if known else "")
