"""Text becomes notebooks; what is wrong is said in one line, and nothing is half-written."""

import shutil

import nbformat
import pytest
from conftest import ROOT, write_release
from typer.testing import CliRunner

import helpers.checks
from autograder import build
from autograder.batch import Batch
from autograder.cli import app
from autograder.course import CourseError
from autograder.items import load_items
from autograder.release import load
from autograder.wording import to_mend

PART = "source/mini/part90_mini.py"
LIST = "source/mini/lab.toml"


def edit(course, old, new, path=PART):
    file = course.root / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def released(course):
    write_release(course)
    return nbformat.read(course.release / "mini/part90_mini.ipynb", as_version=4)


def test_the_release_has_ids_points_locks_and_no_solution(course):
    notebook = released(course)
    text = nbformat.writes(notebook)
    assert "2 * x" not in text
    assert "Because" not in text
    assert "SOLUTION" not in text
    cells = {cell.id: cell for cell in notebook.cells}
    assert cells["q90_1_double"].source.endswith("# Your code here\n    pass")
    assert cells["q90_1_double_check"].metadata.nbgrader.points == 4
    assert cells["q90_2_total_check"].metadata.nbgrader.points == 2
    assert cells["q90_3_why"].metadata.nbgrader.points == 2
    assert cells["part90-01"].metadata.editable is False
    assert "## Question 90.1: Double (about 1 minute) · 4 points" in cells["part90-03"].source
    assert "## Question 90.3: Why · 2 points" in cells["part90-09"].source


def test_building_twice_gives_the_same_bytes(course):
    first = nbformat.writes(released(course))
    for folder in (course.build, course.release):
        for path in folder.rglob("*.ipynb"):
            path.unlink()
    assert nbformat.writes(released(course)) == first


def test_roles_are_read_back_from_the_release(course):
    released(course)
    release = load(course.release / "mini/part90_mini.ipynb")
    assert release.questions == ("q90_1_double", "q90_2_total")
    assert [c.role for c in release.cells if c.kind == "code"] == [
        "given", "answer", "check", "answer", "check",
    ]  # fmt: skip
    assert release.by_id["q90_3_why"].role == "reflect"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('answer="q90_1_double"', 'anwser="q90_1_double"', "unknown marker 'anwser'"),
        ('# %% answer="q90_1_double"', "# %% q90_1_double", "is not a marker"),
        ('# %% check="q90_2_total"', '# %% answer="q90_2_total" check="q90_2_total"', "one marker"),
        ('# %% check="q90_1_double"\n', "# %%\n", "no check cell after it"),
        ('"q90_1_double"', '"q90_1_duoble"', "question 'q90_1_duoble' has no items"),
        ("points=2", "points=3", "points do not add up"),
        ("    ### END SOLUTION\n", "", "py:17: BEGIN SOLUTION without END SOLUTION"),
        ("    ### BEGIN SOLUTION\n", "", "py:18: END SOLUTION without BEGIN SOLUTION"),
        ("# Because.", "# ### BEGIN SOLUTION", "BEGIN SOLUTION without END SOLUTION"),
        ("START = 10", "### BEGIN SOLUTION", "py:8: only answer and reflect cells have solutions"),
        ("points=2", "", "needs points=NUMBER"),
        ("points=2", "points=-2", "more than 0"),
        ('[markdown] reflect="q90_3_why"', 'reflect="q90_3_why"', "reflect cells are markdown"),
        ("# %% [markdown]\n# # A small part", "# # A small part", "before the first"),
        ("# %% [markdown]\n# # A small part", "# ---\n# a: [\n# ---", "not YAML"),
        ('answer="q90_1_double"', 'answer="q90_1_double" points=3', "points come from the items"),
    ],
)
def test_a_fault_in_the_text_is_named_with_file_and_cell(course, old, new, words):
    edit(course, old, new)
    with pytest.raises(CourseError, match=words) as caught:
        build.read_parts(course, "mini")
    message = str(caught.value)
    assert "\n" not in message
    assert "part90_mini" in message
    if "add up" not in words:
        assert "part90_mini.py:" in message


def test_points_that_do_not_add_up_are_said_with_what_to_do(course):
    edit(course, "points = 8", "points = 8\nbonus = 3", LIST)
    with pytest.raises(CourseError) as caught:
        build.read_parts(course, "mini")
    assert str(caught.value) == (
        "points do not add up: lab.toml promises 3 bonus, the items and reflections give 0 "
        "(no part has any): give the points to other items, or change `bonus` in "
        "source/mini/lab.toml"
    )
    edit(course, "bonus = 3", "", LIST)
    edit(course, "points=2", "points=3")
    with pytest.raises(CourseError) as caught:
        build.read_parts(course, "mini")
    assert str(caught.value) == (
        "points do not add up: lab.toml promises 8 points, the items and reflections give 9 "
        "(part90_mini 9): take the points from other items, or change `points` in "
        "source/mini/lab.toml"
    )


