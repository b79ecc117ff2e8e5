"""What the fuzzers of tests/fuzz found, each as a plain test."""

import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import tracemalloc

import msgpack
import numpy as np
import pandas as pd
import pytest
from conftest import MINI, ROOT
from test_record import WORK, hand_in, marks

from autograder.outputs import MAX_TEXT, clean_outputs, safe_markdown
from autograder.sandbox import channel, client
from helpers.checks import wire
from helpers.checks.student import Student, StudentError, StudentGone


def packed(node):
    return msgpack.packb(node, use_bin_type=True)


def array(dtype, data=b"", count=0):
    return ["array", dtype, [count], data]


# --- the wire ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "dtype", ["<M8[s/0]", "M8[s/0]", "<M8[0s]", "(,)f8", "(1,f8", "i4,i4", "O"]
)
def test_numpy_never_reads_a_dtype_that_encode_does_not_write(dtype):
    """np.dtype("M8[s/0]") divides by zero, which ends the process: so another one tries it."""
    code = (
        "import sys; from helpers.checks import wire\n"
        "try: wire.decode(sys.stdin.buffer.read())\n"
        "except wire.WireError: print('refused')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=packed(array(dtype)), capture_output=True, cwd=ROOT
    )
    assert done.stdout == b"refused\n"


@pytest.mark.parametrize("dtype", ["?", "i1", "u8", "f2", "f4", "f8", "c16", "U3", "S4", ">i4",
                                   "M8[ns]", "M8[25s]", "m8[D]", "m8", "M8[us]"])  # fmt: skip
def test_every_dtype_that_crossed_still_does(dtype):
    value = np.zeros(2, dtype)
    back = wire.decode(wire.encode(value))
    assert (back.dtype, back.tobytes()) == (value.dtype, value.tobytes())


def test_what_pandas_cannot_make_is_a_wire_error():
    with pytest.raises(wire.WireError):
        wire.decode(packed(["index", array("<f2", b"1234", 2)]))


@pytest.mark.parametrize(
    ("indices", "indptr", "dtype"),
    [
        # SciPy checks the differences of these, which overflow, and finds them in order.
        ([0, 1, 2], [0, 1694498817, -1593704046, 3], "<i4"),
        ([0, 1, 2], [0, 2**31, 2, 3], "<u4"),
        ([0, 1, 2**32 - 1], [0, 1, 2, 3], "<u4"),
        ([0, 1, 2], [0, 1, 2, 4], "<i4"),
        ([0, 1, 3], [0, 1, 2, 3], "<i4"),
    ],
)
def test_a_sparse_matrix_points_into_itself(indices, indptr, dtype):
    parts = [array(dtype, np.array(part, dtype).tobytes(), len(part)) for part in (indices, indptr)]
    data = array("<f8", np.ones(3).tobytes(), 3)
    with pytest.raises(wire.WireError):
        wire.decode(packed(["csr", [3, 3], data, *parts]))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xdd" + (500_000).to_bytes(4, "big"), id="announced"),
        pytest.param(b"\xdd\x00\x07\xa1\x20" * 1000, id="announced, in each other"),
        pytest.param(
            b"\xdc\x00\x40" + (b"\xdd\x00\x07\xa1\x20" + b"\x90" * 500_000) * 64, id="empty lists"
        ),
    ],
)
def test_a_few_bytes_do_not_become_gigabytes(data):
    tracemalloc.start(1)
    try:
        with pytest.raises(wire.WireError):
            wire.decode(data)
        assert tracemalloc.get_traced_memory()[1] < 16 * 2**20 + 12 * len(data)
    finally:
        tracemalloc.stop()


EMPTY = array("<f8")
OBJECTS = {
    "frame": ["frame", [], EMPTY],
    "series": ["series", EMPTY, EMPTY, None],
    "index": ["index", EMPTY],
    "csr": ["csr", [0, 0], EMPTY, array("<i8"), array("<i8", bytes(8), 1)],
}


@pytest.mark.parametrize("kind", OBJECTS)
def test_a_reply_does_not_become_a_million_objects(kind):
    """Each takes a tenth of a millisecond to make, whatever is in it."""
    assert len(wire.decode(packed(["list", [OBJECTS[kind]] * 5_000]))) == 5_000
    with pytest.raises(wire.WireError, match="too many parts"):
        wire.decode(packed(["list", [OBJECTS[kind]] * 20_000]))


def test_the_rows_of_a_frame_cross_one_by_one():
    rows = [row for _, row in pd.DataFrame({"a": range(2000)}).iterrows()]
    assert len(wire.decode(wire.encode(rows))) == 2000


@pytest.mark.parametrize("kind", ["set", "frozenset", "dict"])
def test_keys_that_were_made_to_collide_are_refused_at_once(kind):
    """All these numbers have the hash 0: a set of a hundred thousand takes minutes to make."""
    keys = [["bigint", hex(number * (2**61 - 1))] for number in range(20_000)]
    items = [[key, None] for key in keys] if kind == "dict" else keys
    start = time.monotonic()
    with pytest.raises(wire.WireError, match="alike"):
        wire.decode(packed([kind, items]))
    assert time.monotonic() - start < 1


