"""One student's folder: which file stands for which part."""

from __future__ import annotations

from pathlib import Path

from . import intake
from .intake import Rebuilt
from .release import Release

_ENOUGH_ALIKE = 0.3


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
        Paths by part. A file of the right name is taken at its name; any other notebook is
        recognised by the cells it shares with a part that has no file.
    """
    files = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    found = {name: files[name] for name in parts if name in files}
    for stem, path in files.items():
        if stem in parts:
            continue
        free = [release for name, release in parts.items() if name not in found]
        alike = {release.name: _likeness(release, path) for release in free}
        best = max(alike, key=alike.__getitem__, default=None)
        if best is not None and alike[best] >= _ENOUGH_ALIKE:
            found[best] = path
    return found


def rebuild_part(folder: Path, part: str, parts: dict[str, Release]) -> Rebuilt:
    """Rebuild the notebook a student handed in for a part.

    Raises
    ------
    KeyError
        If there is no such released part.
    """
    release = parts[part]
    path = files_by_part(folder, parts).get(part, folder / f"{part}.ipynb")
    rebuilt = intake.rebuild_file(path, release)
    if path.stem != part:
        rebuilt.repairs.append(f"found under the name {intake.plain_name(path)}")
    return rebuilt


def _likeness(release: Release, path: Path) -> float:
    """Return the share of a release's cells that a file has."""
    try:
        cells = intake.read_cells(path)
    except intake.IntakeError:
        return 0.0
    names = {name for cell in cells for name in cell.names}
    texts = {cell.source.strip() for cell in cells}
    hits = sum(cell.id in names or cell.source.strip() in texts for cell in release.cells)
    return hits / max(1, len(release.cells))
