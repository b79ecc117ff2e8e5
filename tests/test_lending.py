"""What an item lends is asked there, and known and counted here."""

import os

import pytest

import autograder.checks  # noqa: F401 - decides how what items run there travels
from autograder.sandbox.client import started
from autograder.sandbox.walls import NONE
from helpers.checks import labeling_votes, pipelines, stub_labeler, wire
from helpers.checks.lending import Lender, Lent
from helpers.checks.namespace import Namespace
from helpers.checks.question import NotAttempted
from helpers.checks.student import Student, StudentError
from helpers.humans import BudgetedHuman, BudgetSpent

SECRET = "the answer is 41.75"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    with started(NONE, str(tmp_path_factory.mktemp("process"))) as kernel:
        yield kernel


def student_in(kernel, code, seconds=20):
    assert kernel.run(code, 30)[0]
    return Student(lambda question, answer: kernel.ask(question, seconds, answer))


@pytest.fixture(params=["in this process", "in another"])
def student_of(request, kernel):
    """Return a function that runs code and gives the student who has run it."""

    def student(code, seconds=30):
        if request.param == "in this process":
            names = {}
            exec(code, names)
            return Student(Namespace(names).answer)
        return student_in(kernel, code, seconds)

    return student


class Person:
    """Knows a secret, and counts."""

    def __init__(self):
        self.secret, self.questions = SECRET, []

    def __call__(self, *question, **named):
        self.questions.append((*question, *named.items()))
        return os.getpid()


def test_it_is_called_there_and_runs_here(student_of):
    student, person = student_of("def f(ask, x): return [ask(x), ask(x, y=[1.5])]"), Person()
    assert student.call("f", Lent(person), "hello") == [os.getpid()] * 2
    assert person.questions == [("hello",), ("hello", ("y", [1.5]))]


def test_it_may_stand_anywhere_in_a_request(student_of):
    student, person = student_of("def f(x): return x['deep'][0](1) == asks.service(2)"), Person()
    with student.patched(asks=stub_labeler.StubLabeler(Lent(person), 0)):
        assert student.call("f", {"deep": [Lent(person)]}) is True
    assert person.questions == [(1,), (2,)]


def test_what_it_raises_is_raised_there(student_of):
    code = (
        "from helpers.humans import BudgetSpent\n"
        "def f(ask):\n"
        "    try: ask(['a', 'b'])\n"
        "    except BudgetSpent as error: return str(error)\n"
        "def g(ask): ask('c')"
    )
    student, person = student_of(code), BudgetedHuman(["a", "b"], [1, 0], budget=1)
    assert "asked for 2 labels; 1 are left" in student.call("f", Lent(person))
    with pytest.raises(StudentError, match="KeyError: 'c'"):
        student.call("g", Lent(person))
    assert person.asked == []


def test_what_it_is_asked_arrives_as_plain_data(student_of):
    student = student_of("class Odd(str): pass\ndef f(ask): return ask('x', Odd('x'), [print])")
    kinds = student.call("f", Lent(lambda *asked: [type(a).__name__ for a in asked]))
    assert kinds == ["str", "Opaque", "list"]


def test_threads_ask_one_after_another(student_of):
    code = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "def f(ask):\n"
        "    with ThreadPoolExecutor(8) as pool: return list(pool.map(ask, range(200)))"
    )
    assert student_of(code).call("f", Lent(lambda n: n * n)) == [n * n for n in range(200)]


NO_QUESTIONS = (1, [], [0, []], [7, [], {}], ["0", [], {}], [-1, [], {}], [0, [], {1: 2}])


@pytest.mark.parametrize("question", [b"", b"\xff" * 9, *map(wire.encode, NO_QUESTIONS)])
def test_a_question_that_is_none_is_answered_with_an_error(question):
    lender, person = Lender(), Person()
    lender.dumps(Lent(person))
    assert b"Error" in lender.answer(question)
    assert person.questions == []


# --- what only another process can try --------------------------------------------------------


def test_a_lent_function_cannot_be_searched_for(kernel):
    code = """
import gc
def f(ask):
    ask(1)
    gc.unfreeze()
    found = [thing for thing in gc.get_objects() if type(thing).__name__ == "Person"]
    texts = [t for o in gc.get_objects() for t in gc.get_referents(o) if isinstance(t, str)]
    return len(found), any("57.14"[::-1] in t for t in texts)
"""
    assert student_in(kernel, code).call("f", Lent(Person())) == (0, False)


def test_one_that_is_kept_cannot_be_asked_later(kernel):
    code = """
import threading
kept, said = [], []
def keep(ask): kept.append(ask)
def late():
    try: said.append(kept[0](1))
    except RuntimeError as error: said.append(str(error))
def f():
    thread = threading.Thread(target=late)
    thread.start(); thread.join()
"""
    student, person = student_in(kernel, code), Person()
    student.call("keep", Lent(person))
    kernel.run("f()", 5)
    assert student.get("said") == ["the call that could ask this is over"]
    assert person.questions == []


def test_a_child_process_is_told_that_it_cannot_ask(kernel):
    code = """
import os
def f(ask):
    reader, writer = os.pipe()
    if os.fork() == 0:
        try: ask(1)
        except RuntimeError as error: os.write(writer, str(error).encode())
        os._exit(0)
    os.wait()
    return os.read(reader, 100).decode(), ask(2)
"""
    person = Person()
    said, answer = student_in(kernel, code).call("f", Lent(person))
    assert "not one it started" in said
    assert answer == os.getpid()
    assert person.questions == [(2,)]


