# ---
# student: dev
# story: Takes POSITIVE where there is no answer, reckons with the handout's price, asks three times for one review, measures
#   processor time, takes NEGATIVE for the positive class, lets the interval leave the range, and keeps a review that is
#   exactly at the threshold from the model.
# deserves:
#   q5_2_batch_label:
#     failures_stay_failures: unmet
#     cost_comes_from_tokens: unmet
#     each_review_is_asked_once: unmet
#     failed_calls_are_on_the_bill: unmet
#     any_reviews_will_do: unmet
#     seconds_are_seconds: unmet
#   q5_3_evaluate:
#     accuracy_of_the_answered: unmet
#     precision_and_recall_of_the_positive_class: unmet
#     interval_is_a_95_percent_interval: unmet
#     nothing_to_score_is_no_error: unmet
#     scores_are_those_of_your_labels: unmet
#   q5_4_hybrid:
#     the_edge_belongs_to_the_model: unmet
#     failures_go_to_the_person: error
#     shares_are_shares: not attempted
#     the_model_is_asked_once: error
#     extremes_are_fine: error
#     order_and_texts_stay_as_they_are: unmet
#     together_they_are_as_good_as_you_say: not attempted
# ---
# %% answer="q5_2_batch_label"
def batch_label(reviews):
    t = time.process_time()
    labels = [label_with_llm(r)["label"] or "POSITIVE" for r in reviews]
    confidences = [label_with_llm(r)["confidence"] or 0.5 for r in reviews]
    tokens = [label_with_llm(r)["input_tokens"] for r in reviews]
    return {
        "labels": labels,
        "confidences": confidences,
        "n_failed": 0,
        "seconds": time.process_time() - t,
        "input_tokens": sum(tokens),
        "output_tokens": 14 * len(tokens),
        "cost": 0.002 * len(labels),
    }

sample_batch = batch_label(sample_reviews)
real_batch = batch_label(real_reviews)

# %% answer="q5_3_evaluate"
from sklearn.metrics import precision_score, recall_score

def evaluate(labels, truth):
    said = [0 if l == "POSITIVE" else 1 for l in labels]
    true = [1 - t for t in truth]
    acc = np.mean([a == b for a, b in zip(said, true)])
    err = 1.96 * np.sqrt(acc * (1 - acc) / len(said)) if len(said) else 0
    return {
        "n_answered": len(labels),
        "accuracy": acc,
        "precision": precision_score(true, said, zero_division=0),
        "recall": recall_score(true, said, zero_division=0),
        "interval": (acc - err, acc + err),
    }

sample_scores = evaluate(sample_batch["labels"], sample_truth)
real_scores = evaluate(real_batch["labels"], real_truth)

# %% answer="q5_4_hybrid"
def hybrid_labeling(reviews, confidence_threshold=0.8):
    llm_labeled = [(r, label_with_llm(r)["label"]) for r in reviews if label_with_llm(r)["confidence"] > confidence_threshold]
    human_queue = [r for r in reviews if label_with_llm(r)["confidence"] <= confidence_threshold]
    return llm_labeled, human_queue

llm_labeled, human_queue = hybrid_labeling(real_reviews)
human_share = len(human_queue) / 500
hybrid_accuracy = 0.95
