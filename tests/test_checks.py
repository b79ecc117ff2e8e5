"""Questions, items and `check`: what authors write and students read."""

import html
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import matplotlib
import numpy as np
import pandas as pd
import pytest

from helpers import costs
from helpers.checks import (
    AuthoringError,
    NotAttempted,
    Question,
    Unmet,
    check,
    expect,
    labeling_votes,
    part1,
    part2,
    part3,
    part4,
    part5,
    part6,
    part7,
    wire,
)
from helpers.checks import values as module_values
from helpers.checks.labels import hybrid_of, interval_of, labels_of, queue_of
from helpers.checks.lending import Lent
from helpers.checks.live import find_question
from helpers.checks.method_scores import score_of
from helpers.checks.namespace import Namespace, is_stub
from helpers.checks.question import shorten
from helpers.checks.stub_labeler import ANSWERS, FAILURES, mixed_reviews
from helpers.checks.student import Student, StudentError, StudentGone
from helpers.checks.table import Table
from helpers.checks.values import (
    N_POOL,
    advice_on_share,
    as_indices,
    as_labels,
    as_mapping,
    as_matrix,
    as_number,
    as_numbers,
    kind_of,
)
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


class Vague:
    """An error whose text is a text of its own kind, as only a student would write it."""

    class Text(str):
        def __getitem__(self, part):
            return 7

    class Error(Exception):
        def __str__(self):
            return Vague.Text("vague")


def place_of(look):
    with pytest.raises(StudentError) as caught:
        look()
    return caught.value.where


def test_an_error_without_a_line_of_the_students_has_a_next_step():
    names = {"ax": np, "two": lambda a, b: a, "read": np.linalg.inv, "huge": "x" * 5_000_000}
    names["Tool"] = type("Tool", (), {"__init__": lambda self, path: None})
    exec("def pick(pool): return pool", names)
    names["lent"] = lambda: names["pick"]([], n_instances=2)
    student = student_of(**names)
    assert "`ax` should be axes" in place_of(lambda: student.figure("ax"))
    assert place_of(lambda: student.call("two", 1)).startswith("compare the parameters of `two`")
    assert "parameters of `pick`" in place_of(lambda: student.call("pick", [], n_instances=2))
    # Called by a library, which is called by us.
    assert "parameters of `pick`" in place_of(lambda: student.call("lent"))
    assert "parameters of `Tool`" in place_of(lambda: student.make("_tool", "Tool"))
    assert "inside a library" in place_of(lambda: student.call("read", np.ones((2, 3))))
    assert "keep only what the question asks for" in place_of(lambda: student.get("huge"))


def test_a_librarys_own_parameters_are_not_the_students_to_compare():
    def library():
        pd.DataFrame([1]).rename(nonsense=1)

    assert "inside a library" in place_of(lambda: student_of(f=library).call("f"))


def test_a_line_of_the_students_comes_before_any_hint():
    names = {}
    exec(compile("def f(x): return int(x, wrong=1)", "<ipython-input-1-a>", "exec"), names)
    assert place_of(lambda: student_of(**names).call("f", 1)).startswith("in `f`, at the line")


def test_an_errors_text_is_a_plain_text():
    def rude():
        raise Vague.Error

    with pytest.raises(StudentError) as caught:
        student_of(rude=rude).call("rude")
    assert caught.value.message == "vague"


@pytest.mark.parametrize(
    ("names", "path", "advice"),
    [
        ({}, "versions", "run your answer cell"),
        ({}, "learner.query", "run your answer cell"),
        ({"learner": Thing()}, "learner.query", "yet: compare the spelling"),
        ({"versions": ...}, "versions", "write your answer there"),
        ({"versions": None}, "versions", "does the function it comes from return something"),
    ],
)
def test_a_name_that_is_not_there_has_a_next_step(names, path, advice):
    with pytest.raises(NotAttempted, match=advice) as caught:
        student_of(**names).get(path)
    # It stands in a narrow column.
    assert len(str(caught.value)) < 150


def test_a_number_under_a_functions_name_has_a_next_step():
    with pytest.raises(NotAttempted, match="something else later on"):
        student_of(f=3).call("f")


# Reading values


READERS = (as_numbers, as_indices, as_labels, as_mapping, as_matrix, as_number)


