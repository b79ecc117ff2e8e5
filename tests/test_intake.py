"""A submitted file becomes the released notebook with the student's cells, or a clear problem."""

import copy
import json
import os
from collections import Counter
from dataclasses import replace

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder import intake, submission
from autograder.intake import IntakeError, read_cells
from autograder.rebuilding import rebuild, rebuild_file
from autograder.release import Release
from autograder.submission import files_by_part, rebuild_part

DOUBLE = "def double(x):\n    return x + x"
TOTAL = "total = 15"


@pytest.fixture
def work(mini_release):
    """A good submission, to be damaged."""
    notebook = copy.deepcopy(mini_release.notebook)
    by_id = {cell.id: cell for cell in notebook.cells}
    by_id["q90_1_double"].source = DOUBLE
    by_id["q90_2_total"].source = TOTAL
    by_id["q90_3_why"].source = "It is so."
    return notebook


def rebuilt(notebook, release):
    return rebuild(intake.parse_cells(json.loads(nbformat.writes(notebook))), release)


def sources(result):
    return {cell.id: cell.source for cell in result.notebook.cells}


def index(notebook, id):
    return next(i for i, cell in enumerate(notebook.cells) if cell.id == id)


def assert_whole(result, release):
    """All released cells are there, in order, as released; the three answers are in place."""
    ids = [cell.id for cell in result.notebook.cells if not cell.id.startswith("own-")]
    assert ids == [cell.id for cell in release.cells]
    texts = sources(result)
    assert texts["q90_1_double"] == DOUBLE
    assert texts["q90_2_total"] == TOTAL
    assert texts["q90_3_why"] == "It is so."
    for cell in release.cells:
        if cell.role in ("given", "check"):
            assert texts[cell.id] == cell.source


def test_a_good_submission_needs_no_repair(work, mini_release):
    result = rebuilt(work, mini_release)
    assert_whole(result, mini_release)
    assert result.repairs == []


def copied(nb):
    pasted = copy.deepcopy(nb.cells[index(nb, "q90_1_double")])
    pasted.id = "pasted"
    pasted.source = "def double(x):\n    return 3 * x"
    nb.cells.insert(index(nb, "q90_1_double"), pasted)


def deleted(nb):
    del nb.cells[index(nb, "q90_1_double_check")]
    del nb.cells[index(nb, "part90-02")]


def moved(nb):
    nb.cells.append(nb.cells.pop(index(nb, "q90_1_double")))


def retyped(nb):
    nb.cells[index(nb, "q90_2_total")].cell_type = "raw"
    nb.cells[index(nb, "q90_3_why")].cell_type = "raw"


def retagged(nb):
    for cell in nb.cells:
        cell.metadata = {"nbgrader": {"grade_id": cell.id, "points": 99, "schema_version": 77}}


def edited(nb):
    nb.cells[index(nb, "part90-02")].source = "START = 1000"
    nb.cells[index(nb, "q90_1_double_check")].source = "print(1)"


def stripped(nb):
    nb.metadata = {"colab": {}}
    for number, cell in enumerate(nb.cells):
        cell.id = f"x{number}"
        cell.metadata = {"id": f"abc{number}"}


def wrong_metadata(nb):
    for cell in nb.cells:
        cell.metadata = {"nbgrader": {"grade_id": ["a"]}, "tags": "skip-execution"}


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (copied, "2 cells claim this answer"),
        (deleted, "put back"),
        (moved, "had been moved"),
        (retyped, "a code cell again"),
        (retagged, None),
        (edited, "again (differs from the release: changed, or released anew since)"),
        (stripped, None),
        (wrong_metadata, None),
    ],
)
def test_honest_damage_is_repaired_and_said(work, mini_release, damage, says):
    damage(work)
    result = rebuilt(work, mini_release)
    assert_whole(result, mini_release)
    if says:
        assert any(says in line for line in result.repairs)


@pytest.mark.parametrize("place", [0, 1])
def test_a_changed_copy_of_a_given_cell_is_run_beside_it(work, mini_release, place):
    given = index(work, "part90-02")
    pasted = copy.deepcopy(work.cells[given])
    pasted.id, pasted.source = "pasted", "MINE = 3\n" + pasted.source
    work.cells.insert(given + place, pasted)
    result = rebuilt(work, mini_release)
    assert_whole(result, mini_release)
    order = [cell.source for cell in result.notebook.cells]
    assert order.index(pasted.source) == order.index(mini_release.by_id["part90-02"].source) + 1
    assert result.repairs == ["part90-02: a changed copy is run, too"]


