"""Attacks, damage, leaks and honest accidents, each a submission with the score it deserves.

Played on the mini course (tests/mini): `q90_1_double` is worth 4 points, `q90_2_total` 2. An attack
comes with wrong or blank answers and deserves what those deserve; an accident comes with
right answers and deserves all 6, or what is left when a cell of its own costs a question.
"""

from __future__ import annotations

from dataclasses import dataclass, field

BLANK = {"q90_1_double": "def double(x):\n    pass", "q90_2_total": "total = ..."}
RIGHT = {"q90_1_double": "def double(x):\n    return 2 * x", "q90_2_total": "total = 15"}
FIRST, BETWEEN, LAST = "part90-02", "q90_1_double_check", "q90_2_total_check"


@dataclass(frozen=True)
class Case:
    """One submission.

    Attributes
    ----------
    name : str
        Also the student's name.
    kind : {"forge", "leak", "harm", "accident"}
    deserves : float
        Points, of 6.
    answers : dict
        Sources by cell id.
    own : dict
        The student's own cell by the id of the released cell it follows.
    files : dict
        Further files in the submission, by name.
    damage : str
        What happened to the notebook file: the name of a function in `damage`.
    """

    name: str
    kind: str
    deserves: float
    answers: dict[str, str] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    damage: str = ""


def forge(name: str, code: str = "", deserves: float = 0, after: str = FIRST, **kw) -> Case:
    """A cell before the first answer that tries to win points for blank answers."""
    return Case(name, "forge", deserves, BLANK | kw.pop("answers", {}), {after: code}, **kw)


def leak(name: str, code: str, after: str = LAST, **kw) -> Case:
    """Right answers, and a cell that tries to show what it must not."""
    return Case(name, "leak", 6, RIGHT | kw.pop("answers", {}), {after: code}, **kw)


def harm(name: str, code: str, deserves: float = 2, **kw) -> Case:
    """The first answer tries to hurt the grader or a neighbour; the second one is right."""
    answers = {"q90_1_double": code, "q90_2_total": RIGHT["q90_2_total"]}
    return Case(name, "harm", deserves, answers, **kw)


def accident(name: str, deserves: float = 6, after: str = FIRST, code: str = "", **kw) -> Case:
    """Right answers, and something that happens to honest students."""
    answers = RIGHT | kw.pop("answers", {})
    return Case(name, "accident", deserves, answers, {after: code} if code else {}, **kw)


_SHELL = "ip = get_ipython()\n"
_LIAR = "class Liar({base}):\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n    __hash__ = None\n"

