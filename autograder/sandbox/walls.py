"""The outer walls: the command line that starts a preloaded process.

Behind them there is no network, nothing of the course but what students have too, a read-only
system, an empty environment, and processes of nobody else. The mounting is bubblewrap's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .room import SCRATCH

# An id that owns nothing: where the grader is root, student code must not be, even walled.
_NOBODY = 4105
_CODE = "/lab"
_ROOT = Path(__file__).resolve().parents[2]


class NoWallsError(Exception):
    """This machine cannot wall student code off; the message says what to do."""


@dataclass(frozen=True)
class Walls:
    """One way to start a process.

    Attributes
    ----------
    name : str
        ``"bubblewrap"``, or ``"none"``.
    namespaces : bool
        Whether submissions get namespaces of their own.
    """

    name: str
    namespaces: bool

    def command(self, arguments: list[str]) -> list[str]:
        """Return the command that runs this Python with `arguments` behind the walls."""
        python = [sys.executable, *arguments]
        return [*_bubblewrap(), *python] if self.namespaces else python

    def folder(self, outside: str) -> str:
        """Return the scratch folder as it is called behind the walls."""
        return SCRATCH if self.namespaces else outside

    def room(self, limits: dict[str, Any] | None, outside: str) -> dict[str, Any]:
        """Describe a submission's room, for the process that forks it.

        Parameters
        ----------
        limits : dict or None
            See `room.limit`; None for no walls at all.
        outside : str
            A scratch folder, used where there are no walls.
        """
        return {
            "namespaces": self.namespaces,
            "folder": self.folder(outside),
            "private": PRIVATE,
            "kept": _kept(),
            "limits": limits,
        }


BUBBLEWRAP = Walls("bubblewrap", namespaces=True)
NONE = Walls("none", namespaces=False)


PRIVATE = [SCRATCH, "/tmp", "/dev/shm"]


def _kept() -> list[str]:
    """Return the environments that lie in a private folder, as one made in /tmp does."""
    prefixes = dict.fromkeys([sys.prefix, sys.base_prefix])
    return [p for p in prefixes if any(Path(f) in Path(p).parents for f in PRIVATE)]


@cache
def best_walls() -> Walls:
    """Return the best walls of this machine, tried out.

    Raises
    ------
    NoWallsError
        If there are none.
    """
    if shutil.which("bwrap") is None:
        why = "bubblewrap is not installed (Debian, Ubuntu: apt-get install bubblewrap)"
    elif problem := try_out():
        why = f"bubblewrap cannot make namespaces here: {problem}"
    else:
        return BUBBLEWRAP
    raise NoWallsError(
        f"student code cannot be walled off: {why}. `autograder doctor` tells more; "
        "--unsafe grades without walls, for code you trust"
    )


def try_out() -> str:
    """Make the walls, and a room inside them; return what went wrong, or ''."""
    script = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from autograder.sandbox import room\n"
        "room.leave_namespaces()\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        f"    room.furnish({PRIVATE!r}, {_kept()!r}, 2**20)\n"
        "    room.forbid_system_calls(); os._exit(0)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
    )
    command = BUBBLEWRAP.command(["-S", "-c", script, _CODE])
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["refused"])[-1]


def _bubblewrap() -> list[str]:
    inner = [
        "bwrap",
        "--unshare-user",
        "--unshare-all",
        "--cap-drop", "ALL",
        "--die-with-parent",
        "--as-pid-1",
        "--new-session",
        "--hostname", "lab",
        *_system(),
        "--proc", "/proc",
        "--dev", "/dev",
        "--perms", "0700", "--tmpfs", SCRATCH,
        "--perms", "0700", "--tmpfs", "/dev/shm",
        "--perms", "0755", "--tmpfs", "/tmp",
        *_binds([Path(sys.base_prefix), Path(sys.prefix)]),
        *_code(),
        "--remount-ro", "/dev",
        "--remount-ro", "/",
        "--chdir", SCRATCH,
    ]  # fmt: skip
    return [*_as_nobody(), *inner, "--"]


def _as_nobody() -> list[str]:
    """Where the grader is root, step down to a user who is nobody.

    Root's namespaces would still own root's files, and /proc cannot be mounted again in them.
    The interpreter may lie in root's home, which nobody else may enter: it is shown through.
    """
    if os.geteuid() != 0:
        return []
    home = Path.home()
    shown: list[str] = []
    for prefix in dict.fromkeys([Path(sys.base_prefix), Path(sys.prefix)]):
        if home in prefix.parents:
            shown += [*_folders(prefix, above=home), "--ro-bind", str(prefix), str(prefix)]
    hide = ["--perms", "0755", "--tmpfs", str(home), *shown] if shown else []
    down = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
    return ["bwrap", "--dev-bind", "/", "/", *hide, "--", *down]


def _folders(path: Path, above: Path) -> list[str]:
    """Make the folders between `above` and `path`, open to all."""
    between = [p for p in reversed(path.parents) if above in p.parents]
    return [word for folder in between for word in ("--perms", "0755", "--dir", str(folder))]


def _system() -> list[str]:
    words: list[str] = []
    for name in ("usr", "bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/") / name
        if path.is_symlink():
            words += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    for name in ("ld.so.cache", "fonts", "localtime", "alternatives"):
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return words


def _binds(prefixes: list[Path]) -> list[str]:
    system = Path("/usr")
    wanted = [p for p in dict.fromkeys(prefixes) if p != system and system not in p.parents]
    return [word for prefix in wanted for word in ("--ro-bind", str(prefix), str(prefix))]


def _code() -> list[str]:
    """Show the helpers, as students have them, and the inside of the sandbox; nothing else."""
    words = ["--ro-bind", str(_ROOT / "helpers"), f"{_CODE}/helpers"]
    if (_ROOT / "helpers/reference").is_dir():
        words += ["--tmpfs", f"{_CODE}/helpers/reference"]
    for name in ("__init__.py", "sandbox"):
        words += ["--ro-bind", str(_ROOT / "autograder" / name), f"{_CODE}/autograder/{name}"]
    return words


def python_path(walls: Walls) -> str:
    """Return where the lab's code lies behind the walls."""
    return _CODE if walls.namespaces else str(_ROOT)
