"""Fourteen labeling functions on many reviews: ours against Snorkel's appliers, in one run.

Every applier gets the same functions and the same frame, in turns, and its best time counts: the
ratios hold although the machine is busy or slow. CPU seconds include those of child processes,
but not those of a cluster's workers: for these, look at the wall-clock time.
Snorkel's appliers take `--slow-rows` rows, for their time is proportional to the rows; ours takes
all. The matrices are compared entry by entry.

    .venv/bin/python benchmarks/labeling_functions.py --rows 1000000 --slow-rows 20000
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dask.dataframe as dd
import numpy as np
import pandas as pd
import pyarrow.compute as pc
from snorkel.labeling import LFApplier, PandasLFApplier
from threadpoolctl import threadpool_limits

from helpers.reference.appliers import DaskLFApplier, PandasParallelLFApplier
from helpers.reference.fast_lfs import FastLFApplier, apply_dask, arrow_texts, declared
from helpers.reviews import realistic
from helpers.weak_supervision import PLAIN_LFS


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and of its children that have ended."""
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def memory_scan(df: pd.DataFrame) -> int:
    """Look at every byte of the texts once: what no applier can do without."""
    found = 0
    for texts in arrow_texts(df["review"]):
        found += int(np.count_nonzero(np.frombuffer(texts.buffers()[2], np.uint8) == 33))
    return found


def by_pattern(df: pd.DataFrame) -> np.ndarray:
    """One pass of RE2 for each function: what pyarrow gives without further thought."""
    L = np.full((len(df), len(PLAIN_LFS)), -1)
    for texts in arrow_texts(df["review"]):
        for j, lf in enumerate(map(declared, PLAIN_LFS)):
            found = pc.match_substring_regex(texts, lf.pattern, ignore_case=True)
            L[found.to_numpy(zero_copy_only=False), j] = lf.label
    return L


def contestants(df: pd.DataFrame, few: pd.DataFrame, scheduler: Any) -> dict[str, tuple]:
    """Return what is measured, by name: the function and the rows it gets."""
    parts = dd.from_pandas(few, npartitions=4)
    points = [SimpleNamespace(review=text) for text in few["review"]]
    ours = FastLFApplier(PLAIN_LFS)
    return {
        "PandasLFApplier": (
            lambda: PandasLFApplier(PLAIN_LFS).apply(few, progress_bar=False),
            len(few),
        ),
        "LFApplier (list)": (
            lambda: LFApplier(PLAIN_LFS).apply(points, progress_bar=False),
            len(few),
        ),
        "PandasParallelLFApplier": (
            lambda: PandasParallelLFApplier(PLAIN_LFS).apply(few, n_parallel=2),
            len(few),
        ),
        "DaskLFApplier": (lambda: DaskLFApplier(PLAIN_LFS).apply(parts, "threads"), len(few)),
        "pyarrow, 14 patterns": (lambda: by_pattern(df), len(df)),
        "FastLFApplier": (lambda: ours.apply(df), len(df)),
        "apply_dask": (
            lambda: apply_dask(dd.from_pandas(df, npartitions=8), PLAIN_LFS, scheduler),
            len(df),
        ),
        "memory scan": (lambda: memory_scan(df), len(df)),
    }


def measure(function: Callable, repeats: int) -> tuple[float, float, Any]:
    """Return the best CPU and wall seconds of some runs, and the last result."""
    cpu, wall, result = [], [], None
    for _ in range(repeats):
        began, start = time.perf_counter(), cpu_seconds()
        result = function()
        cpu.append(cpu_seconds() - start)
        wall.append(time.perf_counter() - began)
    return min(cpu), min(wall), result


def table_of(
    df: pd.DataFrame, few: pd.DataFrame, scheduler: Any, repeats: int
) -> tuple[pd.DataFrame, dict[str, bool]]:
    """Measure all, and compare every matrix with Snorkel's on the rows both have."""
    rows, same, expected = [], {}, None
    for name, (function, n) in contestants(df, few, scheduler).items():
        cpu, wall, result = measure(function, repeats)
        rows.append(
            {"applier": name, "rows": n, "cpu_us": 1e6 * cpu / n, "wall_us": 1e6 * wall / n}
        )
        print(f"{name}: {1e6 * cpu / n:.3g} us of CPU a row", flush=True)
        if isinstance(result, np.ndarray):
            expected = result if expected is None else expected
            same[name] = bool(np.array_equal(result[: len(few)], expected))
    table = pd.DataFrame(rows)
    table["times_faster"] = table["cpu_us"].iloc[0] / table["cpu_us"]
    return table, same


def main() -> None:
    """Parse the command line, measure, print, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000, help="reviews for the fast ones")
    parser.add_argument("--slow-rows", type=int, default=20_000, help="reviews for Snorkel's")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--scheduler",
        default="local",
        help="for apply_dask: local (a LocalCluster of two workers, the default), threads, "
        "processes, synchronous, or the address of a scheduler",
    )
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks"), help="a folder")
    options = parser.parse_args()
    threadpool_limits(1)
    df = realistic(options.rows, seed=options.seed)[["review", "label"]]
    few = df.iloc[: options.slow_rows]
    with scheduler_of(options.scheduler) as scheduler:
        table, same = table_of(df, few, scheduler, options.repeats)
    options.out.mkdir(parents=True, exist_ok=True)
    table.to_csv(options.out / "labeling_functions.csv", index=False)
    print("\n" + table.round(3).to_string(index=False))
    print("\nequal to PandasLFApplier's matrix:", same)


@contextmanager
def scheduler_of(name: str) -> Iterator[Any]:
    """Give a Dask scheduler for the length of a `with` block."""
    if name in ("threads", "processes", "synchronous"):
        yield name
        return
    from distributed import Client, LocalCluster

    with ExitStack() as stack:
        if name == "local":
            cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
            name = stack.enter_context(cluster)
        yield stack.enter_context(Client(name))


if __name__ == "__main__":
    main()
