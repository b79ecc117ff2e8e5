"""One way of grading a part's submissions, in a process of its own: what grading.py measures.

    python benchmarks/grading_ways.py WAY PART FOLDER

FOLDER has submitted/<student>/week04/<part>.ipynb. Prints, as a JSON object, how many questions
there were, and how many got full marks: ways that do the same work agree on it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from grading_class import ASSIGNMENT, ROOT, released

from autograder import grading, preloading
from autograder.fanout import grade_all
from autograder.limits import Limits
from autograder.rebuilding import Rebuilt
from autograder.results import Result
from autograder.sandbox.client import CellTimeout
from autograder.submission import rebuild_part
from autograder.tasks import Done, Failed, Task
from helpers.checks.student import StudentGone

LIMITS = Limits()
Said = dict[str, int]


def run_own(part: str, folder: Path) -> Said:
    """Only the student's cells, each submission in a fork of the preloaded process."""
    with preloading.preloaded(released()[part], LIMITS) as sandbox:
        for rebuilt in _notebooks(part, folder):
            run_cells(sandbox, rebuilt)
    return {}


def run_cells(sandbox: preloading.Preloaded, rebuilt: Rebuilt) -> None:
    """Run a submission's cells in a fork of its own, and judge nothing."""
    with sandbox.submission(LIMITS) as kernel, suppress(StudentGone):
        for cell in rebuilt.notebook.cells:
            skip = cell.cell_type != "code" or cell.id in sandbox.done
            if not skip and not cell.id.endswith("_check"):
                with suppress(CellTimeout):
                    kernel.run(cell.source, LIMITS.cell_seconds)


def run_cold(part: str, folder: Path) -> Said:
    """This grader without preloading: every submission pays for imports and given cells."""
    release, results = released()[part], []
    for rebuilt in _notebooks(part, folder):
        with preloading.preloaded(release, LIMITS, cells=False) as sandbox:
            results.append(grading.grade(release, rebuilt, sandbox, LIMITS))
    return _full_marks(results)


def run_ours(part: str, folder: Path, jobs: int = 1, scheduler: str = "") -> Said:
    """This grader, as it is used; the results are kept in a folder of this run's own."""
    release, students = ROOT / "release" / ASSIGNMENT, sorted(folder.glob("submitted/*"))
    with tempfile.TemporaryDirectory() as results:
        tasks = [
            Task(s.name, part, s / ASSIGNMENT, release, Path(results), LIMITS) for s in students
        ]
        return _full_marks(_result(done) for done in grade_all(tasks, jobs, scheduler))


def run_jobs(part: str, folder: Path) -> Said:
    """This grader in two processes."""
    return run_ours(part, folder, jobs=2)


def run_dask(part: str, folder: Path) -> Said:
    """This grader on a Dask cluster of two workers on this machine."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        return run_ours(part, folder, scheduler=cluster.scheduler_address)


def run_stock(part: str, folder: Path) -> Said:
    """Stock nbgrader, the items being ordinary tests in its check cells."""
    from grading_peers import stock_nbgrader

    return stock_nbgrader(part, folder, tests=True)


def run_stock_without_tests(part: str, folder: Path) -> Said:
    """Stock nbgrader with check cells that do nothing: a lower bound."""
    from grading_peers import stock_nbgrader

    return stock_nbgrader(part, folder, tests=False)


def run_otter(part: str, folder: Path) -> Said:
    """`otter run`, once a submission, with a test file a question and a test case an item."""
    from grading_peers import otter_run

    return otter_run(part, folder)


WAYS: dict[str, Callable[[str, Path], Said]] = {
    "own cells": run_own,
    "ours": run_ours,
    "ours, 2 jobs": run_jobs,
    "ours, Dask": run_dask,
    "ours, cold": run_cold,
    "nbgrader, no tests": run_stock_without_tests,
    "nbgrader": run_stock,
    "otter run": run_otter,
}


def _notebooks(part: str, folder: Path) -> Iterator[Rebuilt]:
    parts = released()
    for home in sorted(folder.glob(f"submitted/*/{ASSIGNMENT}")):
        yield rebuild_part(home, part, parts)


def _result(done: Done | Failed) -> Result:
    if isinstance(done, Failed):
        # What a class costs of which some are missing is no figure to compare.
        raise SystemExit(f"{done.task.student} was not graded: {done.why}")
    return done.result


def _full_marks(results: Iterable[Result]) -> Said:
    verdicts = [verdict for result in results for verdict in result.verdicts]
    full = sum(abs(v.points - v.max_points) < 1e-9 for v in verdicts)
    return {"questions": len(verdicts), "full": full}


if __name__ == "__main__":
    way, part, folder = sys.argv[1:]
    print(json.dumps(WAYS[way](part, Path(folder))))
