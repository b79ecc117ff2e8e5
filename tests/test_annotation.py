"""The annotation tool: what a person sees, what is on disk, and what a crash leaves. No browser."""

import json
import os
import signal
import subprocess
import sys
import textwrap

import ipywidgets as widgets
import nbformat
import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from nbclient import NotebookClient

from autograder.source import read
from helpers.reference.annotation import AnnotationTool, LabelLog
from helpers.reference.annotation_view import keys_for

REVIEWS = ["thin plot", "a <b>warm</b> film", "two hours", "all laughed", "muddled", "schön 🎬"]
SCORES = [0.30, 0.44, 0.05, 0.11, 0.48, 0.37]
ORDER = [4, 1, 5, 0, 3, 2]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "labels.jsonl"


@pytest.fixture
def tool(path):
    return AnnotationTool(REVIEWS, SCORES, path)


def restarted(tool):
    return AnnotationTool(tool.reviews, SCORES, tool.log.path)


def on_disk(path):
    return LabelLog(path, REVIEWS).labels


def label_all(tool, values):
    for value in values:
        tool.label(value)


class Clock:
    now = 0

    def __call__(self):
        return self.now


class TestOrder:
    def test_the_most_uncertain_comes_first(self, tool):
        seen = []
        while tool.current() is not None:
            seen.append(tool.current())
            tool.label(1)
        assert seen == ORDER
        assert tool.progress() == (6, 6)

    def test_a_skipped_review_waits_behind_all_others(self, tool):
        tool.skip()
        label_all(tool, [1] * 5)
        assert tool.current() == ORDER[0]
        assert tool.progress() == (5, 6)

    def test_skips_are_remembered_and_take_turns(self, tool):
        tool.skip()
        tool.skip()
        tool = restarted(tool)
        assert tool.current() == ORDER[2]
        label_all(tool, [0] * 4)
        turns = []
        for _ in range(3):
            turns.append(tool.current())
            tool.skip()
        assert turns == [ORDER[0], ORDER[1], ORDER[0]]

    def test_the_order_is_refreshed_after_each_batch_and_only_then(self, path):
        calls = []

        def uncertainty(rows, labels):
            calls.append((list(rows), list(labels)))
            return SCORES if len(rows) < 2 else [-score for score in SCORES]

        tool = AnnotationTool(REVIEWS, uncertainty, path, batch_size=2)
        label_all(tool, [1, 0])
        assert tool.current() == 2
        tool.undo()
        assert tool.current() == 1
        label_all(tool, [1, 1, 1])
        assert calls == [([], []), ([4, 1], [1, 0]), ([4, 1, 2, 3], [1, 1, 1, 1])]

    def test_equal_uncertainties_keep_the_order_of_the_reviews(self, path):
        same = [f"review {row}" for row in range(100)]
        tool = AnnotationTool(same, [0.5] * 100, path)
        label_all(tool, [1] * 50)
        assert tool.labeled()[0] == list(range(50))

    def test_uncertainty_must_fit_the_reviews(self, path):
        with pytest.raises(ValueError, match=r"must give 6 numbers, not shape \(2,\)"):
            AnnotationTool(REVIEWS, lambda rows, labels: [1, 2], path)

    def test_learning_stays_possible_when_the_model_fails(self, path):
        def uncertainty(rows, labels):
            if rows:
                raise ValueError("needs samples of two classes")
            return SCORES

        tool = AnnotationTool(REVIEWS, uncertainty, path, batch_size=1)
        with pytest.raises(ValueError, match="two classes"):
            tool.label(1)
        assert on_disk(path) == {4: 1}
        assert tool.current() == ORDER[1]


