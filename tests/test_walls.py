"""What student code can reach behind either kind of walls: nothing but itself."""

import gc
import os
import socket
import subprocess
import sys
import tempfile
import time

import psutil
import pytest
from conftest import ROOT, shown

from autograder.limits import Limits
from autograder.sandbox import walls
from autograder.sandbox.client import CellTimeout, started
from helpers.checks.student import StudentGone

LIMITS = Limits(memory_bytes=200 * 2**20, disk_bytes=4 * 2**20, processes=24)
# What no other run of these tests sleeps for.
MARK = str(10**6 + os.getpid())


@pytest.fixture
def submission(zygote, kind):
    room = kind.room(LIMITS.to_dict(), "")
    made = []

    def new():
        made.append(zygote.fork(room))
        return made[-1]

    yield new
    for kernel in made:
        kernel.end()


def test_the_course_is_not_there(run):
    root = str(ROOT)
    code = f"""
def seen(path):
    try:
        return bool(os.listdir(path))
    except OSError:
        return False

found = []
for folder, _, files in os.walk("/"):
    if folder.startswith(("/proc", "/usr", {os.path.dirname(os.__file__)!r}, sys.prefix)):
        continue
    found += [os.path.join(folder, name) for name in files]
print("\\n".join(found))
print(seen({root + "/source"!r}), seen({root + "/solutions"!r}))
"""
    text = run(code)
    for word in ("solutions", "gradebook", "autograder/checks", "nbgrader_config", "part90_mini"):
        assert word not in text
    assert "reference" not in text
    assert text.strip().endswith("False False")
    text = run(f"open({root + '/README.md'!r})")
    assert "No such file" in text or "Permission denied" in text


def test_what_students_have_is_there(run):
    code = (
        "import helpers.plots, pkgutil\nprint(*pkgutil.iter_modules(helpers.__path__), sep='\\n')"
    )
    modules = run(code)
    assert "'reviews'" in modules
    assert "'reference'" not in modules


def test_the_graders_own_files_are_not_there(run):
    for path in ("/etc/shadow", "/etc/passwd", "/etc/hostname"):
        text = run(f"open({path!r}).read()")
        assert "No such file" in text or "Permission denied" in text, path
    home = os.path.expanduser("~")
    code = f"""
try:
    print([name for name in os.listdir({home!r}) if name != ".pyenv"])
except OSError:
    print([])
"""
    assert run(code).strip() == "[]"


def test_nothing_can_be_written_but_scratch(run, kind):
    code = "import helpers; print(os.path.dirname(helpers.__file__))"
    helpers = run(code).strip()
    for folder in ("/usr", "", "/dev", helpers, sys.prefix, "/proc", "/proc/self"):
        text = run(f"open({folder + '/x'!r}, 'w')")
        assert any(word in text for word in ("Read-only", "Permission", "No such file")), folder
    assert run("open('x', 'w').write('1'); os.mkdir('y'); os.rename('x', 'y/x')") == ""
    code = "import tempfile; tempfile.NamedTemporaryFile(); print(tempfile.gettempdir())"
    assert run(code).strip() == run("print(os.getcwd())").strip()
    text = run("open('/tmp/x', 'w').write('1')")
    assert text == ("" if kind is walls.BUBBLEWRAP else "[Errno 13] Permission denied: '/tmp/x'")


def test_a_students_own_module_is_imported_from_the_working_folder(run):
    assert run("open('mine.py', 'w').write('K = 3')\nimport mine\nprint(mine.K)") == "3\n"


def test_scratch_is_private(submission):
    one, other = submission(), submission()
    assert shown(one, "open('mine', 'w').write('b')") == ""
    assert shown(other, "print(os.listdir('.'))") == "[]\n"
    there = shown(one, "print(os.path.abspath('mine'))").strip()
    text = shown(other, f"open({there!r})")
    assert "No such file" in text or "Permission denied" in text
    big = "open('b', 'wb').write(bytes(5_000_000))"
    assert any(word in shown(one, big) for word in ("No space left", "File too large"))


@pytest.mark.parametrize("kind", [walls.BUBBLEWRAP], indirect=True)
def test_scratch_in_memory_is_small(submission):
    one, other = submission(), submission()
    assert shown(one, "open('/tmp/secret', 'w').write('a'); open('mine', 'w').write('b')") == ""
    assert shown(other, "print('secret' in os.listdir('/tmp'), os.listdir('.'))") == "False []\n"
    code = "for i in range(9):\n  with open(f'/tmp/{i}', 'wb') as f: f.write(bytes(1_000_000))"
    assert "No space left" in shown(one, code)
    assert "No space left" in shown(one, "open('/scratch/b', 'wb').write(bytes(5_000_000))")


