"""Progress bars, and errors in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from .course import CourseError
from .preloading import GradingError


def steps(bar: Progress) -> Callable[[str, int, int], None]:
    """Return a function ``(what, done, total)`` that keeps a line of the bar for each `what`."""
    tasks: dict[str, int] = {}

    def update(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total)
        bar.update(tasks[what], completed=done)

    return update


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
        yield
    except (CourseError, GradingError) as error:
        Console(stderr=True, soft_wrap=True).print(f"error: {error}", markup=False, highlight=False)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        Console(stderr=True).print("stopped; what was graded is kept, run it again to go on")
        raise typer.Exit(130) from None
