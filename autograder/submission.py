"""One student's folder: which file stands for which part."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from .intake import IntakeError, read_cells, stamp_of
from .rebuilding import Rebuilt, rebuild_file, shares, without_answers
from .release import Cell, Release
from .wording import named, plain, plain_name

_ENOUGH_ALIKE = 0.3
_MOST_KEPT = 4096
_PACKED = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".rar", ".7z")


def files_by_part(folder: Path, parts: dict[str, Release]) -> dict[str, Path]:
    """Find the file that stands for each part.

    Parameters
    ----------
    folder : Path
        ``submitted/<student>/<assignment>``.
    parts : dict
        Releases by name.

    Returns
    -------
    dict
        Paths by part. A file of a part's name is taken at its name, unless it is another part;
        that, and any other notebook, is recognised by the cells it shares with a part that has no
        file. What is another part also stands for the part of its name, if nothing else does:
        `rebuild_part` says that it is the wrong file.
    """
    files = sorted(folder.glob("*.ipynb"))
    by_name = {path.stem: path for path in files if path.stem in parts}
    found = {part: path for part, path in by_name.items() if not _mistaken(path, part, parts)}
    for path in files:
        free = [name for name in parts if name not in found]
        if path in found.values() or not free:
            continue
        alike = _likenesses(path, parts)
        best = max(free, key=alike.__getitem__)
        if alike[best] >= _ENOUGH_ALIKE:
            found[best] = path
    return by_name | found


def _mistaken(path: Path, part: str, parts: dict[str, Release]) -> str:
    """Return the part that a file with the name of another one is, or ''."""
    alike = _likenesses(path, parts)
    other = max(alike, key=alike.__getitem__)
    return other if not alike[part] and alike[other] >= _ENOUGH_ALIKE else ""


def passed_over(folder: Path, found: dict[str, Path], parts: dict[str, Release]) -> list[str]:
    """Say of each notebook that is not graded which one stands for its part instead.

    Parameters
    ----------
    folder : Path
        ``submitted/<student>/<assignment>``.
    found : dict
        What `files_by_part` found.
    parts : dict
        Releases by name.
    """
    lines = []
    for path in sorted({*folder.glob("*.ipynb")} - {*found.values()}):
        alike = _likenesses(path, parts)
        part = max(alike, key=alike.__getitem__)
        if part in found and alike[part] >= _ENOUGH_ALIKE and not _same(path, found[part]):
            name, graded = plain(path.name), plain(found[part].name)
            lines.append(
                f"{name} looks like {part}, too, but {graded} is graded: which one counts?"
            )
    return lines


def _same(path: Path, other: Path) -> bool:
    try:
        return filecmp.cmp(path, other, shallow=False)
    except OSError:
        return False


def misplaced(
    student: Path,
    assignment: str,
    found: dict[str, Path],
    parts: dict[str, Release],
    others: set[str],
) -> str:
    """Say which notebooks lie where nobody grades them, or are packed or misnamed, and what to do.

    Parameters
    ----------
    student : Path
        ``submitted/<student>``.
    assignment : str
    found : dict
        What `files_by_part` found. If it is empty, any notebook counts; else only one that has
        the name of a part that was not found.
    parts : dict
        Releases by name.
    others : set of str
        The course's other assignments: their folders are not looked into.

    Returns
    -------
    str
        Empty if there are none.
    """
    lost = [
        path
        for path in _files_below(student, others, (".ipynb",))
        if path.parent != Path(assignment)
        and (not found or (path.stem in parts and path.stem not in found))
    ]
    home = f"submitted/{plain(student.name)}/{assignment}/ and run this again"
    if misnamed := [] if lost else _misnamed(student / assignment, found, parts):
        end, them = ("does not end", "it") if len(misnamed) == 1 else ("do not end", "them")
        return f"{named(misnamed)} {end} in .ipynb: rename {them} and run this again"
    if not lost:
        packed = [] if found else list(_files_below(student, others, _PACKED))
        return f"{named(packed)} cannot be read: unpack into {home}" if packed else ""
    names = named(lost)
    lie, them = ("lies", "it") if len(lost) == 1 else ("lie", "them")
    deep = all(path.parts[0] == assignment for path in lost)
    if deep:
        where = f"{names} {lie} too deep: move {them} up to"
    elif any((student / assignment).glob("*.ipynb")):
        where = f"{names} {lie} beside {assignment}/: move {them} to"
    else:
        where = f"nothing in {assignment}/, but {names} {lie} beside it: move {them} to"
    return f"{where} {home}"


def _misnamed(folder: Path, found: dict[str, Path], parts: dict[str, Release]) -> list[Path]:
    """Find what was meant to be a notebook, as ``PART1.IPYNB`` or ``part1.ipynb.txt``."""
    missing = {part.lower() for part in parts if part not in found}
    meant = [
        Path(path.name)
        for path in sorted(folder.glob("*"))
        if ".ipynb" in path.name.lower() and path.suffix != ".ipynb" and path.name[0] != "."
    ]
    return [p for p in meant if not found or p.name.lower().partition(".ipynb")[0] in missing]


def _files_below(student: Path, others: set[str], kinds: tuple[str, ...]) -> Iterator[Path]:
    """Find files by how their names end, relative to the student's folder, but what is hidden."""
    for folder, inner, files in os.walk(student):
        here = Path(folder).relative_to(student)
        skip = others if here == Path() else set()
        inner[:] = sorted(name for name in inner if name[0] != "." and name not in skip)
        yield from (
            here / name for name in sorted(files) if name.endswith(kinds) and name[0] != "."
        )


def rebuild_part(folder: Path, part: str, parts: dict[str, Release]) -> Rebuilt:
    """Rebuild the notebook a student handed in for a part.

    Raises
    ------
    KeyError
        If there is no such released part.
    """
    release = parts[part]
    path = folder / f"{part}.ipynb"
    for above in (folder, folder.parent):
        if above.is_symlink():  # it could lead to another student's work, or to the solutions
            return without_answers(release, f"{plain_name(above)} is a link and not a folder")
    # A class has many files: the others are looked at only if this one is missing or mistaken.
    if not os.path.lexists(path) or _mistaken(path, part, parts):
        path = files_by_part(folder, parts).get(part, path)
    if path.stem == part and (other := _mistaken(path, part, parts)):
        return without_answers(release, f"{plain_name(path)} is {other} under that name")
    rebuilt = rebuild_file(path, release)
    if path.stem != part:
        rebuilt.repairs.append(f"found under the name {plain_name(path)}")
    return rebuilt


def _likenesses(path: Path, parts: dict[str, Release]) -> dict[str, float]:
    """Return the share of each part's cells that a file has."""
    released = tuple(release.cells for release in parts.values())
    return dict(zip(parts, _shares(path, stamp_of(path), released), strict=True))


# A file may be large, and is asked about for every part of its submission.
@lru_cache(_MOST_KEPT)
def _shares(
    path: Path, stamp: tuple[int, ...], released: tuple[tuple[Cell, ...], ...]
) -> tuple[float, ...]:
    try:
        cells = read_cells(path)
    except IntakeError:
        return (0.0,) * len(released)
    return shares(cells, released)
