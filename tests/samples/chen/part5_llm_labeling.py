# ---
# student: chen
# story: Collects labels in a dict by review, so that reviews which come twice are lost, and stops before the 500. Of the hybrid
#   there is a first try that drops what the model is not sure of, and two guesses in percent.
# deserves:
#   q5_2_batch_label:
#     one_label_for_each_review: unmet
#     both_batches_are_there: unmet
#   q5_3_evaluate: not attempted
#   q5_4_hybrid:
#     every_review_in_exactly_one: unmet
#     sure_labels_are_the_models: unmet
#     the_edge_belongs_to_the_model: unmet
#     failures_go_to_the_person: error
#     shares_are_shares: unmet
#     the_model_is_asked_once: error
#     extremes_are_fine: error
#     order_and_texts_stay_as_they_are: unmet
#     together_they_are_as_good_as_you_say: not attempted
# ---
# %% answer="q5_2_batch_label"
def batch_label(reviews):
    start = time.perf_counter()
    found = {}
    for review in reviews:
        if review not in found:
            found[review] = label_with_llm(review)
    n_in = sum(f["input_tokens"] for f in found.values())
    n_out = sum(f["output_tokens"] for f in found.values())
    return {
        "labels": [f["label"] for f in found.values()],
        "confidences": [f["confidence"] for f in found.values()],
        "n_failed": sum(f["label"] is None for f in found.values()),
        "seconds": time.perf_counter() - start,
        "input_tokens": n_in,
        "output_tokens": n_out,
        "cost": price.cost(n_in, n_out),
    }

sample_batch = batch_label(sample_reviews)
len(sample_batch["labels"])   # 19, why??

# %% answer="q5_4_hybrid"
def hybrid_labeling(reviews, confidence_threshold=0.8):
    llm_labeled = []
    human_queue = []
    for review in reviews:
        r = label_with_llm(review)
        if r["confidence"] > 0.8:
            llm_labeled.append({"review": review, "label": r["label"], "confidence": r["confidence"]})
    return llm_labeled, human_queue

human_share, hybrid_accuracy = 30, 95   # about
