"""Pools of workers and threads that libraries keep, and what a fork has to know of them."""

from __future__ import annotations

import queue
import sys
import threading
from contextlib import suppress


def look_for_native() -> None:
    """Let scikit-learn find the pools of native threads there are, which it does once a process.

    It reads /proc/self/maps for that. Behind Landlock a fork of a submission may not, for there is
    no rule for "self": what is allowed is the submission's own folder in /proc.
    """
    parallel = sys.modules.get("sklearn.utils.parallel")
    if parallel is not None:
        # In a submission this is a student's to break: it fails then where it is used.
        with suppress(Exception):
            parallel._get_threadpool_controller()


def begin_anew() -> None:
    """Let the pools of joblib and of `concurrent.futures.thread` start workers again.

    For a fork, which has none of the threads that served them: what is given to a pool that a cell
    has made or used would wait for ever.
    """
    # What a student has made of these modules fails where it is used.
    with suppress(Exception):
        loky = sys.modules.get("joblib.externals.loky.reusable_executor")
        if loky is not None:
            loky._executor = loky._executor_kwargs = None
    with suppress(Exception):
        futures = sys.modules.get("concurrent.futures.thread")
        known = list(futures._threads_queues) if futures is not None else []
        for pool in {thread._args[0]() for thread in known} - {None}:
            pool._threads = set()
            pool._idle_semaphore = threading.Semaphore(0)
            pool._work_queue = queue.SimpleQueue()
