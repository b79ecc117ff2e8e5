"""Challenges 2 and 3: honest work in other styles keeps its points, and words say what to do next.

Each case is a right sample with something changed, run and judged as a notebook does. Started as a
program, this file judges all cases of a part, in forks of one process.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from autograder.checks import challenge2 as hidden
from helpers import costs
from helpers.checks import challenge2, challenge3, pipelines
from helpers.checks.hands import _readable
from helpers.checks.namespace import Namespace
from helpers.checks.question import Unmet
from helpers.checks.student import Student
from helpers.checks.verdict import MET, NOT_ATTEMPTED, UNMET, judge_item
from helpers.weak_supervision import PLAIN_LFS, apply_lfs

ROOT = Path(__file__).resolve().parent.parent
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
PIPELINE, TOOL = "challenge2_labeling_pipeline", "challenge3_annotation_ui"


def sample(part, student, *changes, before=""):
    """Return a sample's code with texts in it replaced."""
    text = (ROOT / "tests/samples" / student / f"{part}.py").read_text(encoding="utf-8")
    code = text.partition("# %% answer=")[2].partition("\n")[2]
    for old, new in changes:
        assert code.count(old) >= 1, old
        code = code.replace(old, new)
    return before + code


def tool(*changes, student="asha", before=""):
    return sample(TOOL, student, *changes, before=before)


def pipeline(*changes, student="asha", before=""):
    # Its own run on 2,000 reviews is not what is looked at.
    return sample(PIPELINE, student, *changes, before=before).partition("\nhuman = ")[0]


# --- challenge 3: (code, {item: status}) --------------------------------------------------------

NOT_SAVED = "a_label_that_is_not_saved_does_not_count"
FILE = "self.file = LabelFile(path)"
APPEND = "self.file.append(row, value, seconds=time.perf_counter() - self.since)"
NOTE = "        self.given.append((row, value))\n        self.undone = None\n"
SHOWN = 'print("Nothing left, thank you!" if row is None else self.table.loc[row, "text"])'
REVIEW = '"<big>" + html.escape(self.reviews[row]) + "</big>"'
BOX = 'box = widgets.Text(placeholder="p / n / s / u")'
AS_WIDGET = (
    "            text = 'Nothing left' if row is None else self.table.loc[row, 'text']\n"
    "            display(widgets.HTML('<p>' + html.escape(text) + '</p>'))"
)
SEES = dict.fromkeys(("buttons_work", "keys_work", "reviews_are_text", "the_end_is_quiet"), MET)
# The last of them comes when the disk has room again.
SAVES = dict.fromkeys(
    ("every_label_is_on_disk", "labels_are_found_again", NOT_SAVED, "time_is_kept"), MET
)

