"""Progress bars, and errors in one line."""

from __future__ import annotations

import errno
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from helpers.checks.question import AuthoringError

from .course import CourseError
from .preloading import GradingError


@contextmanager
def steps(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function ``(what, done, total)`` that keeps a line of a bar for each `what`."""
    shown, tasks = bar(console), {}

    def update(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = shown.add_task(what, total=total)
        shown.start()
        shown.update(tasks[what], completed=done)

    try:
        yield update
    finally:
        if tasks:  # a bar that has shown nothing would end with an empty line
            shown.stop()


def bar(console: Console) -> Progress:
    """Return a progress bar in the house's style."""
    return Progress(
        TextColumn("{task.description:<30}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn the errors a person can mend into one line; leave bugs their traceback."""
    try:
        with _stopped_once():
            yield
    except (CourseError, GradingError, AuthoringError) as error:
        raise _ended(str(error)) from None
    except OSError as error:
        if error.errno in (None, errno.EPIPE):  # no system's error; who read this has gone
            raise
        raise _ended(f"{_told(error)}, then run this again") from None
    except KeyboardInterrupt:
        Console(stderr=True).print("stopped; what was done is kept, run it again to go on")
        raise typer.Exit(130) from None


def _ended(words: str) -> typer.Exit:
    Console(stderr=True, soft_wrap=True).print(f"error: {words}", markup=False, highlight=False)
    return typer.Exit(2)


def _told(error: OSError) -> str:
    name = error.filename
    if not isinstance(name, str):
        return f"{error.strerror}: put that right"
    for path in (Path(name), *Path(name).parents):
        if isinstance(error, NotADirectoryError | FileExistsError) and path.is_file():
            return f"{os.path.relpath(path)} is a file and not a folder: move it away"
    return f"{os.path.relpath(name)}: {error.strerror}: put that right"


@contextmanager
def _stopped_once() -> Iterator[None]:
    """Let the first Ctrl-C stop what is done, and no later one stop the stopping."""

    def stop(*_: Any) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # What is at work may take seconds to end. On a screen, a bar's line is not yet ended.
        with suppress(OSError):  # nobody reads it any more
            os.write(2, b"\n" * os.isatty(2) + b"stopping ...\n")
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    here = threading.current_thread() is threading.main_thread()
    # Whoever ignores it (a shell, for what runs in the background) is not asked.
    if not here or before is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, stop)
    try:
        yield
    except Exception:
        # Who is interrupted may call it otherwise: nbgrader says "Canceled", a pool is broken.
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            raise KeyboardInterrupt from None
        raise
    finally:
        if signal.getsignal(signal.SIGINT) is stop:
            signal.signal(signal.SIGINT, before)
