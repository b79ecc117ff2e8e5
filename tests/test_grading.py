"""One notebook through the sandbox: every answer gets the verdict it deserves."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder import grading, preloading
from autograder.intake import RawCell
from autograder.limits import Limits
from autograder.rebuilding import Rebuilt, rebuild
from autograder.release import GIVEN
from autograder.results import Results, key_of
from autograder.sandbox import scratch
from autograder.sandbox.client import KernelHandle
from helpers.checks import expect
from helpers.checks.question import Item

LIMITS = Limits(cell_seconds=5, notebook_seconds=30, item_seconds=2, replays=2)
GOOD = {"q90_1_double": "def double(x):\n    return x * 2", "q90_2_total": "total = 15"}


@pytest.fixture(scope="module")
def sandbox(mini_release):
    with preloading.preloaded(mini_release, LIMITS) as process:
        yield process


def submission(release, answers, own=()):
    cells = []
    for cell in release.cells:
        cells.append(RawCell(cell.kind, answers.get(cell.id, cell.source), (cell.id,)))
        cells += [RawCell("code", text, ()) for after, text in own if after == cell.id]
    return rebuild(cells, release)


@pytest.fixture
def grade(mini_release, sandbox):
    def run(answers=(), own=(), limits=LIMITS):
        return grading.grade(
            mini_release, submission(mini_release, GOOD | dict(answers), own), sandbox, limits
        )

    return run


def statuses(result):
    return {item.name: item.status for verdict in result.verdicts for item in verdict.items}


ALL_MET = {
    "doubles_a_number": "met",
    "doubles_an_array": "met",
    "doubles_any_number": "met",
    "is_fifteen": "met",
    "total_is_a_number": "met",
}


def test_a_given_cell_that_takes_too_long_is_named(mini_release):
    first = next(cell for cell in mini_release.cells if cell.role == GIVEN and cell.kind == "code")
    slow = replace(first, source="import time\ntime.sleep(60)")
    cells = tuple(slow if cell is first else cell for cell in mini_release.cells)
    release = replace(mini_release, cells=cells)
    started = preloading.preloaded(release, replace(LIMITS, notebook_seconds=1))
    words = f"given cell {first.id} of {release.name} takes longer than 1 s"
    with pytest.raises(preloading.GradingError, match=words) as raised, started:
        pass
    assert not isinstance(raised.value, preloading.SandboxGone)


def test_a_given_cell_that_fails_is_named_with_its_error(mini_release):
    first = next(cell for cell in mini_release.cells if cell.role == GIVEN and cell.kind == "code")
    broken = replace(first, source="1 / 0")
    cells = tuple(broken if cell is first else cell for cell in mini_release.cells)
    started = preloading.preloaded(replace(mini_release, cells=cells), LIMITS)
    words = f"given cell {first.id} of part90_mini fails: ZeroDivisionError: division by zero: mend"
    with pytest.raises(preloading.GradingError, match=words), started:
        pass


def test_right_answers_get_everything(grade):
    result = grade()
    assert statuses(result) == ALL_MET
    assert result.points == 6
    assert result.limits == result.repairs == []


def test_what_is_garbage_at_a_check_cell_does_not_stay(sandbox):
    code = """