TOOLS = {
    "makes the folder": (
        tool((FILE, f"{FILE}\n        self.file.path.parent.mkdir(parents=True, exist_ok=True)")),
        SAVES,
    ),
    "looks whether the file exists": (
        tool(
            (
                f"{FILE}\n        self.given = list(self.file.read().items())",
                f"{FILE}\n        there = self.file.path.exists()\n"
                "        self.given = list(self.file.read().items()) if there else []",
            )
        ),
        SAVES,
    ),
    "raises an error of its own": (
        tool(
            (
                APPEND,
                f"try:\n            {APPEND}\n        except OSError as error:\n"
                "            raise RuntimeError('not saved') from error",
            )
        ),
        SAVES,
    ),
    "says it on the screen": (
        tool((APPEND, f"try:\n            {APPEND}\n        except OSError:\n            return")),
        SAVES,
    ),
    "adds to LabelFile": (
        tool(
            (FILE, "self.file = Labels(path)"),
            ("list(self.file.read().items())", "self.file.pairs()"),
            before="class Labels(LabelFile):\n"
            "    def pairs(self):\n        return list(self.read().items())\n\n",
        ),
        SAVES,
    ),
    "writes lines in its own way": (
        tool(
            (FILE, "self.file = Labels(path)"),
            before="class Labels(LabelFile):\n"
            "    def append(self, row, label, seconds=0.0):\n"
            "        entry = {'row': row, 'label': label, 'seconds': seconds}\n"
            "        with open(self.path, 'a') as file:\n"
            "            print(json.dumps(entry), file=file)\n\n",
        ),
        SAVES,
    ),
    "opens the file for each label": (
        tool((APPEND, f"LabelFile(self.file.path).{APPEND.partition('file.')[2]}")),
        SAVES,
    ),
    "believes the file only": (
        tool(
            (
                f"{APPEND}\n{NOTE}",
                f"{APPEND}\n        self.undone = None\n",
            ),
            (
                "    def current(self):",
                "    given = property(lambda self: list(self.file.read().items()), "
                "lambda self, value: None)\n\n    def current(self):",
            ),
            ("            self.given.pop()\n", ""),
        ),
        SAVES,
    ),
    "notes a label before it is written": (
        tool((f"        {APPEND}\n{NOTE}", f"{NOTE}        {APPEND}\n")),
        {NOT_SAVED: UNMET, "every_label_is_on_disk": MET},
    ),
    "writes when it has time": (
        tool(
            (f"{FILE}\n", f"{FILE}\n        self.later = []\n"), (APPEND, "self.later.append(row)")
        ),
        {NOT_SAVED: UNMET, "every_label_is_on_disk": UNMET},
    ),
    "displays a new widget each time": (
        tool((f"            {SHOWN}", AS_WIDGET), student="bina"),
        SEES,
    ),
    "displays a widget once and changes it": (
        tool(
            (
                "        return widgets.VBox([bar, text,",
                "        out = widgets.Output()\n        with out:\n            display(text)\n"
                "        return widgets.VBox([bar, out,",
            )
        ),
        SEES,
    ),
    "displays boxes in boxes": (
        tool(
            (
                "        return widgets.VBox([bar, text, widgets.HBox(buttons), box, message])",
                "        out = widgets.Output()\n        with out:\n"
                "            display(widgets.VBox([text, widgets.HBox(buttons)]), box)\n"
                "        return widgets.VBox([bar, out, message])",
            )
        ),
        SEES,
    ),
    "displays markup as it comes": (
        tool(
            (f"            {SHOWN}", AS_WIDGET.replace("html.escape(text)", "text")), student="bina"
        ),
        SEES | {"reviews_are_text": UNMET},
    ),
    "has a box of its own kind": (
        tool(
            (BOX, BOX.replace("widgets.Text", "KeyBox")),
            before="class KeyBox(widgets.Text): pass\n",
        ),
        SEES,
    ),
    "asks for a name first": (
        tool(
            (
                "[bar, text, widgets.HBox(buttons), box",
                "[name, bar, text, widgets.HBox(buttons), box",
            ),
            (BOX, f"{BOX}\n        name = widgets.Text(description='Annotator')"),
        ),
        SEES,
    ),
    "listens to the name": (
        tool(
            (
                "[bar, text, widgets.HBox(buttons), box",
                "[name, bar, text, widgets.HBox(buttons), box",
            ),
            (
                BOX,
                f"{BOX}\n        name = widgets.Text(description='Annotator')\n"
                "        name.observe(lambda change: setattr(self, 'name', change.new), 'value')",
            ),
        ),
        SEES,
    ),
    "prints the review, and asks for a name last": (
        tool(
            (
                "widgets.HBox([skip, undo]), key])",
                "widgets.HBox([skip, undo]), key, widgets.Text()])",
            ),
            student="bina",
        ),
        SEES,
    ),
    "has a box that does nothing": (
        tool(('        box.observe(on_key, names="value")\n', "")),
        SEES | {"keys_work": UNMET},
    ),
    "has boxes that do nothing": (
        tool(
            ('        box.observe(on_key, names="value")\n', ""),
            ("[bar, text,", "[widgets.Text(), bar, text,"),
        ),
        SEES | {"keys_work": UNMET},
    ),
    "marks a word": (
        tool((REVIEW, "html.escape(self.reviews[row]).replace('throughout', '<b>throughout</b>')")),
        SEES,
    ),
    "puts each word into a box": (
        tool(
            (
                REVIEW,
                "''.join(f'<span style=\"margin:4px\">{html.escape(word)}</span>' "
                "for word in self.reviews[row].split())",
            )
        ),
        SEES,
    ),
    "shows another review": (
        tool((REVIEW, "html.escape(self.reviews[row - 1])")),
        {"buttons_work": UNMET, "keys_work": UNMET, "reviews_are_text": UNMET},
    ),
}

# --- challenge 2 --------------------------------------------------------------------------------