NO_NETWORK = ("unreachable", "refused", "timed out", "not permitted")


def test_there_is_no_network(run):
    assert any(word in run("print(os.listdir('/sys'))") for word in ("No such file", "Permission"))
    for address in (("127.0.0.1", 80), ("10.0.0.1", 80), ("8.8.8.8", 53)):
        text = run(f"socket.create_connection({address!r}, timeout=2)")
        assert any(word in text for word in NO_NETWORK), address
    assert run("s = socket.socket(socket.AF_UNIX); s.connect('\\0/tmp/.X11-unix/X0')") != ""


def test_a_server_of_ours_on_loopback_cannot_be_reached(run):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        text = run(f"socket.create_connection(('127.0.0.1', {port}), timeout=2)")
        assert "unreachable" in text or "not permitted" in text


def test_no_other_process_can_be_seen_or_hurt(submission, kind):
    one, other = submission(), submission()
    if kind is walls.BUBBLEWRAP:
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


def test_memory_of_no_process_cannot_be_had(run):
    """Neither counts as anybody's, and the second outlives its maker."""
    code = "libc = ctypes.CDLL(None, use_errno=True)\nprint({}, ctypes.get_errno())"
    assert run(code.format("libc.memfd_create(b'x', 0)")) == "-1 1\n"
    assert run(code.format("libc.shmget(0, 4096, 0o1600)")) == "-1 1\n"


def test_there_are_no_capabilities_and_no_way_to_new_ones(run, kind):
    text = run("print(open('/proc/self/status').read())")
    fields = dict(line.split(":\t") for line in text.splitlines() if ":\t" in line)
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(fields[name], 16) == 0, name
    if kind is walls.BUBBLEWRAP or os.geteuid() == 0:
        assert int(fields["CapBnd"], 16) == 0
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


def test_memory_of_a_process_is_limited(run):
    assert "MemoryError" in run("try: b = bytes(10**9)\nexcept MemoryError: print('MemoryError')")


@pytest.mark.parametrize("kind", [walls.BUBBLEWRAP], indirect=True)
def test_no_more_processes_can_be_started_than_are_allowed(run):
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
    code = f"for _ in range(5): subprocess.Popen(['sleep', '{MARK}'], start_new_session=True)"
    assert shown(kernel, code) == ""
    assert len(running(MARK)) == 5
    kernel.end()
    assert running(MARK) == []


def running(marker):
    return [p for p in psutil.process_iter(["cmdline"]) if marker in (p.info["cmdline"] or [])]


def test_a_cell_that_sleeps_is_stopped_and_the_process_goes_on(submission):
    kernel = submission()
    with pytest.raises(CellTimeout):
        kernel.run("import time\ntime.sleep(60)", 0.5)
    assert shown(kernel, "print('well')") == "well\n"


def test_the_end_of_the_grader_is_the_end_of_everything(kind):
    """Kill -9 of the grader leaves nothing running."""
    script = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
from autograder.sandbox import walls
from autograder.sandbox.client import started
kind = walls.best_walls({kind.name!r})
with started(kind, sys.argv[1]) as kernel:
    fork = kernel.fork(kind.room({LIMITS.to_dict()!r}, ""))
    fork.run("import subprocess as s; s.Popen(['sleep', '{MARK}'], start_new_session=True)", 20)
    print("ready", flush=True)
    time.sleep(60)