@pytest.mark.parametrize("end", ["", " ", "\n"])
def test_a_stub_pasted_below_the_answer_does_not_undo_it(work, mini_release, end):
    given = index(work, "q90_2_total")
    pasted = copy.deepcopy(work.cells[given])
    pasted.id, pasted.source = "pasted", mini_release.by_id["q90_2_total"].source + end
    work.cells.insert(given + 1, pasted)
    result = rebuilt(work, mini_release)
    assert_whole(result, mini_release)
    assert not any(cell.id.startswith("own") for cell in result.notebook.cells)


def test_own_cells_stay_where_they_were(work, mini_release):
    work.cells.insert(0, nbformat.v4.new_code_cell("import math"))
    work.cells.insert(index(work, "q90_2_total"), nbformat.v4.new_code_cell("helper = 1"))
    work.cells.append(nbformat.v4.new_markdown_cell("thanks"))
    result = rebuilt(work, mini_release)
    order = [cell.source for cell in result.notebook.cells]
    assert order[0] == "import math"
    assert order.index("helper = 1") == order.index(TOTAL) - 1
    assert order[-1] == "thanks"
    assert_whole(result, mini_release)


def test_a_renamed_function_without_metadata_is_found_by_its_place(work, mini_release):
    stripped(work)
    for cell in work.cells:
        if cell.source == TOTAL:
            cell.source = "print('my total is below')"
    result = rebuilt(work, mini_release)
    assert sources(result)["q90_2_total"] == "print('my total is below')"


def test_nbformat_3_is_read(mini_release):
    document = {
        "nbformat": 3,
        "worksheets": [
            {"cells": [{"cell_type": "code", "input": [DOUBLE], "metadata": {}, "outputs": []}]}
        ],
    }
    result = rebuild(intake.parse_cells(document), mini_release)
    assert sources(result)["q90_1_double"] == DOUBLE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "no list of cells"),
        ('{"cells": 3}', "no list of cells"),
        ('{"cells": [' + ",".join(["{}"] * 3000) + "]}", "more than 2,000 cells"),
        (json.dumps({"cells": [{"source": "x" * 600_000}]}), "more than 500,000 characters"),
    ],
)
def test_what_is_no_notebook_is_a_clear_problem(tmp_path, mini_release, text, words):
    path = tmp_path / "part90_mini.ipynb"
    path.write_text(text)
    with pytest.raises(IntakeError, match=words):
        read_cells(path)
    result = rebuild_file(path, mini_release)
    assert words in result.problem
    assert "part90_mini.ipynb" in result.problem


def test_only_regular_files_are_read(tmp_path):
    (tmp_path / "real").write_text('{"cells": []}')
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "real")
    (tmp_path / "folder.ipynb").mkdir()
    os.mkfifo(tmp_path / "pipe.ipynb")
    for name in ("link", "folder", "pipe", "missing"):
        with pytest.raises(IntakeError, match="regular file"):
            read_cells(tmp_path / f"{name}.ipynb")


def test_a_draft_that_defines_the_same_is_not_taken_for_an_answer_without_names(work, mini_release):
    for number, cell in enumerate(work.cells):
        cell.metadata, cell.id = {}, f"c{number}"
    draft = nbformat.v4.new_code_cell("total = 0\nfor n in (1, 2): total += n")
    work.cells.insert(1, draft)
    result = rebuilt(work, mini_release)
    assert_whole(result, mini_release)
    assert sources(result)["own-1"] == draft.source
    assert not any("moved" in repair for repair in result.repairs)


@pytest.mark.parametrize("kind", ["raw", "markdown"])
def test_a_copy_kept_as_a_note_below_an_answer_is_not_the_answer(work, mini_release, kind):
    place = index(work, "q90_2_total")
    note = copy.deepcopy(work.cells[place])
    note.update(id="note", cell_type=kind, source="total = 14  # my first try")
    work.cells.insert(place + 1, note)
    result = rebuilt(work, mini_release)
    assert_whole(result, mini_release)
    code = [cell.source for cell in result.notebook.cells if cell.cell_type == "code"]
    assert note.source not in code


def test_a_renamed_notebook_is_found_by_its_content(work, mini_release, tmp_path):
    parts = {mini_release.name: mini_release}
    nbformat.write(work, tmp_path / "homework final (2).ipynb")
    (tmp_path / "notes.ipynb").write_text('{"cells": [{"cell_type": "code", "source": "1"}]}')
    assert files_by_part(tmp_path, parts)["part90_mini"].name == "homework final (2).ipynb"
    result = rebuild_part(tmp_path, "part90_mini", parts)
    assert_whole(result, mini_release)
    assert "found under the name homework final (2).ipynb" in result.repairs


