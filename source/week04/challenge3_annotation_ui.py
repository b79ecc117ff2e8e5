# %% [markdown]
# # Challenge 3: Active learning with human-in-the-loop UI
#
# So far, "ask for a label" meant: look it up in an array. In practice a person reads the review and decides, hundreds of
# times. Whoever builds the tool for this decides how many labels a person gives in an hour, and whether they are still
# there after lunch.
#
# You will build that tool, with `ipywidgets`: buttons and keys, undo and skip, progress, and labels that survive a crash. About
# two hours. Challenges give extra points, and you can do this one in pieces: the methods first, then the buttons.
#
# After a restart of the kernel: go to the cell where you were, and choose *Run ▸ Run All Above Selected Cell*.
#
# | word | meaning |
# | --- | --- |
# | annotator | the person who labels |
# | widget | a piece of a user interface in a notebook: a button, a text box, a picture |
# | handler | a function that is called when something happens to a widget |
# | queue | the reviews that wait for a label, in the order in which they will be shown |

# %%
import html
import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from helpers import checkpoints
from helpers.checks import check
from helpers.reviews import simulated_human

np.random.seed(42)

# %%
# Use ipywidgets to create a simple annotation UI
try:
    import ipywidgets as widgets
    from IPython.display import display, clear_output
except ImportError:
    print("Install ipywidgets for interactive labeling: pip install ipywidgets")

# %% [markdown]
# ## What there is to label
#
# A pool of 300 realistic reviews, positive or negative. Twenty more are labeled already, so that there is a model to begin with.

# %%
LABELS = {"Positive": 1, "Negative": 0}

split = checkpoints.realistic_split(n_pool=320, n_test=1000)
X_start, y_start = split.X_pool[:20], split.y_pool[:20]
X_pool = split.X_pool[20:]
reviews = split.df_pool["review"].tolist()[20:]
print(f"{len(reviews)} reviews wait for a label. The first: {reviews[0]}")

# %% [markdown]
# Which one should the annotator see first? The model says it. `train` learns from the start and from all labels that were
# given since; `uncertainty` asks this model how unsure it is about each review of the pool.

# %%
def train(rows, labels):
    """A model that knows the start, and the labels of these rows of the pool."""
    rows = np.asarray(rows, dtype=int)
    X = sp.vstack([X_start, X_pool[rows]])
    y = np.concatenate([y_start, np.asarray(labels, dtype=int)])
    return LogisticRegression(max_iter=1000).fit(X, y)

def uncertainty(rows, labels):
    """One number for each review of the pool: the higher, the less sure the model is."""
    return 1 - train(rows, labels).predict_proba(X_pool).max(axis=1)

# %%
uncertainty([], []).round(3)[:10]

# %% [markdown]
# ## Labels on disk
#
# An hour of labels in the memory of a notebook is an hour you can lose: kernels die, batteries run out, browsers reload. So
# every label goes to a file at once, and it counts only when it is there. "There" takes more than `write`:
#
# - `write` puts the text into a buffer of Python's;
# - `flush` hands it to the operating system, which keeps it in memory for a while;
# - `fsync` comes back when it is on the disk.
#
# `LabelFile` does this for you. It only ever *adds* lines: nothing that is written is touched again, so nothing can be
# destroyed. A label is taken back by one more line, with the label `None`.

# %%
class LabelFile:
    """Labels on disk: one line of JSON for each, the newest last."""

    def __init__(self, path):
        self.path = Path(path)

    def append(self, row, label, seconds=0.0):
        """Write one label; return when it is on the disk. None takes a row's label back."""
        label = None if label is None else int(label)
        entry = {"row": int(row), "label": label, "seconds": round(float(seconds), 2)}
        with self.path.open("a", encoding="utf-8") as file:
            # The line break comes first: a line that was cut off by a crash spoils no other.
            file.write("\n" + json.dumps(entry))
            file.flush()
            os.fsync(file.fileno())

    def read(self):
        """All labels that hold, as {row: label}, in the order in which they were given."""
        labels = {}
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        for line in text.split("\n"):
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # empty, or cut off
            labels.pop(entry["row"], None)
            if entry["label"] is not None:
                labels[entry["row"]] = entry["label"]
        return labels

# %% [markdown]
# **Predict, then look.** Three labels are given, the second is taken back, and a crash cuts the last line off in the middle. How
# many lines are in the file? Which labels hold?

# %%
with tempfile.TemporaryDirectory() as folder:
    trial = LabelFile(Path(folder) / "trial.jsonl")
    trial.append(17, 1, seconds=4.2)
    trial.append(5, 0, seconds=2.9)
    trial.append(5, None)
    trial.append(8, 0, seconds=3.1)
    trial.path.write_text(trial.path.read_text()[:-20])

    print(trial.path.read_text())
    print(trial.read())

