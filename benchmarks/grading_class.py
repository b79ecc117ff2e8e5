"""A class as large as one likes, made from the sample class over again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import nbformat

from autograder.intake import parse_cells
from autograder.rebuilding import rebuild
from autograder.release import ANSWER, Release, load_all
from autograder.samples import Sample, notebook_of, read_samples
from autograder.source import SourceCell

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = "week04"


def released() -> dict[str, Release]:
    """Return the lab's parts by name."""
    return load_all(ROOT / "release" / ASSIGNMENT)


def samples_of(part: str) -> int:
    """Return how many different samples a part has."""
    return len(list((ROOT / "tests/samples").glob(f"*/{part}.py")))


def made_class(part: str, size: int, parts: dict[str, Release]) -> list[Sample]:
    """Return `size` samples of a part, of as many students.

    No two are equal: each has its student's name in a comment of its first answer. Otherwise
    results, which are kept by content, would be had for nothing.
    """
    samples = [s for s in read_samples(ROOT / "tests/samples", parts) if s.part == part]
    return [_as(f"s{n:04d}", samples[n % len(samples)], parts[part]) for n in range(size)]


def _as(student: str, sample: Sample, release: Release) -> Sample:
    cells = list(sample.cells)
    for place, cell in enumerate(cells):
        if cell.role == ANSWER and cell.kind == "code":
            cells[place] = replace(cell, source=f"{cell.source}\n# {student}")
            break
    else:  # handed in as released
        first = next(c for c in release.cells if c.role == ANSWER and c.kind == "code")
        text = f"{first.source}\n# {student}"
        cells.append(SourceCell("", ANSWER, first.question, first.kind, text))
    return replace(sample, student=student, cells=cells)


def hand_in_mended(samples: list[Sample], parts: dict[str, Release], submitted: Path) -> None:
    """Write notebooks that every grader can read, where nbgrader looks for them.

    What happened to a notebook on its way (copied, deleted, retagged cells) is mended first:
    stock nbgrader would stop the whole batch over it.
    """
    for sample in samples:
        release = parts[sample.part]
        handed_in = json.loads(nbformat.writes(notebook_of(sample, release)))
        notebook = rebuild(parse_cells(handed_in), release).notebook
        for cell in notebook.cells:
            cell.metadata.pop("own", None)
        folder = submitted / sample.student / ASSIGNMENT
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{sample.part}.ipynb")
