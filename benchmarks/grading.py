"""What grading costs: stock nbgrader and this grader on the same submissions, side by side.

    python benchmarks/grading.py --parts part4_weak_supervision part6_noisy_labels --each 6

Each way of grading runs in a process of its own, whose CPU time, with all that it started, is
the operating system's account of it. `own` is the student's own cells, run in a preloaded process:
what no grader can save. Overhead is what a way costs on top of that. Stock nbgrader executes the
rebuilt notebooks with its default preprocessors; its check cells do nothing, so its figures are a
lower bound.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from autograder import grading
from autograder.intake import Rebuilt, parse_cells, rebuild
from autograder.limits import Limits
from autograder.release import CHECK, load_all
from autograder.samples import notebook_of, read_samples

ROOT = Path(__file__).resolve().parent.parent
LIMITS = Limits()
WAYS = ("own", "preloaded", "cold", "stock nbgrader")


def submissions(part: str, each: int) -> list[Rebuilt]:
    """The sample class's notebooks of a part, over again until there are enough."""
    parts = load_all(ROOT / "release/week04")
    samples = [s for s in read_samples(ROOT / "tests/samples", parts) if s.part == part]
    made = []
    for number in range(each):
        notebook = notebook_of(samples[number % len(samples)], parts[part])
        made.append(rebuild(parse_cells(json.loads(nbformat.writes(notebook))), parts[part]))
    return made


def run_own(part: str, each: int) -> None:
    """Only the student's cells, each submission in a fork of the preloaded process."""
    release = load_all(ROOT / "release/week04")[part]
    with grading.preloaded(release, LIMITS) as sandbox:
        for rebuilt in submissions(part, each):
            with sandbox.submission(LIMITS) as kernel:
                for cell in rebuilt.notebook.cells:
                    skip = cell.cell_type != "code" or cell.id in sandbox.done
                    if not skip and not cell.id.endswith("_check"):
                        kernel.run(cell.source, 60)


def run_preloaded(part: str, each: int) -> None:
    """This grader, as it is used."""
    release = load_all(ROOT / "release/week04")[part]
    with grading.preloaded(release, LIMITS) as sandbox:
        for rebuilt in submissions(part, each):
            grading.grade(release, rebuilt, sandbox, LIMITS)


def run_cold(part: str, each: int) -> None:
    """This grader without preloading: every submission pays for imports and given cells."""
    release = load_all(ROOT / "release/week04")[part]
    for rebuilt in submissions(part, each):
        with grading.preloaded(release, LIMITS, cells=False) as sandbox:
            grading.grade(release, rebuilt, sandbox, LIMITS)


def run_stock(part: str, each: int) -> None:
    """Stock nbgrader, with its default configuration."""
    from attacks_on_stock import Stock

    with tempfile.TemporaryDirectory() as folder:
        stock = Stock(Path(folder))
        release = load_all(ROOT / "release/week04")[part]
        notebook = nbformat.reads(nbformat.writes(release.notebook), 4)
        source = Path(folder) / "source/timed"
        source.mkdir(parents=True)
        checks = {cell.id for cell in release.cells if cell.role == CHECK}
        for cell in notebook.cells:
            cell.source = "pass" if cell.id in checks else cell.source
        nbformat.write(notebook, source / f"{part}.ipynb")
        assert stock.api.generate_assignment("timed")["success"]
        for number, rebuilt in enumerate(submissions(part, each)):
            home = Path(folder) / f"submitted/s{number}/timed"
            home.mkdir(parents=True)
            for cell in rebuilt.notebook.cells:
                cell.metadata.pop("own", None)
            nbformat.write(rebuilt.notebook, home / f"{part}.ipynb")
            stock.api.autograde("timed", f"s{number}")


RUN = {"own": run_own, "preloaded": run_preloaded, "cold": run_cold, "stock nbgrader": run_stock}


def measure(way: str, part: str, each: int) -> tuple[float, float]:
    """Return CPU and wall seconds of a way, in a process of its own, with all it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    command = [sys.executable, __file__, "--one", way, "--parts", part, "--each", str(each)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, wall


def marginal(way: str, part: str, each: int) -> tuple[float, float]:
    """CPU and wall seconds a further submission: boot and preloading are paid once a part."""
    one, many = measure(way, part, 1), measure(way, part, 1 + each)
    return (many[0] - one[0]) / each, (many[1] - one[1]) / each


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", default=["part4_weak_supervision"])
    parser.add_argument("--each", type=int, default=6, help="submissions a part")
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        sys.path.insert(0, str(Path(__file__).parent))
        RUN[arguments.one](arguments.parts[0], arguments.each)
        return
    table = Table(title=f"A further submission, over {arguments.each}: CPU and wall seconds")
    for column in ("part", "way", "CPU s", "wall s", "overhead CPU s", "times ours"):
        table.add_column(column, justify="left" if column in ("part", "way") else "right")
    console = Console()
    for part in arguments.parts:
        figures = {}
        for way in WAYS:
            console.print(f"{part}: {way} ...", style="dim")
            figures[way] = marginal(way, part, arguments.each)
        own = figures["own"][0]
        ours = figures["preloaded"][0] - own
        for way, (cpu, wall) in figures.items():
            times = f"{(cpu - own) / ours:.1f}" if way != "own" and ours > 0 else ""
            row = [part, way, f"{cpu:.2f}", f"{wall:.2f}", f"{cpu - own:.2f}", times]
            table.add_row(*row)
    console.print(table)


if __name__ == "__main__":
    main()
