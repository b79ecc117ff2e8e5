"""What can happen to a notebook file on its way: functions by the names used in `cases`.

Each takes the notebook and the path it is to be written to, and writes it.
"""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import nbformat


def write(notebook: Any, path: Path) -> None:
    path.write_text(nbformat.writes(notebook), encoding="utf-8")


def _each(notebook: Any, suffix: str, change) -> None:
    for cell in notebook.cells:
        if cell.id.endswith(suffix):
            change(cell)


def _cell(notebook: Any, id: str) -> Any:
    return next(cell for cell in notebook.cells if cell.id == id)


def tag_checks(notebook, path):
    _each(notebook, "_check", lambda c: c.metadata.update(tags=["skip-execution"]))
    write(notebook, path)


def inflate_points(notebook, path):
    _each(notebook, "_check", lambda c: c.metadata.nbgrader.update(points=1000, solution=True))
    write(notebook, path)


def forge_outputs(notebook, path):
    output = nbformat.v4.new_output("execute_result", {"text/plain": "4.0"}, execution_count=1)
    _each(notebook, "_check", lambda c: c.update(outputs=[output]))
    write(notebook, path)


def swap_ids(notebook, path):
    answer, check = _cell(notebook, "q90_1_double"), _cell(notebook, "q90_1_double_check")
    answer.metadata, check.metadata = check.metadata, answer.metadata
    answer.id, check.id = check.id, answer.id
    write(notebook, path)


def delete_checks(notebook, path):
    notebook.cells = [c for c in notebook.cells if not c.id.endswith("_check")]
    write(notebook, path)


def replace_checks(notebook, path):
    _each(notebook, "_check", lambda c: c.update(source="4.0"))
    write(notebook, path)


def duplicate_checks(notebook, path):
    for number in range(3):
        extra = copy.deepcopy(_cell(notebook, "q90_1_double_check"))
        extra.id, extra.source = f"extra-{number}", "4.0"
        extra.metadata.nbgrader.update(locked=False, points=50)
        notebook.cells.append(extra)
    write(notebook, path)


def forge_notes(notebook, path):
    notebook.metadata["labeling_lab"] = {"key": "0" * 32, "repairs": ["full marks"], "problem": ""}
    write(notebook, path)


def link_to_neighbour(notebook, path):
    path.symlink_to(path.parents[2] / "aaa_honest/mini" / path.name)


def link_to_solution(notebook, path):
    path.symlink_to(path.parents[3] / "build/source/mini" / path.name)


def link_folder_to_neighbour(notebook, path):
    _link(path.parent, path.parents[2] / "aaa_honest/mini")


def link_folder_to_solution(notebook, path):
    _link(path.parent, path.parents[3] / "build/source/mini")


def link_student_to_neighbour(notebook, path):
    path.parent.rmdir()
    _link(path.parents[1], path.parents[2] / "aaa_honest")


def _link(folder, target):
    folder.rmdir()
    folder.symlink_to(target)


def script_in_markdown(notebook, path):
    notebook.cells.append(nbformat.v4.new_markdown_cell("<script>alert(1)</script>"))
    _cell(notebook, "q90_3_why").source = "<img src=x onerror=alert(1)>"
    write(notebook, path)


def link_beside(notebook, path):
    write(notebook, path)
    (path.parent / "data.txt").symlink_to(path.parents[3] / "source/mini/part90_mini.py")
    (path.parent / "db").symlink_to(path.parents[3] / "gradebook.db")


def copy_answer(notebook, path):
    pasted = copy.deepcopy(_cell(notebook, "q90_1_double"))
    pasted.id = "pasted"
    notebook.cells.append(pasted)
    write(notebook, path)


def keep_raw_copy(notebook, path):
    place = notebook.cells.index(_cell(notebook, "q90_1_double")) + 1
    draft = copy.deepcopy(notebook.cells[place - 1])
    draft.update(id="draft", cell_type="raw", source="def double(x):\n    return x + x - 1")
    notebook.cells.insert(place, draft)
    write(notebook, path)


def move_answer(notebook, path):
    answer = _cell(notebook, "q90_1_double")
    notebook.cells.remove(answer)
    notebook.cells.append(answer)
    write(notebook, path)


def retype_answer(notebook, path):
    _cell(notebook, "q90_2_total").cell_type = "raw"
    write(notebook, path)


def strip_metadata(notebook, path):
    for number, cell in enumerate(notebook.cells):
        cell.metadata = {"id": f"Ab{number}"}
        cell.id = f"Ab{number}"
    notebook.metadata = {"colab": {"provenance": []}}
    write(notebook, path)


def foreign_metadata(notebook, path):
    for cell in notebook.cells:
        cell.metadata["vscode"] = {"languageId": "python"}
        cell.metadata["nbgrader"]["schema_version"] = "three"
    notebook.metadata["kernelspec"] = {"name": "julia", "display_name": "J"}
    write(notebook, path)


def nbformat_3(notebook, path):
    cells = [
        {"cell_type": c.cell_type, "metadata": {}, "outputs": [], "collapsed": False,
         ("input" if c.cell_type == "code" else "source"): c.source.splitlines(keepends=True)}
        for c in notebook.cells
    ]  # fmt: skip
    document = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {},
        "worksheets": [{"cells": cells}],
    }
    path.write_text(json.dumps(document))


def copy_1(notebook, path):
    write(notebook, path.with_name(f"{path.stem}-Copy1.ipynb"))


def rename(notebook, path):
    write(notebook, path.with_name("week 4 FINAL (really).ipynb"))


def byte_order_mark(notebook, path):
    path.write_text(nbformat.writes(notebook), encoding="utf-8-sig")


def crlf(notebook, path):
    for cell in notebook.cells:
        cell.source = cell.source.replace("\n", "\r\n")
    path.write_bytes(nbformat.writes(notebook).replace("\n", "\r\n").encode())


def edit_given(notebook, path):
    _cell(notebook, "part90-02").source = "START = 'changed'"
    write(notebook, path)


def bare_cells(notebook, path):
    cells = [{"cell_type": c.cell_type, "source": c.source} for c in notebook.cells]
    path.write_text(json.dumps({"cells": cells}))


def future_schema(notebook, path):
    for cell in notebook.cells:
        cell.metadata.nbgrader.schema_version = 99
    notebook.nbformat_minor = 99
    path.write_text(json.dumps(notebook))


def thousands_of_cells(notebook, path):
    notebook.cells += [nbformat.v4.new_code_cell("1") for _ in range(5000)]
    write(notebook, path)


def deep_json(notebook, path):
    path.write_text('{"cells": ' + "[" * 50_000)


def not_json(notebook, path):
    path.write_text("{ 'cells': [] }")


def empty_file(notebook, path):
    path.write_text("")


def pipe(notebook, path):
    os.mkfifo(path)


def folder(notebook, path):
    path.mkdir()


def binary(notebook, path):
    path.write_bytes(bytes(range(256)) * 100)