def test_an_integer_that_cannot_be_decoded_is_not_encoded():
    assert wire.decode(wire.encode(-(2**13_980))) == -(2**13_980)
    with pytest.raises(wire.WireError, match="an integer of"):
        wire.encode(2**20_000)


# --- the grader's end of the channel ----------------------------------------------------------


@pytest.mark.parametrize("word", [np.array(["a", "b"]), np.arange(3), [1], {"a": 1}, None, 2.5])
def test_a_reply_that_begins_with_no_word_is_nonsense(word):
    asks, rests = (lambda h: h.run("1", 5), lambda h: h.fork()), ([True, []], ["why"])
    for ask, rest in itertools.product(asks, rests):
        ours, theirs = socket.socketpair()
        with theirs:
            channel.send(theirs, wire.encode([word, *rest]))
            with pytest.raises(StudentGone, match="nonsense"):
                ask(client.KernelHandle(ours))


def test_a_process_that_does_not_listen_holds_nobody_up():
    ours, theirs = socket.socketpair()
    with theirs:
        start = time.monotonic()
        with pytest.raises(StudentError, match="Timeout"):
            client.KernelHandle(ours).ask(bytes(4 * 2**20), 0.2, None)
        assert time.monotonic() - start < 2


def test_questions_without_end_end_with_the_time():
    ours, theirs = socket.socketpair()
    question = channel.QUESTION + b"x"
    many = (len(question).to_bytes(8, "big") + question) * 10_000

    def flood():
        with contextlib.suppress(OSError):
            while True:
                theirs.sendall(many)

    def drain():
        with contextlib.suppress(OSError):
            while theirs.recv(2**20):
                pass

    with theirs:
        handle = client.KernelHandle(ours)
        for work in (flood, drain):
            threading.Thread(target=work, daemon=True).start()
        start = time.monotonic()
        with pytest.raises(StudentError, match="Timeout"):
            handle.ask(b"", 0.5, lambda question: b"answer")
        assert time.monotonic() - start < 5
        ours.close()


def test_if_the_parent_is_gone_too_a_timeout_is_no_traceback():
    ours, theirs = socket.socketpair()
    above, root = socket.socketpair()
    root.close()
    with theirs, pytest.raises(StudentGone):
        client.KernelHandle(ours, client.KernelHandle(above), 7).run("1", 0.05)


# --- outputs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output", "number"),
    [
        ({"output_type": np.array(["a", "b"])}, 0),
        ({"output_type": "stream", "name": np.arange(2), "text": "x"}, 0),
        ({"output_type": "display_data", "data": {"text/plain": np.arange(2)}, "metadata": {}}, 1),
        ({"output_type": "execute_result", "data": {}, "execution_count": 16**3497}, 1),
        ({"output_type": "execute_result", "data": {}, "execution_count": -1}, 1),
    ],
)
def test_odd_outputs_are_cleaned_and_can_be_stored(output, number):
    cleaned = clean_outputs([output])
    assert len(cleaned) == number
    for kept in cleaned:
        json.dumps(kept)
        assert kept.get("execution_count") is None


def test_open_marks_do_not_multiply():
    """A browser opens each <b> again in every paragraph: a thousand by a thousand are millions."""
    html = "<p>" + "".join(f"<b id={i}>" for i in range(2000)) + "<p>x" * 2000
    (output,) = clean_outputs(
        [{"output_type": "display_data", "data": {"text/html": html}, "metadata": {}}]
    )
    assert len(output["data"]["text/html"]) <= 2 * MAX_TEXT


def test_all_outputs_of_a_cell_together_have_a_limit():
    text = {"output_type": "stream", "name": "stdout", "text": "x" * MAX_TEXT}
    cleaned = clean_outputs([text] * 100)
    assert sum(len(output["text"]) for output in cleaned) < 4_000_000
    assert "dropped" in cleaned[-1]["text"]


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "![x](javascript:alert(1))",
        "[x]( \n javascript:alert(1))",
        "[x](java&#115;cript&colon;alert(1))",
        r"[x](javascript\:alert(1))",
        "[x]: javascript:alert(1)\n\n[x]",
        "[x](data:text/html,<script>alert(1)</script>)",
        "![x](attachment:image.png)",
        "[x]: attachment:a\n\n![x]",
    ],
)
def test_a_link_in_markdown_goes_to_the_web_or_nowhere(text):
    from nbconvert.filters import markdown2html

    html = markdown2html(safe_markdown(text))  # raises for an attachment, which is not kept
    assert "href" not in html
    assert "<img" not in html


