"""Questions, items and `check`: what authors write and students read."""

import html
import os
import re
import subprocess
import sys

import matplotlib
import numpy as np
import pytest

from helpers.checks import AuthoringError, NotAttempted, Question, Unmet, expect
from helpers.checks.namespace import Namespace, is_stub
from helpers.checks.student import Student, StudentError
from helpers.checks.table import Table
from helpers.checks.verdict import ERROR, MET, NOT_ATTEMPTED, UNMET, ItemVerdict, Verdict, judge

matplotlib.use("agg")


def student_of(**names):
    return Student(Namespace(names).answer)


# Authoring


@pytest.mark.parametrize("id", ["q3_random", "3_3_x", "q3_3", "c_x", "q3_3_Big", ""])
def test_an_id_that_is_none_is_refused(registry, id):
    with pytest.raises(AuthoringError, match="is not a question id"):
        Question(id)


def test_an_id_can_be_defined_once(registry):
    Question("q91_1_x")
    with pytest.raises(AuthoringError, match="defined twice"):
        Question("q91_1_x")


def test_items_need_a_statement_points_and_a_name_of_their_own(registry):
    question = Question("q91_1_x")
    with pytest.raises(AuthoringError, match=r"item 'mute' of 'q91_1_x' has no docstring"):

        @question.item(points=1)
        def mute(student): ...

    with pytest.raises(AuthoringError, match="more than 0 points"):

        @question.item(points=0)
        def free(student):
            """Free."""

    for _ in range(2):

        def twin(student):
            """Twin."""

    question.item(points=1)(twin)
    with pytest.raises(AuthoringError, match="defined twice"):
        question.item(points=1)(twin)


def test_points_are_the_sum_of_the_items(registry):
    question = Question("c7_x_y")
    for points in (1, 2.5):
        function = lambda student: None  # noqa: E731
        function.__name__ = f"item_{int(points)}"
        function.__doc__ = "A statement."
        question.item(points=points)(function)
    assert question.points == 3.5
    assert question.part == "challenge7"


# Judging


def four_items(registry):
    question = Question("q91_1_x")

    @question.item(points=1)
    def is_two(student):
        """`n` is 2."""
        expect(student.get("n") == 2, expected=2, got=student.get("n"), next_step="count again")

    @question.item(points=2)
    def works(student):
        """`f` works."""
        student.call("f", 1)

    return question


@pytest.mark.parametrize(
    ("names", "first", "second"),
    [
        ({"n": 2, "f": lambda x: x}, MET, MET),
        ({"n": 3, "f": lambda x: 1 / 0}, UNMET, ERROR),
        ({}, NOT_ATTEMPTED, NOT_ATTEMPTED),
        ({"n": ..., "f": lambda x: ...}, NOT_ATTEMPTED, MET),
        ({"n": None, "f": 3}, NOT_ATTEMPTED, NOT_ATTEMPTED),
        ({"n": np.int64(2), "f": np.sqrt}, MET, MET),
    ],
)
def test_four_outcomes_are_four_things(registry, names, first, second):
    verdict = judge(four_items(registry), student_of(**names))
    assert [item.status for item in verdict.items] == [first, second]
    assert verdict.points == (first == MET) * 1 + (second == MET) * 2


def test_unmet_says_expected_got_and_next_step(registry):
    item = judge(four_items(registry), student_of(n=3)).items[0]
    assert (item.expected, item.got, item.next_step) == ("2", "3", "count again")


def test_long_values_are_shortened_to_one_line():
    with pytest.raises(Unmet) as caught:
        expect(False, got=list(range(1000)), expected="a\nb")
    assert caught.value.expected == "a b"
    assert len(caught.value.got) == 200


# The student


def stub_1(x):
    """Docstring."""


def stub_2(x): ...


def stub_3(x):
    return None


def stub_4(x):
    """Docstring."""
    # Your code here
    pass


def real_1(x):
    return 0


def real_2(x):
    print(x)


class Thing:
    def __init__(self):
        self.parts = [1]

    def stub(self): ...

    def double(self, x):
        return 2 * x


@pytest.mark.parametrize("function", [stub_1, stub_2, stub_3, stub_4, Thing().stub])
def test_stubs_are_seen(function):
    assert is_stub(function)


@pytest.mark.parametrize("function", [real_1, real_2, len, Thing, Thing().double, np.mean])
def test_code_is_not_taken_for_a_stub(function):
    assert not is_stub(function)


def test_dotted_paths_and_kept_objects():
    student = student_of(Thing=Thing)
    student.make("thing", "Thing")
    assert student.call("thing.double", 4) == 8
    assert student.get("thing.parts") == [1]
    assert student.has("thing")
    assert not student.has("thing.nothing")
    with pytest.raises(NotAttempted, match="no code of yours"):
        student.call("thing.stub")


