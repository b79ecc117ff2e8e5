"""Notebooks as files that are the same bytes whenever they hold the same."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


def dumps(notebook: Any) -> str:
    """Return a notebook's file as text."""
    return nbformat.writes(notebook, indent=1) + "\n"


def replace_folder(folder: Path, notebooks: dict[str, str]) -> None:
    """Make a folder hold just these notebooks; leave those that are equal untouched."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.suffix != ".ipynb" or path.stem not in notebooks:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, text in notebooks.items():
        write_if_changed(folder / f"{name}.ipynb", text)


def write_if_changed(path: Path, text: str) -> None:
    """Write a file whole, or not at all if it holds this text already."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    write_whole(path, text)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it holds all of this text, or what it held before."""
    new = path.with_name(f".{path.name}.new")
    try:
        with written_to(path.parent):
            new.write_text(text, encoding="utf-8")
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


@contextmanager
def written_to(folder: Path) -> Iterator[None]:
    """Give a system's error that names no file, such as a full disk, the name of a folder."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(folder)
        raise
