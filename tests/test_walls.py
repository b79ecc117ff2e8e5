"""What student code can reach behind the walls: nothing but itself."""

import os
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from conftest import ROOT

from autograder.limits import Limits
from autograder.sandbox import walls
from autograder.sandbox.client import CellTimeout, started
from helpers.checks.student import StudentGone

LIMITS = Limits(memory_bytes=200 * 2**20, disk_bytes=4 * 2**20, processes=24)


@pytest.fixture(scope="module")
def zygote(tmp_path_factory):
    with started(walls.best_walls(), str(tmp_path_factory.mktemp("zygote"))) as kernel:
        kernel.run("import os, sys, socket, subprocess, ctypes", 30)
        yield kernel


@pytest.fixture
def submission(zygote):
    room = walls.BUBBLEWRAP.room(LIMITS.to_dict(), "")
    made = []

    def new():
        made.append(zygote.fork(room))
        return made[-1]

    yield new
    for kernel in made:
        kernel.end()


@pytest.fixture
def run(submission):
    kernel = submission()
    return lambda code, seconds=20: shown(kernel, code, seconds)


def shown(kernel, code, seconds=20):
    _, outputs = kernel.run(code, seconds)
    return "".join(o.get("text", "") or o.get("evalue", "") for o in outputs)


def test_the_course_is_not_there(run):
    root = str(ROOT)
    code = f"""
found = []
for folder, _, files in os.walk("/"):
    if folder.startswith(("/proc", "/usr", {os.path.dirname(os.__file__)!r}, sys.prefix)):
        continue
    found += [os.path.join(folder, name) for name in files]
print("\\n".join(found))
print(os.path.exists({root + "/source"!r}), os.path.exists({root + "/solutions"!r}))
"""
    text = run(code)
    for word in ("solutions", "gradebook", "autograder/checks", "nbgrader_config", "part90_mini"):
        assert word not in text
    assert "reference" not in text
    assert text.strip().endswith("False False")


def test_the_graders_own_files_are_not_there(run):
    assert "No such file" in run("open('/etc/shadow').read()")
    assert "No such file" in run("open('/etc/passwd').read()")
    home = os.path.expanduser("~")
    assert run(f"print([f for f in os.listdir({home!r}) if f != '.pyenv'] "
               f"if os.path.exists({home!r}) else [])").strip() == "[]"  # fmt: skip


def test_nothing_can_be_written_but_scratch(run):
    for path in ("/usr/x", "/x", "/dev/x", "/lab/helpers/x", sys_prefix() + "/x", "/proc/x"):
        text = run(f"open({path!r}, 'w')")
        assert any(word in text for word in ("Read-only", "Permission", "No such file")), path
    assert run("open('/scratch/x', 'w').write('1'); open('/tmp/x', 'w').write('1')") == ""


def sys_prefix():
    import sys

    return sys.prefix


def test_scratch_is_private_and_small(submission):
    one, other = submission(), submission()
    assert shown(one, "open('/tmp/secret', 'w').write('a'); open('mine', 'w').write('b')") == ""
    assert shown(other, "print('secret' in os.listdir('/tmp'), os.listdir('.'))") == "False []\n"
    code = "for i in range(9):\n  with open(f'/tmp/{i}', 'wb') as f: f.write(bytes(1_000_000))"
    assert "No space left" in shown(one, code)
    assert "No space left" in shown(one, "open('/scratch/b', 'wb').write(bytes(5_000_000))")


def test_there_is_no_network(run):
    assert (
        run("print(sorted(os.listdir('/sys')) if os.path.exists('/sys') else 'none')") == "none\n"
    )
    for address in (("127.0.0.1", 80), ("10.0.0.1", 80), ("8.8.8.8", 53)):
        text = run(f"socket.create_connection({address!r}, timeout=2)")
        assert any(word in text for word in ("unreachable", "refused", "timed out")), address
    assert run("s = socket.socket(socket.AF_UNIX); s.connect('\\0/tmp/.X11-unix/X0')") != ""


def test_a_server_of_ours_on_loopback_cannot_be_reached(run):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert "unreachable" in run(f"socket.create_connection(('127.0.0.1', {port}), timeout=2)")


def test_no_other_process_can_be_seen_or_hurt(submission):
    one, other = submission(), submission()
    assert shown(one, "print([p for p in os.listdir('/proc') if p.isdigit()])") == "['1']\n"
    assert shown(one, "print(os.getpid(), os.getppid())") == "1 0\n"
    # Everything it can see is killed: that is nothing but its own children.
    assert shown(one, "subprocess.Popen(['sleep', '9'])\nos.kill(-1, 9)") == ""
    with pytest.raises(StudentGone):
        shown(one, "os._exit(0)")
    assert shown(other, "print('well')") == "well\n"


