"""Does a class survive kill -9? Grade it undisturbed, then under a hail of kills, and compare.

    python benchmarks/survival.py --submissions 1000 --kills 1000

The same class is graded twice, each time in a course folder of its own. The second time, the
grader, its workers, preloaded processes and submissions' processes are killed at random moments,
while grading and while recording, and `autograder grade` is simply started again when it has ended.
At the end nothing may be lost, nothing recorded twice, no mark another, nothing left behind, and
nobody may have been shown a traceback. Exits with 1 if anything is not as it must be.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from survival_class import make_course, progress, recorded
from survival_findings import Calm, Storm, judge
from survival_kills import GRADER, KINDS, SUBMISSION, Run, adopt_orphans, memory_of, strike

from autograder.course import Course

RECORDING_SHARE = 0.2
MOST_DELAY_SECONDS = (0.1, 0.03)  # while grading, while recording
# A submission that ends twice running is believed to have ended itself.
SPARED_SECONDS = 5.0
PATIENCE_SECONDS = 180.0


def grade_calmly(course: Course, jobs: int, scratch: Path) -> Calm:
    """Grade a class undisturbed; look at the memory after each submission."""
    calm = Calm()
    start = time.monotonic()
    run = Run(course, jobs, scratch)
    patience = Patience(course)
    while run.alive:
        patience.demand_progress(run)
        done = sum(1 for _ in course.results.glob("*.json")) if course.results.is_dir() else 0
        if done > len(calm.memory) and not course.autograded.is_dir():
            calm.memory += [memory_of(run)] * (done - len(calm.memory))
        time.sleep(0.02)
    calm.code, calm.seconds = run.wait(), time.monotonic() - start
    return calm


def grade_in_a_storm(
    course: Course,
    jobs: int,
    scratch: Path,
    planned: list[tuple[int, str]],
    random: np.random.Generator,
) -> Storm:
    """Grade a class while its processes are killed; then once more, undisturbed."""
    storm = Storm()
    start = time.monotonic()
    run = Run(course, jobs, scratch)
    for place, kind in planned:
        run = hit(storm, run, (course, jobs, scratch), place, kind, random)
    wait_for(run, course)
    storm.note_end(run)
    last = Run(course, jobs, scratch)
    storm.code = wait_for(last, course)
    storm.note_end(last)
    storm.seconds = time.monotonic() - start
    return storm


def plan(
    students: int, kills: int, kinds: list[str], random: np.random.Generator
) -> list[tuple[int, str]]:
    """Choose for each kill how far things shall be, and a kind; each kind as often as others.

    While marks are recorded there is the grader only.
    """
    recording = max(1, round(RECORDING_SHARE * kills))
    grading = kills - recording
    chosen = [kinds[i] for i in random.permutation(np.arange(grading) % len(kinds))]
    return [
        *zip(sorted(random.integers(0, students, grading).tolist()), chosen, strict=True),
        *(
            (place, GRADER)
            for place in sorted(random.integers(students, 2 * students, recording).tolist())
        ),
    ]


def hit(
    storm: Storm,
    run: Run,
    again: tuple[Course, int, Path],
    place: int,
    kind: str,
    random: np.random.Generator,
) -> Run:
    """Kill one living process when things are that far; return the run that goes on.

    A run that has ended is started again. When all is graded, only the grader is left to kill.
    """
    course = again[0]
    students = sum(1 for _ in course.submitted.iterdir())
    delay = random.uniform(0, MOST_DELAY_SECONDS[int(place >= students)])
    patience = Patience(course)
    there = 0.0
    while True:
        patience.demand_progress(run)
        if not run.alive:
            storm.note_end(run)
            run = Run(*again)
        now = time.monotonic()
        there = there or (now if progress(course) >= place else 0.0)
        spared = kind == SUBMISSION and now < storm.spared_until
        if not there or now < there + delay or spared:
            time.sleep(0.002)
            continue
        found = run.processes()
        if progress(course) >= students and not found[kind]:
            kind = GRADER
        if found[kind] and strike(int(random.choice(found[kind]))):
            phase = "recording" if course.autograded.is_dir() else "grading"
            storm.kills[kind, phase] += 1
            if kind == SUBMISSION:
                storm.spared_until = now + SPARED_SECONDS
            return run


class Patience:
    """Notices when nothing moves any more.

    Parameters
    ----------
    course : Course
    """

    def __init__(self, course: Course) -> None:
        self._course = course
        self._seen = -1
        self._deadline = 0.0

    def demand_progress(self, run: Run) -> None:
        """End it all if nothing has been graded or recorded for too long."""
        now, there = time.monotonic(), progress(self._course)
        if there != self._seen:
            self._seen, self._deadline = there, now + PATIENCE_SECONDS
        if now > self._deadline:
            strike(run.process.pid)
            raise SystemExit(f"error: nothing moves any more; it had said:\n{run.said()[-2000:]}")


def wait_for(run: Run, course: Course) -> int:
    """Wait for the end of a run; return its exit code."""
    patience = Patience(course)
    while run.alive:
        patience.demand_progress(run)
        time.sleep(0.05)
    return run.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    arguments = parser.parse_args()
    random = np.random.default_rng(arguments.seed)
    console = Console()
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="survival-") as folder:
        scratch = Path(folder) / "tmp"
        scratch.mkdir()
        course = make_course(Path(folder) / "calm", arguments.submissions, random)
        twin = Course(Path(folder) / "storm")
        shutil.copytree(course.root, twin.root)
        calm = grade_calmly(course, arguments.jobs, scratch)
        console.print(f"undisturbed: {arguments.submissions} in {calm.seconds:.0f} s", style="dim")
        planned = plan(arguments.submissions, arguments.kills, arguments.kinds, random)
        storm = grade_in_a_storm(twin, arguments.jobs, scratch, planned, random)
        console.print(
            f"in a storm: {storm.seconds:.0f} s, {sum(storm.ends.values())} runs; they ended with "
            + ", ".join(f"{code} ({n})" for code, n in sorted(storm.ends.items())),
            style="dim",
        )
        findings = judge(
            calm, storm, planned, (recorded(course), recorded(twin)), scratch, twin.results
        )
    table = Table(title=f"Survival of {arguments.submissions} submissions")
    for column in ("what", "found", ""):
        table.add_column(column, overflow="fold")
    for what, found, well in findings:
        table.add_row(what, found, "ok" if well else "[bold red]FAIL[/]")
    console.print(table)
    for text, count in storm.said.items():
        console.print(f"  {count} × {text}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(not all(well for _, _, well in findings))


if __name__ == "__main__":
    main()
