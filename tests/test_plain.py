"""The sandbox changes no mark: samples get what they get in a notebook's own process.

Behind Landlock where there is one, which forbids more; `make demo` takes the best walls.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import ROOT

from autograder import grading, preloading
from autograder.intake import parse_cells
from autograder.limits import Limits
from autograder.rebuilding import rebuild
from autograder.release import load_all
from autograder.samples import notebook_of, read_samples
from autograder.sandbox.walls import LANDLOCK

RELEASES = load_all(ROOT / "release/week04")
SAMPLES = read_samples(ROOT / "tests/samples", RELEASES)
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


LIMITS = Limits(walls=True if LANDLOCK.problem() else "landlock")


@pytest.fixture(scope="module")
def sandboxes():
    kept = preloading.Sandboxes()
    yield kept
    kept.close()


def in_the_sandbox(sample, release, sandboxes):
    cells = parse_cells(json.loads(json.dumps(notebook_of(sample, release))))
    result = grading.grade(release, rebuild(cells, release), sandboxes.get(release, LIMITS), LIMITS)
    return result.verdicts


def in_a_plain_process(part):
    command = [sys.executable, str(ROOT / "tests/plain.py"), part]
    env = os.environ | THREADS | {"MPLBACKEND": "agg"}
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False)


@pytest.fixture(scope="module")
def plainly():
    """All parts, one after another, while others are in the sandbox."""
    with ThreadPoolExecutor(1) as pool:
        yield {part: pool.submit(in_a_plain_process, part) for part in sorted(RELEASES)}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("part", sorted(RELEASES))
def test_every_sample_gets_in_the_sandbox_what_it_gets_in_a_plain_process(part, sandboxes, plainly):
    samples = [sample for sample in SAMPLES if sample.part == part]
    walled_verdicts = {s.student: in_the_sandbox(s, RELEASES[part], sandboxes) for s in samples}
    done = plainly[part].result()
    assert done.returncode == 0, done.stderr
    plain = json.loads(done.stdout)
    assert set(plain) == set(walled_verdicts)
    for sample in samples:
        verdicts = walled_verdicts[sample.student]
        walled = {v.question: {item.name: item.status for item in v.items} for v in verdicts}
        assert walled == plain[sample.student], sample.student
        assert sample.differences(verdicts) == []
