# ---
# student: bina
# story: Complete, in another style. Prints the review into an Output widget, keys count after Enter, the queue is sorted anew from a
#   table, numbers as arrays.
# ---
# %% answer="c3_annotation_ui"
import pandas as pd

class AnnotationTool:
    def __init__(self, reviews, uncertainty, path, batch_size=10):
        self.table = pd.DataFrame({"text": list(reviews)})
        self.table["skipped"] = 0
        self.n_skips = 0
        self.uncertainty, self.batch_size = uncertainty, batch_size
        self.disk = LabelFile(path)
        self.labels = self.disk.read()
        self.out = widgets.Output()
        self.sort()

    def sort(self):
        rows, labels = self.labeled()
        if len(self.table):
            self.table["score"] = self.uncertainty(rows, labels)
        else:
            self.table["score"] = []
        self.countdown = self.batch_size
        self.first = None
        self.clock = time.time()

    def current(self):
        if self.first is not None:
            return self.first
        waiting = self.table.drop(index=list(self.labels))
        if waiting.empty:
            return None
        waiting = waiting.sort_values(["skipped", "score"], ascending=[True, False])
        return waiting.index[0]

    def label(self, value):
        row = self.current()
        if row is None:
            return None
        self.disk.append(row, value, time.time() - self.clock)
        self.first = None
        self.labels[row] = value
        self.countdown -= 1
        if self.countdown == 0:
            self.sort()
        self.clock = time.time()

    def skip(self):
        row = self.current()
        if row is not None:
            self.n_skips += 1
            self.table.loc[row, "skipped"] = self.n_skips
            self.first = None
            self.clock = time.time()

    def undo(self):
        if len(self.labels) == 0:
            return
        row = list(self.labels.keys())[-1]
        self.disk.append(row, None)
        self.labels.pop(row)
        self.first = row
        self.countdown += 1
        self.clock = time.time()

    def progress(self):
        return [len(self.labels), len(self.table)]

    def labeled(self):
        return np.array(list(self.labels.keys()), dtype=int), np.array(list(self.labels.values()), dtype=int)

    def show(self):
        with self.out:
            clear_output(wait=True)
            row = self.current()
            print("Nothing left, thank you!" if row is None else self.table.loc[row, "text"])
            print()
            print("labeled: {} / {}".format(*self.progress()))

    def press(self, what):
        if what == "p":
            self.label(1)
        elif what == "n":
            self.label(0)
        elif what == "s":
            self.skip()
        elif what == "u":
            self.undo()
        self.show()

    def view(self):
        positive = widgets.Button(description="👍", tooltip="Positive")
        positive.on_click(lambda b: self.press("p"))
        negative = widgets.Button(description="👎", tooltip="Negative")
        negative.on_click(lambda b: self.press("n"))
        skip = widgets.Button(description="SKIP")
        skip.on_click(lambda b: self.press("s"))
        undo = widgets.Button(description="UNDO")
        undo.on_click(lambda b: self.press("u"))
        key = widgets.Text(description="key+Enter", continuous_update=False)

        def entered(change):
            if change.new:
                key.value = ""
                self.press(change.new)

        key.observe(entered, "value")
        self.show()
        return widgets.VBox([self.out, widgets.HBox([positive, negative]), widgets.HBox([skip, undo]), key])
