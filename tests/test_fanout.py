"""Many notebooks: the same results in one process, in two, on a cluster, and after any kill."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing import get_context

import pytest
from conftest import MINI, ROOT
from test_record import WORK, hand_in, marks

from autograder import fanout
from autograder.batch import Batch
from autograder.course import CourseError
from autograder.fanout import Task, grade_all
from autograder.limits import Limits

SITE = {"PYTHONPATH": str(MINI / "site")}


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


def say_what_is_blocked(pipe):
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    fanout._follow_the_parent()
    pipe.send((before, signal.pthread_sigmask(signal.SIG_BLOCK, [])))


def test_a_worker_that_starts_does_not_hear_ctrl_c_before_it_can_ignore_it():
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    worker = context.Process(target=say_what_is_blocked, args=(theirs,))
    with fanout._interrupts_held_back():
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


def test_no_scheduler_is_said_plainly(class_of_twelve):
    with pytest.raises(CourseError, match=r"no Dask scheduler at tcp://127\.0\.0\.1:1"):
        list(grade_all(tasks(class_of_twelve), 1, "tcp://127.0.0.1:1"))


def run_grade(course, *options):
    return subprocess.Popen(
        [sys.executable, "-m", "autograder.cli", "grade", "mini", *options],
        cwd=course.root,
        env=os.environ | SITE | {"PYTHONPATH": f"{SITE['PYTHONPATH']}:{ROOT}"},
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
    rebuild = fanout.rebuild_part

    def stumbles(folder, part, parts):
        if "ben" in folder.parts:
            raise ZeroDivisionError("oh")
        return rebuild(folder, part, parts)

    monkeypatch.setattr(fanout, "rebuild_part", stumbles)
    ana, ben = Batch(mini, "mini").grade(1, lambda *_: None)
    assert ana.gradable
    assert not ben.gradable
    assert "the grader stumbled over part90_mini: ZeroDivisionError: oh (test_" in ben.notes[0]
    assert marks(mini) == {"ana": 6.0}


def test_a_task_whose_worker_is_killed_again_and_again_is_given_up(class_of_twelve):
    first, *_ = tasks(class_of_twelve)
    workers = fanout._Workers([first], 1)
    told = [workers._was_killed(first) for _ in range(3)]
    assert told[:2] == [None, None]
    assert told[2].why == (
        "the process that grades part90_mini was killed 3 times (is there too little memory?)"
    )