def test_who_asks_for_ever_runs_out_of_time(kernel):
    fork = kernel.fork()
    try:
        student = student_in(fork, "def f(ask):\n    while True: ask('more')", seconds=1)
        with pytest.raises(StudentError, match="longer than 1 s"):
            student.call("f", Lent(lambda what: 1))
    finally:
        fork.end()


def test_questions_written_to_the_channel_by_hand_are_only_questions(kernel):
    code = """
import gc, socket, struct
from helpers.checks import wire
def f(ask):
    gc.unfreeze()
    (sock,) = {o._sock for o in gc.get_objects() if type(o).__name__ == "Questions" and o._open}
    for message in (b"?", b"?nonsense", b"?" + wire.encode([0, [], {}])):
        sock.sendall(struct.pack("!Q", len(message)) + message)
        (size,) = struct.unpack("!Q", sock.recv(8))
        sock.recv(size, socket.MSG_WAITALL)
    return ask(5)
"""
    person = Person()
    assert student_in(kernel, code).call("f", Lent(person)) == os.getpid()
    assert 1 <= len(person.questions) <= 2


# --- the items that lend ----------------------------------------------------------------------

CHEATS = {
    "reads what the person would say": """
        import gc
        gc.unfreeze()
        people = [p for p in gc.get_objects() if type(p).__name__ in ("BudgetedHuman", "Person")]
        known = {}
        for person in people:
            known.update(person._answers)
        labels = [known.get(t, 0) for t in texts]""",
    "raises its own budget": """
        self.human.budget += 10_000
        try:
            labels = self.human(texts)
        except Exception:
            labels = [0] * len(texts)""",
    "forgets what it has asked": """
        labels = []
        for text in texts:
            try:
                labels.append(self.human(text))
            except Exception:
                labels.append(0)
            self.human.asked.clear()""",
    "asks the way round the count": """
        person = type(self.human)([], [], 10_000)
        try:
            labels = person(texts)
        except Exception:
            labels = [0] * len(texts)""",
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_pipeline_learns_no_more_of_the_person_than_it_pays_for(kernel, cheat):
    code = f"""
class SmartLabelingPipeline:
    def __init__(self, lfs, llm, confidence_threshold=0.7, human=None):
        self.human = human
    def label(self, texts):
        {CHEATS[cheat].strip()}
        return labels, ["weak"] * len(texts), [0.5] * len(texts)
"""
    fork = kernel.fork()
    try:
        student = student_in(fork, code)
        texts, answers = [f"review {n}" for n in range(100)], [1] * 100
        made = pipelines.run(student, texts, answers, budget=10)
    finally:
        fork.end()
    assert made.labels.sum() == len(made.human_asked) <= 10


def test_a_service_is_asked_for_each_answer_it_gives(kernel):
    code = """
import gc
def batch_label(reviews):
    gc.unfreeze()
    known = [o for o in gc.get_objects() if isinstance(o, dict) and reviews[0] in o]
    label_with_llm(reviews[0])
    label_with_llm.calls = labeler.calls = {}
    return [len(known), label_with_llm("other") if "other" in reviews else None]
"""
    student = student_in(kernel, code)
    with stub_labeler.with_stub(student, stub_labeler.ANSWERS) as calls:
        assert student.call("batch_label", list(stub_labeler.ANSWERS)) == [0, None]
    assert calls == {next(iter(stub_labeler.ANSWERS)): 1}


def test_what_an_item_runs_there_is_not_what_a_student_has_put_in_its_place(kernel):
    code = """
import helpers.checks.labeling_votes as theirs
theirs._vote = lambda *_: [[0]]
def lf(x):
    return 1 if "good" in x.review else -1
"""
    fork = kernel.fork()
    try:
        votes = dict(labeling_votes.votes_of(student_in(fork, code), ["lf"], ["good", "bad"]))
    finally:
        fork.end()
    assert votes["lf"].tolist() == [1, -1]


@pytest.mark.parametrize(
    ("name", "error", "told"),
    [
        ("two", "TypeError", "compare the parameters of `two` with the question's"),
        ("leaves", "SystemExit", "in `leaves`"),
        ("late", "NameError", "in `late`"),
        ("nothing", "", "there is no `nothing` yet"),
        ("empty", "", "`empty` has no code of yours yet"),
    ],
)
def test_each_labeling_function_answers_for_itself(kernel, name, error, told):
    code = """
def lf(x):
    return 1

def two(x, y):
    return 1

def leaves(x):
    raise SystemExit

def late(x):
    return 1 if "good" in x.review else missing

def empty(x):
    pass
"""
    fork = kernel.fork()
    try:
        votes = labeling_votes.votes_of(student_in(fork, code), ["lf", name], ["good", "bad"])
        assert next(votes)[1].tolist() == [1, 1]
        with pytest.raises(StudentError if error else NotAttempted) as raised:
            next(votes)
    finally:
        fork.end()
    if error:
        assert raised.value.kind == error
        assert told in raised.value.where
    else:
        assert told in str(raised.value)


def test_the_language_model_loses_patience_before_the_grader_does():
    model = pipelines.LanguageModel(["fine"] * 3)
    assert [a.label for a in model(["A masterpiece!"])] == ["POSITIVE"]
    with pytest.raises(RuntimeError, match="429"):
        model(["x" * 300_000])
    assert model.asked == ["A masterpiece!"]


def test_a_budget_is_spent_by_whoever_asks():
    person = BudgetedHuman(["a"], [1], budget=1)
    assert person("a") == 1
    with pytest.raises(BudgetSpent):
        person("a")
