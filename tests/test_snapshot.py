"""Items share a process as far as that harms none of them."""

import os
import signal

import psutil
import pytest

from autograder.sandbox.client import started
from autograder.sandbox.walls import NONE
from autograder.snapshot import Process, Snapshot, WarySnapshot
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

        def make(kind=Snapshot):
            snapshot = kind(Process(aside), 2)
            snapshot.last = last
            return snapshot

        yield make
        aside.end()


@pytest.fixture
def snapshot(snapshot_of):
    return snapshot_of()


def item_of(function, hidden=True):
    return Item(function.__name__, "It is so.", 1.0, hidden, function)


def verdicts_on(snapshot, *items):
    """What the snapshot and, in doubt, the last process say."""
    verdicts = snapshot.judge(items) | snapshot.judge_doubtful(snapshot.last)
    snapshot._doubtful.clear()
    return verdicts


def verdict_on(snapshot, function, hidden=True):
    return verdicts_on(snapshot, item_of(function, hidden)).get(function.__name__)


def judged(snapshot, function, hidden=True):
    """The verdict's status; "" if there is none."""
    verdict = verdict_on(snapshot, function, hidden)
    return verdict.status if verdict else ""


def pid_of(snapshot, hidden=True):
    """The process an item calls in; whatever the item does in it is met."""
    found = []
    assert judged(snapshot, lambda s: found.append(s.call("call", 1)), hidden) == "met"
    return found[0]


def test_items_share_the_process_that_was_put_aside(snapshot):
    snapshot.last.fork = None
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
    snapshot, pids = snapshot_of(WarySnapshot), []
    for _ in range(2):
        judged(snapshot, lambda student: pids.append(student.get("trap.pid")))
    pids += [pid_of(snapshot), pid_of(snapshot)]
    assert len(set(pids)) == 4


def first_call_only(looks):
    def item(student):
        student.call("call", "mine")
        looks.append(student.call("calls"))
        expect(looks[-1] == 1, got=looks[-1])

    return item


def test_what_is_met_without_company_only_has_no_verdict(snapshot):
    """The notebook is run again for it: see `test_grading`."""
    looks = []
    assert judged(snapshot, first_call_only(looks)) == "met"
    assert judged(snapshot, first_call_only(looks)) == ""
    assert looks == [1, 2, 1]
    assert not snapshot.lost


def test_if_wary_what_an_item_did_costs_no_other_item_a_point(snapshot_of):
    snapshot, looks = snapshot_of(WarySnapshot), []
    assert judged(snapshot, first_call_only(looks)) == "met"
    assert judged(snapshot, first_call_only(looks)) == "met"
    assert looks == [1, 1]


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


def test_what_is_not_met_by_what_another_saw_is_looked_at_again(snapshot):
    found = []
    assert judged(snapshot, lambda student: student.call("call", 1)) == "met"

    def item(student):
        found.append(looked(student))
        expect(found[-1] == 7)

    assert judged(snapshot, item) == "unmet"
    assert judged(snapshot, item) == "unmet"
    assert found == [1, 0, 1, 0]


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
    assert {v.status for v in verdicts_on(snapshot, *items).values()} == {"unmet"}
    in_company = [("later", 2), ("a", 2), ("b", 2), ("c", 2)]
    assert found == [*in_company, ("later", 1), ("a", 0), ("b", 0), ("c", 0)]


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
@pytest.mark.parametrize("hidden", [True, False])
def test_after_a_call_that_kills_or_hangs_nothing_has_a_verdict(snapshot, path, args, hidden):
    """Later cells may have given the names to something else."""
    assert judged(snapshot, lambda student: student.call("call", 1), hidden) == "met"
    assert judged(snapshot, lambda student: student.call(path, *args), hidden) == "error"
    assert judged(snapshot, lambda student: student.call("call", 1), hidden) == ""
    assert judged(snapshot, lambda student: student.get("x")) == ""


@pytest.mark.parametrize(("path", "args"), [("die", ()), ("time.sleep", (60,))])
def test_if_wary_a_call_that_kills_or_hangs_costs_its_own_item_only(snapshot_of, path, args):
    snapshot = snapshot_of(WarySnapshot)
    for _ in range(2):
        assert judged(snapshot, lambda student: student.call(path, *args)) == "error"
        assert judged(snapshot, lambda student: student.call("call", 1)) == "met"


def test_a_process_that_ends_by_anothers_fault_is_not_lost(snapshot):
    def item(student):
        student.call("call", 1)
        if student.call("calls") == 2:
            student.call("die")

    assert judged(snapshot, item) == "met"
    assert judged(snapshot, item) == ""
    assert not snapshot.lost