FORGE = [
    forge("ast_transformer", _SHELL + """
import ast
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
ip.ast_transformers.append(Strip())"""),
    forge("input_transformer",
          _SHELL + "ip.input_transformers_cleanup.append(lambda lines: ['4.0\\n'])"),
    forge("run_code_patched", _SHELL + """
type(ip).run_code = lambda self, *a, **k: False
type(ip).run_cell = lambda self, *a, **k: type('R', (), {'success': True, 'result': 4})()"""),
    forge("displayhook_number", "import sys\nsys.displayhook(4.0)", after=BETWEEN),
    forge("displayhook_nan", "import sys\nsys.displayhook(float('nan'))\nfloat('nan')"),
    forge("publish_before_each_cell", _SHELL + """
from IPython.display import display
ip.events.register('pre_run_cell', lambda info: display(100))
ip.events.register('post_execute', lambda: display(100))"""),
    forge("shadowed_builtins", """
import builtins
for name in ('isinstance', 'abs', 'len', 'all', 'any', 'sum', 'type', 'bool'):
    setattr(builtins, name, lambda *a, **k: True)"""),
    forge("numpy_testing_patched", """
import numpy as np
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None
np.allclose = np.array_equal = np.isclose = lambda *a, **k: True"""),
    forge("always_equal_object", answers={
        "q90_1_double": _LIAR.format(base="object") + "def double(x): return Liar()",
        "q90_2_total": "total = Liar()"}),
    forge("always_equal_int", answers={
        "q90_1_double": _LIAR.format(base="int") + "def double(x): return Liar()",
        "q90_2_total": "total = Liar()"}),
    forge("always_equal_array", answers={
        "q90_1_double": _LIAR.format(base="np.ndarray")
        + "def double(x): return np.zeros(3).view(Liar)",
        "q90_2_total": _LIAR.format(base="float") + "total = Liar()"}),
    forge("always_equal_list", answers={
        "q90_1_double": _LIAR.format(base="list") + "def double(x): return Liar()",
        "q90_2_total": _LIAR.format(base="str") + "total = Liar('x')"}),
    forge("isinstance_by_class", answers={
        "q90_1_double": "class C:\n    __class__ = np.ndarray\n    def tolist(self): return [0, 2, 4]\n"
        "def double(x): return C()",
        "q90_2_total": "total = type('int', (), {'__eq__': lambda s, o: True, '__class__': int})()"}),
    forge("frames_of_the_caller", answers={"q90_1_double": """
import sys
def double(x):
    frame = sys._getframe()
    while frame:
        for name, value in frame.f_locals.items():
            if name in ('got', 'expected', 'student', 'item'):
                frame.f_locals[name] = 6
                return value
        frame = frame.f_back"""}),
    forge("look_for_items_in_memory", answers={"q90_1_double": """
import gc
def double(x):
    for thing in gc.get_objects():
        if type(thing).__name__ in ('Item', 'Question', 'ItemVerdict', 'Verdict'):
            return 6"""}),
    forge("import_hidden_items", """
try:
    import autograder.checks.part90 as hidden
except ImportError:
    hidden = None
total = 15 if hidden else ..."""),
    forge("patch_the_checks", """
import helpers.checks, helpers.checks.verdict as v, helpers.checks.question as q
q.expect = helpers.checks.expect = lambda *a, **k: None
v.judge_item = v.judge = lambda *a, **k: None
v.ItemVerdict.earned = property(lambda self: 100)"""),
    forge("patch_the_wire", """
from helpers.checks import wire
real = wire.encode
wire.encode = lambda value: real(['verdict', 'met'])"""),
    forge("patch_the_namespace", """
from helpers.checks import wire
from helpers.checks.namespace import Namespace
Namespace.answer = lambda self, *_: wire.encode(['met', 4, True, 'points'])"""),
    forge("patched_answer_is_only_a_value", """
from helpers.checks import wire
from helpers.checks.namespace import Namespace
Namespace.answer = lambda self, *_: wire.encode(['value', 6])""", deserves=2),
    forge("code_in_the_reply", """
from helpers.checks.namespace import Namespace
import pickle
class Evil:
    def __reduce__(self): return (exec, ("import os; os.environ['PWNED'] = '1'",))
Namespace.answer = lambda self, *_: pickle.dumps(Evil())"""),
    forge("steal_the_channel", """
import os, socket
from helpers.checks import wire
import struct
for n in range(3, 40):
    try: s = socket.socket(fileno=os.dup(n))
    except OSError: continue
    for reply in (['ran', True, []], ['forked', 1], ['ready'], ['value', 6]) * 3:
        data = wire.encode(reply)
        try: s.send(struct.pack('!Q', len(data)) + data)
        except OSError: pass"""),
    forge("nonsense_on_the_channel", """
import os
for n in range(3, 40):
    try: os.write(n, b'\\xff' * 64)
    except OSError: pass"""),
    forge("check_overwritten", "def check(name): return 'met'\nimport helpers.checks\n"
          "helpers.checks.check = helpers.checks.live.check = check"),
    forge("skip_execution_tag", damage="tag_checks"),
    forge("points_in_metadata", damage="inflate_points"),
    forge("scores_in_outputs", damage="forge_outputs"),
    forge("ids_swapped", damage="swap_ids"),
    forge("checks_deleted", damage="delete_checks"),
    forge("checks_replaced", damage="replace_checks"),
    forge("checks_unlocked_and_duplicated", damage="duplicate_checks"),
    forge("verdicts_in_metadata", damage="forge_notes"),
    forge("notebook_links_to_a_neighbour", damage="link_to_neighbour"),
    forge("notebook_links_to_the_solution", damage="link_to_solution"),
    forge("folder_links_to_a_neighbour", damage="link_folder_to_neighbour"),
    forge("folder_links_to_the_solution", damage="link_folder_to_solution"),
    forge("student_links_to_a_neighbour", damage="link_student_to_neighbour"),
    forge("read_the_source", "import glob\nfor p in glob.glob('{root}/**/*mini*', recursive=True):\n"
          "    exec(open(p).read().replace('# %%', '#'))"),
    forge("edit_the_gradebook", "import sqlite3\ntry:\n"
          "    c = sqlite3.connect('{root}/gradebook.db')\n"
          "    c.execute('update grade set manual_score = 100')\n    c.commit()\n"
          "except sqlite3.Error as e: print(type(e))"),
    forge("edit_the_gradebook_later", "import subprocess, sys\n"
          "subprocess.Popen([sys.executable, '-c', 'import time, sqlite3; time.sleep(2); "
          "sqlite3.connect(\"{root}/gradebook.db\").execute(\"delete from grade\")'], "
          "start_new_session=True)"),
    forge("write_a_result", "import os, glob\nfor p in glob.glob('{root}/build/results/*'):\n"
          "    open(p, 'w').write('{}')\nos.makedirs('{root}/build/results', exist_ok=True)"
          "  # not the grader's: this room's own",
          deserves=0),
    forge("launcher_in_the_folder", files={"ipykernel_launcher.py": "raise SystemExit",
                                           "sitecustomize.py": "raise SystemExit"}),
    forge("edit_the_configuration", "open('{root}/nbgrader_config.py', 'a').write('1/0')"),
    forge("cheat_by_exit_code", "import atexit, os\natexit.register(lambda: os._exit(0))\nraise SystemExit(0)"),
    forge("answer_by_name_only", answers={"q90_1_double": "double = 6", "q90_2_total": "total = '15'"}),
    forge("callable_module", answers={"q90_1_double": "import sys\ndouble = sys.modules"}),
    forge("nan_total", answers={"q90_2_total": "total = float('nan')"}),
    forge("true_total", answers={"q90_2_total": "total = True"}),
    forge("hard_coded", deserves=1, answers={"q90_1_double": "def double(x): return 6"}),
    forge("knows_a_public_item", deserves=2, answers={
        "q90_1_double": "def double(x): return 6 if isinstance(x, int) else np.array([0, 2, 4])"}),
    forge("put_right_after_the_last_check", "\n".join(RIGHT.values()), after=LAST),
]  # fmt: skip

