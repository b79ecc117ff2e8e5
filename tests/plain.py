"""Judge samples as a notebook does: no walls, no snapshots, checks in the cells' own process.

    python tests/plain.py part6_noisy_labels

prints, as JSON, the status of each item of each student. Each sample runs in a fork of a
process that has run the given cells before the first answer, so that a class takes seconds.
"""

import json
import os
import resource
import sys
from pathlib import Path
from types import ModuleType

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from autograder.grading import questions_of
from autograder.intake import parse_cells
from autograder.limits import Limits
from autograder.rebuilding import rebuild
from autograder.release import ANSWER, CHECK, load_all
from autograder.samples import notebook_of, read_samples
from helpers.checks.namespace import Namespace
from helpers.checks.student import Student
from helpers.checks.verdict import judge

ROOT = Path(__file__).resolve().parent.parent


def main(part):
    releases = load_all(ROOT / "release/week04")
    release, questions = releases[part], questions_of(releases[part])
    sys.modules["__main__"] = ModuleType("__main__")
    shell = InteractiveShell.instance(user_module=sys.modules["__main__"])
    with capture_output():
        done = run_given_cells(shell, release)
    statuses = {}
    for sample in read_samples(ROOT / "tests/samples", releases):
        if sample.part == part:
            cells = parse_cells(json.loads(json.dumps(notebook_of(sample, release))))
            notebook = rebuild(cells, release).notebook
            statuses[sample.student] = in_a_fork(judged, shell, notebook, questions, done)
    print(json.dumps(statuses))


def run_given_cells(shell, release):
    done = set()
    for cell in release.cells:
        if cell.role in (ANSWER, CHECK):
            return done
        if cell.kind == "code":
            shell.run_cell(cell.source).raise_error()
            done.add(cell.id)
    return done


def judged(shell, notebook, questions, done):
    statuses = {}
    with capture_output():
        for cell in notebook.cells:
            question = questions.get(cell.id.removesuffix("_check"))
            if question and cell.id.endswith("_check"):
                verdict = judge(question, Student(Namespace(shell.user_ns).answer))
                statuses[question.id] = {item.name: item.status for item in verdict.items}
            elif cell.cell_type == "code" and cell.id not in done:
                shell.run_cell(cell.source)
    return statuses


def in_a_fork(function, *args):
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        limit_memory()
        with os.fdopen(writer, "w") as pipe:
            json.dump(function(*args), pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.waitpid(pid, 0)
    return json.loads(text)


def limit_memory():
    """Set the one limit of the sandbox that a sample of the class meets."""
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    most = held + Limits().memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main(sys.argv[1])
