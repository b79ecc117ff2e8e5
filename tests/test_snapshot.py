"""Items share a process as far as that harms none of them."""

import os
import signal
import socket

import psutil
import pytest

from autograder.sandbox.client import KernelHandle, started
from autograder.sandbox.walls import NONE
from autograder.snapshot import Process, Snapshot
from helpers.checks import expect
from helpers.checks.question import Item
from helpers.checks.student import StudentError

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

def calls():
    return len(log)

def die():
    os._exit(1)

def nap():
    time.sleep(0.6)

def hang():
    time.sleep(60)

def empty():
    pass

trap = Trap()
"""


@pytest.fixture
def snapshot_of(tmp_path):
    with started(NONE, str(tmp_path)) as kernel:
        assert kernel.run(CODE, 30)[0]
        aside, last = kernel.fork(), Process(kernel)
        yield lambda wary=False: Snapshot(Process(aside), 2, None if wary else last)
        aside.end()


@pytest.fixture
def snapshot(snapshot_of):
    return snapshot_of()


def item_of(function, hidden=True):
    return Item(function.__name__, "It is so.", 1.0, hidden, function)


def verdict_on(snapshot, function, **options):
    return snapshot.judge([item_of(function, **options)])[function.__name__]


def judged(snapshot, function, **options):
    return verdict_on(snapshot, function, **options).status


def not_judged(snapshot, function):
    return snapshot.judge([item_of(function)]) == {}


def pid_of(snapshot):
    """The process an item calls in; whatever the item does in it is met."""
    found = []
    assert judged(snapshot, lambda student: found.append(student.call("call", 1))) == "met"
    return found[0]


def test_items_share_the_process_that_was_put_aside(snapshot):
    snapshot._last.fork = None
    found = set()
    for _ in range(3):
        judged(snapshot, lambda student: found.add(student.get("trap.pid")))
        found.add(pid_of(snapshot))
    assert len(found) == 1


def test_what_was_read_before_is_not_asked_again(snapshot):
    for _ in range(3):
        judged(snapshot, lambda student: student.get("trap.pid"))
        judged(snapshot, lambda student: student.get_all("trap.pid", "nothing"))
    assert judged(snapshot, lambda student: expect(student.get("log") == ["pid"] * 2)) == "met"


def test_what_was_read_before_a_call_is_asked_again(snapshot):
    def item(student):
        expect(student.get("log") == [])

    assert judged(snapshot, item, hidden=False) == "met"
    pid_of(snapshot)
    assert judged(snapshot, item, hidden=False) == "unmet"


def test_replies_are_kept_up_to_a_size(snapshot):
    snapshot._here._room = 30
    for path in ("x", "trap.pid", "log", "trap.tip", "trap.tip"):
        judged(snapshot, lambda student, path=path: student.get(path))
    assert judged(snapshot, lambda s: expect(s.get("log") == ["pid", "tip", "tip"])) == "met"
    assert len(snapshot._here._replies) == 2


def test_if_wary_no_item_shares_a_process_with_another(snapshot_of):
    snapshot, pids = snapshot_of(wary=True), []
    for _ in range(2):
        judged(snapshot, lambda student: pids.append(student.get("trap.pid")))
    pids += [pid_of(snapshot), pid_of(snapshot)]
    assert len(set(pids)) == 4


def test_what_an_item_did_costs_no_other_item_a_point(snapshot):
    looks = []

    def item(student):
        student.call("call", "mine")
        looks.append(student.call("calls"))
        expect(looks[-1] == 1, got=looks[-1])

    assert judged(snapshot, item) == "met"
    assert judged(snapshot, item) == "met"
    # The second has seen the first's call, and was judged again without it.
    assert looks == [1, 2, 1]


def test_public_items_are_judged_one_after_another_as_in_jupyterlab(snapshot):
    looks = []

    def item(student):
        looks.append(student.call("calls"))
        student.call("call", 1)
        expect(len(looks) < 2)

    assert [judged(snapshot, item, hidden=False) for _ in range(3)] == ["met", "unmet", "unmet"]
    assert looks == [0, 1, 2]


def looked(student):
    """Call once for all items of a question; tell what had been called before that."""
    return student.once("calls", lambda: [student.call("calls"), student.call("call", 1)][0])


def test_what_one_item_has_seen_another_need_not_look_for(snapshot):
    found = []
    for _ in range(3):
        assert judged(snapshot, lambda student: found.append(looked(student))) == "met"
    assert found == [0, 0, 0]
    assert judged(snapshot, lambda student: expect(student.call("calls") == 1)) == "met"


def test_a_hidden_item_not_met_by_what_another_saw_looks_for_itself(snapshot):
    found = []
    assert judged(snapshot, lambda student: student.call("call", 1)) == "met"
    assert judged(snapshot, lambda student: found.append(looked(student))) == "met"

    def item(student):
        found.append(looked(student))
        expect(found[-1] == 0)

    assert judged(snapshot, item) == "met"
    assert found == [1, 1, 0]
    assert judged(snapshot, item, hidden=False) == "unmet"
    assert found == [1, 1, 0, 1]


def test_items_judged_alone_share_what_was_called_first(snapshot):
    judged(snapshot, lambda student: student.call("call", 1))
    found = []

    def wrong(student, name):
        found.append((name, looked(student)))
        expect(found[-1][1] == 7)

    def later(student):
        student.call("call", 1)
        wrong(student, "later")

    items = [Item("later", "It is so.", 1.0, True, later)]
    items += [Item(n, "It is so.", 1.0, True, lambda s, n=n: wrong(s, n)) for n in "abc"]
    snapshot.judge(items)
    in_company = [("later", 2), ("a", 2), ("b", 2), ("c", 2)]
    assert found == [*in_company, ("later", 1), ("a", 0), ("b", 0), ("c", 0)]
    assert len(snapshot._known_alone) == 1


def test_what_was_seen_by_a_process_that_is_gone_is_still_known(snapshot):
    assert judged(snapshot, lambda student: looked(student)) == "met"
    assert judged(snapshot, lambda student: student.call("die")) == "error"
    assert judged(snapshot, lambda student: expect(looked(student) == 0), hidden=False) == "met"


def test_the_verdict_without_company_is_the_one_that_holds(snapshot):
    pid_of(snapshot)

    def wrong(student):
        expect(student.call("calls") == 7, got=student.call("calls"))

    assert verdict_on(snapshot, wrong).got == "0"


def test_an_item_that_only_read_or_called_first_is_not_judged_twice(snapshot):
    looks = []
    for path in ("trap.pid", "x"):
        judged(snapshot, lambda student, path=path: expect(looks.append(student.get(path))))
    assert len(looks) == 2
    assert judged(snapshot, lambda student: expect(looks.append(student.call("calls")))) == "unmet"
    assert len(looks) == 3


@pytest.mark.parametrize(("path", "args"), [("die", ()), ("time.sleep", (60,))])
def test_a_call_that_kills_or_hangs_costs_its_own_item_only(snapshot, path, args):
    for company in (False, True):
        assert judged(snapshot, lambda student: student.call(path, *args)) == "error", company
        assert judged(snapshot, lambda student: student.call("call", 1)) == "met", company


def test_a_process_that_ends_by_anothers_fault_is_not_lost(snapshot):
    def item(student):
        student.call("call", 1)
        if student.call("calls") == 2:
            student.call("die")

    assert judged(snapshot, item) == "met"
    assert judged(snapshot, item) == "met"
    assert not snapshot.lost
    assert judged(snapshot, lambda student: student.call("die")) == "error"
    assert snapshot.lost


def test_from_its_first_call_on_an_item_reads_what_its_call_did(snapshot):
    def item(student):
        before = student.get("log")
        student.call("call", "mine")
        expect(student.get("log") == [*before, "mine"])

    assert judged(snapshot, item) == "met"
    assert judged(snapshot, item) == "met"


@pytest.mark.parametrize("hidden", [True, False])
def test_a_hidden_item_need_not_read_what_others_did(snapshot, hidden):
    def item(student):
        expect("mine" not in student.get("log"))

    snapshot._last.fork = None
    judged(snapshot, lambda student: student.call("call", "mine"), hidden=hidden)
    assert judged(snapshot, item) == "met"
    assert judged(snapshot, item, hidden=False) == "unmet"


@pytest.mark.parametrize("path", ["trap.bomb", "trap.tar"])
def test_after_a_read_that_kills_or_hangs_the_others_are_judged_by_the_last(snapshot, path):
    assert judged(snapshot, lambda student: student.get("x")) == "met"
    assert judged(snapshot, lambda student: student.get(path)) == "error"
    assert judged(snapshot, lambda student: expect(student.get("x") == 3)) == "met"
    assert judged(snapshot, lambda student: student.call("call", 1)) == "met"


@pytest.mark.parametrize("path", ["trap.bomb", "trap.tar"])
def test_reads_that_kill_or_hang_both_leave_the_others_to_be_judged_warily(snapshot, path):
    for _ in range(2):
        assert judged(snapshot, lambda student: student.get(path)) == "error"
    assert not_judged(snapshot, lambda student: student.get("x"))
    assert not_judged(snapshot, lambda student: student.call("call", 1))
    assert snapshot.lost


@pytest.mark.parametrize("path", ["trap.bomb", "trap.tar"])
def test_if_wary_a_read_that_kills_or_hangs_costs_its_own_item_only(snapshot_of, path):
    snapshot = snapshot_of(wary=True)
    assert judged(snapshot, lambda student: student.get(path)) == "error"
    assert judged(snapshot, lambda student: expect(student.get("x") == 3)) == "met"
    assert judged(snapshot, lambda student: student.call("call", 1)) == "met"


def test_an_item_may_go_on_after_a_call_that_hangs(snapshot):
    def item(student):
        with pytest.raises(StudentError, match="longer"):
            student.call("time.sleep", 60)
        student.call("call", 1)

    assert judged(snapshot, item) == "error"


def test_where_nothing_is_left_to_fork_nothing_is_judged(snapshot):
    pids = []
    assert judged(snapshot, lambda student: student.call("hang"), hidden=False) == "error"
    judged(snapshot, lambda student: pids.append(student.get("trap.pid")))
    assert not snapshot.lost
    os.kill(pids[0], signal.SIGKILL)
    assert judged(snapshot, lambda student: student.get("x")) == "error"
    assert snapshot.lost
    assert not_judged(snapshot, lambda student: student.call("call", 1))


def wrong_and_right(*names):
    """Items that note which process they call in; those named "wrong..." are not met there."""
    calls = {name: [] for name in names}

    def item(student, name):
        calls[name].append(student.call("call", 1))
        expect(not name.startswith("wrong"))

    items = [Item(n, "It is so.", 1.0, True, lambda s, n=n: item(s, n)) for n in names]
    return items, calls


def test_what_is_not_met_in_company_is_judged_alone_when_all_have_been_judged(snapshot):
    items, calls = wrong_and_right("right", "wrong", "right too", "wrong too")
    verdicts = snapshot.judge(items)
    assert {n: v.status == "met" for n, v in verdicts.items()} == {
        name: name.startswith("right") for name in calls
    }
    shared = calls["right"][0]
    assert calls["right"] == calls["right too"] == [shared]
    assert calls["wrong"][0] == calls["wrong too"][0] == shared
    assert len({shared, calls["wrong"][1], calls["wrong too"][1]}) == 3


def test_what_is_met_in_company_takes_no_fork(snapshot):
    snapshot._last.fork = None
    items, _ = wrong_and_right("right", "right too")
    assert {v.status for v in snapshot.judge(items).values()} == {"met"}


def test_what_public_items_do_a_student_can_see(snapshot):
    """In JupyterLab: hidden items that come after them are not judged again for that."""
    looks = []

    def item(student):
        looks.append(student.call("calls"))
        expect(looks[-1] == 0)

    assert judged(snapshot, lambda student: student.call("call", 1), hidden=False) == "met"
    assert judged(snapshot, item) == "unmet"
    assert looks == [1]


def test_public_items_are_not_judged_again(snapshot):
    snapshot._last.fork = None
    pid_of(snapshot)
    wrong = item_of(lambda student: expect(student.call("calls") == 7), hidden=False)
    assert [v.status for v in snapshot.judge([wrong]).values()] == ["unmet"]


def test_what_has_no_code_yet_is_not_forked_for(snapshot):
    snapshot._last.fork = None
    snapshot._called_unseen = True
    for path in ("nothing", "x.nothing", "empty"):
        assert judged(snapshot, lambda student, path=path: student.call(path)) == "not attempted"


def test_the_limit_is_one_for_all_of_an_items_requests(snapshot):
    calls = []

    def item(student):
        while len(calls) < 10:
            calls.append(student.call("nap"))

    verdict = verdict_on(snapshot, item)
    assert (verdict.status, verdict.got) == ("error", "Timeout: it took longer than 2 s")
    assert len(calls) < 4


def test_what_hangs_does_not_go_on(snapshot):
    pid = pid_of(snapshot)
    assert psutil.pid_exists(pid)
    assert judged(snapshot, lambda student: student.call("hang"), hidden=False) == "error"
    assert not psutil.pid_exists(pid)


def test_what_hangs_below_what_hangs_is_left_to_its_end(snapshot):
    """Its parent, who would end it, does not listen."""
    assert judged(snapshot, lambda student: student.call("hang"), hidden=False) == "error"
    assert judged(snapshot, lambda student: student.get("trap.tar"), hidden=False) == "error"
    ours, theirs = socket.socketpair()
    with ours, theirs:
        other = Snapshot(Process(KernelHandle(ours)), 2, snapshot._last)
        other._here.end = None
        said = judged(other, lambda student: student.run(len, "nobody answers"), hidden=False)
    assert said == "error"


def test_what_hangs_is_not_asked_again(snapshot):
    said = []

    def item(student):
        try:
            student.call("hang")
        except StudentError:
            said.append(student.call("call", 1))

    assert judged(snapshot, item) == "error"
    assert not said
    assert judged(snapshot, lambda student: student.call("call", 1)) == "met"