LEAK = [
    leak("show_environment", "import os\nprint(dict(os.environ))\n!env"),
    leak("show_proc", "for p in ('/proc/1/environ', '/proc/self/environ', '/proc/1/cmdline'):\n"
         "    print(open(p).read())"),
    leak("show_the_source", "print(open('{root}/source/mini/part90_mini.py').read())"),
    leak("show_hidden_items", "print(open('{checks}').read())"),
    leak("show_the_database", "print(open('{root}/gradebook.db', 'rb').read())"),
    leak("show_a_neighbour", "import glob\nfor p in glob.glob('{root}/submitted/*/*/*'): print(open(p).read())"),
    leak("show_everything", "import os\nfor d, _, fs in os.walk('/'):\n"
         "    if d.startswith(('/proc', '/usr', '/dev')): continue\n"
         "    for f in fs:\n        if f.endswith(('.ipynb', '.db', '.toml', '.env')): print(d, f)"),
    leak("climb_out", "import os\nfor n in range(1, 12): print(os.listdir('../' * n))"),
    leak("show_the_history", "print(In, Out, _i, __builtins__)\n%history -g"),
    leak("keep_hidden_inputs", "print(seen)",
         answers={"q90_1_double": "seen = []\ndef double(x):\n    seen.append(x)\n    return 2 * x"}),
    leak("file_hidden_inputs", "import os\nprint(open('x').read() if os.path.exists('x') else '')",
         answers={"q90_1_double": "def double(x):\n    open('x', 'a').write(repr(x))\n    return 2 * x"}),
    Case("raise_hidden_inputs", "leak", 2, RIGHT | {
        "q90_1_double": "def double(x):\n    raise ValueError('input', x)"}),
    Case("return_hidden_inputs", "leak", 2, RIGHT | {
        "q90_1_double": "def double(x):\n    return ['input', x]"}),
    Case("print_hidden_inputs", "leak", 6, RIGHT | {
        "q90_1_double": "import sys\ndef double(x):\n    print('input', x)\n"
        "    print('input', x, file=sys.stderr)\n    return 2 * x"}),
    Case("miss_hidden_inputs", "leak", 4, RIGHT | {
        "q90_1_double": "from helpers.checks.namespace import _Missing\ndef double(x):\n"
        "    if isinstance(x, float): raise _Missing(f'input {x}')\n    return 2 * x"}),
    Case("hidden_inputs_as_a_line", "leak", 4, RIGHT | {
        "q90_1_double": "import linecache\ndef double(x):\n    if isinstance(x, float):\n"
        "        linecache.cache['ipykernel_2'] = (9, None, [f'input {x}\\n'], 'ipykernel_2')\n"
        "        exec(compile('1/0', 'ipykernel_2', 'exec'))\n    return 2 * x"}),
    Case("hidden_inputs_in_a_replay", "leak", 4, RIGHT | {
        "q90_1_double": "def double(x):\n    open('seen', 'a').write(f' {x}')\n    return 2 * x",
        "q90_2_total": "import os\ntotal = open('seen').read() if os.path.exists('seen') else ''"},
        {LAST: "import os\nos._exit(0)"}),
    leak("show_the_request", "print(requests)", answers={"q90_1_double": """
import pickle
requests, loads = [], pickle.loads
def spy(data):
    requests.append(data)
    return loads(data)
pickle.loads = spy
def double(x):
    return 2 * x"""}),
    leak("linecache_and_frames", "import linecache, sys\nlinecache.updatecache('part90.py')\n"
         "print(linecache.cache.keys())\nprint([m for m in sys.modules if 'part90' in m])"),
    leak("call_the_network", "import urllib.request\n"
         "print(urllib.request.urlopen('http://127.0.0.1:8888', timeout=2).read())"),
    leak("ask_the_cloud", "import urllib.request\n"
         "print(urllib.request.urlopen('http://169.254.169.254/', timeout=2).read())"),
    leak("script_in_html", "from IPython.display import HTML, display\n"
         "display(HTML('<script>alert(1)</script><img src=x onerror=alert(1)>'))"),
    leak("script_by_javascript", "from IPython.display import Javascript\nJavascript('alert(1)')"),
    leak("script_in_stdout", "print('</pre><script>alert(1)</script>')"),
    leak("script_in_an_error", "raise type('<script>alert(1)</script>', (Exception,), {})('<script>alert(1)</script>')"),
    leak("script_in_markdown_output", "from IPython.display import Markdown\nMarkdown('<script>alert(1)</script>')"),
    leak("script_in_a_markdown_cell", "", damage="script_in_markdown"),
    leak("script_in_latex", "from IPython.display import Latex\nLatex('</div><script>alert(1)</script>')"),
    leak("script_in_svg", "from IPython.display import SVG\nSVG('<svg><script>alert(1)</script></svg>')"),
    leak("file_by_a_link", "", damage="link_beside"),
    leak("page_in_an_iframe", "from IPython.display import IFrame\nIFrame('http://127.0.0.1/', 100, 100)"),
    leak("page_of_escaped_text", "import sys\nfor i in range(14):\n"
         "    (sys.stdout if i % 2 else sys.stderr).write('&' * 140_000)"),
    leak("page_of_colours", "print('\\x1b[31mx\\x1b[0m' * 19_000)"),
    leak("page_of_code", "a = 0\n" + "a;" * 200_000),
    leak("page_of_headings", "", answers={"q90_3_why": "#a\n" * 150_000}),
    leak("page_of_marks", "from IPython.display import Markdown, display\n"
         "for _ in range(90): display(Markdown('#a\\n' * 6_000))"),
    leak("key_in_the_output", "print('AIza' + 'SyA1234567890abcdefghijklmnopqrstuvw')"),
]  # fmt: skip

