"""What others have chosen or raised, as it is said in one line."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path

MOST_NAMED = 3


def plain_name(path: Path) -> str:
    """Return a file's name as text that can be written: names are bytes, and need not be UTF-8."""
    return plain(path.name)


def plain(text: str) -> str:
    """Return text that can be written, in one line: what cannot becomes a question mark."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def named(names: Sequence[str | Path]) -> str:
    """Return names in one line: the first of them, and how many there are more."""
    first = ", ".join(plain(str(name)) for name in names[:MOST_NAMED])
    return f"{first} and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else first


def told_with_place(error: Exception) -> str:
    """Say what was raised, and by which line."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(frame.filename).name}:{frame.lineno})"


def to_mend(error: Exception, root: Path) -> str:
    """Return what to say of a Python file of the course that cannot be imported.

    Parameters
    ----------
    error : Exception
        What importing raised, or executing it.
    root : Path
        The file is named as seen from here.
    """
    path, line = _place(error)
    name = path.relative_to(root) if path.is_relative_to(root) else path.name
    words = error.msg if isinstance(error, SyntaxError) else str(error)
    said = " ".join(f"{type(error).__name__}: {words}".split())
    return f"{name}:{line}: {said}: mend it, then run this again"


def _place(error: Exception) -> tuple[Path, int | None]:
    """Return the file and the line of the course's own module that an error stopped."""
    if isinstance(error, SyntaxError) and error.filename:
        return Path(error.filename), error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    modules = [f for f in frames if f.name == "<module>" and "site-packages" not in f.filename]
    frame = (modules or frames)[-1]
    return Path(frame.filename), frame.lineno