# %% [markdown]
# ## Challenge 3: Build the annotation tool (about 120 minutes)
#
# **Predict.** Reading a review and choosing a button: how many seconds? How many labels in an hour? What would you save if one
# key did it?
#
# **Do.** Write the class `AnnotationTool`. `AnnotationTool(reviews, uncertainty, path, batch_size=10)` takes a list of texts, a function
# such as `uncertainty` above, and the path of the label file, which may have labels in it already.
#
# | method | what it does |
# | --- | --- |
# | `current()` | the row of the review to label now; `None` when no review waits |
# | `label(value)` | gives it the label 1 or 0, and goes on to the next |
# | `skip()` | goes on without a label; a skipped review comes again only when no other waits, or not at all |
# | `undo()` | takes back the last label: its review is the current one again, and the label is gone from the file too |
# | `progress()` | two numbers: how many reviews are labeled, and how many there are |
# | `labeled()` | two lists of the same length: rows and labels, in the order in which they were given |
# | `view()` | a widget, such as a `VBox`, that shows all this |
#
# Seven rules make it a good tool.
#
# 1. **The most uncertain first.** Ask `uncertainty(rows, labels)`, with all labels there are, when the tool starts and again after every
#    `batch_size` labels. In between leave the model alone: nobody wants to wait for it after every click.
# 2. **First the disk, then the next review.** Write with `LabelFile`. If it fails, the review stays where it is, without a label.
# 3. **It goes on where it stopped.** A new tool on the same file knows all labels, and shows no review again that has one.
# 4. **It keeps time**: how many seconds a review was shown before it got its label. `LabelFile` has a place for it.
# 5. **Buttons**: `widgets.Button`s called `Positive`, `Negative`, `Skip` and `Undo` (more words are fine).
# 6. **Keys**: `p`, `n`, `s` and `u` do the same, typed into a `widgets.Text`. ipywidgets has no key events, but a text box tells its
#    observers whenever its `value` changes. It has to have the focus: click into it once. Without it, JupyterLab takes the keys
#    as its own commands, and `x` cuts your cell.
# 7. **Reviews are text.** A review that says `<b>` is shown with these three characters. And what should happen when all reviews are
#    labeled, or when there are none at all? Nothing bad.
#
# **A good result**: you can label twenty reviews of the pool without looking at the keyboard, restart the kernel, and go
# on with the twenty-first.
#
# <details><summary>Hint 1: what the tool has to remember</summary>
#
# A queue of rows, in order; the labels, `{row: label}`; what was skipped; how many labels are left until the next ranking; when the
# current review was shown. A method that makes the queue can serve the start and every batch.
#
# </details>
#
# <details><summary>Hint 2: buttons in a loop</summary>
#
# `button.on_click(f)` calls `f(button)`. A `lambda` in a loop looks its variables up when it is *called*, and then they all have
# the last value. Make the button in a function of its own, or bind the value: `lambda button, value=value: ...`.
#
# </details>
#
# <details><summary>Hint 3: keys</summary>
#
# `box.observe(on_key, "value")` calls `on_key(change)`; `change["old"]` and `change["new"]` are texts. If the new one is longer, its
# last character is the key. You can leave what was typed in the box. If you empty it from Python, quick typing gets in your way: a key
# may arrive before the box is empty.
#
# </details>
#
# <details><summary>Hint 4: text as text</summary>
#
# `widgets.HTML` takes its value as HTML. `html.escape` makes HTML of a text.
#
# </details>
#
# <details><summary>Hint 5: nothing happens when I click</summary>
#
# An exception in a handler is not shown below your cell. In JupyterLab, look at the log: *View, Show Log Console*. And call the
# methods by hand first: `tool.label(1)`, `tool.current()`, `tool.progress()`.
#
# </details>

# %% answer="c3_annotation_ui"
# Challenge: Create an interactive labeling interface
# My prediction (not graded):