def test_a_file_nobody_knows_is_read_once_and_again_when_it_changes(
    work, mini_release, tmp_path, monkeypatch
):
    parts = {name: replace(mini_release, name=name) for name in ("part90", "part91", "part92")}
    extra = [tmp_path / f"notes{number}.ipynb" for number in range(4)]
    for path in extra:
        path.write_text('{"cells": [{"cell_type": "code", "source": "1"}]}')
    read, times = submission.read_cells, Counter()

    def counted(path):
        times[path.name] += 1
        return read(path)

    monkeypatch.setattr(submission, "read_cells", counted)
    assert files_by_part(tmp_path, parts) == {}
    for part in parts:
        assert "regular file" in rebuild_part(tmp_path, part, parts).problem
    assert [times[path.name] for path in extra] == [1, 1, 1, 1]
    nbformat.write(work, extra[2])
    assert files_by_part(tmp_path, parts) == {"part90": extra[2]}


@pytest.fixture
def two_parts(mini_release):
    """Two parts that have only the words for a reflection in common."""
    notebook = copy.deepcopy(mini_release.notebook)
    for cell in notebook.cells:
        cell.id = cell.metadata.nbgrader.grade_id = cell.id.replace("90", "91")
        if cell.id != "q91_3_why":
            cell.source += "\n# of part 91"
    cells = tuple(
        replace(old, id=cell.id, source=cell.source)
        for old, cell in zip(mini_release.cells, notebook.cells, strict=True)
    )
    return {"part90_mini": mini_release, "part91_other": Release("part91_other", notebook, cells)}


def test_a_part_under_the_name_of_another_is_graded_as_what_it_is(work, two_parts, tmp_path):
    wrong = tmp_path / "part91_other.ipynb"
    nbformat.write(work, wrong)
    result = rebuild_part(tmp_path, "part90_mini", two_parts)
    assert_whole(result, two_parts["part90_mini"])
    assert result.repairs == ["found under the name part91_other.ipynb"]
    wronged = rebuild_part(tmp_path, "part91_other", two_parts)
    assert wronged.problem == "part91_other.ipynb is part90_mini under that name"
    assert wronged.notebook == two_parts["part91_other"].notebook

    right = tmp_path / "part90_mini.ipynb"
    nbformat.write(work, right)
    assert files_by_part(tmp_path, two_parts) == {"part90_mini": right, "part91_other": wrong}
    assert rebuild_part(tmp_path, "part90_mini", two_parts).repairs == []
    assert rebuild_part(tmp_path, "part91_other", two_parts).problem == wronged.problem

    nbformat.write(two_parts["part91_other"].notebook, right)
    assert files_by_part(tmp_path, two_parts) == {"part90_mini": wrong, "part91_other": right}
    assert not any(rebuild_part(tmp_path, part, two_parts).problem for part in two_parts)


@pytest.mark.parametrize(
    "source", ["x = 1", "import numpy as np", "**Your answer:**\n\n*Write your answer here.*", None]
)
def test_a_notebook_of_another_course_is_a_problem_and_no_answer(two_parts, tmp_path, source):
    cells = [{"cell_type": "code", "source": source, "id": "a"}] if source else []
    (tmp_path / "part90_mini.ipynb").write_text(json.dumps({"cells": cells}))
    result = rebuild_part(tmp_path, "part90_mini", two_parts)
    assert result.problem == "part90_mini.ipynb has none of the lab's cells"
    assert result.notebook == two_parts["part90_mini"].notebook


@pytest.mark.parametrize(
    ("source", "id"),
    [
        (DOUBLE, "a"),  # typed off, into a new notebook
        ("print(1)", "q90_1_double"),
        ('check("q90_1_double")\r\n', "a"),
    ],
)
def test_one_cell_of_the_lab_will_do(two_parts, tmp_path, source, id):
    cells = [{"cell_type": "code", "source": source, "id": id}]
    (tmp_path / "part90_mini.ipynb").write_text(json.dumps({"cells": cells}))
    assert not rebuild_part(tmp_path, "part90_mini", two_parts).problem


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["cells", "source", "metadata", "nbgrader", "id", "grade_id",
                             "cell_type", "input", "worksheets"]),
            inner,
        )
    ),
    max_leaves=25,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(JSON)
def test_any_json_is_rebuilt_or_refused(mini_release, document):
    try:
        cells = intake.parse_cells(document)
    except IntakeError:
        return
    result = rebuild(cells, mini_release)
    nbformat.validate(result.notebook)
    ids = [cell.id for cell in result.notebook.cells if not cell.id.startswith("own-")]
    assert ids == [cell.id for cell in mini_release.cells]
