"""What students read: no price set as mathematics, no code cut off, no file that is missing."""

import json
import re
import shutil
import subprocess

import pytest
from conftest import ROOT

RELEASE = ROOT / "release/week04"
NOTEBOOKS = sorted(RELEASE.glob("*.ipynb"))
SOLUTIONS = sorted((ROOT / "solutions/week04").glob("*.ipynb"))
WIDEST = 95  # characters of code that JupyterLab shows beside its file list at 1280 pixels

FENCED = re.compile(r"^```.*?^```", re.S | re.M)
CODE_SPAN = re.compile(r"(`+).+?\1", re.S)
PRICE = re.compile(r"\$\d")
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(r"(?<![\w./-])[\w-][\w.-]*(?:/[\w.-]+)*/?")


def cells(path, kind):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == kind]


def without_code(text):
    return CODE_SPAN.sub("", FENCED.sub("", text))


def prices(text):
    """Dollar signs before a figure, outside code: JupyterLab sets what follows as mathematics."""
    return [line for line in without_code(text).splitlines() if PRICE.search(line)]


def unpaired(text):
    """Paragraphs and table cells with an odd number of dollar signs outside code."""
    parts = re.split(r"\n\s*\n|\n(?=[|#-])|\|", without_code(text))
    return [part for part in parts if part.count("$") % 2]


def too_wide(text):
    return [line for line in text.splitlines() if len(line) > WIDEST]


def named_files(text):
    """Files of the repository that a text links to, or names with a slash or a point."""
    named = {target.partition("#")[0] for target in LINK.findall(text)}
    named |= {word.rstrip(".") for word in PATH.findall(text) if re.search(r"[./]", word)}
    return {name for name in named if name and (ROOT / name).exists() and name not in (".", "./")}


def dangling(text):
    """Links to neither the web nor a file of the repository."""
    targets = [target.partition("#")[0] for target in LINK.findall(text) if "://" not in target]
    return [target for target in targets if target and not (ROOT / target).exists()]


@pytest.fixture(scope="module")
def handout(tmp_path_factory):
    """What `make handout` makes, in a copy."""
    course = tmp_path_factory.mktemp("texts") / "course"
    for name in ("release", "helpers", "docs"):
        shutil.copytree(ROOT / name, course / name)
    for path in ROOT.iterdir():
        if path.is_file() and path.suffix != ".db":
            shutil.copy(path, course)
    subprocess.run(["make", "handout"], cwd=course, check=True, capture_output=True)
    return course / "build/handout"


# The rules themselves


def test_what_counts_as_a_price():
    assert prices("from $4 to $45") == ["from $4 to $45"]
    assert prices(r"\$4 and `$5`") == [r"\$4 and "]  # a backslash does not help in JupyterLab
    assert prices("`$4` and\n```\n$5\n```\nand $n$, $p \\pm 1$, 4 dollars") == []


def test_what_counts_as_unpaired():
    assert unpaired("| $n$ | one $ |") == [" one $ "]
    assert unpaired("$n$ of $k$, and `$` in code") == []


def test_which_files_a_text_names():
    text = "See [it](docs/benchmarks.md#top), `helpers/costs.py`, README.md. And a/b, 0.5, no.py."
    assert named_files(text) == {"docs/benchmarks.md", "helpers/costs.py", "README.md"}
    assert dangling("[a](docs/none.md) [b](https://x.org/y) [c](README.md) [d](#top)") == [
        "docs/none.md"
    ]


# The lab


def test_there_are_ten_notebooks():
    assert len(NOTEBOOKS) == len(SOLUTIONS) == 10


@pytest.mark.parametrize("path", [*NOTEBOOKS, *SOLUTIONS], ids=lambda p: f"{p.parts[-3]}-{p.stem}")
def test_no_dollar_sign_becomes_mathematics_by_accident(path):
    texts = cells(path, "markdown")
    assert [line for text in texts for line in prices(text)] == []
    assert [part for text in texts for part in unpaired(text)] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_line_of_released_code_is_cut(path):
    assert [line for text in cells(path, "code") for line in too_wide(text)] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_files_that_notebooks_name_are_in_the_handout(path, handout):
    for text in cells(path, "markdown"):
        assert dangling(text) == []
        assert {name for name in named_files(text) if not (handout / name).exists()} == set()


def test_the_students_readme_is_their_own(handout):
    text = (handout / "README.md").read_text(encoding="utf-8")
    assert text == (ROOT / "docs/for-students.md").read_text(encoding="utf-8")
    assert not re.search(r"^(\$ )?make |`make ", text, re.M)  # there is no Makefile
    assert not (handout / "Makefile").exists()
    assert {name for name in named_files(text) if not (handout / name).exists()} == set()
    assert {"release/week04/", "docs/benchmarks.md", "constraints.txt"} <= named_files(text)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_part_says_what_to_do_after_a_restart(path):
    before_imports = json.loads(path.read_text(encoding="utf-8"))["cells"]
    first_check = next(
        i for i, c in enumerate(before_imports) if "import check" in "".join(c["source"])
    )
    text = "\n".join("".join(c["source"]) for c in before_imports[:first_check])
    assert "Run All Above Selected Cell" in text
