"""What grading costs: stock nbgrader, otter run and this grader on the same submissions.

The lab's sample class, over again until it is large enough, is graded in each way in turn, each in
a process of its own. CPU seconds are those of a control group with that process and all it
started; memory is the largest sum of their proportional set sizes (PSS). Figures are those of a
further submission, once two have been graded: starting and preloading are paid once a part.

    own cells           the student's own cells in a preloaded process: what no grader can save;
                        overhead is what a way costs on top of that
    ours                this grader, as it is used; "2 jobs" in two processes, "Dask" on a cluster
                        of two workers, "cold" without preloading
    nbgrader            stock, with its default configuration; its check cells run the same items
                        in the kernel, up to the first that is not met, or nothing ("no tests")
    otter run           a test file a question, a test case an item; otter is installed into
                        build/benchmarks when it is first asked for (needs a package index)

Where ways differ in the full marks they give to the same submissions, it is said: all should agree.
All ways compute with one thread. Wall-clock figures count on an idle machine only.

    python benchmarks/grading.py --parts part4_weak_supervision part6_noisy_labels
    python benchmarks/grading.py --growth 30 100 300 1000
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

from grading_class import ROOT, hand_in_mended, made_class, released, samples_of
from grading_growth import grow, growth_table
from grading_peers import OTTER, prepare_otter
from grading_usage import CommandError, measure
from grading_ways import WAYS
from rich.console import Console
from rich.table import Table

from autograder.course import CourseError

# Two, so that each of two processes has been started.
FIRST = 2
ONE, MANY = "ours", ("ours, 2 jobs", "ours, Dask")
# Fast enough to be given more submissions, for their figures are the smallest.
QUICK = ("own cells", ONE, *MANY)
Record = dict[str, Any]


def compare(
    part: str, sizes: dict[str, int], repeat: int, say: Callable[[str], None]
) -> Iterator[Record]:
    """Measure ways on a few submissions of a part and on more; ways take turns.

    Parameters
    ----------
    part : str
    sizes : dict
        How many further submissions each way gets.
    repeat : int
        How often.
    say : callable
        Told what is under way.

    Yields
    ------
    dict
        A run's part, way, number of submissions, and what it used; or the error it ended with.
    """
    known, broken = released(), set()
    samples = made_class(part, FIRST + max(sizes.values()), known)
    for number, way in product(range(1, repeat + 1), sizes):
        for size in (FIRST, FIRST + sizes[way]):
            if way in broken:
                break
            say(f"{part}, round {number} of {repeat}: {way}, {size} submissions")
            with tempfile.TemporaryDirectory() as folder:
                hand_in_mended(samples[:size], known, Path(folder) / "submitted")
                record = {"part": part, "way": way, "submissions": size}
                record |= _run(way, part, folder)
            if "error" in record:
                broken.add(way)
                say(f"{way} failed and is left out: {record['error']}")
            yield record


def _run(way: str, part: str, folder: str) -> Record:
    program = str(Path(__file__).with_name("grading_ways.py"))
    try:
        used = measure([sys.executable, program, way, part, folder])
    except CommandError as error:
        return {"error": str(error)}
    return {"cpu": used.cpu, "wall": used.wall, "peak_mb": used.peak_mb, **used.said}


def further(records: list[Record], part: str) -> dict[str, Record]:
    """Return what a further submission of a part costs, by way: the best of all rounds."""
    by_way: dict[str, Record] = {}
    for way in WAYS:
        runs = [r for r in records if (r["part"], r["way"]) == (part, way) and "cpu" in r]
        sizes = sorted({run["submissions"] for run in runs})
        if len(sizes) < 2:
            continue
        best: Record = {"over": sizes[1] - sizes[0]}
        for unit in ("cpu", "wall"):
            few, many = (min(r[unit] for r in runs if r["submissions"] == n) for n in sizes)
            best |= {unit: (many - few) / best["over"], f"whole_{unit}": many}
        largest = [run for run in runs if run["submissions"] == sizes[1]]
        best["peak_mb"] = max(run["peak_mb"] for run in largest)
        said = largest[-1]
        best["full"] = f"{said['full']}/{said['questions']}" if "full" in said else ""
        by_way[way] = best
    return by_way


def table_of(part: str, by_way: dict[str, Record]) -> Table:
    """Return a part's figures as a table."""
    table = Table(title=f"{part}: a further submission")
    table.add_column("way", no_wrap=True)
    for column in ("over", "CPU s", "wall s", "overhead", "× ours", "peak MB", "full marks"):
        table.add_column(column, justify="right")
    own = by_way.get("own cells", {}).get("cpu")
    for way, best in by_way.items():
        overhead = times = ""
        if own is not None and way != "own cells":
            overhead = f"{best['cpu'] - own:.2f}"
            ours = by_way[ONE]["cpu"] - own if ONE in by_way else 0
            times = f"{(best['cpu'] - own) / ours:.1f}" if ours > 0 else ""
        used = [f"{best['cpu']:.2f}", f"{best['wall']:.2f}", overhead, times]
        memory = f"{best['peak_mb']:.0f}"
        table.add_row(way, str(best["over"]), *used, memory, best["full"])
    return table