@pytest.mark.parametrize("read", READERS)
def test_what_cannot_be_read_has_a_next_step(read):
    for value, what, advice in (
        (None, "what `f` returns", "does your function end with `return`?"),
        (None, "the labels of it", "it is None: does the function it comes from return"),
        (np.zeros((2, 2, 2)), "`x`", "compare it with what the question asks for"),
    ):
        with pytest.raises(Unmet) as caught:
            read(value, what)
        assert caught.value.expected.startswith(what)
        assert caught.value.got == kind_of(value)
        assert caught.value.next_step.startswith(advice)
    with pytest.raises(Unmet) as caught:
        read(np.zeros((2, 2, 2)), "`x`", "count them")
    assert caught.value.next_step == "count them"


@pytest.mark.parametrize("value", [None, ["a", "b"], np.array(["a"] * 160), {}, "ten", [1, 2]])
def test_one_number_is_called_one_number(value):
    with pytest.raises(Unmet) as caught:
        as_number(value, "`n`")
    assert caught.value.expected == "`n` is one number"


def test_fractions_are_no_row_numbers():
    with pytest.raises(Unmet) as caught:
        as_indices([0.5, 1], "`rows`")
    assert "number of a row" in caught.value.next_step


@pytest.mark.parametrize("value", [(5, None), ([5], None), (np.array([5]), 0.3), 5, [5]])
def test_one_row_is_one_row_with_or_without_its_metric(value):
    assert as_indices(value, "`idx`").tolist() == [5]


def test_two_rows_are_no_pair():
    assert as_indices((5, 7), "`idx`").tolist() == [5, 7]


def test_one_long_text_does_not_give_all_labels_its_room():
    long = "x" * 100_000
    for labels in ([long] + ["a"] * 5000, [[long]] + [["a"]] * 5000):
        array = module_values._flat(labels, "`labels`", "")
        assert array.nbytes < 1_000_000
        assert array.tolist() == [long] + ["a"] * 5000
    arrays = [np.array([long[:16_000]])] + [np.array(["a"])] * 5000
    assert module_values._flat(arrays, "`labels`", "").nbytes < 1_000_000


def test_a_list_is_not_made_an_array_to_see_whether_it_is_a_pair(monkeypatch):
    monkeypatch.setattr(np, "shape", None)
    with pytest.raises(Unmet):
        score_of(["x" * 100_000] + ["a"] * 5000, "`score`")
    assert score_of((0.5, 0.25), "`score`") == {"coverage": 0.5, "accuracy": 0.25}
    assert score_of(np.array([0.5, 0.25]), "`score`") == {"coverage": 0.5, "accuracy": 0.25}
    pairs = [("coverage", 0.5), ("accuracy", 0.25)]
    assert score_of(pairs, "`score`") == {"coverage": 0.5, "accuracy": 0.25}


@pytest.mark.parametrize("value", [["1.5", "2"], [b"1.5", "2"], [["1.5"], ["2"]], ["1.5", 2]])
def test_numbers_written_as_text_are_numbers(value):
    assert as_numbers(value, "`x`").tolist() == [1.5, 2]


@pytest.mark.parametrize(
    "value",
    [
        ["a", ["b"]],
        [["a", "b"], ["c"]],
        [["a", "b"], ["c", "d"]],
        [[["a"]], [["b", "c"]]],
        ["a", np.array(["b", "c"])],
        ["a", pd.Series(["b"])],
        [[1, 2], [3]],
    ],
)
def test_lists_in_a_list_are_not_flat(value):
    with pytest.raises(Unmet, match=r"is a flat list|is one-dimensional"):
        as_labels(value, "`labels`")


def test_labels_keep_their_gaps():
    assert as_labels(["POSITIVE", None], "`x`") == ["POSITIVE", None]
    # pandas keeps a gap in a column of text as nan.
    assert labels_of(["POSITIVE", float("nan")], "`x`") == ["POSITIVE", None]
    assert as_labels([1, 0, 1], "`x`") == [1, 0, 1]
    assert as_labels(("a", "b"), "`x`") == as_labels({"b", "a"}, "`x`") == ["a", "b"]


def test_a_number_is_described_with_six_digits():
    assert kind_of(2 / 3) == "0.666667 (a float)"
    assert kind_of(50.0) == "50.0 (a float)"
    assert kind_of(7) == "7 (a int)"


def test_what_is_no_interval_and_no_queue_has_a_next_step():
    for read in (lambda: interval_of({"interval": [0.1]}), lambda: queue_of([3])):
        with pytest.raises(Unmet) as caught:
            read()
        assert caught.value.next_step


# Items


def said_of(question, name, **names):
    items = judge(question, student_of(**names)).items
    return next(item for item in items if item.name == name)


