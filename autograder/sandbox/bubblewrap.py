"""The outer walls by bubblewrap: the list of what is visible behind them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = "/lab"
SCRATCH = "/scratch"
# An id that owns nothing: where the grader is root, student code must not be, even walled.
NOBODY = 4105
SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"]
ETC = ["/etc/ld.so.cache", "/etc/fonts", "/etc/localtime", "/etc/alternatives"]
PREFIXES = [*dict.fromkeys([Path(sys.base_prefix), Path(sys.prefix)])]


def command() -> list[str]:
    """Return the words to put before a command that is to run behind these walls."""
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
        *_binds(),
        *_code(),
        "--remount-ro", "/dev",
        "--remount-ro", "/",
        "--chdir", SCRATCH,
    ]  # fmt: skip
    return [*_as_nobody(), *inner, "--"]


def _as_nobody() -> list[str]:
    """Where the grader is root, step down to a user who is nobody.

    Root's namespaces would still own root's files, and /proc cannot be mounted again in them.
    """
    if os.geteuid() != 0:
        return []
    down = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return [*show_interpreter(), *down]


def show_interpreter() -> list[str]:
    """Return the words that let others than root see an interpreter in root's home.

    Everything else in that home is hidden. This asks for no namespace of a user's, but for root's
    right to mount.
    """
    home = Path.home()
    shown: list[str] = []
    for prefix in PREFIXES:
        if home in prefix.parents:
            shown += [*_folders(prefix, above=home), "--ro-bind", str(prefix), str(prefix)]
    hide = ["--perms", "0755", "--tmpfs", str(home), *shown] if shown else []
    return ["bwrap", "--dev-bind", "/", "/", *hide, "--"]


def _folders(path: Path, above: Path) -> list[str]:
    """Make the folders between `above` and `path`, open to all."""
    between = [p for p in reversed(path.parents) if above in p.parents]
    return [word for folder in between for word in ("--perms", "0755", "--dir", str(folder))]


def _system() -> list[str]:
    words: list[str] = []
    for path in map(Path, SYSTEM):
        if path.is_symlink():
            words += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    for path in ETC:
        words += ["--ro-bind-try", path, path]
    return words


def _binds() -> list[str]:
    system = Path("/usr")
    wanted = [p for p in PREFIXES if p != system and system not in p.parents]
    return [word for prefix in wanted for word in ("--ro-bind", str(prefix), str(prefix))]


def _code() -> list[str]:
    """Show the helpers, as students have them, and the inside of the sandbox; nothing else."""
    words = ["--ro-bind", str(ROOT / "helpers"), f"{CODE}/helpers"]
    if (ROOT / "helpers/reference").is_dir():
        words += ["--tmpfs", f"{CODE}/helpers/reference"]
    for name in ("__init__.py", "sandbox"):
        words += ["--ro-bind", str(ROOT / "autograder" / name), f"{CODE}/autograder/{name}"]
    return words
