"""Items that read share a fork; what one of them does to it harms no other."""

import os

import pytest

from autograder.sandbox.client import started
from autograder.sandbox.walls import NONE
from autograder.snapshot import Snapshot
from helpers.checks import expect
from helpers.checks.question import Item

CODE = """
import os, time
x, log = 3, []

class Trap:
    def __getattr__(self, name):
        if name == "bomb":
            os._exit(1)
        if name == "tar":
            time.sleep(60)
        log.append(name)
        return os.getpid()

def call(value):
    log.append(value)
    return os.getpid()

trap = Trap()
"""


@pytest.fixture
def snapshot(tmp_path):
    with started(NONE, str(tmp_path)) as kernel:
        assert kernel.run(CODE, 30)[0]
        made = Snapshot(kernel.fork(), 2)
        yield made
        made.end()


def judged(snapshot, function):
    return snapshot.judge(Item(function.__name__, "It is so.", 1.0, False, function)).status


def test_items_that_read_share_a_fork_and_items_that_call_do_not(snapshot):
    pids = {"read": set(), "call": set()}
    for _ in range(3):
        judged(snapshot, lambda student: pids["read"].add(student.get("trap.pid")))
        judged(snapshot, lambda student: pids["call"].add(student.call("call", 1)))
    assert len(pids["read"]) == 1
    assert len(pids["call"]) == 3
    assert not pids["read"] & pids["call"]


def test_from_its_first_call_on_an_item_reads_what_its_call_did(snapshot):
    def item(student):
        before = student.get("log")
        student.call("call", "mine")
        expect(student.get("log") == [*before, "mine"])

    assert judged(snapshot, item) == "met"
    assert judged(snapshot, item) == "met"
    assert judged(snapshot, lambda s: expect(s.get("log") == [])) == "met"


@pytest.mark.parametrize("path", ["trap.bomb", "trap.tar"])
def test_a_read_that_kills_or_hangs_costs_its_own_item_only(snapshot, path):
    assert judged(snapshot, lambda student: student.get("x")) == "met"
    assert judged(snapshot, lambda student: student.get(path)) == "error"
    assert judged(snapshot, lambda student: expect(student.get("x") == 3)) == "met"
    assert judged(snapshot, lambda student: student.call("call", 1)) == "met"


def test_where_nothing_is_left_to_fork_nothing_is_judged(snapshot):
    pid = []
    judged(snapshot, lambda student: pid.append(student.get("trap.pid")))
    snapshot._kernel._sock.close()
    item = Item("item", "It is so.", 1.0, False, lambda student: student.call("call", 1))
    assert snapshot.judge(item) is None
    assert pid[0] != os.getpid()