def test_a_given_name_that_an_answer_has_taken_is_named():
    real = SimpleNamespace(X_test=[1], y_test=[1, 0])
    for question, name, taken, others in (
        (part2.leakage, "distinct_texts_are_counted", {"df_binary": []}, {"n_distinct": 160}),
        (part4.label_model, "no_vote_no_label", {"L_real": [[1, 0]]}, {}),
        (part4.downstream, "accuracies_are_test_accuracies", {"real": real}, {}),
    ):
        item = said_of(question, name, **taken, **others)
        assert item.status == UNMET
        line = f"a line `{next(iter(taken))} = …`: use another name there"
        assert item.next_step.startswith(f"some cell of yours has {line}")


def test_votes_that_are_alike_are_no_missing_columns():
    old = np.where(np.arange(N_POOL)[:, None] % 8 == np.arange(8), 1, -1)
    new = np.where(np.arange(N_POOL)[:, None] % 3 == np.arange(3), 0, -1)
    for L, advice in (
        (np.hstack([old, new[:, [0, 1, 1]]]), "two of the functions vote alike on every review"),
        (np.hstack([old[:, [0, *range(7)]], new]), "apply `lfs` and your three functions together"),
    ):
        item = said_of(part4.more_lfs, "matrix_has_eleven_columns", L_real=old, L_more=L)
        assert (item.status, item.next_step[:30]) == (UNMET, advice[:30])
    L = np.hstack([old, new])
    assert said_of(part4.more_lfs, "matrix_has_eleven_columns", L_real=old, L_more=L).status == MET


def test_which_reviews_a_function_has_to_vote_on(monkeypatch):
    monkeypatch.setattr(part4, "votes_of", lambda *_: [("lf_your_function_1", np.full(500, -1))])
    item = said_of(part4.more_lfs, "each_function_votes_and_abstains")
    assert item.statement.startswith("Of the first 500 reviews")
    assert "1 % to 80 % of `df_real.head(500)`" in item.expected


def test_a_mask_is_described_where_it_is_asked_for():
    for rows in ([True, False], [-1, 5], [N_POOL]):
        item = said_of(part4.downstream, "weak_rows_have_votes", weak_rows=rows)
        assert item.status == UNMET
        assert "mask" not in item.expected + item.next_step
        assert "True" in item.next_step


def test_what_leakage_says_of_usual_slips():
    def printed(train, test):
        print(0.5)

    def percent(train, test):
        return 100 * sum(text in set(train) for text in test) / len(test)

    def count(train, test):
        return sum(text in set(train) for text in test)

    for function, got, advice in (
        (printed, "None", "does your function end with `return`?"),
        (percent, "50.0 (a float)", "a share from 0 to 1, not percent"),
        (count, "1 (a int)", "of the test texts"),
    ):
        item = said_of(part2.leakage, "share_of_a_small_example", exact_leakage=function)
        assert (item.status, item.got) == (UNMET, got)
        assert item.next_step.startswith(advice)


def test_the_texts_are_not_how_many_there_are():
    texts = pd.DataFrame({"review": ["a", "b", "a"]})
    item = said_of(
        part2.leakage,
        "distinct_texts_are_counted",
        n_distinct=texts["review"].unique(),
        df_binary=texts,
    )
    assert (item.status, item.expected) == (UNMET, "`n_distinct` is one number")
    assert "count them" in item.next_step


@pytest.mark.parametrize(
    ("labels", "advice"),
    [
        (["POSITIVE"] * 19, "did a review without an answer get its None?"),
        ([], "call your function on `sample_reviews`"),
        (["POSITIVE"] * 21, "call your function on `sample_reviews`"),
        (["positive"] * 20, "nothing but POSITIVE, NEGATIVE and None"),
    ],
)
def test_a_batch_says_what_became_of_its_failures(labels, advice):
    numbers = dict.fromkeys(("n_failed", "seconds", "input_tokens", "output_tokens", "cost"), 0)
    batch = {"labels": labels, "confidences": [], **numbers}
    item = said_of(part5.batch_label, "both_batches_are_there", sample_batch=batch)
    assert item.status == UNMET
    assert item.next_step.startswith(advice)


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


def alike(*statuses):
    said = ("axes", "a module", "see `plt.subplots`")
    return Table(
        Verdict(
            "q91_1_x",
            tuple(
                ItemVerdict(f"i{i}", f"S{i}.", 1, False, s, *(() if s == MET else said))
                for i, s in enumerate(statuses)
            ),
        )
    )


