"""A class survives kill -9 wherever it strikes; `benchmarks/survival.py` tries more and longer."""

import subprocess
import sys

from conftest import ROOT


def test_a_class_survives_kills_of_every_kind():
    done = subprocess.run(
        [sys.executable, "benchmarks/survival.py", "--submissions", "24", "--kills", "5"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout + done.stderr
