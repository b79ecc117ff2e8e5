# ---
# student: bina
# story: Complete, in other styles. Asks the labeler for all reviews at once, arrays and tables instead of lists, SciPy's interval.
# ---
# %% answer="q5_2_batch_label"
def batch_label(reviews):
    t0 = time.time()
    found = labeler.label(list(reviews))
    took = time.time() - t0
    batch = dict(
        labels=np.array([f.label for f in found], dtype=object),
        confidences=[np.nan if f.confidence is None else f.confidence for f in found],
        n_failed=len([1 for f in found if f.error]),
        seconds=took,
        input_tokens=np.sum([f.input_tokens for f in found], dtype=int),
        output_tokens=np.sum([f.output_tokens for f in found], dtype=int),
    )
    batch["cost"] = (0.30 * batch["input_tokens"] + 2.50 * batch["output_tokens"]) / 1_000_000
    return pd.Series(batch)

sample_batch = batch_label(sample_reviews)
real_batch = batch_label(pd.Series(real_reviews))
print(real_batch.drop(["labels", "confidences", "seconds"]))

# %% answer="q5_3_evaluate"
from scipy.stats import binomtest

def evaluate(labels, truth):
    tp = fp = fn = tn = 0
    for label, true in zip(list(labels), list(truth)):
        if label == "POSITIVE":
            if true == 1:
                tp += 1
            else:
                fp += 1
        elif label == "NEGATIVE":
            if true == 1:
                fn += 1
            else:
                tn += 1
    n = tp + fp + fn + tn
    out = {"n_answered": n, "accuracy": None, "precision": None, "recall": None, "interval": [0.0, 1.0]}
    if n:
        out["accuracy"] = (tp + tn) / n
        out["interval"] = binomtest(tp + tn, n).proportion_ci(0.95, method="wilson")
    if tp + fp:
        out["precision"] = tp / (tp + fp)
    if tp + fn:
        out["recall"] = tp / (tp + fn)
    return out

sample_scores = evaluate(sample_batch["labels"], sample_truth)
real_scores = evaluate(real_batch["labels"], df_real["label"])
real_scores

# %% answer="q5_4_hybrid"
def hybrid_labeling(reviews, confidence_threshold=0.8):
    answers = pd.DataFrame(
        [{"review": review, **label_with_llm(review)} for review in reviews],
        columns=["review", "label", "confidence"],
    )
    sure = answers["confidence"].astype(float).fillna(-1) >= confidence_threshold
    sure &= answers["label"].notna()
    return answers[sure], answers.loc[~sure, "review"]

llm_labeled, human_queue = hybrid_labeling(real_reviews)
human_share = len(human_queue) / 500
right = (llm_labeled["label"].map({"POSITIVE": 1, "NEGATIVE": 0}) == df_real["label"].loc[llm_labeled.index]).sum()
right += sum(ask_human(review) == df_real["label"][i] for i, review in human_queue.items())
hybrid_accuracy = right / 500
hybrid_accuracy