def test_what_is_said_once_is_not_said_again():
    shown = alike(ERROR, ERROR, MET, ERROR)
    for text in (repr(shown), html.unescape(shown._repr_html_())):
        assert text.count("a module") == 1
        assert text.count("the same as above") == 2
        assert text.index("a module") < text.index("S1.") < text.index("the same as above")


def test_above_is_never_another_items():
    items = [
        ItemVerdict(name, f"{name}.", 1, False, UNMET, got=name[0]) for name in ("a1", "b1", "a2")
    ]
    assert "the same" not in repr(Table(Verdict("q91_1_x", tuple(items))))


def test_staff_see_which_items_are_hidden_and_feedback_is_as_it_was():
    items = (
        ItemVerdict("a", "Open.", 1, False, MET),
        ItemVerdict("b", "Closed.", 1, True, UNMET, "SECRET", "4", "look"),
    )
    verdict = Verdict("q91_1_x", items)
    staff = Table(verdict, mark_hidden=True)
    for text in (repr(staff), staff._repr_html_()):
        assert "Closed. (hidden)" in text
        assert "Open. (hidden)" not in text
    feedback = Table(verdict)
    assert "(hidden)" not in repr(feedback) + feedback._repr_html_()


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
LAST_LINE = CHECK.splitlines()[-1]


def test_check_in_a_notebook_runs_what_is_importable():
    said = in_ipython(CHECK)
    assert "q90_1_double: 4 of 4 points" in said
    assert "a number you have not seen. (hidden)" in said
    assert "`double(3)` is 6. [" in said


def test_a_check_says_how_the_notebooks_other_questions_stand():
    so_far = "The checks of this notebook so far: {}"
    said = in_ipython(CHECK)
    assert so_far.format("4 of 6 points; not checked since the kernel was started: 90.2.") in said
    said = in_ipython(f"{CHECK}; total = 15; check('q90_2_total')")
    assert so_far.format("6 of 6 points.") in said
    said = in_ipython(f"{CHECK}; total = 15; check('q90_2_total'); double = abs; {LAST_LINE}")
    assert so_far.format("2 of 6 points.") in said


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


def test_numbers_in_messages_are_rounded():
    got = {"accuracy": 0.7737642585551331, "parts": [np.float64(1 / 3), 2], "n": (1.5,)}
    assert shorten(got) == "{'accuracy': 0.773764, 'parts': [0.333333, 2], 'n': (1.5,)}"
    assert shorten(2 / 3) == "0.666667"
    assert shorten("0.7737642585551331") == "0.7737642585551331"


def test_a_function_called_often_has_fresh_copies_each_time():
    def grow(values, by=1):
        values.append(len(values) * by)
        return values

    student = student_of(grow=grow, stub=lambda: None)
    found = list(student.call_often(45, "grow", [7], by=2))
    assert found == [[7, 2]] * 45
    with pytest.raises(NotAttempted, match="no `nothing`"):
        next(student.call_often(45, "nothing"))
    with pytest.raises(StudentError, match="missing 1 required"):
        next(student.call_often(2, "grow"))


def test_calls_with_other_arguments_raise_when_it_is_their_turn():
    calls = []

    def share(a, b):
        calls.append(a)
        return a / b

    shares = student_of(share=share).call_each("share", (1, 2), (3, 4), (1, 0), (5, 1))
    assert [next(shares), next(shares)] == [0.5, 0.75]
    with pytest.raises(StudentError, match="ZeroDivisionError"):
        next(shares)
    assert calls == [1, 3, 1]
    with pytest.raises(NotAttempted, match="no `nothing`"):
        next(student_of().call_each("nothing", (1,)))


def test_a_reply_with_calls_missing_is_none():
    reply = wire.encode(["value", [wire.encode(["value", 7])]])
    shares = Student(lambda *_: reply).call_each("f", (1,), (2,))
    assert next(shares) == 7
    with pytest.raises(StudentGone, match="malformed"):
        next(shares)


def test_results_of_many_calls_are_each_as_they_were():
    order = np.arange(5)

    def turn(n):
        order[:] = np.roll(order, 1)
        return order[:n]

    draws = list(student_of(turn=turn).call_often(30, "turn", 2))
    assert [draw.tolist() for draw in draws[:3]] == [[4, 0], [3, 4], [2, 3]]


def test_what_is_lent_is_not_given_away():
    with pytest.raises(TypeError, match="lent"):
        next(student_of(f=lambda x: x).call_often(2, "f", Lent(len)))


# What a newcomer is told

