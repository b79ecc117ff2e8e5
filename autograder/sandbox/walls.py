"""The outer walls: how the preloaded process is started, and which rooms it makes for submissions.

Behind them there is no network, nothing of the course but what students have too, a read-only
system, an empty environment, and nobody else's processes to look into or to hurt. There are two
kinds: bubblewrap's namespaces, and Landlock where namespaces are refused.
"""

from __future__ import annotations

import json
import mimetypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from . import bubblewrap, landlock, memory, seccomp
from .bubblewrap import NOBODY, PREFIXES, ROOT, SCRATCH
from .scratch import scratch

_PRIVATE = [SCRATCH, "/tmp", "/dev/shm"]
# Libraries do without these where they are not, but not where they may not be read.
_READ_IF_THERE = [*mimetypes.knownfiles, "/etc/ssl/openssl.cnf"]


class NoWallsError(Exception):
    """This machine cannot wall student code off; the message says what to do."""


class Walls:
    """A way to start the preloaded process. This one has no walls.

    Attributes
    ----------
    name : str
        How `Limits.walls` calls it, and how a room does.
    """

    name = "none"

    def problem(self) -> str:
        """Try it out; return why it does not work on this machine, or ''."""
        return ""

    def prepare(self, directory: str) -> None:
        """Put into a fresh scratch folder what a process needs that is started in it."""

    def tidy(self, directory: str) -> None:
        """Remove from that folder what may be difficult to remove."""

    def command(self, arguments: list[str], directory: str) -> list[str]:
        """Return the command that runs this Python with `arguments` behind the walls."""
        return [sys.executable, *arguments]

    def folder(self, directory: str) -> str:
        """Return the scratch folder as it is called behind the walls."""
        return directory

    def code(self, directory: str) -> str:
        """Return where the lab's code lies behind the walls."""
        return str(ROOT)

    def room(self, limits: dict[str, Any] | None, directory: str) -> dict[str, Any]:
        """Describe a submission's room, for the process that forks it.

        Parameters
        ----------
        limits : dict or None
            See `autograder.limits`; None for no walls at all.
        directory : str
            A scratch folder, used where there are no walls.
        """
        return {"walls": self.name, "folder": directory, "limits": limits}

    def environment(self, directory: str) -> dict[str, str]:
        """Return the environment student code sees; it is made from nothing.

        No key, path or name of the grader's is in it.
        """
        kept = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
        folder = self.folder(directory)
        return kept | {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": folder,
            "TMPDIR": folder,
            "PYTHONPATH": self.code(directory),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONUNBUFFERED": "1",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "MPLCONFIGDIR": os.path.join(folder, ".matplotlib"),
            # A thread pool that exists before a fork hangs after it.
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "LOKY_MAX_CPU_COUNT": "1",
            "JE_ARROW_MALLOC_CONF": "background_thread:false",
        }


class Bubblewrap(Walls):
    """Namespaces, made by bubblewrap and, for each submission, by the fork itself."""

    name = "bubblewrap"

    def problem(self) -> str:
        if shutil.which("bwrap") is None:
            return "bubblewrap is not installed (Debian, Ubuntu: apt-get install bubblewrap)"
        if problem := _lab_is_shown_with([*bubblewrap.SYSTEM, *PREFIXES]):
            return problem
        problem = try_out(self)
        return f"bubblewrap cannot make namespaces here: {problem}" if problem else ""

    def command(self, arguments: list[str], directory: str) -> list[str]:
        return [*bubblewrap.command(), sys.executable, *arguments]

    def folder(self, directory: str) -> str:
        return SCRATCH

    def code(self, directory: str) -> str:
        return bubblewrap.CODE

    def room(self, limits: dict[str, Any] | None, directory: str) -> dict[str, Any]:
        # Environments that lie in a private folder, as one made in /tmp does, must stay.
        kept = [str(p) for p in PREFIXES if any(Path(f) in p.parents for f in _PRIVATE)]
        return super().room(limits, SCRATCH) | {"private": _PRIVATE, "kept": kept}


