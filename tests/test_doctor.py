"""The doctor looks at what a command would stumble over."""

import pytest
from nbgrader.api import Gradebook

from autograder import doctor


@pytest.fixture
def found(mini, monkeypatch):
    """Look at the mini course, but at no walls."""
    monkeypatch.setattr(doctor, "KINDS", ())
    return lambda: {finding.what: finding for finding in doctor.examine(mini)}


def test_all_is_well_with_a_built_course(found):
    looked_at = found()
    for what in (
        "nbgrader_config.py can be read",
        "an assignment is built",
        "release/mini is what source/ says",
        "the gradebook knows mini",
    ):
        assert looked_at[what].well


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nowhere", "NameError: name 'nowhere' is not defined: mend it"),
        ("c.GradeNotebook.limits = [5]", "c.GradeNotebook.limits must be a dictionary"),
        ("c.GradeNotebook.limits = {'x': 1}", "unknown limit 'x'"),
    ],
)
def test_a_mistake_in_the_configuration_is_found(mini, found, text, words):
    config = mini.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\n{text}\n")
    finding = found()["nbgrader_config.py can be read"]
    assert not finding.well
    assert words in finding.detail


def test_a_source_edited_since_it_was_built_is_found(mini, found):
    path = mini.source / "mini/part90_mini.py"
    path.write_text(path.read_text().replace("START = 10", "START = 11"))
    finding = found()["release/mini is what source/ says"]
    assert not finding.well
    assert finding.detail.endswith("(part90_mini): run `autograder build mini`")


def test_a_gradebook_with_other_points_than_the_release_is_found(mini, found):
    with Gradebook(f"sqlite:///{mini.gradebook}", "cs203") as gradebook:
        gradebook.find_grade_cell("q90_3_why", "part90_mini", "mini").max_score = 7
        gradebook.db.commit()
    finding = found()["the gradebook knows mini"]
    assert not finding.well
    assert finding.detail.endswith(
        "points of q90_3_why in part90_mini: run `autograder build mini`"
    )
