"""What grading a notebook adds to the student's own cells, measured submission by submission.

What a computer does in a second changes by a tenth from minute to minute, which is as much as the
overhead. So each submission's own cells run, and the submission is graded as it is in use, one
right after the other (now the one first, then the other) in forks of the same preloaded process.
CPU seconds are those of a control group with all that takes part. All samples of a part count
alike, each by the median of several rounds.

*Asked* is the part of the overhead in which students' processes answer items: mostly their own
functions, called with what they have not seen. *Ours* is the rest.

    python benchmarks/overhead.py --rounds 3
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean, median
from typing import Any
from unittest.mock import patch

from grading_class import ASSIGNMENT, ROOT, hand_in_mended, made_class, released, samples_of
from grading_usage import CommandError, cpu_of_all, measure
from grading_ways import LIMITS, run_cells
from rich.console import Console
from rich.table import Table

from autograder.preloading import sandboxes_here
from autograder.sandbox.client import KernelHandle
from autograder.submission import rebuild_part
from autograder.tasks import Task, grade_one

# The first ones pay for starting.
FIRST = 2


def compare(part: str, rounds: int) -> dict[str, list[float]]:
    """Return the CPU seconds of each submission's own cells, of grading it, and of answering items.

    Parameters
    ----------
    part : str
    rounds : int
        How often each sample is handed in.
    """
    parts, used = released(), {"own": [], "graded": [], "asked": []}
    release = ROOT / "release" / ASSIGNMENT
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as results:
        samples = made_class(part, FIRST + rounds * samples_of(part), parts)
        hand_in_mended(samples, parts, Path(folder))
        for number, home in enumerate(sorted(Path(folder).glob(f"*/{ASSIGNMENT}"))):
            task = Task(home.parent.name, part, home, release, Path(results), LIMITS)

            def own_cells(home: Path = home) -> None:
                sandbox = sandboxes_here().get(parts[part], LIMITS)
                run_cells(sandbox, rebuild_part(home, part, parts))

            ways = [("own", own_cells), ("graded", lambda task=task: grade_one(task))]
            for way, run in ways[:: 1 if number % 2 else -1]:
                with asked() as seconds:
                    before = cpu_of_all()
                    run()
                    used[way].append(cpu_of_all() - before)
                if way == "graded":
                    used["asked"].append(sum(seconds))
    return {way: seconds[FIRST:] for way, seconds in used.items()}


@contextmanager
def asked() -> Iterator[list[float]]:
    """Note the CPU seconds of every request of an item."""
    noted, ask = [], KernelHandle.ask

    def counted(*arguments: Any) -> bytes:
        before = cpu_of_all()
        try:
            return ask(*arguments)
        finally:
            noted.append(cpu_of_all() - before)

    with patch.object(KernelHandle, "ask", counted):
        yield noted


def row_of(part: str, used: dict[str, list[float]]) -> list[str]:
    """Return a line of the table, with the overhead's error and its largest value.

    A sample counts by the median of its rounds: what else a machine does makes some much dearer.
    """
    overhead = [g - o for o, g in zip(used["own"], used["graded"], strict=True)]
    own, graded, over, asked = (
        [median(figures[n :: samples_of(part)]) for n in range(samples_of(part))]
        for figures in (used["own"], used["graded"], overhead, used["asked"])
    )
    # The standard error of medians, from the median of the distances to them; their own is none.
    off = [abs(figure - over[n % len(over)]) for n, figure in enumerate(overhead)]
    error = 1.25 * 1.48 * median([*filter(None, off)] or [0.0]) / len(off) ** 0.5
    ours = mean(over) - mean(asked)
    figures = [mean(own), mean(graded), mean(over), error, max(over), mean(asked), ours]
    return [part.split("_")[0], str(len(off)), *(f"{figure:.3f}" for figure in figures)]


def main() -> None:
    known = sorted(path.stem for path in (ROOT / "release" / ASSIGNMENT).glob("*.ipynb"))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--parts", nargs="+", default=known, choices=known, metavar="PART", help="[all]"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, metavar="N", help="times that each sample is had [3]"
    )
    parser.add_argument("--measured", help=argparse.SUPPRESS)  # in a control group already
    arguments = parser.parse_args()
    if arguments.measured:
        print(json.dumps(compare(arguments.measured, arguments.rounds)))
        return
    console, table = Console(), Table(title="CPU seconds a submission")
    table.add_column("part", no_wrap=True)
    for column in ("runs", "own", "graded", "overhead", "±", "most", "asked", "ours"):
        table.add_column(column, justify="right", no_wrap=True)
    with console.status("") as status:
        for part in arguments.parts:
            status.update(part)
            inner = [sys.executable, __file__, "--rounds", str(arguments.rounds)]
            try:
                table.add_row(*row_of(part, measure([*inner, "--measured", part]).said))
            except CommandError as error:
                sys.exit(f"error: {part}: {error}")
    console.print(table)


if __name__ == "__main__":
    main()
