"""Fuzz `autograder.intake`, `rebuilding` and `submission`; how to run it is said in common.py.

Whatever is in a submitted file, and whatever it is called: the released notebook with the
student's cells, or a problem in words; all of it can be written to a file.
"""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

from common import ROOT, Memory, atheris, fuzz

with atheris().instrument_imports(
    include=["autograder.intake", "autograder.rebuilding", "autograder.submission"]
):
    from autograder import intake
    from autograder.rebuilding import Rebuilt, rebuild
    from autograder.release import ANSWER, REFLECT, Release, load_all
    from autograder.submission import rebuild_part

import nbformat

from autograder.samples import notebook_of, read_samples

FEW_BYTES = 2 * intake.MAX_FILE_BYTES
BYTES_FOR_A_BYTE = 300
NAMES = ["part1_setup", "part7_costs"]
PARTS = {name: part for name, part in load_all(ROOT / "release/week04").items() if name in NAMES}
WORDS = ["cells", "worksheets", "source", "input", "cell_type", "metadata", "nbgrader", "grade_id",
         "id", "code", "markdown", "outputs", "nbformat"]  # fmt: skip


def try_out(data: bytes) -> None:
    """Try one input; its first byte says how it is read, its second which part it is for."""
    warnings.simplefilter("ignore")
    how, part, rest = data[:1], PARTS[NAMES[(data[1:2] or b"\0")[0] % len(NAMES)]], data[2:]
    if how == b"f":
        handed_in(rest, part)
        return
    read = atheris().FuzzedDataProvider(rest)
    document = notebook(read, part) if how == b"n" else anything(read, 5)
    with Memory(FEW_BYTES + BYTES_FOR_A_BYTE * len(rest), pause=True):
        try:
            cells = intake.parse_cells(json.loads(json.dumps(document)))
        except intake.IntakeError as error:
            str(error).encode()
            return
        rebuilt = rebuild(cells, part)
    whole(rebuilt, part)


def handed_in(data: bytes, part: Release) -> None:
    """Hand in a file; the first line is its name."""
    name, _, content = data.partition(b"\n")
    name = name.replace(b"/", b"").replace(b"\0", b"")[:100]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(os.fsencode(folder), name or b"part", b"")[:-1] + b".ipynb"
        Path(os.fsdecode(path)).write_bytes(content)
        with Memory(FEW_BYTES + BYTES_FOR_A_BYTE * len(data), pause=True):
            rebuilt = rebuild_part(Path(folder), part.name, PARTS)
    whole(rebuilt, part)


def whole(rebuilt: Rebuilt, release: Release) -> None:
    """Demand the release with a student's cells, and nothing that cannot be written."""
    nbformat.validate(rebuilt.notebook)
    nbformat.writes(rebuilt.notebook).encode()
    "\n".join([rebuilt.problem, *rebuilt.repairs]).encode()
    cells = [cell for cell in rebuilt.notebook.cells if "own" not in cell.metadata]
    assert [cell.id for cell in cells] == [cell.id for cell in release.cells]
    for cell, released in zip(cells, release.cells, strict=True):
        assert cell.cell_type == released.kind
        if rebuilt.problem or released.role not in (ANSWER, REFLECT):
            assert cell.source == released.source
    own = [cell for cell in rebuilt.notebook.cells if "own" in cell.metadata]
    assert len({cell.id for cell in rebuilt.notebook.cells}) == len(rebuilt.notebook.cells)
    assert all(set(cell.metadata) == {"own"} for cell in own)


def notebook(read: Any, release: Release) -> Any:
    """Make a notebook of released cells: some changed, moved, retyped, renamed, or foreign."""
    nodes = []
    for _ in range(read.ConsumeIntInRange(0, 30)):
        cell = read.PickValueInList(list(release.cells))
        node = {"cell_type": cell.kind, "id": cell.id, "source": cell.source,
                "metadata": {"nbgrader": {"grade_id": cell.id}}}  # fmt: skip
        match read.ConsumeIntInRange(0, 6):
            case 0:
                node["source"] = read.ConsumeUnicode(40)
            case 1:
                node["source"] += "\n" + read.ConsumeUnicode(10)
            case 2:
                node |= {"id": "x", "metadata": {}}
            case 3:
                node["cell_type"] = read.PickValueInList(["raw", "code", "markdown", None])
            case 4:
                node[read.PickValueInList(WORDS)] = anything(read, 2)
            case 5:
                node["source"] = node["source"].splitlines(keepends=True)
        nodes.append(node)
    return {"cells": nodes} if read.ConsumeBool() else {"worksheets": [{"cells": nodes}]}


def anything(read: Any, depth: int) -> Any:
    """Make any JSON, with words of notebooks in it."""
    kind = read.ConsumeIntInRange(0, 8)
    if depth == 0 or kind < 3:
        return read.PickValueInList([None, True, 0, 1.5, "", "code", "a\ud800", 10**30])
    if kind == 3:
        return read.ConsumeUnicode(20)
    count = read.ConsumeIntInRange(0, 4)
    if kind in (4, 5):
        return [anything(read, depth - 1) for _ in range(count)]
    return {read.PickValueInList(WORDS): anything(read, depth - 1) for _ in range(count)}


def seeds() -> list[bytes]:
    """Hand in the release, and the sample class's work, under right and wrong names."""
    made = []
    for number, (name, release) in enumerate(PARTS.items()):
        text = nbformat.writes(release.notebook).encode()
        made.append(b"f" + bytes([number]) + name.encode() + b"\n" + text)
        made.append(b"n" + bytes([number]) + text[:500])
        made.append(b"a" + bytes([number]) + text[:500])
    for sample in read_samples(ROOT / "tests/samples", PARTS):
        text = nbformat.writes(notebook_of(sample, PARTS[sample.part])).encode()
        number = bytes([NAMES.index(sample.part)])
        made.append(b"f" + number + sample.student.encode() + b"\n" + text)
    made.append(b"f\0caf\xe9" + made[0][made[0].index(b"\n") :])
    made += [b"f\0part1_setup\n" + text for text in (b"", b"{", b"[]", b'{"cells": [{}]}')]
    return made


if __name__ == "__main__":
    fuzz("intake", try_out, seeds(), WORDS, longest=40_000)
