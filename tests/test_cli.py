"""Ctrl-C ends every command in one line, whenever and however often it comes."""

import subprocess
import sys
from importlib.metadata import version

import pytest
import typer
from typer.testing import CliRunner

from autograder.cli import app
from autograder.notebook_files import written_to
from autograder.terminal import said_plainly

INTERRUPT = "import os, signal\ndef interrupt(): os.kill(os.getpid(), signal.SIGINT)\n"
IMPORTING = """
import sys
class Meanwhile:
    def find_spec(self, name, *_):
        if name == {module!r}:
            interrupt()
sys.meta_path.insert(0, Meanwhile())
from autograder.cli import app
sys.argv = ["autograder", "grade"]
app()
"""
STOPPING = """
import atexit, time, typer
from autograder.terminal import said_plainly
app = typer.Typer()
@app.command()
def wait():
    with said_plainly():
        try:
            interrupt()
            time.sleep(60)
        finally:
            interrupt()
            interrupt()
atexit.register(interrupt)
app()
"""


def run(code):
    return subprocess.run(
        [sys.executable, "-c", INTERRUPT + code], capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("module", ["rich", "autograder.terminal", "autograder.batch"])
def test_an_interrupt_while_importing_ends_in_one_line(module):
    done = run(IMPORTING.format(module=module))
    assert done.returncode == 130
    assert done.stderr == "stopped before anything was done; run it again\n"


def test_later_interrupts_do_not_stop_the_stopping():
    done = run(STOPPING)
    assert done.returncode == 130
    assert done.stderr == ("stopping ...\nstopped; what was done is kept, run it again to go on\n")


def test_what_an_interrupt_turned_into_counts_as_one():
    code = STOPPING.replace(
        "time.sleep(60)", "pass\n        except KeyboardInterrupt:\n            raise ValueError"
    )
    done = run(code)
    assert (done.returncode, done.stderr.count("\n")) == (130, 2)


def test_processes_that_help_say_nothing_of_an_interrupt():
    """They import the command again, and Ctrl-C reaches them as well."""
    helping = "import multiprocessing as m\nm.current_process().name = 'SpawnProcess-1'\n"
    done = run(helping + IMPORTING.format(module="rich"))
    assert (done.returncode, done.stderr) == (130, "")


def test_an_interrupt_that_is_ignored_stays_so():
    """As in a shell's background job."""
    ignored = "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    code = STOPPING.replace("time.sleep(60)", "print('went on')")
    done = run(ignored + code)
    assert (done.returncode, done.stdout) == (0, "went on\n")


def test_an_interrupt_is_answered_at_once():
    """What is at work may take seconds to end."""
    done = run(STOPPING.replace("finally:", "finally:\n            os.write(2, b'ended\\n')"))
    assert done.stderr.splitlines()[:2] == ["stopping ...", "ended"]


def test_the_version_is_said():
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"{version('labeling-lab')}\n")


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), "named"])
def test_a_full_disk_is_said_with_a_folder(tmp_path, monkeypatch, capsys, error):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(typer.Exit), said_plainly(), written_to(tmp_path / "build/results"):
        raise OSError(28, "No space left on device", *(["x"] if error == "named" else []))
    where = "x" if error == "named" else "build/results"
    assert capsys.readouterr().err == (
        f"error: {where}: No space left on device: put that right, then run this again\n"
    )
