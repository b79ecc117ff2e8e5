"""An ordinary wrong answer is unmet, with words: no item stumbles over it."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import ROOT

THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
NOTEBOOKS = sorted((ROOT / "solutions/week04").glob("*.ipynb"))


def judge(path):
    command = [sys.executable, "-W", "ignore", str(ROOT / "tests/odd.py"), str(path)]
    env = os.environ | THREADS | {"MPLBACKEND": "agg"}
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False)


@pytest.fixture(scope="module")
def judged():
    """All parts, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        yield {path: pool.submit(judge, path) for path in NOTEBOOKS}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_item_stumbles_over_an_odd_value(path, judged):
    done = judged[path].result()
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