"""
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        command = [sys.executable, "-c", script, folder]
        grader = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert grader.stdout.readline() == "ready\n"
        assert running(MARK)
        grader.kill()
        grader.wait()
        deadline = time.monotonic() + 20
        while running(MARK):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_three_hundred_forks_leave_nothing(zygote, kind):
    """No descriptor, process or temporary file is left by forks that came and went."""
    room = kind.room(LIMITS.to_dict(), "")
    me = psutil.Process()

    def held():
        gc.collect()  # other tests' leftovers may go at any moment
        own = me.num_fds(), len(me.children(recursive=True))
        code = "print(len(os.listdir('/proc/self/fd')), os.listdir(os.environ['HOME']))"
        return own, shown(zygote, code)

    zygote.fork(room).end()
    before = held()
    for _ in range(300):
        fork = zygote.fork(room)
        look = fork.fork()
        look.end()
        fork.end()
    assert held() == before


def test_a_lock_of_the_preloaded_process_is_not_shared(zygote, submission):
    """Else a submission could lock it for ever, and all later ones would wait for it."""
    zygote.run(
        "import multiprocessing, tqdm\nlock = multiprocessing.Lock()\nlist(tqdm.tqdm('ab'))", 30
    )
    submission().run("lock.acquire(); tqdm.tqdm.get_lock().acquire()", 20)
    assert shown(submission(), "print(lock.acquire(timeout=0))") == "True\n"
    assert shown(submission(), "for _ in tqdm.tqdm('ab', file=sys.stdout): pass").endswith("\n")


def test_given_cells_may_use_a_pool_of_processes(zygote, submission):
    """Its workers share the locks of its queues, before the first submission and in each."""
    code = (
        "import multiprocessing\n"
        "with multiprocessing.get_context('fork').Pool(4) as pool:\n"
        "    done = pool.map_async(abs, range(-4000, 0), chunksize=1).get(timeout=60)\n"
        "print(sum(done))"
    )
    for kernel in (zygote, submission(), zygote):
        assert shown(kernel, code, 60) == "8002000\n"


def test_walls_are_chosen_by_name(kind):
    assert walls.best_walls(Limits.from_dict({"walls": kind.name}).walls) is kind
    assert walls.best_walls(Limits.from_dict({"walls": False}).walls) is walls.NONE
    for wrong in ("gvisor", 1, None):
        with pytest.raises(ValueError, match="True, False or one of 'bubblewrap', 'landlock'"):
            Limits.from_dict({"walls": wrong})


def test_landlock_stands_where_it_can():
    """Else all of its tests would be skipped, and nobody would notice."""
    problem = walls.LANDLOCK.problem()
    if walls.landlock.version() >= walls.landlock.NEEDED:
        assert not problem or f"user {walls.NOBODY}, who may not go to" in problem


@pytest.mark.parametrize("kind", walls.KINDS, ids=lambda kind: kind.name)
def test_where_walls_would_show_the_lab_there_are_none(kind, monkeypatch):
    monkeypatch.setattr(walls, "ROOT", walls.Path("/usr/local/lab"))
    assert "student code must read /usr, and the lab lies in it" in kind.problem()


def test_a_fork_that_fails_is_told_and_ends_nothing(submission, zygote):
    full = "import os\ndef refuse(): raise BlockingIOError(11, 'none is left')\nos.fork = refuse"
    kernel = submission()
    kernel.run("x = 1", 10)
    look = kernel.fork()
    kernel.run(full, 10)
    with pytest.raises(StudentGone, match=r"could not be forked$"):
        kernel.fork()
    assert shown(look, "print(x)") == shown(kernel, "print(x)") == "1\n"
    look.end()


def test_why_a_room_cannot_be_made_is_told(kind):
    with tempfile.TemporaryDirectory() as folder, started(kind, folder) as kernel:
        kernel.run("import os\ndef refuse(): raise PermissionError(1, 'not here')", 10)
        kernel.run("from autograder.sandbox import libc, room\n", 10)
        kernel.run("room.leave_namespaces = libc.adopt_orphans = refuse", 10)
        with pytest.raises(StudentGone, match=r"could not be forked: .*not here"):
            kernel.fork(kind.room(LIMITS.to_dict(), ""))
        assert shown(kernel, "print(1)") == "1\n"


def test_where_there_are_no_walls_grading_is_refused_with_what_to_do(monkeypatch):
    walls.best_walls.cache_clear()
    monkeypatch.setattr(walls.shutil, "which", lambda name: None)
    monkeypatch.setattr(walls.landlock, "version", lambda: 5)
    with pytest.raises(walls.NoWallsError, match=r"apt-get install bubblewrap.*Linux 6\.12"):
        walls.best_walls()
    monkeypatch.undo()
    monkeypatch.setattr(walls, "try_out", lambda walls, *_: f"no {walls.name} today")
    monkeypatch.setattr(walls, "LANDLOCK", walls.Landlock())
    monkeypatch.setattr(walls, "KINDS", (walls.BUBBLEWRAP, walls.LANDLOCK))
    walls.best_walls.cache_clear()
    with pytest.raises(walls.NoWallsError, match=r"no bubblewrap today; and .*no landlock today"):
        walls.best_walls()
    monkeypatch.undo()
    walls.best_walls.cache_clear()