def test_only_parts_of_the_sum_are_listed():
    parts = [
        build.Part("part1_x", [], {"q1_1_x": Questioned(3)}),
        build.Part("part2_y", [], {"c1_y": Questioned(5)}),
    ]
    with pytest.raises(CourseError, match=r"give 3 \(part1_x 3\): take"):
        build._demand_total(parts, {"points": 2, "bonus": 5}, "lab.toml")


class Questioned:
    def __init__(self, points):
        self.points = points


@pytest.mark.parametrize("command", ["build", "grade"])
def test_a_checks_module_that_is_not_python_is_named_with_its_line(course, monkeypatch, command):
    write_release(course)
    copy = course.root / "broken"
    copy.mkdir()
    (copy / "part93.py").write_text('"""Items."""\n\nx = = 1\n')
    monkeypatch.setattr(helpers.checks, "__path__", [*helpers.checks.__path__, str(copy)])
    if command == "build":
        (course.root / PART).rename(course.root / "source/mini/part93_broken.py")
        edit(course, "part90_mini", "part93_broken", LIST)
    else:
        release = course.release / "mini/part90_mini.ipynb"
        release.rename(release.with_name("part93_broken.ipynb"))
        folder = course.submitted / "ana/mini"
        folder.mkdir(parents=True)
        shutil.copy(release.with_name("part93_broken.ipynb"), folder)
    monkeypatch.chdir(course.root)
    result = CliRunner().invoke(app, [command, "mini"])
    assert "part93.py:3: SyntaxError: invalid syntax" in result.output
    assert "Traceback" not in result.output
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = y", "part93.py:3: NameError: name 'y' is not defined"),
        ("import labeling_nowhere", "part93.py:3: ModuleNotFoundError: No module named"),
        ("from helpers.checks import nowhere", "part93.py:3: ImportError: cannot import name"),
        ("import numpy as np\nnp.nowhere", "part93.py:4: AttributeError: module 'numpy' has no"),
    ],
)
@pytest.mark.parametrize("command", ["build", "grade"])
def test_a_checks_module_that_cannot_be_imported_is_said_once(
    course, monkeypatch, command, text, words
):
    write_release(course)
    copy = course.root / "broken"
    copy.mkdir()
    (copy / "part93.py").write_text(f'"""Items."""\n\n{text}\n')
    monkeypatch.setattr(helpers.checks, "__path__", [*helpers.checks.__path__, str(copy)])
    if command == "build":
        (course.root / PART).rename(course.root / "source/mini/part93_broken.py")
        edit(course, "part90_mini", "part93_broken", LIST)
    else:
        release = course.release / "mini/part90_mini.ipynb"
        release.rename(release.with_name("part93_broken.ipynb"))
        for student in ("ana", "ben"):
            folder = course.submitted / student / "mini"
            folder.mkdir(parents=True)
            shutil.copy(release.with_name("part93_broken.ipynb"), folder)
    monkeypatch.chdir(course.root)
    result = CliRunner().invoke(app, [command, "mini"])
    assert result.exit_code == 2
    assert result.output.startswith(f"error: {words}")
    assert result.output.endswith(": mend it, then run this again\n")
    assert result.output.count("\n") == 1


def test_the_place_in_a_checks_module_is_said_from_the_courses_folder():
    file = str(ROOT / "helpers/checks/part2.py")
    error = SyntaxError("invalid syntax", (file, 48, 1, "x = = 1"))
    words = "helpers/checks/part2.py:48: SyntaxError: invalid syntax: mend it, then run this again"
    assert to_mend(error, ROOT) == words


def test_an_id_that_stands_twice_is_named_with_both_places(course):
    text = (course.root / PART).read_text()
    (course.root / "source/mini/part90_twin.py").write_text(text)
    edit(course, '"part90_mini"', '"part90_mini", "part90_twin"', LIST)
    with pytest.raises(CourseError, match=r"part90_twin.py:\d+: .* stands also at part90_mini.py"):
        build.read_parts(course, "mini")


def test_a_question_with_items_but_no_cells_is_named(course):
    text = (course.root / PART).read_text()
    start = text.index("# %% [markdown]\n# ## Question 90.2")
    end = text.index("# %% [markdown]\n# ## Question 90.3")
    (course.root / PART).write_text(text[:start] + text[end:])
    with pytest.raises(CourseError, match="'q90_2_total' has items but no cells"):
        build.read_parts(course, "mini")


def test_an_unknown_assignment_names_those_there_are(course):
    with pytest.raises(CourseError, match="unknown assignment 'week99'; known: mini"):
        build.read_parts(course, "week99")


