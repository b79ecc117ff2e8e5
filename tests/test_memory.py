"""What a submission may use in all its processes together, and what a cell may show."""

import os
import subprocess
import threading

import pytest
from conftest import shown
from test_grading import GOOD
from test_grading import submission as hand_in

from autograder import grading, preloading
from autograder.limits import Limits
from autograder.sandbox import memory, walls
from helpers.checks.student import StudentGone

MB = 2**20
LIMITS = Limits(memory_bytes=900 * MB, total_memory_bytes=600 * MB, processes=24)
TOO_MUCH = r"its processes together used more than 0\.6 GiB of memory"


@pytest.fixture
def submission(zygote, kind):
    kernel = zygote.fork(kind.room(LIMITS.to_dict(), ""))
    kernel.run(HELPERS, 20)
    yield kernel
    kernel.end()


HELPERS = """
def hold(megabytes):
    held = b'x' * (megabytes * 2**20)
    while True:
        time.sleep(9)

def in_child(do, *arguments):
    if os.fork() == 0:
        try:
            do(*arguments)
        finally:
            os._exit(0)

def in_daemon(do, *arguments):
    if os.fork() == 0:
        os.setsid()
        in_child(do, *arguments)
        os._exit(0)
    os.wait()

def in_program(megabytes):
    code = f"import time; held = b'x' * ({megabytes} * 2**20); time.sleep(999)"
    subprocess.Popen([sys.executable, "-S", "-c", code])

def unseen(megabytes):
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
    hold(megabytes)

def without_first_thread(megabytes):
    threading.Thread(target=lambda: time.sleep(0.5) or hold(megabytes)).start()
    ctypes.CDLL(None).syscall(60 if os.uname().machine == "x86_64" else 93, 0)

def shared(megabytes):
    import mmap
    held = mmap.mmap(-1, megabytes * 2**20)
    for _ in range(megabytes):
        held.write(b'x' * 2**20)
    while True:
        time.sleep(9)
"""
FOR_EVER = "\nwhile True: time.sleep(9)"


@pytest.mark.parametrize(
    "start",
    [
        "in_child(hold, 300)",
        "in_daemon(hold, 300)",
        "in_program(300)",
        "in_child(unseen, 300)",
        "in_child(without_first_thread, 300)",
        "in_child(shared, 300)",
    ],
)
def test_processes_that_use_too_much_together_are_ended(submission, start):
    with pytest.raises(StudentGone, match=TOO_MUCH):
        submission.run(f"for _ in range(4): {start}" + FOR_EVER, 60)


def test_an_items_fork_counts_too(submission):
    look = submission.fork()
    with pytest.raises(StudentGone, match=TOO_MUCH):
        look.run("for _ in range(4): in_child(hold, 300)" + FOR_EVER, 60)
    with pytest.raises(StudentGone, match=TOO_MUCH):
        submission.fork()


def test_one_submissions_memory_is_not_anothers(zygote, kind, submission):
    other = zygote.fork(kind.room(LIMITS.to_dict(), ""))
    try:
        with pytest.raises(StudentGone, match=TOO_MUCH):
            submission.run("for _ in range(4): in_child(hold, 300)" + FOR_EVER, 60)
        assert shown(other, "print('well')") == "well\n"
    finally:
        other.end()


def test_what_processes_share_is_counted_once(submission):
    """A first look finds 5 times 300 MB, a second one that it is the same 300 MB."""
    code = """
held = b'x' * (300 * 2**20)
children = [subprocess.Popen(['sleep', '99'])]
for _ in range(4):
    in_child(time.sleep, 99)
time.sleep(1)
print(len(held) >> 20)
"""
    assert shown(submission, code) == "300\n"


def test_a_process_may_hold_what_is_allowed(submission):
    assert shown(submission, "in_child(hold, 300)\ntime.sleep(1)\nprint('ok')") == "ok\n"
    assert shown(submission, "print('still here')") == "still here\n"


def test_no_reason_is_given_where_there_is_none(submission):
    with pytest.raises(StudentGone, match="the process ended"):
        submission.run("os._exit(0)", 20)


def test_looks_rest_in_proportion_to_what_they_cost():
    assert memory.pause_after(0) == memory.PAUSE_SECONDS
    assert memory.pause_after(0.02) == pytest.approx(0.4)
    assert memory.pause_after(9) == 1


def test_a_tree_of_processes_is_found_with_its_children():
    """The second child's parent is a thread that is not the first."""
    children = [subprocess.Popen(["sleep", "99"])]
    started, done = threading.Event(), threading.Event()

    def start():
        children.append(subprocess.Popen(["sleep", "99"]))
        started.set()
        done.wait()

    thread = threading.Thread(target=start)
    thread.start()
    started.wait()
    try:
        assert {child.pid for child in children} <= set(memory.below(os.getpid()))
    finally:
        done.set()
        for child in children:
            child.kill()
            child.wait()


@pytest.mark.parametrize("kind", [walls.BUBBLEWRAP], indirect=True)
def test_a_kernel_that_lists_no_children_will_do_for_bubblewrap(zygote, submission):
    """Behind Landlock it would not; those walls ask for one that does."""
    zygote.run("from autograder.sandbox import memory\nmemory.CHILDREN_ARE_LISTED = False", 20)
    try:
        with pytest.raises(StudentGone, match=TOO_MUCH):
            submission.run("for _ in range(4): in_daemon(hold, 300)" + FOR_EVER, 60)
    finally:
        zygote.run("memory.CHILDREN_ARE_LISTED = True", 20)


def test_a_student_is_told(mini_release, kind):
    limits = Limits(
        cell_seconds=60, replays=1, walls=kind.name, total_memory_bytes=LIMITS.total_memory_bytes
    )
    code = "import os, time\nos.fork()\nx = b'x' * (400 * 2**20)\ntime.sleep(99)"
    with preloading.preloaded(mini_release, limits) as sandbox:
        work = hand_in(mini_release, GOOD | {"q90_1_double": code})
        result = grading.grade(mini_release, work, sandbox, limits)
    assert result.limits == [
        "q90_1_double ended the notebook's process: "
        "its processes together used more than 0.6 GiB of memory"
    ]
    assert result.points == 2


def test_a_cell_may_show_what_is_allowed(zygote, kind):
    limits = LIMITS.to_dict() | {"output_chars": 1000, "outputs": 5}
    fork = zygote.fork(kind.room(limits, ""))
    try:
        assert shown(fork, "print('x' * 900)") == "x" * 900 + "\n"
        for code in ("print('x' * 1001)", "for n in range(9): display(n)"):
            _, outputs = fork.run(code, 20)
            assert "dropped" in outputs[-1]["text"]
            assert len(outputs) <= 6
    finally:
        fork.end()