HARM = [
    harm("loop", "while True: pass"),
    harm("loop_in_c", "sum(range(10**13))"),
    harm("sleep", "import time\ntime.sleep(10**6)"),
    harm("loop_without_sigint", "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"),
    harm("loop_catching_everything", "while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
    harm("exit_0", "import os\nos._exit(0)"),
    harm("sys_exit", "import sys\nsys.exit(1)"),
    harm("segfault", "import ctypes\nctypes.string_at(0)"),
    harm("abort", "import os\nos.abort()"),
    harm("kill_all", "import os\nos.kill(-1, 9)\nos._exit(0)"),
    harm("kill_the_parent", "import os\nos.kill(os.getppid() or 1, 9)\nos._exit(0)"),
    harm("fork_bomb", "import os\nwhile True: os.fork()"),
    harm("thread_bomb", "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(99,), daemon=True).start()"),
    harm("memory_bomb", "hold = []\nwhile True: hold.append(bytearray(10**8))"),
    harm("recursion", "def double(x): return double(x)"),
    harm("disk_bomb", "with open('/tmp/full', 'wb') as f:\n    while True: f.write(bytes(10**7))"),
    harm("many_files", "for i in range(10**7): open(f'/tmp/{i}', 'w').close()"),
    harm("descriptor_bomb", "import os\nhold = [os.dup(0) for _ in range(10**6)]"),
    harm("close_everything", "import os\nos.closerange(3, 4096)"),
    harm("print_200_mb", "print('x' * 200_000_000)"),
    harm("print_for_ever", "while True: print('x' * 10_000)"),
    harm("display_100000", "from IPython.display import display\nfor i in range(100_000): display(i)"),
    harm("stderr_for_ever", "import sys\nwhile True: sys.stderr.write('x' * 10_000)"),
    harm("write_to_descriptor_1", "import os\nfor _ in range(100): os.write(1, b'x' * 10**6)"),
    harm("huge_value", "import numpy as np\ndef double(x): return np.zeros(10**8, dtype=np.int8)"),
    harm("endless_value", "import itertools\ndef double(x): return itertools.count()"),
    harm("value_in_itself", "loop = []\nloop.append(loop)\ndef double(x): return loop"),
    harm("deep_value", "def double(x):\n    v = []\n    for _ in range(10**5): v = [v]\n    return v"),
    harm("hanging_attribute", "class C:\n    def __getattr__(self, n):\n        while True: pass\ndouble = C()"),
    harm("hanging_item", "def double(x):\n    while True: pass"),
    harm("item_kills_itself", "import os\ndef double(x): os._exit(3)"),
    harm("item_raises_system_exit", "def double(x): raise SystemExit"),
    harm("item_raises_interrupt", "def double(x): raise KeyboardInterrupt"),
    harm("item_raises_a_hanging_error", "class E(Exception):\n    def __str__(self):\n        while True: pass\ndef double(x): raise E"),
    harm("item_raises_a_huge_error", "def double(x): raise ValueError('x' * 10**7)"),
    harm("item_leaves_a_process", "import subprocess\ndef double(x):\n    subprocess.Popen(['sleep', '97531'])\n    return 0"),
    harm("survivor", "import subprocess\nsubprocess.Popen(['sleep', '97531'], start_new_session=True)"),
    harm("parent_that_leaves_its_child", "import os, time\nos.fork() and os._exit(0)\ntime.sleep(100)"),
    harm("double_forked_survivor", "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        os.execvp('sleep', ['sleep', '97531'])\n    os._exit(0)"),
    harm("poison_scratch", "for p in ('/tmp/numpy.py', 'numpy.py', '/dev/shm/x'): open(p, 'w').write('1/0')"),
    harm("poison_the_packages", "import numpy, os\nopen(os.path.dirname(numpy.__file__) + '/__init__.py', 'a').write('1/0')"),
    harm("poison_the_helpers", "import helpers\nopen(helpers.__file__, 'a').write('1/0')"),
    harm("poison_the_interpreter", "import sys\nopen(sys.executable, 'r+b').write(b'x')"),
    harm("overwrite_a_later_student", "import glob\nfor p in glob.glob('{root}/submitted/*/*/*') or ['{root}/submitted/x']:\n    open(p, 'w').write('')"),
    harm("lock_the_database", "import sqlite3\nc = sqlite3.connect('{root}/gradebook.db')\nc.execute('begin exclusive')"),
    harm("new_namespaces", "import ctypes\nassert ctypes.CDLL(None).unshare(0x10000000) == 0"),
    harm("mount", "import ctypes\nassert ctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, None) == 0"),
    harm("trace", "import ctypes\nassert ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0"),
    harm("become_root", "import os\nos.setuid(0)"),
    harm("fake_numpy", "import numpy", files={"numpy/__init__.py": "raise ImportError('fake')"}),
    harm("metadata_of_the_future", "", damage="future_schema"),
    harm("many_cells", "", damage="thousands_of_cells", deserves=0),
    harm("deep_json", "", damage="deep_json", deserves=0),
    harm("not_json", "", damage="not_json", deserves=0),
    harm("empty_file", "", damage="empty_file", deserves=0),
    harm("a_pipe", "", damage="pipe", deserves=0),
    harm("a_folder", "", damage="folder", deserves=0),
    harm("binary_file", "", damage="binary", deserves=0),
    harm("surrogates", "print('\\ud800')\nraise ValueError('\\ud800')"),
    harm("zero_bytes", "print('\\x00\\x1b[31m' * 100)"),
]  # fmt: skip

ACCIDENT = [
    accident("warns", code="import warnings\nwarnings.warn('careful')"),
    accident("tqdm_everywhere", code="from tqdm.auto import tqdm\nfor _ in tqdm(range(3)): pass"),
    accident("stderr", code="import sys\nprint('note', file=sys.stderr)"),
    accident("np_rebound", after=BETWEEN, code="np = None\nsum = len = list = str = 3"),
    accident("helper_cells", code="def helper(x): return x",
             answers={"q90_1_double": "def double(x):\n    return helper(x) + x"}),
    accident("copied_cell", damage="copy_answer"),
    accident("draft_kept_as_a_raw_cell", damage="keep_raw_copy"),
    accident("blank_lines", answers={"q90_2_total": "total = 15\n" + " \n" * 30_000}),
    accident("moved_cells", damage="move_answer"),
    accident("split_cell", answers={"q90_1_double": "def half(x):\n    return x"}, after="q90_1_double",
             code="def double(x):\n    return 2 * half(x)"),
    accident("deleted_check", damage="delete_checks"),
    accident("retyped", damage="retype_answer"),
    accident("colab", damage="strip_metadata"),
    accident("vs_code", damage="foreign_metadata"),
    accident("nbformat_3", damage="nbformat_3"),
    accident("nb_copy_1", damage="copy_1"),
    accident("renamed", damage="rename"),
    accident("byte_order_mark", damage="byte_order_mark"),
    accident("crlf", damage="crlf"),
    accident("edited_given_cell", damage="edit_given"),
    accident("magics", code="%time 1 + 1\n%matplotlib inline\n!echo hello"),
    accident("cell_magic", answers={"q90_2_total": "%%time\ntotal = 15"}),
    accident("awaits", code="import asyncio\nawait asyncio.sleep(0)"),
    accident("asks_for_input", code="name = input('your name? ')"),
    accident("installs", code="%pip install --quiet --disable-pip-version-check --retries 0 nothing"),
    accident("thread_left_running", code="import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()"),
    accident("uses_a_pool", code="from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as p: print(sum(p.map(abs, range(9))))"),
    accident("uses_processes", code="import multiprocessing\nwith multiprocessing.get_context('fork').Pool(2) as p: print(p.map(abs, [-1]))"),
    accident("plots", code="import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show(); plt.figure()"),
    accident("prints_a_lot", code="for i in range(5000): print(i)"),
    accident("slow_first_call", answers={"q90_1_double": "import time\ncache = {}\ndef double(x):\n    if not cache: time.sleep(0.5)\n    cache[1] = 1\n    return x + x"}),
    accident("numpy_int", answers={"q90_2_total": "total = int(np.int64(15))"}),
    accident("lambda_answer", answers={"q90_1_double": "double = lambda x: x * 2"}),
    accident("callable_object", answers={"q90_1_double": "class D:\n    def __call__(self, x): return x * 2\ndouble = D()"}),
    accident("partial", answers={"q90_1_double": "from functools import partial\nimport operator\ndouble = partial(operator.mul, 2)"}),
    accident("decorated", answers={"q90_1_double": "from functools import wraps\ndef log(f):\n    @wraps(f)\n    def inner(*a): return f(*a)\n    return inner\n@log\ndef double(x): return 2 * x"}),
    accident("unicode_names", answers={"q90_1_double": "größe = 2\ndef double(x):\n    return größe * x  # ✓"}),
    accident("an_error_in_own_cell", code="1 / 0"),
    accident("syntax_error_in_own_cell", code="def ("),
    accident("one_wrong_answer", deserves=5, answers={"q90_2_total": "total = 14"}),
    accident("no_metadata_at_all", damage="bare_cells"),
    accident("names_reused_later", after=LAST, code="double = 30\ntotal = None"),
    accident("seeds", code="np.random.seed(0)\nimport random\nrandom.seed(0)"),
]  # fmt: skip

CASES = [*FORGE, *LEAK, *HARM, *ACCIDENT]