UNSURE = "todo = np.where(np.maximum(p, 1 - p) < self.threshold)[0]"
ASK = "self.llm_client.label([texts[i] for i in todo])"
RETURN = "\n        return (z > 0).astype(int), sources, self.sigmoid(np.abs(z))\n"
CACHE = """
ANSWERS = {}

def ask_llm(client, texts):
    new = [text for text in texts if text not in ANSWERS]
    ANSWERS.update(zip(new, client.label(new) if new else []))
    return [ANSWERS[text] for text in texts]

"""
LLM_ITEMS = dict.fromkeys(
    (
        "llm_gets_the_uncertain_ones",
        "nobody_is_asked_twice",
        "works_with_what_there_is",
        "threshold_decides_what_the_llm_reads",
        "lists_and_frames_give_the_same",
    ),
    MET,
)
THRESHOLD = "threshold_decides_what_the_llm_reads"
NAMES = "labels_and_sources_have_their_names"
ENTRIES, CONFIDENCE = "an_entry_for_each_review", "confidence_is_a_probability"


def returning(what):
    return pipeline((RETURN, f"\n        z = self.sigmoid(np.abs(z))\n        return {what}\n"))


PIPELINES = {
    "keeps what the LLM said": (
        pipeline(
            (ASK, ASK.replace("self.llm_client.label(", "ask_llm(self.llm_client, ")), before=CACHE
        ),
        LLM_ITEMS,
    ),
    "has a threshold of its own": (
        pipeline((UNSURE, UNSURE.replace("self.threshold", "0.8"))),
        {THRESHOLD: UNMET},
    ),
    "asks the LLM about everything": (
        pipeline((UNSURE, "todo = np.arange(n)")),
        {THRESHOLD: UNMET, NAMES: UNMET},
    ),
    "never asks the person": (
        pipeline(("if self.human is not None", "if False")),
        {NAMES: UNMET, "nobody_is_asked_twice": UNMET},
    ),
    "returns another order": (returning("sources, (p > 0.5).astype(int), z"), {ENTRIES: UNMET}),
    "returns confidence second": (returning("(p > 0.5).astype(int), z, sources"), {ENTRIES: UNMET}),
    "returns labels last": (returning("z, sources, (p > 0.5).astype(int)"), {NAMES: UNMET}),
    "returns words": (
        returning("np.where(p > 0.5, 'POSITIVE', 'NEGATIVE'), sources, z"),
        {ENTRIES: UNMET},
    ),
    "returns percent": (returning("(p > 0.5).astype(int), sources, 100 * z"), {CONFIDENCE: UNMET}),
    "returns scores": (returning("(p > 0.5).astype(int), sources, 5 * z"), {CONFIDENCE: UNMET}),
}
CASES = {TOOL: TOOLS, PIPELINE: PIPELINES}


def main(part):
    """Judge each case of a part; print the items' words as JSON."""
    import plain
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    from autograder.grading import questions_of
    from autograder.release import load_all

    release = load_all(ROOT / "release/week04")[part]
    (question,) = questions_of(release).values()
    sys.modules["__main__"] = ModuleType("__main__")
    shell = InteractiveShell.instance(user_module=sys.modules["__main__"])
    with capture_output():
        plain.run_given_cells(shell, release)

    def judged(code, items):
        with capture_output():
            shell.run_cell(code).raise_error()
            student = Student(Namespace(shell.user_ns).answer)
            found = [judge_item(item, student) for item in question.items if item.name in items]
        return {v.name: [v.status, v.expected, v.got, v.next_step, v.fault] for v in found}

    print(json.dumps({name: plain.in_a_fork(judged, *case) for name, case in CASES[part].items()}))


