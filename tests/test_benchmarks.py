"""What benchmarks count is all there is to count."""

import sys

import pytest
from conftest import ROOT

# Ends after its child, for which it does not wait: nobody adds the child's time to its own.
BUSY = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if (child := os.fork()) == 0:
    while time.process_time() < 0.5: pass
    os._exit(0)
try: os.waitpid(child, 0)
except ChildProcessError: pass
print("{}")
"""


def test_cpu_time_of_processes_nobody_waits_for_is_counted(monkeypatch, capfd):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import grading_usage

    used = grading_usage.measure([sys.executable, "-c", BUSY])
    if "no control group" in capfd.readouterr().err:
        pytest.skip("no control group can be made here")
    assert used.cpu > 0.5
    assert used.wall >= 0.5