class Landlock(Walls):
    """Landlock domains: one for the preloaded process, in it one for each submission.

    The scratch folder given to `prepare` is all that can be written behind these walls, and a
    copy of the lab's code in it all of the course that can be read: rules are for whole folders.
    """

    name = "landlock"

    def problem(self) -> str:
        version = landlock.version()
        if not version:
            return "this kernel has no Landlock"
        if not seccomp.known(os.uname().machine):
            return f"there is no list of system calls for {os.uname().machine}"
        if version < landlock.NEEDED:
            return (
                f"this kernel's Landlock is version {version}, which cannot keep signals in: "
                f"version {landlock.NEEDED} came with Linux 6.12"
            )
        if not memory.CHILDREN_ARE_LISTED:
            return "this kernel does not list a process's children (CONFIG_PROC_CHILDREN)"
        return _lab_is_shown_with(self._readable()) or self._way[1]

    def prepare(self, directory: str) -> None:
        """Copy the helpers, as students have them, and the inside of the sandbox; nothing else."""
        code = Path(self.code(directory))
        reference = str(ROOT / "helpers")
        shutil.copytree(
            ROOT / "helpers",
            code / "helpers",
            ignore=lambda folder, _: ["reference"] if folder == reference else [],
        )
        shutil.copytree(ROOT / "autograder/sandbox", code / "autograder/sandbox")
        shutil.copy2(ROOT / "autograder/__init__.py", code / "autograder")
        if os.geteuid() == 0:
            for folder, _, files in os.walk(directory):
                for path in (folder, *(os.path.join(folder, name) for name in files)):
                    os.chown(path, NOBODY, NOBODY)

    def tidy(self, directory: str) -> None:
        if rooms := [str(path) for path in Path(directory).glob("room-*")]:
            subprocess.run(landlock.removal(*rooms), stderr=subprocess.DEVNULL)

    def command(self, arguments: list[str], directory: str) -> list[str]:
        return self._command(self._way[0], arguments, directory)

    def code(self, directory: str) -> str:
        return os.path.join(directory, ".lab")

    def room(self, limits: dict[str, Any] | None, directory: str) -> dict[str, Any]:
        # The fork makes the folder, where the preloaded process may write.
        return super().room(limits, "") | {"readable": self._readable()}

    def environment(self, directory: str) -> dict[str, str]:
        # joblib's workers need names in /dev/shm; without them it does the work itself.
        return super().environment(directory) | {"JOBLIB_MULTIPROCESSING": "0"}

    @cached_property
    def _way(self) -> tuple[list[str], str]:
        """What goes before the command so that it works, and why nothing does, or ''."""
        ways: list[list[str]] = [[]]
        if os.geteuid() == 0 and shutil.which("bwrap"):
            # Where others may not enter the interpreter's folder, root may be able to show it.
            ways.append(bubblewrap.show_interpreter())
        problems = []
        for way in ways:
            problem = try_out(self, lambda *words, way=way: self._command(way, *words))
            if not problem:
                return way, ""
            problems.append(problem)
        return [], "; ".join(problems)

    def _command(self, way: list[str], arguments: list[str], directory: str) -> list[str]:
        wanted = {
            "user": NOBODY if os.geteuid() == 0 else None,
            "home": directory,
            "readable": [*self._readable(), self.code(directory)],
        }
        step = [sys.executable, "-S", "-m", "autograder.sandbox.landlock", json.dumps(wanted)]
        return [*way, *step, sys.executable, *arguments]

    def _readable(self) -> list[str]:
        return [*bubblewrap.SYSTEM, *bubblewrap.ETC, *_READ_IF_THERE, *map(str, PREFIXES)]


def _lab_is_shown_with(readable: Iterable[str | Path]) -> str:
    """Return why the whole lab could be read with these folders, or ''."""
    around = [path for path in readable if Path(path).resolve() in (ROOT, *ROOT.parents)]
    if not around:
        return ""
    return f"student code must read {around[0]}, and the lab lies in it: move the lab"


NONE, BUBBLEWRAP, LANDLOCK = Walls(), Bubblewrap(), Landlock()
KINDS = (BUBBLEWRAP, LANDLOCK)


@cache
def best_walls(wanted: bool | str = True) -> Walls:
    """Return the best walls of this machine, tried out.

    Parameters
    ----------
    wanted : bool or str
        As `Limits.walls`: a kind's name for no other one, False for no walls.

    Raises
    ------
    NoWallsError
        If there are none.
    """
    if wanted is False:
        return NONE
    problems = []
    for kind in KINDS:
        if wanted in (True, kind.name):
            problem = kind.problem()
            if not problem:
                return kind
            problems.append(problem)
    raise NoWallsError(
        f"student code cannot be walled off: {'; and '.join(problems)}. `autograder doctor` tells "
        "more; --unsafe grades without walls, for code you trust"
    )


_TRY = """
import json, os, sys
from autograder.sandbox import forks, room
wanted = json.loads(sys.argv[1])
reader, writer = os.pipe()
fork = forks.walled(wanted)
if fork is None:
    room.enter(wanted)
    os.write(writer, b"entered")
    os._exit(0)
os.close(writer)
entered = os.read(reader, 7)
fork.end()
sys.exit(not entered)
"""
_TRY_LIMITS = {"memory_bytes": 2**30, "disk_bytes": 2**20, "processes": 16}


def try_out(walls: Walls, command: Callable[[list[str], str], list[str]] | None = None) -> str:
    """Make the walls, and a room inside them; return what went wrong, or ''.

    Parameters
    ----------
    walls : Walls
    command : callable, optional
        Used in place of `walls.command`.
    """
    with scratch() as directory:
        walls.prepare(directory)
        room = json.dumps(walls.room(_TRY_LIMITS, directory))
        try:
            done = subprocess.run(
                (command or walls.command)(["-S", "-c", _TRY, room], directory),
                env=walls.environment(directory),
                cwd=directory,
                capture_output=True,
                text=True,
                timeout=30,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["refused"])[-1]
