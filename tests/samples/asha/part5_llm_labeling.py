# ---
# student: asha
# story: Complete and idiomatic; a bootstrap for the interval, scikit-learn for precision and recall; keeps what it
#   was told.
# ---
# %% answer="q5_2_batch_label"
# My prediction (not graded): 500 labels cost a dollar, as in the handout. (It was 3 cents!)
told = {}

def ask(review):
    """Ask about a review, but never twice: each call is paid for."""
    if review not in told:
        told[review] = label_with_llm(review)
    return told[review]

def batch_label(reviews):
    """Label reviews one by one; return labels, confidences, failures, time, tokens and cost."""
    begin = time.perf_counter()
    results = []
    for review in tqdm(reviews):
        results.append(ask(review))
    seconds = time.perf_counter() - begin
    table = pd.DataFrame(results, columns=["label", "confidence", "input_tokens", "output_tokens", "error"])
    n_in, n_out = int(table["input_tokens"].sum()), int(table["output_tokens"].sum())
    return {
        "labels": [r["label"] for r in results],
        "confidences": [r["confidence"] for r in results],
        "n_failed": int(table["label"].isna().sum()),
        "seconds": seconds,
        "input_tokens": n_in,
        "output_tokens": n_out,
        "cost": n_in / 1e6 * price.input_usd + n_out / 1e6 * price.output_usd,
    }

sample_batch = batch_label(sample_reviews)
real_batch = batch_label(real_reviews)
sample_batch["cost"], real_batch["cost"]

# %% answer="q5_3_evaluate"
# My prediction (not graded): five times narrower, the root of 25.
from sklearn.metrics import accuracy_score, precision_score, recall_score

def evaluate(labels, truth):
    pairs = [(int(label == "POSITIVE"), int(true)) for label, true in zip(labels, truth) if label is not None]
    if not pairs:
        return {"n_answered": 0, "accuracy": np.nan, "precision": np.nan, "recall": np.nan, "interval": (0, 1)}
    said, true = np.array(pairs).T
    rng = np.random.default_rng(5)
    rows = rng.integers(0, len(said), size=(2000, len(said)))
    accuracies = (said[rows] == true[rows]).mean(axis=1)
    return {
        "n_answered": len(said),
        "accuracy": accuracy_score(true, said),
        "precision": precision_score(true, said, zero_division=0),
        "recall": recall_score(true, said, zero_division=0),
        "interval": np.percentile(accuracies, [2.5, 97.5]),
    }

sample_scores = evaluate(sample_batch["labels"], sample_truth)
real_scores = evaluate(real_batch["labels"], real_truth)
sample_scores, real_scores

# %% answer="q5_4_hybrid"
# My prediction (not graded): nearer to the person, because the model's errors are where it is unsure.
def hybrid_labeling(reviews, confidence_threshold=0.8):
    """
    Label reviews using hybrid approach.

    Returns:
        llm_labeled: Reviews labeled by LLM
        human_queue: Reviews needing human review
    """
    llm_labeled, human_queue = [], []
    for review in reviews:
        answer = ask(review)
        if answer["error"] is None and answer["confidence"] >= confidence_threshold:
            llm_labeled.append({"review": review, "label": answer["label"], "confidence": answer["confidence"]})
        else:
            human_queue.append(review)
    return llm_labeled, human_queue

llm_labeled, human_queue = hybrid_labeling(real_reviews)
human_share = len(human_queue) / len(real_reviews)
labels = {entry["review"]: 1 if entry["label"] == "POSITIVE" else 0 for entry in llm_labeled}
labels.update({review: ask_human(review) for review in human_queue})
hybrid_accuracy = accuracy_score(real_truth, [labels[review] for review in real_reviews])
human_share, hybrid_accuracy
