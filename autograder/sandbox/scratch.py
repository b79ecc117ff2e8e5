"""Temporary folders for what is at work here, and their removal after a kill."""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from .bubblewrap import NOBODY
from .landlock import removal

_PREFIX = "labeling-lab-grader-"


def scratch() -> tempfile.TemporaryDirectory:
    """Make a temporary folder; should this process be killed, `sweep` knows it was ours."""
    return tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-")


def sweep() -> None:
    """Remove the temporary folders of graders that were killed before they could."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        pid = path.name.removeprefix(_PREFIX).partition("-")[0]
        with suppress(FileNotFoundError):  # another grader sweeps too
            # Behind Landlock a root grader's folders belong to the user that student code runs as.
            ours = path.lstat().st_uid in (os.getuid(), NOBODY)
            if ours and pid.isdigit() and not Path("/proc", pid).exists():
                subprocess.run(removal(str(path)), stderr=subprocess.DEVNULL, check=False)
