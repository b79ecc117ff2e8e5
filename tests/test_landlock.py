"""What Landlock has to hold alone, where no namespace hides the machine."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from conftest import ROOT, shown
from test_grading import GOOD
from test_grading import submission as hand_in
from test_walls import LIMITS, MARK, running

from autograder import doctor, grading, preloading
from autograder.limits import Limits
from autograder.sandbox import bubblewrap, walls
from autograder.sandbox.client import started
from helpers.checks.student import StudentGone

# That this does not skip where it need not is held by test_walls.py.
pytestmark = pytest.mark.skipif(bool(walls.LANDLOCK.problem()), reason=walls.LANDLOCK.problem())


@pytest.fixture(scope="module")
def zygote():
    with (
        tempfile.TemporaryDirectory(prefix="lab-") as folder,
        started(walls.LANDLOCK, folder) as kernel,
    ):
        kernel.run("import os, sys, socket, subprocess, ctypes, time, signal", 30)
        yield kernel


@pytest.fixture
def submission(zygote):
    made = []

    def new(**limits):
        wanted = LIMITS.to_dict() | limits
        made.append(zygote.fork(walls.LANDLOCK.room(wanted, "")))
        return made[-1]

    yield new
    for kernel in made:
        kernel.end()


def test_a_fork_of_a_submission_can_use_what_looks_for_thread_pools(submission):
    kernel = submission(memory_bytes=2 * 2**30)
    code = "from sklearn.cluster import KMeans\nX = [[0.0], [1.0], [9.0]]"
    assert kernel.run(code, 60)[0]
    look = kernel.fork()
    text = shown(
        look, "print(sorted(KMeans(2, n_init=1, random_state=0).fit_predict(X).tolist()))", 60
    )
    assert text in ("[0, 0, 1]\n", "[0, 1, 1]\n")


# What cannot be reached


def tried(*calls):
    """Return a cell that prints, for each call, the error it raises, or "done"."""
    lines = ["libc = ctypes.CDLL(None, use_errno=True)"]
    for call in calls:
        lines += ["try:", f"    {call}", "    print('done')"]
        lines += ["except OSError as error:", "    print(type(error).__name__)"]
    return "\n".join(lines)


def answered(run, *calls):
    return dict(zip(calls, run(tried(*calls)).split(), strict=True))


def test_no_process_but_its_own_can_be_signalled(run, zygote, submission):
    """Not its keeper, not the preloaded process, the grader, init, nor a neighbour."""
    neighbour = submission()
    others = [int(shown(k, "print(os.getpid())")) for k in (zygote, neighbour)]
    keeper = "os.getppid()"
    calls = [f"os.kill({pid}, 0)" for pid in (keeper, *others, os.getpid(), 1)]
    calls += [f"signal.pidfd_send_signal(os.pidfd_open({others[0]}), 0)"]
    assert set(answered(run, *calls).values()) == {"PermissionError"}
    assert answered(run, "os.kill(os.getpid(), 0)", "os.kill(0, 0)") == {
        "os.kill(os.getpid(), 0)": "done",
        "os.kill(0, 0)": "done",
    }
    assert shown(neighbour, "print('well')") == "well\n"


def test_nothing_of_other_processes_can_be_read(run, zygote, submission):
    neighbour = submission()
    pids = [int(shown(k, "print(os.getpid())")) for k in (zygote, neighbour)]
    calls = ["os.listdir('/proc')", "os.listdir('/proc/self')"]
    calls += [f"open('/proc/self/{name}')" for name in ("net/tcp", "mountinfo")]
    calls += ["open(f'/proc/self/task/{os.getpid()}/net/tcp')"]
    for pid in [*pids, os.getpid(), 1]:
        names = ("environ", "mem", "maps", "cmdline", "status")
        calls += [f"open('/proc/{pid}/{name}', 'rb').read(1)" for name in names]
        calls += [f"os.listdir('/proc/{pid}/fd')", f"os.readlink('/proc/{pid}/cwd')"]
    assert set(answered(run, *calls).values()) == {"PermissionError"}
    assert "Name:" in run("print(open('/proc/self/status').read())")


def test_a_fork_that_cannot_enter_its_room_leaves_nothing():
    def at_work():
        children = psutil.Process().children(recursive=True)
        return {p.pid for p in children if p.status() != psutil.STATUS_ZOMBIE}

    with tempfile.TemporaryDirectory(prefix="lab-") as folder, started(walls.LANDLOCK, folder) as k:
        k.run("from autograder.sandbox import room\ndef refuse(*_): raise PermissionError(1)", 10)
        k.run("room.enter = refuse", 10)
        before = at_work()
        for _ in range(3):
            with pytest.raises(StudentGone):
                k.fork(walls.LANDLOCK.room(LIMITS.to_dict(), ""))
        deadline = time.monotonic() + 10
        while at_work() - before and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not at_work() - before


def test_a_neighbours_scratch_is_out_of_reach(run, submission):
    neighbour = submission()
    shown(neighbour, "open('mine', 'w').write('secret')")
    folder = shown(neighbour, "print(os.getcwd())").strip()
    calls = [
        f"os.listdir({folder!r})",
        f"os.listdir({os.path.dirname(folder)!r})",
        f"open({folder + '/mine'!r})",
        f"open({folder + '/mine'!r}, 'w')",
        f"open({folder + '/new'!r}, 'w')",
        f"os.remove({folder + '/mine'!r})",
        f"os.link({folder + '/mine'!r}, 'stolen')",
        f"os.rename({folder + '/mine'!r}, 'stolen')",
    ]
    assert set(answered(run, *calls).values()) <= {"PermissionError", "OSError"}
    assert shown(neighbour, "print(open('mine').read())") == "secret\n"


def test_shared_places_are_not_written(run):
    calls = [f"open({path + '/lab-x'!r}, 'w')" for path in ("/tmp", "/dev/shm", "/var/tmp")]
    assert set(answered(run, *calls).values()) == {"PermissionError"}


def test_modes_owners_and_times_of_files_stay_as_they_are(run):
    """A file's owner may change them wherever the file lies, and Landlock does not look."""
    look = "print(oct(os.stat('x').st_mode), os.stat('x').st_mtime > 1, os.listxattr('x'))"
    as_it_was = "0o100644 True []\n"
    assert run("open('x', 'w').close(); os.chmod('x', 0o777); os.utime('x', (1, 1))") == ""
    assert run(look) == as_it_was
    assert run("import shutil\nshutil.copy2('x', 'y')\nprint(os.path.exists('y'))") == "True\n"
    refused = [
        "os.chown('x', os.getuid(), os.getgid())",
        "os.setxattr('x', 'user.a', b'1')",
        "__import__('fcntl').ioctl(os.open('x', os.O_RDONLY), 0x40086602, bytes(8))",
    ]
    assert set(answered(run, *refused).values()) == {"PermissionError"}
    for call in (
        "os.fchmod(os.open('x', os.O_RDONLY), 0o777)",
        "libc.chmod(b'x', 0o777)",
        "libc.syscall(452, -100, b'x', 0o777, 0)",
        "libc.syscall(463, -100, b'x', 0, b'user.a', 0, 0)",
        "libc.syscall(469, -100, b'x', 0, 0, 0)",
    ):
        run(f"libc = ctypes.CDLL(None, use_errno=True)\n{call}")
        assert run(look) == as_it_was, call


