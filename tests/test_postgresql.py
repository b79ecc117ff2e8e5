"""A gradebook in PostgreSQL: two graders at once write the marks that one writes in SQLite."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from conftest import MINI, write_release
from nbgrader.api import Gradebook
from test_record import MARKS, WORK, hand_in

from autograder.doctor import examine

# PostgreSQL does not run as root.
USER = 65534 if os.getuid() == 0 else None


def programs():
    """Return the folder of PostgreSQL's programs; Debian's is not on the PATH."""
    found = [shutil.which("initdb"), *Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return next((Path(path).resolve().parent for path in found if path), None)


@pytest.fixture(scope="module")
def database():
    """Start a server that listens in a folder; yield the address of its database."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as folder:
        if USER:
            os.chown(folder, USER, USER)
        data = f"{folder}/data"
        listen = f"-k {folder} -c listen_addresses="
        call("initdb", "--auth=trust", "--username=lab", "--no-sync", data)
        call("pg_ctl", "start", "--wait", "-D", data, "-l", f"{data}/log", "-o", listen)
        os.chmod(folder, 0o755)
        try:
            yield f"postgresql+psycopg://lab@/postgres?host={folder}"
        finally:
            call("pg_ctl", "stop", "--wait", "-D", data, "--mode=immediate")


def call(program, *arguments):
    subprocess.run([programs() / program, *arguments], user=USER, cwd="/", check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip


def test_two_graders_at_once_write_the_same_marks(course, database):
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = {database!r}\n")
    write_release(course)
    for number in range(4):
        for student, answers in WORK.items():
            hand_in(course, f"{student}{number}", answers)
    env = os.environ | {"PYTHONPATH": str(MINI / "site"), "COLUMNS": "200"}
    for _ in range(2):  # the second time there is nothing to do
        graders = [
            subprocess.Popen(
                [sys.executable, "-m", "autograder.cli", "grade", "mini", "--jobs", "1",
                 "--feedback", "--student", who],
                cwd=course.root, env=env, text=True, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            for who in ("*[01]", "*[23]")
        ]  # fmt: skip
        for grader in graders:
            said, _ = grader.communicate(timeout=120)
            assert grader.returncode == 0, said
            assert "6 graded" in said
    assert marks_in(database) == {f"{name}{n}": MARKS[name] for name in WORK for n in range(4)}
    assert not course.gradebook.exists()
    assert len([*course.feedback.glob("*/mini/part90_mini.html")]) == 12
    gradebook = [finding for finding in examine(course) if finding.what.startswith("the gradebook")]
    assert [finding.well for finding in gradebook] == [True]


def marks_in(database):
    with Gradebook(database, "cs203") as gradebook:
        return {
            submission.student_id: sum(
                grade.auto_score or 0 for n in submission.notebooks for grade in n.grades
            )
            for submission in gradebook.assignment_submissions("mini")
        }
