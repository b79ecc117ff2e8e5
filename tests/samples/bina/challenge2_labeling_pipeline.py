# ---
# student: bina
# story: Complete, in another style. A table with a column for each step, plain lists out, majority shares instead of the label
#   model, Datalab instead of find_label_issues, the person asked in lists.
# ---
# %% answer="c2_labeling_pipeline"
from cleanlab import Datalab
import contextlib, io

class SmartLabelingPipeline:
    def __init__(self, labeling_functions, llm_client=None, confidence_threshold=0.8, human=None):
        self.lfs, self.llm_client, self.threshold, self.human = labeling_functions, llm_client, confidence_threshold, human

    def classify(self, t):
        """out of fold P(positive) from the text"""
        y = (t.p > 0.5).astype(int)
        if y.nunique() < 2 or y.value_counts().min() < 5:
            return pd.Series(0.5, index=t.index)
        X = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform(t.review)
        w = (2 * (t.p - 0.5).abs() + 0.02).where(t.source != "human", 3)
        model = LogisticRegression(C=3, max_iter=1000)
        out = cross_val_predict(model, X, y, cv=5, method="predict_proba", params={"sample_weight": w.to_numpy()})
        return pd.Series(out[:, 1], index=t.index).clip(0.02, 0.98)

    def mix(self, p, q):
        # Bayes: both opinions are independent
        return p * q / (p * q + (1 - p) * (1 - q))

    def ask(self, t, rows):
        rows = [r for r in rows if t.source[r] != "human"]
        if self.human is None or not rows:
            return
        rows = rows[:self.human.left]
        said = self.human(t.review[rows].tolist()) if rows else []
        t.loc[rows, "p"] = [0.96 if s == 1 else 0.04 for s in said]
        t.loc[rows, "source"] = "human"

    def label(self, data):
        reviews = data.review.tolist() if hasattr(data, "columns") else data
        t = pd.DataFrame({"review": reviews, "source": "weak"})

        # majority, as a share, a bit smoothed
        L = apply_lfs(self.lfs, t)
        pos, neg = (L == 1).sum(axis=1), (L == 0).sum(axis=1)
        t["p"] = (2.5 * pos + 1) / (2.5 * (pos + neg) + 2)

        if self.llm_client is not None:
            rows = t.index[np.maximum(t.p, 1 - t.p) < self.threshold].tolist()
            for r, a in zip(rows, self.llm_client.label([reviews[r] for r in rows]) if rows else []):
                if a.label is None:
                    continue
                c = min(a.confidence, 0.98)
                t.loc[r, "p"] = self.mix(t.p[r], c if a.label == "POSITIVE" else 1 - c)
                t.loc[r, "source"] = "llm"

        t["p"] = self.mix(t.p, self.classify(t))
        if self.human is not None:
            hard = (t.p - 0.5).abs().sort_values(kind="stable").index.tolist()
            self.ask(t, hard[:self.human.left - self.human.left // 5])

        q = self.classify(t)
        if q.nunique() > 1:
            with contextlib.redirect_stdout(io.StringIO()):
                lab = Datalab({"y": (t.p > 0.5).astype(int).tolist()}, label_name="y")
                lab.find_issues(pred_probs=np.c_[1 - q, q], issue_types={"label": {}})
            issues = lab.get_issues("label")
            wrong = issues[issues.is_label_issue].sort_values("label_score").index.tolist()
            self.ask(t, wrong)
            for r in wrong:
                if t.source[r] != "human":
                    t.loc[r, "p"] = self.mix(t.p[r], q[r])
        p = t.p.to_numpy()
        return [int(x) for x in p > 0.5], t.source.tolist(), np.maximum(p, 1 - p).tolist()

human = BudgetedHuman(reviews, simulated_human(reviews, truth), budget=150)
labels, sources, confidence = SmartLabelingPipeline(PLAIN_LFS, llm_client, 0.8, human).label(reviews)
pd.Series(np.array(labels) == truth).groupby(sources).mean()