@pytest.mark.parametrize(
    "call",
    [
        "libc.unshare(0x10000000)",
        "libc.mount(b'tmpfs', b'/tmp', b'tmpfs', 0, None)",
        "libc.ptrace(16, 1, 0, 0)",
        "libc.setns(0, 0)",
        "libc.chroot(b'/tmp')",
        "libc.syscall(321, 0, 0, 0)",
        "libc.syscall(425, 1, 0)",
        "libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)",
        "libc.setuid(0)",
        "libc.sethostname(b'x', 1)",
    ],
)
def test_system_calls_that_take_walls_apart_are_refused(run, call):
    code = f"libc = ctypes.CDLL(None, use_errno=True)\nprint({call}, ctypes.get_errno())"
    assert run(code) in ("-1 1\n", "-1 22\n")


def test_there_are_no_capabilities_and_no_way_to_new_ones(run):
    text = run("print(open('/proc/self/status').read())")
    fields = dict(line.split(":\t") for line in text.splitlines() if ":\t" in line)
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(fields[name], 16) == 0, name
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"


def test_the_environment_is_made_from_nothing(run, monkeypatch):
    names = run("print(*sorted(os.environ))").split()
    assert not [name for name in names if "KEY" in name or "NBGRADER" in name or "GIT" in name]
    assert "HOME" in names


def test_only_the_channel_is_open(run):
    text = run("print([os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd') "
               "if os.path.exists(f'/proc/self/fd/{n}')])")  # fmt: skip
    assert text.count("socket:") <= 1
    assert "/work" not in text.replace("/dev/null", "")


def test_memory_processes_and_descriptors_are_limited(run):
    assert "MemoryError" in run("try: b = bytes(10**9)\nexcept MemoryError: print('MemoryError')")
    code = """
children = []
try:
    for i in range(100):
        children.append(subprocess.Popen(["sleep", "30"]))
except OSError as error:
    print(type(error).__name__, len(children) < 30)
"""
    assert run(code) == "BlockingIOError True\n"


def test_ending_a_submission_ends_all_it_started(submission):
    kernel = submission()
    marker = "86413"
    code = f"for _ in range(5): subprocess.Popen(['sleep', '{marker}'], start_new_session=True)"
    assert shown(kernel, code) == ""

    def sleeping():
        return [p for p in psutil.process_iter(["cmdline"]) if marker in (p.info["cmdline"] or [])]

    assert len(sleeping()) == 5
    kernel.end()
    assert sleeping() == []


def test_a_cell_that_sleeps_is_stopped_and_the_process_goes_on(submission):
    kernel = submission()
    with pytest.raises(CellTimeout):
        kernel.run("import time\ntime.sleep(60)", 0.5)
    assert shown(kernel, "print('well')") == "well\n"


def test_the_end_of_the_grader_is_the_end_of_everything(tmp_path):
    """Kill -9 of the grader leaves nothing running."""
    import subprocess
    import sys

    script = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
from autograder.sandbox import walls
from autograder.sandbox.client import started
with started(walls.best_walls(), {str(tmp_path)!r}) as kernel:
    room = walls.BUBBLEWRAP.room({LIMITS.to_dict()!r}, "")
    fork = kernel.fork(room)
    fork.run("import subprocess; p = subprocess.Popen(['sleep', '75319'])", 20)
    print("ready", flush=True)
    time.sleep(60)
"""
    grader = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert grader.stdout.readline() == "ready\n"
    grader.kill()
    grader.wait()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        left = [p for p in psutil.process_iter(["cmdline"]) if "75319" in (p.info["cmdline"] or [])]
        if not left:
            return
        time.sleep(0.05)
    raise AssertionError(f"still running: {left}")


def test_three_hundred_forks_leave_nothing(zygote):
    """No descriptor, process or temporary file is left by forks that came and went."""
    room = walls.BUBBLEWRAP.room(LIMITS.to_dict(), "")
    me = psutil.Process()

    def held():
        own = (
            me.num_fds(),
            len(me.children(recursive=True)),
            len(list(Path(tempfile.gettempdir()).glob("lab-*"))),
        )
        _, outputs = zygote.run("print(len(os.listdir('/proc/self/fd')))", 5)
        return own, outputs[0]["text"]

    zygote.fork(room).end()
    before = held()
    for _ in range(300):
        fork = zygote.fork(room)
        look = fork.fork()
        look.end()
        fork.end()
    assert held() == before


def test_where_there_is_no_bubblewrap_grading_is_refused_with_what_to_do(monkeypatch):
    walls.best_walls.cache_clear()
    monkeypatch.setattr(walls.shutil, "which", lambda name: None)
    with pytest.raises(walls.NoWallsError, match="apt-get install bubblewrap"):
        walls.best_walls()
    monkeypatch.undo()
    monkeypatch.setattr(walls, "try_out", lambda: "Operation not permitted")
    walls.best_walls.cache_clear()
    with pytest.raises(walls.NoWallsError, match="Operation not permitted"):
        walls.best_walls()
    monkeypatch.undo()
    walls.best_walls.cache_clear()