@pytest.mark.parametrize(
    "call",
    [
        "libc.socket(1, 1, 0)",
        "libc.socket(2, 2, 0)",
        "libc.socket(16, 3, 0)",
        "libc.socketpair(1, 2, 0, ctypes.byref(pair))",
        "libc.socketpair(1, 3, 0, ctypes.byref(pair))",
        "libc.socketpair(30, 1, 0, ctypes.byref(pair))",
        "libc.ioctl(3, 0x8927, ctypes.byref(pair))",
        "libc.shmat(0, None, 0)",
        "libc.shmctl(0, 2, ctypes.byref(pair))",
        "libc.semget(0, 1, 0o1600)",
        "libc.semop(0, ctypes.byref(pair), 1)",
        "libc.semctl(0, 0, 2, ctypes.byref(pair))",
        "libc.msgget(0, 0o1600)",
        "libc.msgrcv(0, ctypes.byref(pair), 8, 0, 0o4000)",
        "libc.mq_open(b'/lab', 0o102, 0o600, None)",
        "libc.inotify_add_watch(libc.inotify_init(), b'/tmp', 0xfff)",
        "libc.setpriority(2, 0, 5)",
        "libc.prlimit(os.getppid(), 7, None, ctypes.byref(pair))",
        "libc.sched_setaffinity(os.getppid(), 8, ctypes.byref(pair))",
        "libc.syscall(425, 8, ctypes.byref(pair))",
        "libc.ptrace(16, os.getppid(), 0, 0)",
    ],
)
def test_calls_landlock_does_not_know_are_refused(run, call):
    code = "libc = ctypes.CDLL(None, use_errno=True)\npair = (ctypes.c_int * 32)()\n"
    assert run(code + f"print({call}, ctypes.get_errno())") == "-1 1\n"


