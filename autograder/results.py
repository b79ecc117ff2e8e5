"""Results of graded notebooks, on disk, keyed by everything they depend on."""

from __future__ import annotations

import errno
import glob
import hashlib
import json
import os
import socket
import tempfile
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from helpers.checks.verdict import Verdict

from .limits import Limits
from .notebook_files import written_to
from .rebuilding import Rebuilt
from .release import Release

_ROOT = Path(__file__).parent.parent
# Results may be shared by graders on several machines.
_HOST = socket.gethostname()
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


@dataclass
class Result:
    """What grading one notebook gave.

    Attributes
    ----------
    part : str
        The released notebook's name.
    verdicts : list of Verdict
        One a question, in the notebook's order.
    outputs : dict
        Notebook outputs by cell id: what the student's code showed, made safe.
    repairs : list of str
        What was put right in the submission.
    limits : list of str
        Which cells met which limit.
    problem : str
        Why nothing could be graded; empty if it could.
    """

    part: str
    verdicts: list[Verdict]
    outputs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    problem: str = ""

    @property
    def points(self) -> float:
        return sum(verdict.points for verdict in self.verdicts)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Result:
        return cls(**(data | {"verdicts": [Verdict.from_json(v) for v in data["verdicts"]]}))


class Results:
    """A folder of results.

    Parameters
    ----------
    folder : Path
        Made when the first result is saved.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, key: str) -> Result | None:
        """Return the result of this key, or None: if there is none, or only a broken file.

        What was lost when the machine went down is graded again, and replaced.
        """
        try:
            text = self._path(key).read_text(encoding="utf-8")
            return Result.from_json(json.loads(text))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):  # no JSON, or not that of a result
            return None

    def save(self, key: str, result: Result) -> None:
        """Write a result so that it is there whole, or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(
            dir=self._folder, prefix=f"{os.getpid()}@{_HOST}-", suffix=".tmp"
        )
        try:
            with written_to(self._folder), os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(result.to_json(), file)
            os.replace(name, self._path(key))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def sweep(self) -> None:
        """Remove what a killed process of this machine had half written."""
        for path in self._folder.glob(f"*@{glob.escape(_HOST)}-*.tmp"):
            if not Path("/proc", path.name.partition("@")[0]).exists():
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"


def disk_failed(error: Exception, folder: Path) -> bool:
    """Tell whether no result can be kept in this folder any more, so that the class must stop.

    An error on another disk, such as that of a student's scratch folder, costs one notebook only.
    """
    where = str(getattr(error, "filename", ""))
    return getattr(error, "errno", None) in _DISK_ERRORS and where.startswith(str(folder))


def key_of(release: Release, rebuilt: Rebuilt, limits: Limits) -> str:
    """Return the key of a notebook's result: equal keys, equal results.

    It covers the student's cells, the release, the part's items, the limits, and the code and
    pinned packages they run with.
    """
    cells = [[cell.cell_type, cell.id, cell.source] for cell in rebuilt.notebook.cells]
    parts = [
        release.name,
        release.digest,
        cells,
        rebuilt.repairs,
        rebuilt.problem,
        limits.to_dict(),
        _digest_of_items(release.short_name),
        _digest_of_environment(),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


@cache
def _digest_of_items(part: str) -> str:
    return digest(_ROOT / f"{package}/checks/{part}.py" for package in ("helpers", "autograder"))


@cache
def _digest_of_environment() -> str:
    return digest(sorted(shared_files()))


def shared_files() -> list[Path]:
    """Return what every part is graded with: engine, helpers, pins; not other parts' items."""
    shared = [*_ROOT.glob("helpers/*.py"), *_ROOT.glob("autograder/sandbox/*.py")]
    checks = [*_ROOT.glob("helpers/checks/**/*.py"), *_ROOT.glob("autograder/checks/*.py")]
    shared += [path for path in checks if not _has_items(path)]
    engine = ("grading", "items", "outputs", "preloading", "release", "snapshot")
    shared += [_ROOT / f"autograder/{name}.py" for name in engine]
    return [*shared, _ROOT / "constraints.txt"]


def _has_items(path: Path) -> bool:
    return path.parent.name == "checks" and path.name.startswith(("part", "challenge"))


def digest(paths: Any) -> str:
    """Return a hash over the names and bytes of files; a missing file counts as such."""
    total = hashlib.sha256()
    for path in paths:
        total.update(f"{path.name}\0".encode())
        total.update(path.read_bytes() if path.is_file() else b"missing")
    return total.hexdigest()
