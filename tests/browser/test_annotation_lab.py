"""The annotation tool in JupyterLab: real clicks, real keys, a real restart."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect, sync_playwright

from helpers.reference.annotation import LabelLog

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: apt-get install chromium"
    ),
]
ROOT = Path(__file__).parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A loaded machine may take long; what is slow is not wrong.
PATIENCE = 120_000
TOKEN = "for-this-test-only"

REVIEWS = [
    "The plot is thin as paper.",
    "I <b>loved</b> it <img src=x onerror='window.harmed = true'> & so will you",
    "Two hours I will not get back.",
    "My whole family laughed.",
    "The sound is muddled throughout.",
    "Every frame is a painting.",
]
SCORES = [0.30, 0.44, 0.05, 0.11, 0.48, 0.37]
ORDER = [4, 1, 5, 0, 3, 2]
CELLS = [
    f"reviews = {REVIEWS!r}\nscores = {SCORES!r}",
    "from helpers.reference.annotation import AnnotationTool\n"
    "tool = AnnotationTool(reviews, scores, 'labels.jsonl')\n"
    "tool.view()",
]


@pytest.fixture
def folder(tmp_path):
    """A folder with a notebook that shows the tool."""
    made = tmp_path / "work"
    made.mkdir()
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), made / "annotate.ipynb")
    return made


@pytest.fixture
def server(folder, tmp_path):
    """JupyterLab on a free port of this machine; its address."""
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
        "--expose-app-in-browser",
        "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--IdentityProvider.token={TOKEN}",
        f"--ServerApp.root_dir={folder}",
    ]  # fmt: skip
    _ask_nothing(tmp_path / "jupyter_config_dir")
    homes = ("HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    environment = os.environ | {name: str(tmp_path / name.lower()) for name in homes}
    environment["PYTHONPATH"] = str(ROOT)
    process = subprocess.Popen(
        command, env=environment, cwd=folder, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield _address(process)
    finally:
        process.terminate()
        process.wait()


def _ask_nothing(config):
    """Settings of somebody who answered the question about news long ago."""
    settings = config / "lab/user-settings/@jupyterlab/apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )


def _address(process):
    """Read the log until it says where the server is; let it run on unread after that."""
    log = []
    for line in process.stderr:
        log.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return found[0]
    pytest.fail("JupyterLab did not start:\n" + "".join(log))


@pytest.fixture
def page(server):
    """The notebook, open in a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.goto(f"{server}lab/tree/annotate.ipynb?token={TOKEN}")
        page.wait_for_function("() => window.jupyterapp")
        page.evaluate("() => window.jupyterapp.restored")
        expect_idle(page)
        yield page
        browser.close()


def expect_idle(page):
    """Wait until the kernel is ready; JupyterLab asks for one if a cell is run too early."""
    expect(page.get_by_role("button", name=re.compile(r"Python 3.* \| Idle"))).to_be_visible()


def run(page, command):
    """Run one of JupyterLab's commands, without waiting for its end."""
    page.evaluate("(command) => { window.jupyterapp.commands.execute(command); }", command)


def run_all(page):
    run(page, "notebook:run-all-cells")
    expect(button(page, "Positive (p)")).to_be_visible()


def button(page, name):
    return page.get_by_role("button", name=name)


def expect_review(page, row):
    """Wait until a review is shown, with all its characters."""
    expect(page.locator(".jp-OutputArea-output")).to_contain_text(REVIEWS[row])


def expect_progress(page, text):
    expect(page.get_by_role("status").filter(has_text="labeled")).to_contain_text(text)


def test_labels_from_clicks_and_keys_are_on_disk_and_found_after_a_restart(page, folder, tmp_path):
    def on_disk():
        return LabelLog(folder / "labels.jsonl", REVIEWS).labels

    run_all(page)
    expect_review(page, ORDER[0])
    expect_progress(page, "0 of 6 labeled")

    button(page, "Positive (p)").click()
    expect_review(page, ORDER[1])
    # No waiting here: the label is on disk before the next review shows.
    assert on_disk() == {4: 1}
    assert page.evaluate("() => window.harmed") is None

    # After a click, the keys have the focus.
    expect(page.get_by_label("Keys")).to_be_focused()
    page.keyboard.press("n")
    expect_review(page, ORDER[2])
    assert on_disk() == {4: 1, 1: 0}

    page.keyboard.press("s")
    expect_review(page, ORDER[3])
    page.keyboard.press("p")
    expect_review(page, ORDER[4])
    page.keyboard.press("u")
    expect_review(page, ORDER[3])
    assert on_disk() == {4: 1, 1: 0}
    button(page, "Negative (n)").click()
    expect_progress(page, "3 of 6 labeled")
    assert on_disk() == {4: 1, 1: 0, 0: 0}
    page.screenshot(path=tmp_path / "annotation.png")

    run(page, "notebook:restart-kernel")
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    run(page, "editmenu:clear-all")
    expect(button(page, "Positive (p)")).to_have_count(0)
    expect_idle(page)
    run_all(page)
    expect_progress(page, "3 of 6 labeled")
    expect_review(page, ORDER[4])
    button(page, "Undo (u)").click()
    expect_review(page, ORDER[3])
    assert on_disk() == {4: 1, 1: 0}