def test_calls_of_later_kernels_are_unknown():
    """What nobody knows yet may be a way out. Here, `pidfd_open` plays such a call."""
    script = """
import ctypes
from autograder.sandbox import seccomp
seccomp._LAST_KNOWN = 433
seccomp.forbid(shared=True)
libc = ctypes.CDLL(None, use_errno=True)
print(libc.syscall(434, 0, 0), ctypes.get_errno())
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "-1 38\n"


def test_no_socket_of_this_machine_can_be_reached(run):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind("\0lab-test")
        code = "a, b = socket.socketpair()\na.sendto(b'x', '\\0lab-test')"
        assert "rror" in run(code) or "connected" in run(code)
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.recv(1)


# What an honest submission needs


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import asyncio\nawait asyncio.sleep(0)\nprint('ok')", "ok\n"),
        ("from tqdm.auto import tqdm\nfor _ in tqdm('ab', file=sys.stdout): pass", "2/2"),
        ("import joblib as j\nprint(j.Parallel(2)(j.delayed(abs)(i) for i in [-1, 2]))", "[1, 2]"),
        ("import multiprocessing as m\nwith m.Pool(2) as p: print(p.map(abs, [-1, 2]))", "[1, 2]"),
        ("v = m.Value('i', 3)\np = m.Process(target=setattr, args=(v, 'value', 4))\n"
         "p.start(); p.join(); print(v.value)", "4\n"),
        ("q = m.Queue()\np = m.Process(target=q.put, args=(3,))\np.start(); print(q.get())", "3\n"),
        ("from concurrent.futures import ProcessPoolExecutor as P\n"
         "with P(2) as p: print(list(p.map(abs, [-1, 2])))", "[1, 2]"),
        ("!echo $HOME | wc -l", "1\n"),
        ("n = 3\n!echo {n}; exit 4", "3\n"),
        ("print(_exit_code)", "4\n"),
        ("%%bash\ncat <(echo from bash)", "from bash\n"),
        ("x = !echo hi\nprint(x)", "['hi']\n"),
        ("print(subprocess.run([sys.executable, '-c', 'import json; print(1)'], "
         "capture_output=True, text=True))", "stdout='1\\n'"),
        ("os.makedirs('a/b'); os.symlink('a', 'c'); os.mkfifo('f'); os.link(*'gh') if 0 else 0\n"
         "open('a/x', 'w').close(); os.rename('a/x', 'a/b/y'); print(os.listdir('c/b'))", "['y']"),
        ("import sqlite3\nd = sqlite3.connect('d.db')\nd.execute('create table t (x)')\n"
         "d.commit(); print(d.execute('select count(*) from t').fetchone())", "(0,)"),
    ],
    ids=lambda value: value.split("\n")[0][:30],
)  # fmt: skip
def test_ordinary_work_works(at_work, code, says):
    assert says in shown(at_work, code, 60)


@pytest.fixture(scope="module")
def at_work(zygote):
    limits = LIMITS.to_dict() | {"memory_bytes": 2**30}
    kernel = zygote.fork(walls.LANDLOCK.room(limits, ""))
    yield kernel
    kernel.end()


# Its end


def test_a_daemon_dies_with_its_submission(submission):
    kernel = submission()
    code = (
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        f"        os.execvp('sleep', ['sleep', '{MARK}'])\n    os._exit(0)\nos.wait()"
    )
    assert shown(kernel, code) == ""
    assert len(running(MARK)) == 1
    kernel.end()
    assert running(MARK) == []


def test_a_daemon_dies_even_if_its_submission_is_dead_already(submission):
    kernel = submission()
    with pytest.raises(StudentGone):
        kernel.run(
            f"subprocess.Popen(['sleep', '{MARK}'], start_new_session=True)\nos._exit(0)", 20
        )
    assert len(running(MARK)) == 1
    kernel.end()
    assert running(MARK) == []


def test_a_daemon_that_keeps_forking_dies(submission):
    """It has a new process number all the time: nobody could kill it by that."""
    kernel = submission()
    code = (
        "if os.fork() == 0:\n    sys.argv[0] = 'lab-hydra'\n"
        "    ctypes.CDLL(None).prctl(15, b'lab-hydra', 0, 0, 0)\n"
        "    signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        "    while True:\n        if os.fork():\n            os._exit(0)\n"
    )
    assert shown(kernel, code) == ""
    kernel.end()
    names = [name.read_text() for name in Path("/proc").glob("[0-9]*/comm") if name.exists()]
    assert "lab-hydra\n" not in names


def test_ending_one_submission_spares_the_others(submission):
    one, other = submission(), submission()
    code = f"subprocess.Popen(['sleep', '{MARK}'], start_new_session=True)"
    assert shown(one, code) == shown(other, code) == ""
    one.end()
    assert len(running(MARK)) == 1
    assert shown(other, "print('well')") == "well\n"


def test_the_end_of_the_preloaded_process_is_the_end_of_all():
    """Even of kill -9."""
    with (
        tempfile.TemporaryDirectory(prefix="lab-") as folder,
        started(walls.LANDLOCK, folder) as kernel,
    ):
        pid = int(shown(kernel, "import os, subprocess\nprint(os.getpid())"))
        fork = kernel.fork(walls.LANDLOCK.room(LIMITS.to_dict(), ""))
        fork.run(f"subprocess.Popen(['sleep', '{MARK}'], start_new_session=True)", 20)
        assert running(MARK)
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while running(MARK):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_what_it_wrote_is_gone_however_it_lies():
    code = """