PERCENT = "this is a percentage: give the share, between 0 and 1"
SCORES = {"n_answered": 6, "accuracy": 4 / 6, "precision": 2 / 3, "recall": 2 / 3}
SCORES["interval"] = (0.3, 0.9)


def returns(value):
    return lambda *args, **kwargs: value


def test_dots_may_be_what_a_crash_has_left():
    with pytest.raises(NotAttempted, match="run the cell; if it ends in an error, mend that first"):
        student_of(versions=...).get("versions")


@pytest.mark.parametrize(
    ("question", "name", "names"),
    [
        (
            part4.apply_lfs,
            "coverage_of_a_small_matrix",
            {"lf_coverage": returns([75.0, 50.0, 0.0])},
        ),
        (part4.apply_lfs, "conflicts_of_a_small_matrix", {"lf_conflicts": returns([25, 25, 0])}),
        (
            part4.label_model,
            "scores_a_small_example",
            {"score_labels": returns({"coverage": 75, "accuracy": 2 / 3})},
        ),
        (
            part4.label_model,
            "scores_a_small_example",
            {"score_labels": returns({"coverage": 0.75, "accuracy": 66.7})},
        ),
        (
            part4.label_model,
            "both_methods_are_scored",
            {"scores": {"label model": (41.2, 74.1), "majority vote": (40, 75)}},
        ),
        (
            part4.more_lfs,
            "coverage_rises",
            {"L_more": [[1, -1], [1, 1], [-1, -1]], "L_real": [[1], [-1]], "coverage_more": 66.67},
        ),
        (
            part4.downstream,
            "accuracies_are_test_accuracies",
            {
                "real": SimpleNamespace(X_test=np.zeros((4, 1)), y_test=np.array([1, 1, 1, 0])),
                "weak_model": SimpleNamespace(predict=returns([1, 1, 1, 1])),
                "weak_accuracy": 75.0,
            },
        ),
        (
            part5.evaluate,
            "accuracy_of_the_answered",
            {"evaluate": returns(SCORES | {"accuracy": 66.7})},
        ),
        (
            part6.analyze_issues,
            "scores_of_a_small_example",
            {"detection_scores": returns((50, 66.67, 2))},
        ),
        (
            part6.clean_training,
            "three_accuracies",
            {"accuracies": {"noisy": 80.1, "clean": 86.2, "oracle": 89}},
        ),
        (
            part3.random_sampling,
            "both_start_at_the_same_place",
            {"uncertainty_history": [0.561, 0.6], "random_history": [56.1, 60]},
        ),
        (
            part3.query_strategies,
            "histories_share_their_start",
            {
                "uncertainty_history": [0.561, 0.6],
                "strategy_histories": {key: [56.1, 60] for key in part3.STRATEGIES},
            },
        ),
    ],
)
def test_percent_is_called_percent(question, name, names):
    item = said_of(question, name, **names)
    assert (item.status, item.next_step) == (UNMET, PERCENT)


@pytest.mark.parametrize(
    ("got", "wanted", "percent"),
    [
        (66.7, 2 / 3, True),
        ([75, 50, 0], [0.75, 0.5, 0], True),
        (67, 2 / 3, True),
        (0.5, 0.005, False),  # half of a share, or half a percent: nobody can tell
        (50, 2 / 3, False),
        (600, 6, False),
        ([75, 0.5, 0], [0.75, 0.5, 0], False),
        (float("nan"), 0.5, False),
        (50, float("nan"), False),
        ([], [], False),
    ],
)
def test_what_is_a_share_in_percent(got, wanted, percent):
    assert advice_on_share(got, wanted, "else") == (PERCENT if percent else "else")


def test_labels_on_all_reviews_are_no_share_out_of_range():
    scores = {"label model": (1.0, 0.7), "majority vote": (0.4, 0.75)}
    item = said_of(part4.label_model, "both_methods_are_scored", scores=scores)
    assert item.expected == "a coverage below 1 of the label model: many reviews have no vote"
    assert item.next_step.startswith("mend `weak_labels` first")
    scores = {"label model": (0.4, 1.0), "majority vote": (0.4, 0.75)}
    item = said_of(part4.label_model, "both_methods_are_scored", scores=scores)
    assert item.expected == "an accuracy above 0 and below 1 of the label model"


def swapped(reviews, confidence_threshold=0.8):
    sure, unsure = part5.split_of(ANSWERS | FAILURES, list(reviews), confidence_threshold)
    return unsure, [{"review": r, "label": label, "confidence": 1.0} for r, label in sure]