@cache
def words_of(part):
    command = [sys.executable, str(Path(__file__).resolve()), part]
    env = os.environ | THREADS | {"MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("part", "case"), [(p, case) for p in CASES for case in CASES[p]])
def test_each_gets_what_it_deserves(part, case):
    words = words_of(part)[case]
    assert {name: said[0] for name, said in words.items()} == CASES[part][case][1], words


@pytest.mark.parametrize(
    ("case", "item", "got", "next_step"),
    [
        (
            "returns another order",
            ENTRIES,
            "texts, such as 'weak'",
            "return labels, sources, confidence, in this order",
        ),
        (
            "returns confidence second",
            ENTRIES,
            "texts, such as 'weak'",
            "return labels, sources, confidence, in this order",
        ),
        ("returns labels last", NAMES, "", "return labels, sources, confidence, in this order"),
        ("returns words", ENTRIES, "texts, such as 'NEGATIVE'", "1 for positive, 0 for negative"),
        ("returns percent", CONFIDENCE, "", "this is a percentage"),
        ("returns scores", CONFIDENCE, "", "the probability that the label is right"),
        ("asks the LLM about everything", NAMES, "", "see the statement on the LLM below"),
        ("never asks the person", NAMES, "", "no label comes from 'human'"),
        ("never asks the person", "nobody_is_asked_twice", "0", "no label comes from 'human'"),
    ],
)
def test_words_for_a_pipeline(case, item, got, next_step):
    said = words_of(PIPELINE)[case][item]
    assert got in said[2]
    assert next_step in said[3]
    assert said[4] == ""


def student_of(**names):
    return Student(Namespace(names).answer)


def test_a_person_who_was_not_passed_on():
    truth = pipelines.reviews_for(2000, 20)[2]
    names = {"truth": truth, "sources": ["weak"] * 2000, "confidence": [0.9] * 2000}
    student = student_of(**names, labels=[1 - label for label in truth])
    with pytest.raises(Unmet) as unmet:
        challenge2.better_than_each_method_alone(student)
    assert unmet.value.next_step == "no label comes from 'human': did you pass `human=human`?"


def test_labels_of_the_person_that_are_too_many():
    truth = pipelines.reviews_for(2000, 20)[2]
    names = {"truth": truth, "labels": truth, "confidence": [0.9] * 2000}
    student = student_of(**names, sources=["human"] * 151 + ["weak"] * 1849)
    with pytest.raises(Unmet) as unmet:
        challenge2.better_than_each_method_alone(student)
    assert unmet.value.got == "151"
    assert "keeps its source" in unmet.value.next_step


def test_runs_with_other_answers_are_other_runs():
    asked = []

    class Anyone:
        def get(self, name):
            return name

        def once(self, key, look):
            asked.append(key)

    for answers in (None, [], [0, 1], [1, 1], (1, 1)):
        pipelines.run(Anyone(), ["a", "b"], answers, budget=1)
    assert len(asked) == 5
    assert len(set(asked)) == 4


def test_prices_are_those_of_the_lab(monkeypatch):
    bought = []

    class Rng:
        def choice(self, n, size, replace):
            bought.append(size)
            raise InterruptedError

    pipelines.llm_labels(300, 41, 0)
    monkeypatch.setattr(pipelines.np.random, "default_rng", lambda seed: Rng())
    monkeypatch.setattr(costs, "LLM_STORY_PRICE", 0.03)
    with pytest.raises(InterruptedError):
        pipelines.single_methods.__wrapped__(300, 41)
    assert bought == [150 + 30]


def test_the_reviews_for_each_threshold_get_the_same_votes():
    kinds = [hidden.reviews_seen_on(day) for day in hidden.DAYS]
    assert len({text for texts in kinds for text in texts}) == sum(map(len, kinds))
    first, *others = (apply_lfs(PLAIN_LFS, pd.DataFrame({"review": texts})) for texts in kinds)
    assert all((first == votes).all() for votes in others)


def test_what_is_missing_is_called_by_its_name():
    class AnnotationTool:
        def __init__(self, reviews, uncertainty, path, batch_size=10):
            pass

        def skip(self): ...

        def progress(self):
            return 0, 6

    AnnotationTool.current = AnnotationTool.labeled = AnnotationTool.view = AnnotationTool.skip
    said = {}
    for item in challenge3.annotation_ui.items:
        if not item.hidden:
            verdict = judge_item(item, student_of(AnnotationTool=AnnotationTool))
            assert verdict.status == NOT_ATTEMPTED, verdict
            said[item.name] = verdict.next_step
    assert said["the_most_uncertain_comes_first"].startswith("`AnnotationTool.current` has no")
    assert said["undo_takes_back"].startswith("there is no `AnnotationTool.undo` yet")
    assert said["skip_goes_on_without_a_label"].startswith("`AnnotationTool.skip` has no code")
    assert said["buttons_work"].startswith("`AnnotationTool.view` has no code")


@pytest.mark.parametrize(
    ("markup", "seen"),
    [
        ("<p>muddled <b>throughout</b>.</p>", "muddled throughout."),
        ('a <span style="x">b</span><i>c</i>d <a href="#">e</a>!', "a bcd e!"),
        ("one<br>two<div>three</div>", "one two three"),
        ("I &lt;b&gt;loved&lt;/b&gt; it", "I <b>loved</b> it"),
    ],
)
def test_marks_within_a_line_are_no_spaces(markup, seen):
    assert " ".join(_readable("html", markup).split()) == seen


if __name__ == "__main__":
    main(sys.argv[1])