for _ in range(1500):
    os.mkdir('deep'); os.chdir('deep')
os.umask(0o777)
os.mkdir('dark')
"""
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        with started(walls.LANDLOCK, folder) as kernel:
            kernel.run("import os", 20)
            fork = kernel.fork(walls.LANDLOCK.room(LIMITS.to_dict(), ""))
            assert shown(fork, code) == ""
            assert list(Path(folder).glob("room-*"))
            fork.end()
        assert not list(Path(folder).glob("room-*"))


def test_more_processes_than_allowed_end_a_submission(submission):
    kernel = submission()
    code = "while True:\n    try: os.fork() or time.sleep(99)\n    except OSError: time.sleep(0.1)"
    with pytest.raises(StudentGone, match="more than 24 processes and threads"):
        kernel.run(code, 60)
    assert shown(submission(), "print('well')") == "well\n"


# Marks


@pytest.fixture(scope="module")
def sandboxes(mini_release):
    limits = [Limits(walls=kind.name, cell_seconds=5, item_seconds=2) for kind in walls.KINDS]
    with (
        preloading.preloaded(mini_release, limits[0]) as first,
        preloading.preloaded(mini_release, limits[1]) as second,
    ):
        assert (first.walls.name, second.walls.name) == ("bubblewrap", "landlock")
        yield [*zip((first, second), limits, strict=True)]


@pytest.mark.skipif(bool(walls.BUBBLEWRAP.problem()), reason="nothing to compare with")
@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"q90_1_double": "def double(x):\n    return 6"},
        {"q90_1_double": "def double(x):\n    return x.twice"},
        {"q90_1_double": "import os\ndef double(x):\n    os._exit(0)"},
        {"q90_1_double": "import os\nos._exit(1)"},
        {"q90_2_total": "!echo 15 > total\ntotal = int(open('total').read())"},
        {"q90_2_total": "import multiprocessing as m\nwith m.Pool(2) as p:\n"
                        "    total = sum(p.map(int, '456'))"},
    ],
    ids=str,
)  # fmt: skip
def test_a_submission_grades_as_it_does_behind_bubblewrap(mini_release, sandboxes, answers):
    done = [
        grading.grade(mini_release, hand_in(mini_release, GOOD | answers), sandbox, limits)
        for sandbox, limits in sandboxes
    ]
    assert done[0].to_json() == done[1].to_json()


# Where namespaces are refused


def in_container(script, *arguments, user=None, home=True):
    """Run as in a container without the right to make namespaces or to mount; return its output.

    The container's filter of system calls is our own. In `home` the interpreter can be reached.
    """
    refuse = "from autograder.sandbox import seccomp; seccomp.forbid(shared=False)"
    start = f"import os, sys; {refuse}; os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    way = bubblewrap.show_interpreter() if home and os.geteuid() == 0 else []
    if user is not None:
        way += ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    done = subprocess.run(
        [*way, sys.executable, "-c", start, "-c", script, *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout + done.stderr


IN_CONTAINER = """
import os, sys, tempfile
from autograder.limits import Limits
from autograder.sandbox import walls
from autograder.sandbox.client import started