class TestUndo:
    def test_labels_are_taken_back_one_by_one(self, tool, path):
        tool.undo()
        label_all(tool, [1, 0, 1])
        tool.undo()
        tool.undo()
        assert tool.current() == ORDER[1]
        assert tool.labeled() == ([4], [1])
        assert on_disk(path) == {4: 1}

    def test_it_reaches_back_before_a_restart(self, tool):
        label_all(tool, [1, 0])
        tool = restarted(tool)
        tool.undo()
        assert tool.current() == ORDER[1]
        tool.label(1)
        assert tool.labeled() == ([4, 1], [1, 1])

    def test_a_review_labeled_again_is_the_newest(self, tool):
        label_all(tool, [1, 0])
        tool.undo()
        tool.undo()
        tool.label(0)
        tool.label(0)
        tool.undo()
        assert tool.labeled() == ([4], [0])


class TestDisk:
    def test_a_label_is_synced_before_the_next_review_is_current(self, tool, path, monkeypatch):
        synced = []

        def fsync(descriptor):
            synced.append((path.read_text().count("\n"), tool.current()))

        monkeypatch.setattr(os, "fsync", fsync)
        tool.label(1)
        tool.label(0)
        # The new file's folder is synced too, once.
        assert synced == [(1, 4), (1, 4), (2, 1)]

    def test_nothing_that_is_written_is_touched_again(self, tool, path):
        before = b""
        for action in (lambda: tool.label(1), tool.skip, lambda: tool.label(0), tool.undo):
            action()
            after = path.read_bytes()
            assert after.startswith(before)
            assert len(after) > len(before)
            before = after

    def test_a_line_says_what_when_and_how_long(self, path):
        clock = Clock()
        tool = AnnotationTool(REVIEWS, SCORES, path, clock=clock)
        clock.now = 3.25
        tool.label(1)
        clock.now = 5
        tool.skip()
        first, second = map(json.loads, path.read_text().splitlines())
        assert (first["row"], first["label"], first["seconds"]) == (4, 1, 3.25)
        assert (second["row"], second["label"], second["skip"]) == (1, None, True)
        assert first["at"].endswith("+00:00")
        assert second["seconds"] == 1.75
        assert tool.seconds() == [3.25]

    @pytest.mark.parametrize("error", ["open", "write", "fsync"])
    def test_a_label_that_is_not_saved_does_not_count(self, tool, path, monkeypatch, error):
        tool.label(1)
        with monkeypatch.context() as broken:
            if error == "open":
                broken.setattr(type(path), "open", _fails)
            elif error == "write":
                _fill_disk(broken, path)
            else:
                broken.setattr(os, "fsync", _fails)
            with pytest.raises(OSError, match=r"left on device|only a part"):
                tool.label(0)
        assert tool.current() == ORDER[1]
        assert tool.labeled() == ([4], [1])
        tool.label(1)
        assert on_disk(path) == {4: 1, 1: 1}

    def test_wherever_a_crash_cuts_the_file_whole_lines_count_and_new_ones_are_safe(
        self, tool, path
    ):
        label_all(tool, [1, 0, 1])
        whole = path.read_bytes()
        for length in range(len(whole) + 1):
            path.write_bytes(whole[:length])
            after = restarted(tool)
            rows = after.labeled()[0]
            assert rows == ORDER[: len(rows)]
            assert whole[:length].count(b"\n") <= len(rows)
            after.label(0)
            assert on_disk(path) == after.log.labels

    def test_a_killed_process_loses_nothing(self, path):
        code = f"""
            import os, signal
            from helpers.reference.annotation import AnnotationTool
            tool = AnnotationTool({REVIEWS!r}, {SCORES!r}, {str(path)!r})
            tool.label(1)
            tool.label(0)
            os.kill(os.getpid(), signal.SIGKILL)
        """
        done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
        assert done.returncode == -signal.SIGKILL
        assert on_disk(path) == {4: 1, 1: 0}

    def test_labels_do_not_end_up_on_other_reviews(self, tool):
        tool.label(1)
        with pytest.raises(ValueError, match="line 1, is about another set of reviews"):
            AnnotationTool(REVIEWS[::-1], SCORES, tool.log.path)
        with pytest.raises(ValueError, match="another set of reviews"):
            AnnotationTool(REVIEWS[:2], SCORES[:2], tool.log.path)

    def test_other_files_are_refused(self, path):
        path.write_text('[1, 2]\n{"label": 1}\n')
        with pytest.raises(ValueError, match="line 1"):
            AnnotationTool(REVIEWS, SCORES, path)

    def test_reviews_that_say_the_same_are_two_reviews(self, path):
        tool = AnnotationTool(["same", "same"], [0.2, 0.1], path)
        label_all(tool, [1, 0])
        assert AnnotationTool(["same", "same"], [0.2, 0.1], path).labeled() == ([0, 1], [1, 0])

    def test_only_labels_are_labels(self, tool, path):
        with pytest.raises(ValueError, match=r"'yes' is not a label; there are \[1, 0\]"):
            tool.label("yes")
        assert not path.exists()
        tool.label(np.int64(1))
        assert on_disk(path) == {4: 1}