# Create interactive labeling widget
class AnnotationTool:
    """A tool to label reviews with: the most uncertain first, every label on disk."""

    def __init__(self, reviews, uncertainty, path, batch_size=10):
        ### BEGIN SOLUTION
        self.reviews = list(reviews)
        self.uncertainty = uncertainty
        self.batch_size = batch_size
        self.file = LabelFile(path)
        self.labels = self.file.read()
        self.skipped = []
        self.rank()
        ### END SOLUTION

    ### BEGIN SOLUTION
    def rank(self):
        """Make the queue: the most uncertain first, what was skipped last."""
        scores = np.asarray(self.uncertainty(*self.labeled())) if self.reviews else np.array([])
        order = np.argsort(-scores, kind="stable").tolist()
        waiting = [row for row in order if row not in self.labels and row not in self.skipped]
        self.queue = waiting + self.skipped
        self.until_ranking = self.batch_size
        self.shown = time.monotonic()

    ### END SOLUTION
    def current(self):
        """The row of the review to label now; None when no review waits."""
        ### BEGIN SOLUTION
        return self.queue[0] if self.queue else None
        ### END SOLUTION

    def label(self, value):
        """Give the current review a label, and go on to the next."""
        ### BEGIN SOLUTION
        if not self.queue:
            return
        row = self.queue[0]
        self.file.append(row, value, time.monotonic() - self.shown)
        # It is on the disk: from here on nothing can fail.
        self.labels[row] = value
        self.queue.pop(0)
        self.skipped = [other for other in self.skipped if other != row]
        self.until_ranking -= 1
        if self.until_ranking <= 0:
            self.rank()
        self.shown = time.monotonic()
        ### END SOLUTION

    def skip(self):
        """Go on to the next review without a label."""
        ### BEGIN SOLUTION
        if not self.queue:
            return
        row = self.queue.pop(0)
        self.queue.append(row)
        self.skipped = [other for other in self.skipped if other != row] + [row]
        self.shown = time.monotonic()
        ### END SOLUTION

    def undo(self):
        """Take back the last label, and show its review again."""
        ### BEGIN SOLUTION
        if not self.labels:
            return
        row = list(self.labels)[-1]
        self.file.append(row, None)
        del self.labels[row]
        self.queue.insert(0, row)
        self.until_ranking += 1
        self.shown = time.monotonic()
        ### END SOLUTION

    def progress(self):
        """How many reviews are labeled, and how many there are."""
        ### BEGIN SOLUTION
        return len(self.labels), len(self.reviews)
        ### END SOLUTION

    def labeled(self):
        """Rows and labels, in the order in which they were given."""
        ### BEGIN SOLUTION
        return list(self.labels), list(self.labels.values())
        ### END SOLUTION

    def view(self):
        """A widget with the review, the progress, four buttons, and a box for keys."""
        ### BEGIN SOLUTION
        review, status = widgets.HTML(), widgets.Label()
        actions = {name: lambda value=value: self.label(value) for name, value in LABELS.items()}
        actions |= {"Skip": self.skip, "Undo": self.undo}

        def show(problem=""):
            row = self.current()
            text = "All reviews are labeled." if row is None else self.reviews[row]
            review.value = f"<p style='font-size: 120%'>{html.escape(text)}</p>"
            done, total = self.progress()
            status.value = problem or f"{done} of {total} labeled"

        def act(name):
            problem = ""
            try:
                actions[name]()
            except OSError as error:
                problem = f"NOT SAVED: {error}"
            show(problem)

        def button(name):
            made = widgets.Button(description=f"{name} ({name[0].lower()})")
            made.on_click(lambda _: act(name))
            return made

        keys = widgets.Text(description="Keys:", placeholder="click here, then type p, n, s or u")
        by_key = {name[0].lower(): name for name in actions}

        def on_key(change):
            key = change["new"][-1:].lower()
            if len(change["new"]) > len(change["old"]) and key in by_key:
                act(by_key[key])

        keys.observe(on_key, "value")
        show()
        return widgets.VBox([review, widgets.HBox([button(name) for name in actions]), keys, status])
        ### END SOLUTION

### BEGIN SOLUTION
# A trial without buttons: a simulated person labels 25 reviews, the kernel dies, a new tool goes on to 60.
human = simulated_human(split.df_pool)[20:]
with tempfile.TemporaryDirectory() as folder:
    for n_labels in (25, 60):
        tool = AnnotationTool(reviews, uncertainty, Path(folder) / "labels.jsonl")
        print("{} of {} labeled at the start".format(*tool.progress()))
        while tool.progress()[0] < n_labels:
            tool.label(human[tool.current()])

for rows, labels in (([], []), tool.labeled()):
    accuracy = train(rows, labels).score(split.X_test, split.y_test)
    print(f"{accuracy:.1%} with {20 + len(rows)} labels")
### END SOLUTION

# %% check="c3_annotation_ui"
check("c3_annotation_ui")

# %% [markdown]
# ## Label yourself
#
# Add a cell below with these two lines, and run it.
#
# ```python
# tool = AnnotationTool(reviews, uncertainty, "my_labels.jsonl")
# tool.view()
# ```
#
# Label ten reviews with the mouse and ten with the keys. Then restart the kernel, run all cells, and look: are your labels
# still there? The file lies next to this notebook. If you want to begin again, delete it.
#
# **Think.**
#
# - Compare `tool.labeled()` with the true labels, `split.y_pool[20:]`. Where do you and they disagree, and who is right?
# - The seconds are in `my_labels.jsonl`. How many labels an hour do you make, and what does one cost at the 0.30 dollars for six
#   seconds of Part 7?
# - The tool shows what the model is unsure of. Are these reviews easy for *you*? What does this mean for the quality of the labels, and
#   for the price that was agreed on?