kind = walls.best_walls()
print(kind.name, bool(walls.BUBBLEWRAP.problem()))
own = tempfile.NamedTemporaryFile()
code = sys.argv[1] + "attack({!r}, {}, {!r})".format(own.name, os.getpid(), sys.argv[2])
with tempfile.TemporaryDirectory(prefix="lab-") as folder, started(kind, folder) as kernel:
    fork = kernel.fork(kind.room(Limits().to_dict(), ""))
    for output in fork.run(code, 20)[1]:
        print(output.get("text") or output.get("evalue"))
    fork.end()
print(oct(os.stat(own.name).st_mode))
"""

ATTACK = """
import os

def attack(file, grader, course):
    print(os.getuid())
    for act in (
        lambda: open(file),
        lambda: open(file, "w"),
        lambda: open(f"/proc/{grader}/environ"),
        lambda: os.kill(grader, 0),
        lambda: os.listdir(course),
    ):
        try:
            act()
            print("done")
        except OSError as error:
            print(type(error).__name__)
    os.chmod(file, 0)

"""


@pytest.mark.parametrize("user", [None, 4242] if os.geteuid() == 0 else [None])
def test_in_a_container_landlock_takes_over(user):
    """Whether the grader is root there or somebody, whose files student code then owns."""
    text = in_container(IN_CONTAINER, ATTACK, str(ROOT), user=user)
    uid = user or (4105 if os.geteuid() == 0 else os.getuid())
    said = ["landlock", "True", str(uid), *["PermissionError"] * 5, "0o100600"]
    assert text.split() == said


@pytest.mark.skipif(
    os.geteuid() != 0 or not any(Path.home() in p.parents for p in bubblewrap.PREFIXES),
    reason="asks for root and an interpreter in root's home",
)
def test_an_interpreter_out_of_reach_is_a_reason_to_refuse():
    script = "from autograder.sandbox import walls; walls.best_walls()"
    text = in_container(script, home=False)
    assert "bubblewrap cannot make namespaces here" in text
    assert "user 4105, who may not go to /" in text


def test_the_doctor_names_these_walls_and_tries_them(mini, monkeypatch):
    monkeypatch.setattr(walls.BUBBLEWRAP, "problem", lambda: "refused here")
    found = {finding.what: finding for finding in doctor.examine(mini)}
    assert "refused here" in found["walls by bubblewrap"].detail
    assert found["student code can be walled off"].detail == "landlock"
    assert found["the gradebook knows mini"].well
    for what in doctor._ATTEMPTS:
        assert found[what].well, what