def test_a_process_that_ends_by_its_own_fault_is_lost(snapshot):
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
def test_a_hidden_item_that_reads_is_in_doubt_for_what_any_other_did(snapshot, hidden):
    def item(student):
        expect("mine" not in student.get("log"))

    snapshot.last.fork = None
    judged(snapshot, lambda student: student.call("call", "mine"), hidden=hidden)
    assert judged(snapshot, item) == ""
    assert judged(snapshot, item, hidden=False) == "unmet"
    assert judged(snapshot, lambda student: expect(student.get("x") == 4)) == "unmet"
    snapshot.last.read = None
    assert judged(snapshot, lambda student: student.get("nothing")) == "not attempted"


@pytest.mark.parametrize("path", ["trap.bomb", "trap.tar"])
def test_after_a_read_that_kills_or_hangs_nothing_has_a_verdict(snapshot, path):
    assert judged(snapshot, lambda student: student.get("x")) == "met"
    assert judged(snapshot, lambda student: student.get(path)) == "error"
    assert judged(snapshot, lambda student: student.get("x")) == ""


@pytest.mark.parametrize("path", ["trap.bomb", "trap.tar"])
def test_if_wary_a_read_that_kills_or_hangs_costs_its_own_item_only(snapshot_of, path):
    snapshot = snapshot_of(WarySnapshot)
    assert judged(snapshot, lambda student: student.get(path)) == "error"
    assert judged(snapshot, lambda student: expect(student.get("x") == 3)) == "met"
    assert judged(snapshot, lambda student: student.call("call", 1)) == "met"


@pytest.mark.parametrize("path", ["trap.bomb", "trap.tar"])
def test_where_the_last_process_is_gone_what_is_in_doubt_has_no_verdict(snapshot, path):
    pid_of(snapshot)
    assert judged(snapshot, lambda student: student.get(path)) == ""
    assert snapshot.last.gone
    snapshot._doubtful.append(item_of(lambda student: student.call("call", 1)))
    snapshot.last.fork = None
    assert snapshot.judge_doubtful(snapshot.last) == {}


def test_an_item_may_go_on_after_a_call_that_hangs(snapshot):
    def item(student):
        with pytest.raises(StudentError, match="longer"):
            student.call("time.sleep", 60)
        student.call("call", 1)

    assert judged(snapshot, item) == "error"


def test_if_wary_nothing_is_judged_where_nothing_is_left_to_fork(snapshot_of):
    pids = []
    judged(snapshot_of(), lambda student: pids.append(student.get("trap.pid")))
    snapshot = snapshot_of(WarySnapshot)
    assert not snapshot.lost
    os.kill(pids[0], signal.SIGKILL)
    assert judged(snapshot, lambda student: student.get("x")) == ""
    assert snapshot.lost
    assert judged(snapshot, lambda student: student.call("call", 1)) == ""


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
    verdicts = verdicts_on(snapshot, *items)
    assert {n: v.status == "met" for n, v in verdicts.items()} == {
        name: name.startswith("right") for name in calls
    }
    shared = calls["right"][0]
    assert calls["right"] == calls["right too"] == [shared]
    assert calls["wrong"][0] == calls["wrong too"][0] == shared
    assert len({shared, calls["wrong"][1], calls["wrong too"][1]}) == 3


def test_what_is_met_in_company_takes_no_fork(snapshot):
    snapshot.last.fork = None
    items, _ = wrong_and_right("right", "right too")
    assert {v.status for v in verdicts_on(snapshot, *items).values()} == {"met"}


def test_what_public_items_do_a_student_can_see(snapshot):
    """In JupyterLab: hidden items that call after them are not judged again for that."""
    looks = []

    def item(student):
        looks.append(student.call("calls"))
        expect(looks[-1] == 0)

    assert judged(snapshot, lambda student: student.call("call", 1), hidden=False) == "met"
    assert judged(snapshot, item) == "unmet"
    assert looks == [1]


def test_public_items_are_not_judged_again(snapshot):
    snapshot.last.fork = None
    pid_of(snapshot)
    wrong = item_of(lambda student: expect(student.call("calls") == 7), hidden=False)
    assert [v.status for v in verdicts_on(snapshot, wrong).values()] == ["unmet"]


def test_what_has_no_code_yet_is_not_forked_for(snapshot):
    snapshot.last.fork = None
    pid_of(snapshot)
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


def test_what_hangs_is_not_asked_again(snapshot):
    said = []

    def item(student):
        try:
            student.call("hang")
        except StudentError:
            said.append(student.call("call", 1))

    assert judged(snapshot, item) == "error"
    assert not said