def test_lists_in_the_other_order_are_said_once():
    verdict = judge(part5.hybrid, student_of(hybrid_labeling=swapped))
    text = repr(Table(Verdict(verdict.question, verdict.items[:4])))
    assert text.count("is it `return llm_labeled, human_queue`, in this order?") == 1
    assert text.count("the same as above") == 3


def test_a_list_of_texts_is_not_always_the_other_list():
    for labeled in (["a"], pd.Series(["a"]), np.array(["a"], dtype=object)):
        for queue in (["b"], pd.Series(["b"])):
            with pytest.raises(Unmet) as caught:
                hybrid_of((labeled, queue))
            assert caught.value.next_step == "keep the review together with its label"
        for queue in ([], [("b", "POSITIVE")], pd.DataFrame({"review": ["b"], "label": ["c"]})):
            with pytest.raises(Unmet, match="first `llm_labeled`"):
                hybrid_of((labeled, queue))
    # Neither a list.
    for labeled, queue in (("a", []), (["a"], 5), (5, [])):
        with pytest.raises(Unmet, match="`llm_labeled`") as caught:
            hybrid_of((labeled, queue))
        assert "order?" not in caught.value.next_step
    assert hybrid_of(([], ["a"])) == ([], ["a"])
    assert hybrid_of(([], [])) == ([], [])


def batch_with(labels):
    numbers = dict.fromkeys(("n_failed", "seconds", "input_tokens", "output_tokens", "cost"), 0)
    return {"labels": labels, "confidences": [0.5] * len(labels), **numbers}


@pytest.mark.parametrize("labels", [[1, 0, 1, 0, 1, 1], np.array([1, 0, 1, 0, 1, 1])])
def test_labels_that_are_numbers_are_shown_as_numbers(labels):
    item = said_of(
        part5.batch_label, "one_label_for_each_review", batch_label=returns(batch_with(labels))
    )
    assert (item.status, item.got) == (UNMET, "[1, 0, 1, 0, 1, 1]")
    assert item.next_step == "keep the model's words, 'POSITIVE' and 'NEGATIVE'"
    item = said_of(part5.batch_label, "both_batches_are_there", sample_batch=batch_with(labels))
    assert item.got == "6 labels, among them [0, 1]"


def test_labels_that_are_other_words_or_too_few_have_their_own_next_steps():
    for labels, advice in (
        (["positive"] * 6, "keep the model's words"),
        (["POSITIVE"] * 6, "does your loop add exactly one label"),
        ([1] * 5, "does your loop add exactly one label"),
    ):
        item = said_of(
            part5.batch_label, "one_label_for_each_review", batch_label=returns(batch_with(labels))
        )
        assert (item.status, item.next_step[:22]) == (UNMET, advice[:22])
    guessed = [label or 0 for label, *_ in map((ANSWERS | FAILURES).get, mixed_reviews())]
    item = said_of(
        part5.batch_label, "failures_stay_failures", batch_label=returns(batch_with(guessed))
    )
    assert item.next_step == "what does your code do with a result whose label is None?"


def drawn():
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots()
    ax.plot([0, 1, 2], [0, 1, 2], label="a")
    ax.plot([0, 1, 2], [0, 1, 2], label="b")
    ax.legend()
    plt.close(figure)
    return figure, ax


def test_a_plot_without_axes_has_a_next_step():
    _, ax = drawn()
    start = "start with `fig, ax = plt.subplots()` and draw with `ax.plot`"
    for value, advice in ((ax.get_lines(), f"`plot` returns lines: {start}"), ([], start)):
        item = said_of(part3.learning_curves, "everything_is_named", ax=list(value))
        assert (item.status, item.got, item.next_step) == (UNMET, "no axes", advice)


def test_a_figure_in_the_place_of_axes_is_called_one():
    figure, ax = drawn()
    advice = "`ax` is a Figure: write `fig, ax = plt.subplots()`, in this order"
    item = said_of(part3.learning_curves, "everything_is_named", ax=figure)
    assert (item.status, item.next_step) == (UNMET, advice)
    ax.set(xlabel="Labels", ylabel="Accuracy")
    # It shows what was asked for.
    assert said_of(part3.learning_curves, "everything_is_named", ax=figure).status == MET
    for line in list(ax.get_lines()):
        line.remove()
    item = said_of(part3.learning_curves, "everything_is_named", ax=figure)
    assert (item.expected, item.next_step) == ("at least 1 curve on `ax`", advice)


