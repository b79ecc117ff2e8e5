"""Many notebooks: the same results in one process, in two, on a cluster, and after any kill."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import nullcontext
from multiprocessing import get_context
from types import SimpleNamespace

import pytest
from conftest import MINI, ROOT
from rich.console import Console
from test_record import WORK, hand_in, marks

from autograder import demo, fanout, results, workers
from autograder.batch import Batch
from autograder.course import CourseError
from autograder.fanout import grade_all
from autograder.limits import Limits
from autograder.preloading import SandboxGone
from autograder.release import releases
from autograder.submission import rebuild_part
from autograder.tasks import Done, Failed, Task
from autograder.turns import alone_in
from autograder.workers import Workers

# A worker imports this folder's code, whichever is installed.
SITE = {"PYTHONPATH": f"{MINI / 'site'}:{ROOT}"}


@pytest.fixture
def class_of_twelve(mini):
    answers = list(WORK.values())
    for number in range(12):
        hand_in(mini, f"s{number:02d}", answers[number % 3])
    return mini


def tasks(course):
    return [
        Task(
            folder.parent.name,
            "part90_mini",
            folder,
            course.release / "mini",
            course.results,
            Limits(),
        )
        for folder in sorted(course.submitted.glob("*/mini"))
    ]


def points(done):
    return {d.task.student: (d.key, d.result.to_json()) for d in done}


@pytest.fixture
def expected(class_of_twelve):
    import shutil

    done = points(grade_all(tasks(class_of_twelve), 1))
    assert [result["part"] for _, result in done.values()] == ["part90_mini"] * 12
    shutil.rmtree(class_of_twelve.results)
    return done


def test_two_processes_give_the_same(class_of_twelve, expected, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", SITE["PYTHONPATH"])
    assert points(grade_all(tasks(class_of_twelve), 2)) == expected


@pytest.mark.parametrize("changed", [0, 1, 2])
def test_no_more_processes_are_started_than_have_something_to_grade(
    class_of_twelve, expected, monkeypatch, changed
):
    monkeypatch.setenv("PYTHONPATH", SITE["PYTHONPATH"])
    started, start = [], Workers._start
    monkeypatch.setattr(Workers, "_start", lambda w: started.append(start(w)))
    list(grade_all(tasks(class_of_twelve), 1))
    for number in range(changed):
        answer = {"q90_2_total": f"total = 15 + {number} - {number}"}
        hand_in(class_of_twelve, f"s1{number}", answer)
    done = points(grade_all(tasks(class_of_twelve), 3))
    assert len(started) == (0, 0, 2)[changed]
    same = [f"s{number:02d}" for number in range(10)]
    assert {name: done[name] for name in same} == {name: expected[name] for name in same}
    assert [done[f"s1{number}"][1]["problem"] for number in range(2)] == ["", ""]


def say_what_is_blocked(pipe):
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    workers._follow_the_parent()
    pipe.send((before, signal.pthread_sigmask(signal.SIG_BLOCK, [])))


def test_a_worker_that_starts_does_not_hear_ctrl_c_before_it_can_ignore_it():
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    worker = context.Process(target=say_what_is_blocked, args=(theirs,))
    with workers._interrupts_held_back():
        worker.start()
    before, after = ours.recv()
    worker.join()
    assert signal.SIGINT in before
    assert signal.SIGINT not in after
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_a_cluster_gives_the_same_even_when_it_loses_a_worker(
    class_of_twelve, expected, monkeypatch
):
    from distributed import LocalCluster

    monkeypatch.setenv("PYTHONPATH", SITE["PYTHONPATH"])
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        done = {}
        for number, one in enumerate(
            grade_all(tasks(class_of_twelve), 1, cluster.scheduler_address)
        ):
            done |= points([one])
            if number == 2:
                os.kill(next(iter(cluster.workers.values())).process.pid, signal.SIGKILL)
    assert done == expected


class Gate:
    """Holds up all but the first task that comes, until it is opened."""

    def __init__(self):
        self.came, self.opened = [], threading.Event()

    def pass_through(self, task):
        self.came.append(task)
        if len(self.came) > 1:
            self.opened.wait()
        return Done(task, "", None)


GATE = Gate()


def pass_gate(task):  # sent to a worker by this name
    return GATE.pass_through(task)


@pytest.fixture
def gate(monkeypatch):
    monkeypatch.setattr(fanout, "grade_one", pass_gate)
    monkeypatch.setattr(sys.modules[__name__], "GATE", made := Gate())
    yield made
    made.opened.set()


@pytest.mark.parametrize("stopped_by", [GeneratorExit, KeyboardInterrupt, CourseError])
def test_who_stops_a_cluster_does_not_wait_for_the_class(class_of_twelve, gate, stopped_by):
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        done = grade_all(tasks(class_of_twelve), 1, cluster.scheduler_address)
        next(done)
        with pytest.raises(stopped_by):
            done.throw(stopped_by())
        while cluster.scheduler.tasks:  # it takes a moment to hear that nobody wants them
            time.sleep(0.005)
        assert len(gate.came) <= 2
        gate.opened.set()


def test_a_worker_with_other_code_is_said_plainly(class_of_twelve, monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setenv("PYTHONPATH", SITE["PYTHONPATH"])
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        # As if the code had been changed after the worker, but before this process, read it.
        monkeypatch.setattr(results, "_digest_of_environment", lambda: "newer")
        with pytest.raises(CourseError) as caught:
            Batch(class_of_twelve, "mini").grade(1, lambda *_: None, cluster.scheduler_address)
        (worker,) = cluster.scheduler_info["workers"]
    assert str(caught.value) == (
        f"the Dask worker at {worker} runs other code or pins than this grader: "
        "bring its checkout up to date, restart it, then run this again"
    )
    assert not class_of_twelve.results.exists()


def test_a_release_that_is_built_again_is_graded_with_by_who_has_read_it(mini):
    path = mini.release / "mini/part90_mini.ipynb"
    hand_in(mini, "ana", WORK["ana"])
    (before,) = Batch(mini, "mini").grade(1, lambda *_: None)
    path.write_text(path.read_text().replace("START = 10", "START = 11"))
    hand_in(mini, "ben", WORK["ana"])
    ana, ben = Batch(mini, "mini").grade(1, lambda *_: None)
    assert (ana.error, ben.error) == ("", "")
    assert ana.done["part90_mini"].key != before.done["part90_mini"].key


def test_any_released_file_that_changes_is_read_again(mini):
    folder = mini.release / "mini"
    path, newest = folder / "part90_mini.ipynb", folder / "part91_other.ipynb"
    newest.write_text(path.read_text())
    os.utime(newest, (2**31, 2**31))
    before = releases(folder)
    assert releases(folder) is before
    path.write_text(path.read_text().replace("START = 10", "START = 11"))
    assert releases(folder)["part90_mini"].digest != before["part90_mini"].digest
    path.rename(folder / "part92_mini.ipynb")
    assert list(releases(folder)) == ["part91_other", "part92_mini"]


class Gone:
    """A sandbox that is there, and ends whatever is graded in it."""

    def __init__(self, starts):
        self.starts, self.closed = starts, 0

    def get(self, *_):
        if not self.starts:
            raise SandboxGone("it ended")
        return SimpleNamespace(done=frozenset(), outputs={}, submission=self._end)

    def close(self):
        self.closed += 1

    def _end(self, *_):
        raise SandboxGone("it ended")


@pytest.mark.parametrize("starts", [True, False])
def test_a_sandbox_that_ends_with_one_notebook_costs_that_notebook(
    class_of_twelve, monkeypatch, starts
):
    monkeypatch.setattr("autograder.tasks.sandboxes_here", lambda: sandboxes)
    sandboxes, task = Gone(starts), tasks(class_of_twelve)[0]
    if starts:
        assert fanout.grade_one(task) == Failed(task, "part90_mini: it ended, 3 times")
    else:  # no notebook can be graded
        with pytest.raises(SandboxGone, match="it ended"):
            fanout.grade_one(task)
    assert sandboxes.closed == 3


def test_a_notebook_that_kills_its_clusters_workers_is_told(class_of_twelve, monkeypatch):
    from distributed import KilledWorker

    class Cluster:
        def submit(self, function, task, code):
            future = Future()
            if task.student == "s03":
                future.set_exception(KilledWorker("a task", None, 3))
            else:
                future.set_result(Done(task, "", None))
            return future

    monkeypatch.setattr(fanout, "_on_cluster", lambda scheduler: nullcontext(Cluster()))
    done = list(grade_all(tasks(class_of_twelve), 1, "tcp://anywhere"))
    (failed,) = (one for one in done if isinstance(one, Failed))
    assert (failed.task.student, len(done)) == ("s03", 12)
    assert "was killed time after time (is there too little memory?)" in failed.why


def test_half_written_results_are_swept_but_those_of_other_machines(tmp_path):
    dead = subprocess.Popen(["true"])
    dead.wait()
    ours = f"{dead.pid}@{results._HOST}-x.tmp"
    left = {f"{os.getpid()}@{results._HOST}-x.tmp", f"{dead.pid}@elsewhere-x.tmp", "a.json"}
    for name in (ours, *left):
        (tmp_path / name).touch()
    results.Results(tmp_path).sweep()
    assert {path.name for path in tmp_path.iterdir()} == left


def test_no_scheduler_is_said_plainly(class_of_twelve):
    with pytest.raises(CourseError, match=r"no Dask scheduler at tcp://127\.0\.0\.1:1"):
        list(grade_all(tasks(class_of_twelve), 1, "tcp://127.0.0.1:1"))


@pytest.mark.parametrize("address", ["foo", "tcp://foo", "foo://x:1"])
def test_what_is_no_address_is_said_before_anything_is_started(
    class_of_twelve, monkeypatch, address
):
    import distributed

    monkeypatch.setattr(distributed, "Client", None)
    with pytest.raises(CourseError, match=r"--scheduler must be as tcp://host:port: .+'foo'"):
        list(grade_all(tasks(class_of_twelve), 1, address))


def run_grade(course, *options):
    return subprocess.Popen(
        [sys.executable, "-m", "autograder.cli", "grade", "mini", *options],
        cwd=course.root,
        env=os.environ | SITE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_killed_at_any_point_and_run_again_nothing_is_lost(class_of_twelve, jobs):
    """Kill -9 while grading, then while recording; the last run finds everything in order."""
    course = class_of_twelve
    for found in (
        lambda: any(course.results.glob("*.json")),
        lambda: any(course.autograded.glob("s0*")),
    ):
        process = run_grade(course, "--jobs", jobs)
        deadline = time.monotonic() + 120
        while process.poll() is None and not found() and time.monotonic() < deadline:
            time.sleep(0.005)
        process.kill()
        process.communicate()
    process = run_grade(course, "--jobs", jobs)
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert marks(course) == {f"s{n:02d}": (6.0, 2.0, 0.0)[n % 3] for n in range(12)}
    assert not list(course.results.glob("*.tmp"))


def test_ctrl_c_stops_cleanly_and_says_so(class_of_twelve):
    course = class_of_twelve
    process = run_grade(course, "--jobs", "2")
    deadline = time.monotonic() + 120
    while (
        process.poll() is None
        and not any(course.results.glob("*.json"))
        and time.monotonic() < deadline
    ):
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    if process.returncode != 0:  # it may have been done just before
        assert process.returncode == 130, output
        assert "run it again to go on" in output
    assert Batch(course, "mini").grade(1, lambda *_: None)
    assert len(marks(course)) == 12


def test_a_notebook_the_grader_stumbles_over_stops_no_other(mini, monkeypatch):
    hand_in(mini, "ana", WORK["ana"])
    hand_in(mini, "ben", WORK["ana"])
    rebuild = rebuild_part

    def stumbles(folder, part, parts):
        if "ben" in folder.parts:
            raise ZeroDivisionError("oh")
        return rebuild(folder, part, parts)

    monkeypatch.setattr("autograder.tasks.rebuild_part", stumbles)
    ana, ben = Batch(mini, "mini").grade(1, lambda *_: None)
    assert ana.gradable
    assert not ben.gradable
    assert "the grader stumbled over part90_mini: ZeroDivisionError: oh (test_" in ben.notes[0]
    assert marks(mini) == {"ana": 6.0}


def end_if_first(task):  # sent to a worker by this name
    if task.student == "s00":
        os.kill(os.getpid(), signal.SIGKILL)
    return Done(task, "done", None)


def test_a_task_whose_worker_is_killed_again_and_again_is_given_up(class_of_twelve):
    first, second, *_ = tasks(class_of_twelve)
    at_work = Workers(end_if_first, [first, second], 1, fanout._killed)
    done = {answer.task.student: answer for answer in at_work.done()}
    assert done["s00"].why == (
        "the process that grades part90_mini was killed time after time "
        "(is there too little memory?)"
    )
    assert done["s01"].key == "done"


def test_two_graders_in_one_course_write_one_after_the_other(mini):
    hand_in(mini, "ana", WORK["ana"])
    batch, waited = Batch(mini, "mini"), []

    def look(what, done, total):
        if what in ("recording", "feedback"):
            with (mini.build / ".turn").open() as turn, pytest.raises(BlockingIOError):
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            waited.append(what)

    batch.grade(1, look)
    batch.feedback(1, look)
    assert set(waited) == {"recording", "feedback"}
    told = []
    with (mini.build / ".turn").open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)

        def leave(*step):
            told.append(step)
            fcntl.flock(turn, fcntl.LOCK_UN)

        with alone_in(mini.build, leave):
            assert told == [("another grader is writing", n, 1) for n in range(2)]


class Unsendable(Exception):
    def __init__(self, one, two):
        super().__init__("what this says is kept")


def raise_unsendable(task):  # sent to a worker by this name
    raise Unsendable(1, 2)


def test_an_exception_that_cannot_be_sent_is_told_in_words():
    with pytest.raises(RuntimeError, match="Unsendable: what this says is kept"):
        list(Workers(raise_unsendable, [1, 2], 2, str).done())


class Stubborn:
    """A process that does not end by itself, by a clock that only those who wait move on."""

    def __init__(self, clock):
        self.clock, self.closed, self.killed = clock, False, False

    def close(self):
        self.closed = True

    def join(self, timeout=None):
        if not self.killed:
            self.clock.now += timeout

    def kill(self):
        assert self.clock.now == workers._PATIENCE_SECONDS
        self.killed = True


def test_all_processes_that_do_not_end_are_given_the_same_seconds(monkeypatch):
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(workers, "time", clock)
    at_work = Workers(None, [], 5, None)
    stubborn = [Stubborn(clock) for _ in range(5)]
    at_work._busy = {worker: (worker, None) for worker in stubborn}
    at_work.close()
    assert clock.now == workers._PATIENCE_SECONDS
    assert all(worker.closed and worker.killed for worker in stubborn)


SAMPLE = """# ---
# student: {student}
# story: Nothing is done.
# deserves:
#   q90_1_double: not attempted
#   q90_2_total: not attempted
# ---
"""


def test_the_demo_says_which_sample_was_not_graded(mini, tmp_path, monkeypatch):
    for student in ("ana", "ben"):
        path = tmp_path / "samples" / student / "part90_mini.py"
        path.parent.mkdir(parents=True)
        path.write_text(SAMPLE.format(student=student))

    def stumbles(task):
        return Failed(task, "the walls fell") if task.student == "ben" else grade_one(task)

    grade_one = fanout.grade_one
    monkeypatch.setattr(fanout, "grade_one", stumbles)
    monkeypatch.setattr(demo, "ASSIGNMENT", "mini")
    monkeypatch.setattr(demo, "build_with_bar", lambda *_: None)
    console = Console(record=True, width=200)
    with pytest.raises(CourseError) as caught:
        demo.run_demo(mini, tmp_path / "samples", True, 1, console)
    assert str(caught.value) == (
        "marks are not what was deserved:\nben, part90_mini: was not graded, see above why"
    )
    assert "ben: the walls fell" in console.export_text()


def test_a_benchmark_in_which_a_notebook_is_not_graded_says_so(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import grading_ways

    (tmp_path / "submitted/ben").mkdir(parents=True)
    failed = [Failed(SimpleNamespace(student="ben"), "the walls fell")]
    monkeypatch.setattr(grading_ways, "grade_all", lambda *_: failed)
    with pytest.raises(SystemExit, match="ben was not graded: the walls fell"):
        grading_ways.run_ours("part90_mini", tmp_path)
