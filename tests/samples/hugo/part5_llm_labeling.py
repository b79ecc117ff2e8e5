# ---
# student: hugo
# story: Three cells that stop with an exception. Takes the results for objects, adds None to numbers, and forgets an answer can be missing.
# deserves:
#   q5_2_batch_label:
#     one_label_for_each_review: error
#     failures_stay_failures: error
#     cost_comes_from_tokens: error
#     both_batches_are_there: not attempted
#     each_review_is_asked_once: error
#     failed_calls_are_on_the_bill: error
#     any_reviews_will_do: error
#     seconds_are_seconds: error
#   q5_3_evaluate:
#     accuracy_of_the_answered: error
#     more_reviews_a_narrower_interval: not attempted
#     nothing_to_score_is_no_error: error
#     scores_are_those_of_your_labels: not attempted
#   q5_4_hybrid:
#     failures_go_to_the_person: error
#     shares_are_shares: not attempted
#     the_model_is_asked_once: error
#     extremes_are_fine: error
#     together_they_are_as_good_as_you_say: not attempted
# ---
# %% answer="q5_2_batch_label"
def batch_label(reviews):
    start = time.time()
    results = [label_with_llm(r) for r in reviews]
    return {
        "labels": [r.label for r in results],
        "confidences": [r.confidence for r in results],
        "n_failed": 0,
        "seconds": time.time() - start,
        "input_tokens": sum(r.input_tokens for r in results),
        "output_tokens": sum(r.output_tokens for r in results),
        "cost": 0,
    }

sample_batch = batch_label(sample_reviews)
real_batch = batch_label(real_reviews)

# %% answer="q5_3_evaluate"
def evaluate(labels, truth):
    numbers = {"POSITIVE": 1, "NEGATIVE": 0}
    said = np.array([numbers[l] for l in labels])
    truth = np.array(truth)
    p = (said == truth).mean()
    reach = 1.96 * (p * (1 - p) / len(said)) ** 0.5
    return {
        "n_answered": len(said),
        "accuracy": p,
        "precision": truth[said == 1].mean(),
        "recall": said[truth == 1].mean(),
        "interval": (p - reach, min(1, p + reach)),
    }

sample_scores = evaluate(sample_batch["labels"], sample_truth)

# %% answer="q5_4_hybrid"
def hybrid_labeling(reviews, confidence_threshold=0.8):
    llm_labeled, human_queue = [], []
    for review in reviews:
        result = label_with_llm(review)
        if result["confidence"] >= confidence_threshold:
            llm_labeled.append({"review": review, **result})
        else:
            human_queue.append(review)
    return llm_labeled, human_queue

llm_labeled, human_queue = hybrid_labeling(real_reviews)
human_share = len(human_queue) / len(real_reviews)