def test_arguments_are_copies():
    def spoil(values):
        values.append(1)
        return values

    mine = [0]
    assert student_of(spoil=spoil).call("spoil", mine) == [0, 1]
    assert mine == [0]


class Counter:
    def __init__(self):
        self.calls = 0

    def __call__(self, text):
        self.calls += 1
        return {"label": "POSITIVE", "confidence": 0.9}


def test_patched_names_come_back():
    names = {"label_with_llm": len}
    exec("def both(texts): return [label_with_llm(t) for t in texts]", names)
    student = Student(Namespace(names).answer)
    with student.patched(label_with_llm=Counter(), extra=1):
        assert student.call("both", ["a", "b"])[0]["confidence"] == 0.9
        assert student.get("label_with_llm.calls") == 2
        assert student.get("extra") == 1
    assert student.call("both", ["abc"]) == [3]
    assert not student.has("extra")


def test_an_exception_names_its_type_and_nothing_breaks():
    class Rude(Exception):
        def __str__(self):
            raise ValueError

    def rude():
        raise Rude

    with pytest.raises(StudentError) as caught:
        student_of(rude=rude).call("rude")
    assert caught.value.kind == "Rude"


def test_a_figure_is_described():
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2)
    axes[0].plot([20, 45], [0.5, 0.7], label="random")
    axes[0].fill_between([20, 45], [0.4, 0.6], [0.6, 0.8])
    axes[0].set(xlabel="labels", ylabel="accuracy", title="curves")
    axes[0].legend()
    for name, count in (("axes", 2), ("figure", 2), ("ax", 1)):
        student = student_of(axes=axes, figure=figure, ax=axes[0])
        described = student.figure(name)["axes"]
        assert len(described) == count
        assert described[0]["xlabel"] == "labels"
        assert described[0]["legend"] == ["random"]
        assert described[0]["lines"][0]["y"].tolist() == [0.5, 0.7]
        assert described[0]["bands"] == 1
    with pytest.raises(StudentError, match="expected a Matplotlib axes"):
        student_of(ax=3).figure("ax")
    plt.close(figure)


# What students see


def table():
    items = [
        ItemVerdict("a", "`f` works.", 1, False, MET),
        ItemVerdict("b", "No <script>.", 2, False, UNMET, "<b>", "&", "look at `x`"),
        ItemVerdict("c", "Third.", 1, False, ERROR, got="ValueError"),
        ItemVerdict("d", "Fourth.", 1, False, NOT_ATTEMPTED),
    ]
    return Table(Verdict("q91_1_x", tuple(items)), 2, 3.0)


def test_the_table_says_everything_in_words_and_shapes():
    text = repr(table())
    for word in ("q91_1_x: 1 of 5 points", "✔ met", "✘ unmet", "⚠ error", "○ not attempted",
                 "expected: <b>", "next step: look at `x`",
                 "2 more hidden statements (3 points) will be checked"):  # fmt: skip
        assert word in text
    page = table()._repr_html_()
    assert "<script>" not in page
    assert "<code>x</code>" in page
    plain = html.unescape(re.sub(r"<[^>]+>", " ", page))
    for status in (MET, UNMET, ERROR, NOT_ATTEMPTED):
        assert status in plain
    assert "<caption" in page
    assert page.count("scope='col'") == 3


def contrast(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 1.05 / (np.dot([0.2126, 0.7152, 0.0722], linear) + 0.05)


def test_the_tables_colours_can_be_read():
    from helpers.checks import table as module

    assert all(contrast(colour) >= 4.5 for colour in module._COLOURS.values())
    assert len(set(module.SHAPES.values())) == 4


def in_ipython(code, **environment):
    script = (
        "import sitecustomize\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        f"result = shell.run_cell({code!r})\n"
        "print(repr(result.result)); print(repr(result.error_in_exec))"
    )
    from conftest import MINI

    env = os.environ | {"PYTHONPATH": str(MINI / "site")} | environment
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=env)
    return done.stdout + done.stderr


CHECK = "from helpers.checks import check\ndef double(x): return 2 * x\ncheck('q90_1_double')"


def test_check_in_a_notebook_runs_what_is_importable():
    assert "q90_1_double: 4 of 4 points" in in_ipython(CHECK)


def test_check_refuses_to_autograde():
    said = in_ipython(CHECK, NBGRADER_EXECUTION="autograde")
    assert "without the lab's executor" in said
    assert "4 of 4" not in said


def test_check_fails_when_validating_a_wrong_answer():
    wrong = CHECK.replace("2 * x", "x")
    assert "not all statements are met" in in_ipython(wrong, NBGRADER_EXECUTION="validate")
    assert "4 of 4" in in_ipython(CHECK, NBGRADER_EXECUTION="validate")


def test_check_names_an_unknown_question():
    assert "there is no question 'q90_9_x'" in in_ipython(CHECK.replace("1_double", "9_x"))