def test_the_frontier_has_the_same_advice_on_axes():
    figure, ax = drawn()
    table = dict.fromkeys(part7.METHODS, (100.0, 0.9))
    for value, advice in (
        (figure, "`ax_frontier` is a Figure: write `fig, ax_frontier = plt.subplots()`"),
        (list(ax.get_lines()), "`plot` returns lines: start with `fig, ax_frontier"),
        (ax, "`ax_frontier.scatter` takes"),
    ):
        item = said_of(
            part7.cost_quality, "every_method_is_on_the_plot", ax_frontier=value, cost_table=table
        )
        assert item.status == UNMET
        assert item.next_step.startswith(advice)


def test_a_name_of_an_axis_is_a_word():
    _, ax = drawn()
    item = said_of(part3.learning_curves, "everything_is_named", ax=ax)
    assert (item.got, item.next_step) == ("no name for the x-axis", "see `ax.set_xlabel`")
    ax.set_xlabel("n")
    item = said_of(part3.learning_curves, "everything_is_named", ax=ax)
    assert item.got == "'n' for the x-axis"
    assert item.next_step == "name it in words, such as 'Number of labels'"
    ax.set(xlabel="Labels", ylabel="y")
    item = said_of(part3.learning_curves, "everything_is_named", ax=ax)
    assert item.next_step == "name it in words, such as 'Test accuracy'"


def test_what_versions_has_is_said_plainly():
    (item,) = (i for i in part1.environment.items if i.name == "every_package_has_a_version")
    assert item.statement == ("`versions` has a version, as text, for each package but Google's.")


def test_one_is_not_many():
    item = said_of(part3.random_sampling, "as_many_rows_as_asked", random_sampling=returns([1, 2]))
    assert (item.expected, item.got) == ("1 row number", "2")
    text = repr(Table(Verdict("q91_1_x", ()), 1, 1.0))
    assert "1 more hidden statement (1 point) will be checked" in text
    assert "(0.5 points)" in repr(Table(Verdict("q91_1_x", ()), 1, 0.5))


def test_reviews_are_counted_in_whole_numbers():
    item = said_of(
        part5.evaluate, "accuracy_of_the_answered", evaluate=returns(SCORES | {"n_answered": 8.0})
    )
    assert (item.expected, item.got) == ("n_answered 6", "8")
    item = said_of(
        part5.evaluate, "accuracy_of_the_answered", evaluate=returns(SCORES | {"accuracy": 0.5})
    )
    assert (item.expected, item.got) == ("accuracy 0.667", "0.500")


def chosen(pool, n):
    mask = np.zeros(pool.shape[0], bool)
    mask[:n] = True
    return mask


@pytest.mark.parametrize(
    "pick",
    [
        lambda model, pool, n_instances=1: chosen(pool, n_instances),
        lambda model, pool, n_instances=1: chosen(pool, n_instances).tolist(),
        lambda model, pool, n_instances=1: (chosen(pool, n_instances), None),
    ],
)
def test_a_mask_is_not_called_a_repeat(pick):
    for name in ("as_many_rows_as_asked", "rows_are_all_different"):
        item = said_of(part3.random_sampling, name, random_sampling=pick)
        assert item.status == UNMET
        assert item.next_step == "return row numbers, not True and False: `np.flatnonzero(mask)`"


COSTS = pd.DataFrame(
    {"method": part7.METHODS, "cost": [5.0, 4, 3, 2, 1], "quality": [0.9, 0.8, 0.7, 0.6, 0.55]}
)


@pytest.mark.parametrize(
    "value",
    [
        COSTS.iloc[0],
        COSTS.iloc[:1],
        COSTS.iloc[0].to_dict(),
        0,
        next(COSTS.itertuples()),
        ["manual"],
    ],
)
def test_a_row_is_more_than_its_name(value):
    item = said_of(
        part7.cost_quality, "budgets_are_kept", cost_table=COSTS, best_method=returns(value)
    )
    assert (item.status, item.next_step) == (UNMET, "return the name only, as a text")


def test_another_name_or_none_is_not_a_row():
    for value in ("llm", None):
        item = said_of(
            part7.cost_quality, "budgets_are_kept", cost_table=COSTS, best_method=returns(value)
        )
        assert item.next_step.startswith("of the methods that cost at most")
    cheap = said_of(
        part7.cost_quality, "budgets_are_kept", cost_table=COSTS, best_method=returns("manual")
    )
    assert cheap.expected == "None for 0.00 dollars"


