# ---
# student: dev
# story: Shows the most certain reviews first, goes on before it saves, forgets at every start, undoes on the screen only, counts
#   skips as progress, ranks after every label; both label buttons give the last label; HTML as it comes; no keys.
# deserves:
#   c3_annotation_ui:
#     the_most_uncertain_comes_first: unmet
#     every_label_is_on_disk: unmet
#     undo_takes_back: error
#     skip_goes_on_without_a_label: unmet
#     buttons_work: unmet
#     labels_are_found_again: unmet
#     ranking_is_refreshed_after_each_batch: unmet
#     keys_work: unmet
#     a_label_that_is_not_saved_does_not_count: unmet
#     time_is_kept: unmet
#     reviews_are_text: unmet
#     the_end_is_quiet: error
# ---
# %% answer="c3_annotation_ui"
class AnnotationTool:
    def __init__(self, reviews, uncertainty, path, batch_size=10):
        self.reviews = reviews
        self.uncertainty = uncertainty
        self.path = path
        self.rows, self.values = [], []
        self.n = 0
        self.rank()

    def rank(self):
        scores = self.uncertainty(self.rows, self.values)
        self.order = [r for r in np.argsort(scores) if r not in self.rows]

    def current(self):
        return self.order[0]

    def label(self, value):
        row = self.order.pop(0)
        self.rows.append(row)
        self.values.append(value)
        self.n += 1
        if self.n % 5 == 0:
            # save now and then, it is faster
            for r, v in zip(self.rows, self.values):
                LabelFile(self.path).append(r, v)
        self.rank()

    def skip(self):
        self.n += 1
        self.order.append(self.order.pop(0))

    def undo(self):
        self.rows.pop()
        self.values.pop()
        self.n -= 1
        self.rank()

    def progress(self):
        return self.n, len(self.reviews)

    def labeled(self):
        return self.rows, self.values

    def view(self):
        text = widgets.HTML(self.reviews[self.current()])
        buttons = []
        for name, value in LABELS.items():
            b = widgets.Button(description=name)
            b.on_click(lambda _: self.label(value))
            buttons.append(b)
        for name, f in (("Skip", self.skip), ("Undo", self.undo)):
            b = widgets.Button(description=name)
            b.on_click(lambda _: f())
            buttons.append(b)
        return widgets.VBox([text] + buttons)