def _fails(*args, **kwargs):
    raise OSError(28, "No space left on device")


def _fill_disk(broken, path):
    """Let only half of what is written reach the file."""
    real = type(path).open

    def opened(self, mode="r", *args, **kwargs):
        file = real(self, mode, *args, **kwargs)
        if "a" not in mode:
            return file
        return _HalfWriter(file)

    broken.setattr(type(path), "open", opened)


class _HalfWriter:
    def __init__(self, file):
        self.file = file

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.file.close()

    def write(self, data):
        return self.file.write(data[: len(data) // 2])

    def fileno(self):
        return self.file.fileno()


ACTIONS = st.sampled_from(["positive", "negative", "skip", "undo", "restart"])


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTIONS, max_size=30))
def test_any_order_of_actions_agrees_with_a_plain_list(tmp_path_factory, actions):
    path = tmp_path_factory.mktemp("actions") / "labels.jsonl"
    tool = AnnotationTool(REVIEWS, SCORES, path, batch_size=3)
    given_labels = []
    for action in actions:
        row = tool.current()
        if action == "restart":
            tool = restarted(tool)
        elif action == "undo":
            expected = given_labels.pop()[0] if given_labels else row
            tool.undo()
            assert tool.current() == expected
        elif action == "skip":
            tool.skip()
        elif row is not None:
            value = int(action == "positive")
            tool.label(value)
            given_labels.append((row, value))
        assert list(zip(*tool.labeled(), strict=True)) == given_labels
        assert list(on_disk(path).items()) == given_labels
        assert tool.progress() == (len(given_labels), 6)
        labeled = {row for row, _ in given_labels}
        assert (tool.current() is None) == (len(labeled) == 6)
        assert tool.current() not in labeled