@pytest.mark.parametrize("id", ["q99_1_nothing", "q2_9_nothing", "nonsense", "c9_nothing"])
def test_an_id_of_nothing_is_a_key_error(id):
    with pytest.raises(KeyError, match="there is no question"):
        find_question(id)


@pytest.mark.parametrize(
    "error",
    [
        ModuleNotFoundError("No module named 'scipy'", name="scipy"),
        ModuleNotFoundError("No module named 'helpers.checks.nothing'", name="helpers.checks.no"),
        AuthoringError("item 'x' of 'q98_1_x' has no docstring"),
    ],
)
def test_what_is_broken_inside_a_part_is_not_a_missing_question(monkeypatch, error):
    def broken(name):
        raise error

    monkeypatch.setattr("importlib.import_module", broken)
    with pytest.raises(type(error)) as caught:
        find_question("q98_1_x")
    assert caught.value is error


def test_check_says_what_it_raises():
    assert all(name in check.__doc__ for name in ("RuntimeError", "KeyError", "AssertionError"))


def test_the_methods_are_named_in_one_place():
    assert part7.METHODS is costs.METHODS


@pytest.mark.parametrize(
    ("question", "name", "names", "status", "next_step"),
    [
        (part5.hybrid, "shares_are_shares", (0.3, 0.95), MET, ""),
        (part5.hybrid, "shares_are_shares", (0, np.float64(1)), MET, ""),
        (part5.hybrid, "shares_are_shares", (30, 0.95), UNMET, PERCENT),
        (part5.hybrid, "shares_are_shares", (0.3, 475), UNMET, "how many of the 500 reviews"),
        (part5.hybrid, "shares_are_shares", (0.3, float("nan")), UNMET, "how many of the 500"),
        (part5.hybrid, "shares_are_shares", (0.3, ...), NOT_ATTEMPTED, "`hybrid_accuracy` is"),
        (part4.label_model, "same_rows_has_two_accuracies", (0.7, 0.7), MET, ""),
        (part4.label_model, "same_rows_has_two_accuracies", ({"coverage": 1, "accuracy": 0.7}, 0.7),
         MET, ""),
        (part4.label_model, "same_rows_has_two_accuracies", (70.1, 0.7), UNMET, PERCENT),
        (part4.label_model, "same_rows_has_two_accuracies", (0.7,), UNMET, "call the entries"),
        (part3.query_strategies, "best_strategy_is_one_of_them", "margin", MET, ""),
        (part3.query_strategies, "best_strategy_is_one_of_them", "Margin sampling", MET, ""),
        (part3.query_strategies, "best_strategy_is_one_of_them", 1, UNMET, "give its name"),
        (part3.query_strategies, "best_strategy_is_one_of_them", "random", UNMET, "give its name"),
        (part3.query_strategies, "best_strategy_is_one_of_them", ..., NOT_ATTEMPTED, "`best"),
    ],
)  # fmt: skip
def test_a_form_is_looked_at_before_the_grading(question, name, names, status, next_step):
    if question is part5.hybrid:
        names = dict(zip(("human_share", "hybrid_accuracy"), names, strict=True))
    elif question is part4.label_model:
        names = {"same_rows": dict(zip(("label model", "majority vote"), names, strict=False))}
    else:
        names = {"best_strategy": names}
    item = said_of(question, name, **names)
    assert (item.status, item.points, item.hidden) == (status, 0.5, False)
    assert item.next_step.startswith(next_step)


def test_what_a_form_is_looked_at_for_costs_nothing_more():
    from autograder.items import load_items

    for part, id, points in (("part3", "q3_5", 8), ("part4", "q4_4", 8), ("part5", "q5_4", 8)):
        (question,) = (q for key, q in load_items(part).items() if key.startswith(id))
        assert question.points == points


def test_a_mask_in_the_place_of_rows_is_named_where_it_does_harm():
    mask = np.zeros(N_POOL, dtype=bool)
    mask[:1000] = True
    item = said_of(
        part6.clean_training,
        "kept_rows_are_the_others",
        flagged_real=mask,
        kept_rows=np.arange(N_POOL - 2),
    )
    assert item.status == UNMET
    assert "`np.flatnonzero` makes row numbers" in item.next_step


@pytest.mark.parametrize(("vote", "advice"), [("POSITIVE", "not a text"), (None, "end with a ret")])
def test_a_vote_that_is_a_text_is_called_one(vote, advice):
    with pytest.raises(Unmet) as unmet:
        labeling_votes._as_votes("lf", [1, vote], ["a", "b"])
    assert advice in unmet.value.next_step