def speed_ups(by_way: dict[str, Record]) -> Iterator[str]:
    """Say how much sooner two processes are done than one."""
    for way in MANY:
        if ONE not in by_way or way not in by_way or by_way[way]["wall"] <= 0:
            continue
        ratio = by_way[ONE]["wall"] / by_way[way]["wall"]
        whole = by_way[ONE]["whole_wall"] / by_way[way]["whole_wall"]
        yield f"{way}: × {ratio:.2f} as fast as one process; × {whole:.2f} with starting up"


def disagreements(records: list[Record], part: str) -> Iterator[str]:
    """Say where ways differ in the full marks they gave to the same submissions."""
    found: dict[int, dict[str, str]] = {}
    for r in records:
        if r["part"] == part and "full" in r:
            marks = f"{r['full']}/{r['questions']}"
            found.setdefault(r["submissions"], {})[r["way"]] = marks
    for size, by_way in found.items():
        if len(set(by_way.values())) > 1:
            each = ", ".join(f"{way} {marks}" for way, marks in by_way.items())
            yield f"ways disagree on {size} submissions' full marks: {each}"


class Kept:
    """Raw figures, written after every run: what was measured is kept whatever happens.

    Parameters
    ----------
    path : Path or None
        None to write nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._about = {
            "when": time.strftime("%Y-%m-%d"),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "nbgrader": version("nbgrader"),
            "otter": OTTER,
        }
        self.records: list[Record] = []

    def add(self, record: Record) -> None:
        self.records.append(record)
        if self._path:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            document = {**self._about, "runs": self.records}
            self._path.write_text(json.dumps(document, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known = sorted(path.stem for path in (ROOT / "release/week04").glob("*.ipynb"))
    part = {"choices": known, "metavar": "PART"}
    default, ways = "part4_weak_supervision", ", ".join(f'"{way}"' for way in WAYS)
    parser.add_argument("--parts", nargs="+", default=[default], help=f"[{default}]", **part)
    parser.add_argument(
        "--ways",
        nargs="+",
        default=list(WAYS),
        choices=WAYS,
        metavar="WAY",
        help=f"some of {ways} [all]",
    )
    parser.add_argument(
        "--each", type=int, help="further submissions a part [as many as it has samples]"
    )
    quick = f"times as many for {', '.join(QUICK)}"
    parser.add_argument("--quick", type=int, default=4, metavar="N", help=f"{quick} [4]")
    parser.add_argument("--repeat", type=int, default=1, help="rounds; the best counts [1]")
    parser.add_argument(
        "--growth", nargs="+", type=int, metavar="N", help="instead: grade classes of these sizes"
    )
    parser.add_argument(
        "--growth-part", default="part1_setup", help="what they hand in [part1_setup]", **part
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes, for --growth [1]")
    parser.add_argument("--json", type=Path, help="write the raw figures to this file")
    return parser.parse_args()


def main() -> None:
    arguments = _arguments()
    console, kept = Console(), Kept(arguments.json)

    def say(text: str) -> None:
        now = time.strftime("%H:%M:%S")
        console.print(f"{now} {text}", style="dim", markup=False, soft_wrap=True)

    if arguments.growth:
        try:
            for record in grow(arguments.growth, arguments.growth_part, arguments.jobs, say):
                kept.add(record)
        except (CommandError, CourseError) as error:
            sys.exit(f"error: {error}")
        console.print(growth_table(kept.records))
        return
    if "otter run" in arguments.ways and (reason := prepare_otter(say)):
        console.print(reason, style="red", markup=False)
        arguments.ways.remove("otter run")
    for part in arguments.parts:
        each = arguments.each or samples_of(part)
        sizes = {w: each * (arguments.quick if w in QUICK else 1) for w in arguments.ways}
        for record in compare(part, sizes, arguments.repeat, say):
            kept.add(record)
        by_way = further(kept.records, part)
        console.print(table_of(part, by_way))
        for line in (*speed_ups(by_way), *disagreements(kept.records, part)):
            console.print(line, highlight=False)


if __name__ == "__main__":
    main()