@pytest.mark.parametrize(
    "text",
    ["[a](https://a.b/c?d=e#f 'T')", "[a](part2.ipynb#q)", "[a](#q)", "[a]: http://a.b\n\n[a]"],
)
def test_other_links_stay(text):
    from nbconvert.filters import markdown2html

    assert markdown2html(safe_markdown(text)) == markdown2html(text)


def test_very_long_markdown_is_cut():
    assert len(safe_markdown("\\\\(" * 100_000)) < 21_000


# --- a class ----------------------------------------------------------------------------------

GOOD = WORK["ana"]
ODD = {
    "output without type": "get_ipython().outputs.items.append({'output_type': 'stream', "
    "'name': __import__('numpy').arange(2), 'text': 'a'})",
    "endless count": "get_ipython().outputs.items.append({'output_type': 'execute_result', "
    "'data': {'text/plain': '1'}, 'metadata': {}, 'execution_count': 16**3497})",
    "fatal dtype": "import helpers.checks.wire as w, msgpack\n"
    "w.encode = lambda v: msgpack.packb(['list', ['ran', True, ['array', 'M8[s/0]', [0], b'']]])",
}


def grade(course, *options):
    return subprocess.run(
        [sys.executable, "-m", "autograder.cli", "grade", "mini", *options],
        cwd=course.root,
        env=os.environ | {"PYTHONPATH": f"{MINI / 'site'}:{ROOT}"},
        capture_output=True,
        timeout=300,
    )


@pytest.mark.parametrize("odd", ODD)
def test_one_odd_notebook_does_not_stop_the_class(mini, odd):
    for student in ("ana", "zoe"):
        hand_in(mini, student, GOOD)
    answer = f"{GOOD['q90_1_double']}\n{ODD[odd]}"
    hand_in(mini, "mal", GOOD | {"q90_1_double": answer})
    done = grade(mini, "--jobs", "2")
    assert done.returncode == 0, done.stderr.decode()
    assert {student: marks(mini)[student] for student in ("ana", "zoe")} == {"ana": 6.0, "zoe": 6.0}


def test_a_pasted_picture_does_not_stop_the_feedback(mini):
    hand_in(mini, "ana", GOOD | {"q90_3_why": "See ![image.png](attachment:image.png)"})
    hand_in(mini, "zoe", GOOD)
    done = grade(mini, "--jobs", "1", "--feedback")
    assert done.returncode == 0, done.stderr.decode()
    assert (mini.feedback / "zoe/mini/part90_mini.html").is_file()


def test_a_file_name_that_is_not_utf_8_is_said_as_it_can_be(mini):
    path = hand_in(mini, "ana", GOOD)
    os.rename(path, os.fsencode(path.parent) + b"/caf\xe9.ipynb")
    done = grade(mini, "--jobs", "1")
    assert done.returncode == 0, done.stderr.decode()
    assert "found under the name caf?.ipynb" in done.stdout.decode()
    assert marks(mini) == {"ana": 6.0}


# --- killed from outside ----------------------------------------------------------------------


@pytest.fixture
def sandbox(mini_release):
    from autograder.limits import Limits
    from autograder.preloading import preloaded

    with preloaded(mini_release, Limits()) as made:
        yield made


def graded_while(sandbox, release, strike):
    """Grade good work while `strike` looks at each process that is forked."""
    import psutil

    from autograder.grading import grade as grade_notebook
    from autograder.intake import parse_cells
    from autograder.limits import Limits
    from autograder.rebuilding import rebuild

    document = json.loads(json.dumps(release.notebook))
    for cell in document["cells"]:
        cell["source"] = GOOD.get(cell["id"], cell["source"])
    rebuilt = rebuild(parse_cells(document), release)
    fork = client.KernelHandle.fork
    forks = []

    def fork_and_strike(handle, room=None):
        made = fork(handle, room)
        forks.append(made)
        if strike(len(forks)):
            mine = psutil.Process().children(recursive=True)
            newest = max(mine, key=lambda process: (process.create_time(), process.pid))
            os.kill(newest.pid, signal.SIGKILL)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client.KernelHandle, "fork", fork_and_strike)
        return grade_notebook(release, rebuilt, sandbox, Limits())


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_whose_process_is_killed_once_loses_nothing(sandbox, mini_release, number):
    result = graded_while(sandbox, mini_release, lambda fork: fork == number)
    assert result.points == 6.0
    assert result.limits == []


def test_what_ends_twice_is_believed(sandbox, mini_release):
    result = graded_while(sandbox, mini_release, lambda fork: True)
    assert result.points < 6.0


def test_an_item_decodes_no_more_parts_in_all_than_a_value_may_have():
    """Decoding is the grader's own time: twenty calls in a reply would make it minutes."""
    reply = wire.encode(["value", [wire.encode(["value", [[]] * 100_000])] * 20])
    decoded = Student(lambda *_: reply).call_often(20, "f")
    assert sum(1 for _ in itertools.islice(decoded, 5)) == 5
    with pytest.raises(StudentGone, match="too many parts"):
        list(decoded)