import gc
class Ring: pass
ring = Ring()
ring.self, ring.held = ring, bytearray(100 * 2**20)
gc.collect()  # it is old then
del ring, Ring
"""
    held = "import psutil; print(psutil.Process().memory_info().rss // 2**20)"
    with sandbox.submission(LIMITS) as kernel:
        before = int(kernel.run(held, 20)[1][0]["text"])
        for _ in range(3):
            assert kernel.run(code, 20)[0]
            kernel.fork().end()
        assert int(kernel.run(held, 20)[1][0]["text"]) < before + 100


@pytest.fixture
def forks(monkeypatch):
    """A list that grows by one whenever a process is forked."""
    made, fork = [], KernelHandle.fork
    monkeypatch.setattr(KernelHandle, "fork", lambda *args: made.append(args) or fork(*args))
    return made


def test_right_answers_take_as_few_forks_as_can_be(grade, forks):
    grade()
    # The submission, and two questions put aside.
    assert len(forks) == 3


def test_a_wrong_answer_takes_no_fork_more(grade, forks):
    result = grade({"q90_1_double": "def double(x):\n    return 6 if x == 3 else 1"})
    assert statuses(result)["doubles_any_number"] == "unmet"
    assert len(forks) == 3


def test_the_untouched_release_gets_nothing(mini_release, grade):
    released = {cell.id: cell.source for cell in mini_release.cells}
    result = grade(released)
    assert set(statuses(result).values()) == {"not attempted"}
    assert result.points == 0


def test_partial_answers_get_their_items_only(grade):
    result = grade({"q90_1_double": "def double(x):\n    return 6"})
    assert statuses(result) == ALL_MET | {
        "doubles_an_array": "unmet",
        "doubles_any_number": "unmet",
    }
    assert result.points == 3


def test_an_exception_is_an_error_with_the_students_line(grade):
    result = grade({"q90_1_double": "def double(x):\n    return x.twice"})
    item = result.verdicts[0].items[0]
    assert item.status == "error"
    assert "AttributeError" in item.got
    assert "return x.twice" in item.next_step


def test_a_cell_that_raises_loses_only_its_own_question(grade):
    result = grade({"q90_1_double": "def double(x:\n"})
    assert statuses(result)["doubles_a_number"] == "not attempted"
    assert statuses(result)["is_fifteen"] == "met"
    assert result.outputs["q90_1_double"][0]["ename"] == "SyntaxError"


def test_a_cell_that_never_ends_is_stopped_and_the_rest_is_graded(grade):
    limits = Limits(cell_seconds=1, item_seconds=2)
    result = grade({"q90_1_double": "while True:\n    pass"}, limits=limits)
    assert result.limits == ["q90_1_double was stopped after 1 s"]
    assert statuses(result)["is_fifteen"] == "met"


def test_the_cell_that_uses_up_the_notebooks_time_is_told_so(grade):
    limits = Limits(cell_seconds=60, notebook_seconds=1, item_seconds=2)
    result = grade({"q90_1_double": "while True:\n    pass"}, limits=limits)
    assert result.limits[0] == "q90_1_double was stopped: the notebook's 1 s were used up"


POOLS = {
    "threads": "from concurrent.futures import ThreadPoolExecutor\n"
    "import time\n"
    "pool = ThreadPoolExecutor(2)\n"
    "def both(f, values): return list(pool.map(lambda v: time.sleep(0.1) or f(v), values))\n",
    "joblib": "from joblib import Parallel, delayed\n"
    "def both(f, values): return Parallel(n_jobs=2)(delayed(f)(v) for v in values)\n",
}


@pytest.mark.parametrize("kind", POOLS)
def test_a_pool_that_a_cell_has_used_works_when_items_use_it(grade, kind):
    double = "both(abs, [1, -2])\ndef double(x):\n    return sum(both(abs, [1, 1])) * x"
    result = grade(
        {"q90_1_double": POOLS[kind] + double},
        limits=replace(LIMITS, cell_seconds=30, item_seconds=20),
    )
    assert statuses(result) == ALL_MET


def test_a_notebooks_cells_may_not_show_more_than_can_be_kept(grade):
    limits = replace(LIMITS, notebook_output_chars=250_000)
    shows = [f"print({letter!r} * 100_000)" for letter in "abc"] + ["print('small')"]
    result = grade({}, own=[("q90_1_double", code) for code in shows], limits=limits)
    texts = [outputs[0]["text"] for outputs in result.outputs.values() if outputs]
    assert [(text[0], len(text)) for text in texts[:2]] == [("a", 100_001), ("b", 100_001)]
    assert "not kept: the cells of this notebook have shown too much" in texts[2]
    assert texts[3] == "small\n"


def test_a_replay_has_as_much_time_as_the_first_run(grade):
    slow = ("part90-02", "import time\ntime.sleep(1.5)")
    dies = "import os\ndef double(x):\n    os._exit(1)"
    limits = replace(LIMITS, notebook_seconds=2.5)
    result = grade({"q90_1_double": dies}, own=[slow], limits=limits)
    assert result.limits == []
    assert statuses(result)["is_fifteen"] == "met"


@pytest.mark.parametrize(
    ("code", "left"),
    [
        ("print(1)\nclear_output()\nprint(2)", "2\n"),
        ("print(1)\nclear_output(wait=True)\nprint(2)", "2\n"),
        ("print(1)\nclear_output(wait=True)", "1\n"),
        (
            "for i in range(60):\n    print(str(i % 10) * 10_000)\n    clear_output()\nprint(2)",
            "2\n",
        ),
    ],
)
def test_what_a_cell_clears_is_gone_as_in_jupyter(grade, code, left):
    code = f"from IPython.display import clear_output\n{code}\ntotal = 15"
    limits = replace(LIMITS, output_chars=100_000)
    (output,) = grade({"q90_2_total": code}, limits=limits).outputs["q90_2_total"]
    assert output["text"] == left


def test_a_cell_that_cannot_be_stopped_is_left_out_and_the_rest_is_graded(grade):
    code = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    result = grade({"q90_1_double": code}, limits=Limits(cell_seconds=1, item_seconds=2))
    assert "could not be stopped" in result.limits[0]
    assert statuses(result)["is_fifteen"] == "met"


@pytest.mark.parametrize(
    "code", ["import os\nos._exit(0)", "import os\nos.kill(os.getpid(), 9)", "exit()\nquit()"]
)
def test_a_cell_that_ends_the_process_costs_its_own_question(grade, code):
    result = grade({"q90_2_total": code})
    assert statuses(result)["doubles_a_number"] == "met"
    assert statuses(result)["is_fifteen"] != "met"
    assert result.points == 4


def test_replays_end(grade):
    own = [("q90_1_double", "import os\nos._exit(1)")] * 6
    result = grade(own=own)
    assert len(result.limits) == 1 + LIMITS.replays
    assert result.points == 0
    assert statuses(result)["is_fifteen"] == "error"


def test_the_notebook_has_a_budget(grade):
    limits = Limits(cell_seconds=5, notebook_seconds=1, item_seconds=2)
    own = [("q90_1_double_check", "import time\ntime.sleep(0.7)")] * 3
    result = grade(own=own, limits=limits)
    assert any("time was used up" in line for line in result.limits)


def test_an_item_that_never_ends_is_an_error_of_that_item(grade):
    code = "def double(x):\n    while isinstance(x, float): pass\n    return 2 * x"
    result = grade({"q90_1_double": code})
    assert statuses(result) == ALL_MET | {"doubles_any_number": "error"}


def test_an_item_whose_call_ends_the_process_disturbs_no_other(grade):
    code = "import os\ndef double(x):\n    if isinstance(x, int): os._exit(0)\n    return 2 * x"
    result = grade({"q90_1_double": code})
    assert statuses(result) == ALL_MET | {"doubles_a_number": "error"}


@pytest.mark.parametrize("end", ["os._exit(0)", "time.sleep(60)"])
def test_a_read_that_ends_or_hangs_the_process_disturbs_no_other_question(grade, end):
    trap = f"import os, time\nclass Trap(dict):\n    def items(self): {end}\ntotal = Trap(a=1)"
    result = grade({"q90_2_total": trap})
    assert statuses(result) == ALL_MET | {"is_fifteen": "error", "total_is_a_number": "error"}


@pytest.mark.parametrize("end", ["time.sleep(60)", "os.abort()"])
def test_what_comes_after_a_call_that_ends_or_hangs_is_judged_as_it_stood_at_the_check(grade, end):
    code = f"import os, time\ndef double(x):\n    if isinstance(x, int): {end}\n    return 2 * x"
    result = grade({"q90_1_double": code}, own=[("q90_2_total_check", "double = 30")])
    assert statuses(result) == ALL_MET | {"doubles_a_number": "error"}


def test_items_that_hang_leave_the_cells_their_time(grade):
    code = (
        "import time\ndef double(x):\n    isinstance(x, float) or time.sleep(60)\n    return 2 * x"
    )
    trap = "class Trap(dict):\n    def items(self): time.sleep(60)\ntotal = Trap(a=1)"
    result = grade(
        {"q90_1_double": code, "q90_2_total": trap}, limits=replace(LIMITS, notebook_seconds=3)
    )
    assert statuses(result) == dict.fromkeys(ALL_MET, "error") | {"doubles_any_number": "met"}
    assert result.limits == []


@pytest.fixture
def two_hidden_items(monkeypatch):
    """Let Question 90.1 have two hidden items that call, both to be met by `2 * x`."""

    def first(student):
        expect(student.call("double", 4) == 8)

    def second(student):
        expect(student.call("double", 5) == 10)

    items = [Item(f.__name__, "It is so.", 1.0, True, f) for f in (first, second)]
    known = {"q90_1_double": SimpleNamespace(id="q90_1_double", items=items)}
    monkeypatch.setattr(grading, "questions_of", lambda release: known)


def test_what_a_later_cell_puts_right_is_not_met(two_hidden_items, grade):
    wrong, right = "def double(x):\n    return 0", GOOD["q90_1_double"]
    result = grade({"q90_1_double": wrong}, own=[("q90_2_total_check", right)])
    assert set(statuses(result).values()) == {"unmet"}


def test_what_a_hidden_item_spoils_is_met(two_hidden_items, grade):
    once = "left = [2]\ndef double(x):\n    return left.pop() * x"
    result = grade({"q90_1_double": once}, own=[("q90_2_total_check", "print(left)")])
    assert set(statuses(result).values()) == {"met"}
    shown = [o["text"] for outputs in result.outputs.values() for o in outputs if "text" in o]
    assert shown == ["[2]\n"]


def test_doubt_takes_one_fork_more(two_hidden_items, grade, forks):
    grade({"q90_1_double": "def double(x):\n    return 0"})
    # The submission, one question put aside, and one look at what the last cell left.
    assert len(forks) == 3


def test_what_an_item_does_leaves_no_trace(grade):
    code = "calls = []\ndef double(x):\n    calls.append(x)\n    return 2 * x"
    result = grade({"q90_1_double": code}, own=[("q90_1_double_check", "print(calls)")])
    assert result.points == 6
    shown = [o["text"] for outputs in result.outputs.values() for o in outputs if "text" in o]
    assert shown == ["[]\n"]


def test_hidden_items_give_nothing_away(grade):
    result = grade({"q90_1_double": "def double(x):\n    raise ValueError(f'got {x}')"})
    hidden = next(i for i in result.verdicts[0].items if i.hidden)
    assert hidden.status == "error"
    shown = hidden.for_student()
    assert shown.statement == hidden.statement
    assert shown.expected == shown.got == ""
    public = next(i for i in result.verdicts[0].items if not i.hidden)
    assert public.for_student() == public


def test_results_come_as_data_not_as_objects(grade):
    code = (
        "class Six(int):\n"
        "    def __eq__(self, other): return True\n"
        "    __hash__ = int.__hash__\n"
        "def double(x):\n    return Six(1)\n"
    )
    assert grade({"q90_1_double": code}).verdicts[0].points == 0


def test_outputs_cannot_become_marks(grade):
    code = "from IPython.display import display\nfor _ in range(3): display(100)\n100.0"
    result = grade({"q90_2_total": code})
    assert result.points == 4


def test_student_code_sees_no_grader_environment(grade, monkeypatch):
    monkeypatch.setenv("GEMINI_API_KEY", "do-not-tell")
    result = grade(own=[("part90-02", "import os\nprint(dict(os.environ))")])
    text = str(result.outputs)
    assert "do-not-tell" not in text
    assert "NBGRADER" not in text


def test_each_submission_works_in_a_folder_of_its_own(grade):
    own = [("part90-02", "import os\nprint(os.listdir('.'))\nopen('mine', 'w').close()")]
    first, second = grade(own=own), grade(own=own)
    assert first.outputs["own-1"] == second.outputs["own-1"]
    assert first.outputs["own-1"][0]["text"] == "[]\n"


def test_the_same_verdicts_with_and_without_preloading(mini_release, grade):
    with preloading.preloaded(mini_release, LIMITS, cells=False) as empty:
        for answers in ({}, {"q90_1_double": "pass"}, {"q90_2_total": "total = START + 5.0"}):
            work = submission(mini_release, GOOD | answers)
            cold = grading.grade(mini_release, work, empty, LIMITS)
            assert cold.to_json() == grade(answers).to_json()


def test_the_same_verdicts_with_and_without_walls(mini_release, grade):
    limits = Limits(**LIMITS.to_dict() | {"walls": False})
    with preloading.preloaded(mini_release, limits) as bare:
        assert bare.walls.name == "none"
        for answers in ({}, {"q90_1_double": "1 / 0"}, {"q90_2_total": "import os\nos._exit(1)"}):
            work = submission(mini_release, GOOD | answers)
            plain = grading.grade(mini_release, work, bare, limits)
            assert plain.to_json() == grade(answers).to_json()


def test_an_unreadable_file_is_reported_and_gets_nothing(mini_release, sandbox):
    broken = Rebuilt(mini_release.notebook, problem="part90_mini.ipynb is empty")
    result = grading.grade(mini_release, broken, sandbox, LIMITS)
    assert result.points == 0
    assert result.problem == "part90_mini.ipynb is empty"
    assert result.verdicts[0].items[0].next_step == "part90_mini.ipynb is empty"


def test_no_process_is_left_behind(mini_release):
    import psutil

    before = {p.pid for p in psutil.Process().children(recursive=True)}
    with preloading.preloaded(mini_release, LIMITS) as process:
        own = [("part90-02", "import subprocess\nsubprocess.Popen(['sleep', '60'])")]
        grading.grade(mini_release, submission(mini_release, GOOD, own), process, LIMITS)
    left = [p for p in psutil.Process().children(recursive=True) if p.pid not in before]
    assert left == []


def test_a_result_is_kept_by_all_it_depends_on(mini_release, tmp_path):
    work = submission(mini_release, GOOD)
    key = key_of(mini_release, work, LIMITS)
    assert key == key_of(mini_release, submission(mini_release, GOOD), LIMITS)
    assert key != key_of(mini_release, submission(mini_release, {}), LIMITS)
    assert key != key_of(mini_release, work, Limits())
    results = Results(tmp_path / "results")
    sandboxes = preloading.Sandboxes()
    try:
        first = grading.graded(mini_release, work, LIMITS, results, sandboxes)
    finally:
        sandboxes.close()
    again = grading.graded(mini_release, work, LIMITS, results, sandboxes=None)
    assert first[0] == again[0] == key
    assert first[1].to_json() == again[1].to_json()
    assert os.listdir(tmp_path / "results") == [f"{key}.json"]


def test_limits_say_what_is_wrong_with_them():
    with pytest.raises(ValueError, match="unknown limit 'cell_secs'; known: cell_seconds"):
        Limits.from_dict({"cell_secs": 3})
    for name, wrong, kind in (
        ("cell_seconds", "3", "a number from 0.001 on"),
        ("cell_seconds", 0, "a number"),
        ("item_seconds", float("nan"), "a number"),
        ("notebook_seconds", float("inf"), "a number"),
        ("replays", 0.5, "a whole number from 0 on"),
        ("replays", -1, "a whole number"),
        ("processes", True, "a whole number from 1 on"),
        ("memory_bytes", 0, "a whole number from 1 on"),
    ):
        with pytest.raises(ValueError, match=f"{name!r} must be {kind}.*, not {wrong!r}"):
            Limits.from_dict({name: wrong})
    assert Limits.from_dict({"replays": 0, "cell_seconds": 1}) == Limits(replays=0, cell_seconds=1)


def test_folders_of_killed_graders_are_swept_and_no_others(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(tmp_path))
    dead = subprocess.Popen(["true"])
    dead.wait()
    with scratch.scratch() as ours:
        of_a_dead = Path(ours.replace(f"-{os.getpid()}-", f"-{dead.pid}-"), "deep/er")
        others = [tmp_path / name for name in (f"lab-{dead.pid}-a", "labeling-lab-grader-notes-c")]
        for folder in (of_a_dead, *others):
            folder.mkdir(parents=True)
        scratch.sweep()
        assert set(tmp_path.iterdir()) == {Path(ours), *others}
