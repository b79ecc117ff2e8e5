"""What the attacks of tests/attacks do on stock nbgrader, beside what they deserve.

The mini course once more, as nbgrader's own documentation would have it: assertions in the check
cells, some between BEGIN and END HIDDEN TESTS, executed in the student's kernel. Only attacks and
accidents are run that cannot hurt the machine they run on: stock nbgrader has no walls.

    python benchmarks/attacks_on_stock.py             print the table
    python benchmarks/attacks_on_stock.py --write     put it into docs/security.md
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from attacks import damage  # noqa: E402
from attacks.cases import CASES, RIGHT, Case  # noqa: E402

NOT_RUN = {  # would write outside their own folder, or wait for ever
    "edit_the_configuration",
    "write_a_result",
    "read_the_source",
    "fork_bomb",
    "nonsense_on_the_channel",
    "steal_the_channel",
    "installs",
    "asks_for_input",
    "edit_the_gradebook_later",
}
TESTS = {
    "q90_1_double": (
        4,
        "assert double(3) == 6\nassert double(np.arange(3)).tolist() == [0, 2, 4]\n"
        "### BEGIN HIDDEN TESTS\nassert double(20.5) == 41\n### END HIDDEN TESTS",
    ),
    "q90_2_total": (
        2,
        "assert total == 15\n### BEGIN HIDDEN TESTS\nassert type(total) is int\n"
        "### END HIDDEN TESTS",
    ),
}


def nbgrader_cell(id: str, source: str, *, kind: str = "code", **meta) -> object:
    make = new_code_cell if kind == "code" else new_markdown_cell
    tags = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return make(source, id=id, metadata={"nbgrader": tags | {"grade_id": id} | meta})


def source_notebook() -> object:
    """The mini part, with its tests inside."""
    cells = [nbgrader_cell("part90-02", "import numpy as np\n\nSTART = 10", locked=True)]
    for id, (points, tests) in TESTS.items():
        stub = f"### BEGIN SOLUTION\n{RIGHT[id]}\n### END SOLUTION"
        cells.append(nbgrader_cell(id, stub, solution=True))
        cells.append(nbgrader_cell(f"{id}_check", tests, grade=True, locked=True, points=points))
    cells.append(
        nbgrader_cell("q90_3_why", "", kind="markdown", grade=True, solution=True, points=2)
    )
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


class Stock:
    """A course with nbgrader's own configuration."""

    def __init__(self, root: Path) -> None:
        from nbgrader.apps.api import NbGraderAPI
        from traitlets.config import Config

        self.root = root
        # nbgrader looks for its `alembic` on the PATH.
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        config = Config()
        config.CourseDirectory.root = str(root)
        config.CourseDirectory.course_id = "stock"
        config.Execute.timeout = 5
        self.api = NbGraderAPI(config=config)
        logging.getLogger("traitlets").setLevel(logging.CRITICAL + 1)
        folder = root / "source/mini"
        folder.mkdir(parents=True)
        nbformat.write(source_notebook(), folder / "part90_mini.ipynb")
        assert self.api.generate_assignment("mini")["success"]
        # Where links lead: to a neighbour, and to where this course has its sources.
        shutil.copytree(folder, root / "build/source/mini")
        assert self.score(Case("aaa_honest", "accident", 6, RIGHT)) == "6"

    def score(self, case: Case) -> str:
        """Hand a case in, autograde it, and say what the gradebook says."""
        folder = self.root / "submitted" / case.name / "mini"
        folder.mkdir(parents=True)
        release = nbformat.read(self.root / "release/mini/part90_mini.ipynb", 4)
        cells = []
        for cell in release.cells:
            cell.source = self._placed(case.answers.get(cell.id, cell.source))
            cells.append(cell)
            if case.own.get(cell.id):
                cells.append(new_code_cell(self._placed(case.own[cell.id])))
        release.cells = cells
        getattr(damage, case.damage or "write")(release, folder / "part90_mini.ipynb")
        for name, text in case.files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        done = self.api.autograde("mini", case.name)
        with self.api.gradebook as gradebook:
            try:
                grades = gradebook.find_submission("mini", case.name).notebooks[0].grades
            except Exception:  # noqa: BLE001 - any way of having no mark is the finding
                return "no mark"
            auto = [grade.auto_score for grade in grades if grade.cell.name.endswith("_check")]
        if not done["success"] or None in auto:
            return "no mark"
        return f"{sum(auto):g}"

    def _placed(self, code: str) -> str:
        return code.replace("{root}", str(self.root)).replace("{checks}", str(self.root / "source"))


def table(rows: list[tuple[Case, str]]) -> str:
    """The markdown table of docs/security.md."""
    lines = [
        "| kind | what a submission does | deserves | stock nbgrader |",
        "| --- | --- | --: | --: |",
    ]
    for case, stock in rows:
        bold = stock not in ("not run", f"{case.deserves:g}")
        name = case.name.replace("_", " ")
        shown = f"**{stock}**" if bold else stock
        lines.append(f"| {case.kind} | {name} | {case.deserves:g} | {shown} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the table into docs/security.md")
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        stock = Stock(Path(folder))
        for number, case in enumerate(CASES, 1):
            run = case.kind in ("forge", "accident") and case.name not in NOT_RUN
            rows.append((case, stock.score(case) if run else "not run"))
            print(f"{number}/{len(CASES)} {case.name}: {rows[-1][1]}", file=sys.stderr, flush=True)
    text = table(rows)
    if not arguments.write:
        print(text)
        return
    path = ROOT / "docs/security.md"
    before, _, after = re.split(r"(<!-- table -->.*<!-- /table -->)", path.read_text(), flags=re.S)
    path.write_text(f"{before}<!-- table -->\n{text}\n<!-- /table -->{after}")


if __name__ == "__main__":
    main()