def test_a_part_without_items_module_is_named(course):
    (course.root / PART).rename(course.root / "source/mini/part91_lost.py")
    edit(course, "part90_mini", "part91_lost", LIST)
    with pytest.raises(CourseError, match=r"part91_lost.*'q90_1_double' has no items"):
        build.read_parts(course, "mini")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("part90_mini", "part90_gone", r"lab\.toml lists part90_gone\.py, which is missing"),
        ('"part90_mini"', '"part90_mini", "part90_mini"', "`parts` must list each part once"),
        ('["part90_mini"]', "[", r"mini/lab\.toml cannot be read"),
    ],
)
def test_a_fault_in_the_list_of_parts_is_named(course, old, new, words):
    edit(course, old, new, LIST)
    with pytest.raises(CourseError, match=words):
        build.read_parts(course, "mini")


def test_a_text_that_is_not_listed_is_a_draft(course):
    (course.root / "source/mini/part92_draft.py").write_text("# %% nonsense")
    assert [part.name for part in build.read_parts(course, "mini")] == ["part90_mini"]


def test_a_failed_build_changes_nothing(course):
    released(course)
    before = {p: p.read_bytes() for p in course.release.rglob("*.ipynb")}
    edit(course, "points=2", "points=3")
    with pytest.raises(CourseError):
        build.build(course, "mini")
    assert {p: p.read_bytes() for p in course.release.rglob("*.ipynb")} == before
    assert not course.solutions.exists()


def test_strangers_in_the_release_folder_are_removed_and_equal_files_are_left_alone(course):
    released(course)
    folder = course.release / "mini"
    (folder / "part90_mini_SOLUTION.py").write_text("2 * x")
    (folder / "old.ipynb").write_text("{}")
    stamp = (folder / "part90_mini.ipynb").stat().st_mtime_ns
    released(course)
    assert [path.name for path in folder.iterdir()] == ["part90_mini.ipynb"]
    assert (folder / "part90_mini.ipynb").stat().st_mtime_ns == stamp


def test_hidden_counts_tell_number_and_points():
    load_items("part90")
    counts = build._hidden_counts(
        {"q91_1_of_another": [2, 1.5], "q90_7_gone": [1, 1.0]}, {"part90"}
    )
    assert counts["q90_1_double"] == [1, 2.0]
    assert counts["q91_1_of_another"] == [2, 1.5]
    assert "q90_7_gone" not in counts


def record_somebody(course):
    release = released(course)
    folder = course.submitted / "ana/mini"
    folder.mkdir(parents=True)
    nbformat.write(release, folder / "part90_mini.ipynb")
    Batch(course, "mini").grade(1, lambda *_: None)


def test_once_submissions_are_recorded_no_cell_may_come_or_go(course):
    record_somebody(course)
    edit(course, "START = 10", "START = 11")
    released(course)  # words may change
    heading = "# %% [markdown]\n# ## Question 90.3"
    edit(course, heading, f"# %%\nx = 1\n\n{heading}")
    with pytest.raises(CourseError) as caught:
        write_release(course)
    assert str(caught.value) == (
        "submissions of part90_mini are recorded: words in its cells and items may change, cells "
        "may not be added or removed; to do it nevertheless, move gradebook.db elsewhere (marks "
        "given by hand are in it), run `autograder build mini`, and grade again"
    )
    course.gradebook.rename(course.root / "old.db")
    assert "x = 1" in nbformat.writes(released(course))
    Batch(course, "mini").grade(1, lambda *_: None)


def test_once_submissions_are_recorded_no_part_may_come_or_go(course, monkeypatch):
    record_somebody(course)
    (course.root / "part94.py").write_text('"""No items."""\n')
    monkeypatch.setattr(helpers.checks, "__path__", [*helpers.checks.__path__, str(course.root)])
    (course.root / "source/mini/part94_more.py").write_text("# %% [markdown]\n# # More\n")
    edit(course, '"part90_mini"', '"part90_mini", "part94_more"', LIST)
    with pytest.raises(CourseError, match=r"submissions of mini are recorded: .* parts may not be"):
        write_release(course)


def test_what_was_edited_since_it_was_built_is_named(course):
    released(course)
    assert build.outdated(course, "mini") == ""
    text = (course.root / PART).read_text()
    for old, new in (
        ("START = 10", "START = 11"),
        ("(about 1 minute)", "(about 2 minutes)"),
        ("points=2", "points=1"),
    ):
        edit(course, old, new)
        if "points" in old:
            edit(course, "points = 8", "points = 7", LIST)
        assert build.outdated(course, "mini") == (
            "source/mini was edited since it was built (part90_mini): run `autograder build mini`"
        )
        (course.root / PART).write_text(text)
    assert build.outdated(course, "mini").startswith(
        "release/mini cannot be built again: points do not add up"
    )
    shutil.rmtree(course.source / "mini")
    assert build.outdated(course, "mini") == ""