class TestView:
    def test_it_is_the_same_every_time(self, tool):
        assert tool.view() is tool.view()

    def test_buttons_label_skip_and_undo(self, tool, path):
        press(tool, "Positive (p)")
        press(tool, "Negative (n)")
        press(tool, "Undo (u)")
        assert on_disk(path) == {4: 1}
        press(tool, "Skip (s)")
        assert tool.current() == ORDER[2]

    def test_keys_do_the_same(self, tool, path):
        for key in "pnusxN":
            keys = of_type(tool, widgets.Text)
            keys.value += key
        assert on_disk(path) == {4: 1, ORDER[2]: 0}
        assert of_type(tool, widgets.Text).value == "pnusxN"

    def test_of_keys_typed_ahead_only_the_first_counts(self, tool, path):
        of_type(tool, widgets.Text).value = "pnn"
        assert on_disk(path) == {4: 1}

    def test_deleting_what_was_typed_does_nothing(self, tool, path):
        keys = of_type(tool, widgets.Text)
        for typed in ("p", "", "n"):
            keys.value = typed
        assert on_disk(path) == {4: 1, 1: 0}

    def test_a_review_is_text(self, tool):
        press(tool, "Positive (p)")
        assert tool.current() == 1
        assert "a &lt;b&gt;warm&lt;/b&gt; film" in shown(tool)
        assert "<b>" not in shown(tool)

    def test_it_shows_where_things_stand(self, path):
        clock = Clock()
        tool = AnnotationTool(REVIEWS, SCORES, path, clock=clock)
        assert "0 of 6 labeled<" in shown(tool)
        for typed, now in (("p", 2), ("pn", 6)):
            clock.now = now
            of_type(tool, widgets.Text).value = typed
        assert "2 of 6 labeled, 3.0 s each<" in shown(tool)
        assert of_type(tool, widgets.IntProgress).value == 2

    def test_a_problem_with_the_disk_is_shown(self, tool, monkeypatch):
        monkeypatch.setattr(os, "fsync", _fails)
        press(tool, "Positive (p)")
        assert "NOT SAVED: [Errno 28] No space left on device" in shown(tool)
        assert REVIEWS[4] in shown(tool)
        monkeypatch.undo()
        press(tool, "Positive (p)")
        assert "1 of 6 labeled" in shown(tool)

    def test_it_never_shows_another_review_than_the_one_a_click_labels(self, path):
        def uncertainty(rows, labels):
            if rows:
                raise ValueError("needs samples of two classes")
            return SCORES

        tool = AnnotationTool(REVIEWS, uncertainty, path, batch_size=1)
        with pytest.raises(ValueError, match="two classes"):
            of_type(tool, widgets.Text).value = "p"
        assert tool.current() == 1
        assert "warm" in shown(tool)

    def test_the_end_is_quiet(self, path):
        tool = AnnotationTool(["only one"], [0.5], path)
        for name in ("Positive (p)", "Negative (n)", "Skip (s)"):
            press(tool, name)
        assert on_disk_of(tool) == {0: 1}
        assert "All reviews are labeled" in shown(tool)
        press(tool, "Undo (u)")
        assert "only one" in shown(tool)

    def test_no_reviews_are_no_problem(self, path):
        tool = AnnotationTool([], lambda rows, labels: 1 / 0, path)
        for name in ("Positive (p)", "Skip (s)", "Undo (u)"):
            press(tool, name)
        assert tool.progress() == (0, 0)
        assert not path.exists()

    def test_three_classes_have_three_buttons(self, path):
        labels = {"Positive": 1, "Negative": 0, "Neutral": 2}
        tool = AnnotationTool(REVIEWS, SCORES, path, labels=labels)
        press(tool, "Neutral (e)")
        assert tool.labeled() == ([4], [2])

    def test_every_name_has_a_key(self):
        assert keys_for(["Skip", "Undo", "S", "ss"]) == {
            "s": "Skip",
            "u": "Undo",
            "1": "S",
            "2": "ss",
        }


def of_type(tool, kind):
    (found,) = [widget for widget in tool.view().children if type(widget) is kind]
    return found


def press(tool, description):
    (button,) = [b for b in tool.view().children[1].children if b.description == description]
    button.click()


def shown(tool):
    return " ".join(str(getattr(w, "value", "")) for w in tool.view().children)


def on_disk_of(tool):
    return LabelLog(tool.log.path, tool.reviews).labels


@pytest.mark.parametrize("student", ["asha", "bina"])
def test_a_right_answer_is_right_in_a_live_kernel_too(student, tmp_path):
    """Output widgets and messages behave differently there than in the grader's shell."""
    name = "challenge3_annotation_ui.py"
    _, cells = read(ROOT / "source/week04" / name)
    _, (answer,) = read(ROOT / "tests/samples" / student / name)
    code = [answer if c.role == "answer" else c for c in cells if c.kind == "code"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c.source) for c in code])
    context = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=context).execute()
    (table,) = notebook.cells[-1].outputs
    assert table.data["text/plain"].startswith("c3_annotation_ui: 10 of 10 points")
