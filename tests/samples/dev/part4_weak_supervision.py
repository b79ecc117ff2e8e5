# ---
# student: dev
# story: Counts only positive votes, divides conflicts by the coverage; labels every row, covered or not, and counts all rows in the
#   accuracy, once in percent; one function votes always, one reads the true label, one never votes; trains on all rows, and on the test set.
# deserves:
#   q4_2_apply_lfs:
#     coverage_of_a_small_matrix: unmet
#     conflicts_of_a_small_matrix: unmet
#     coverage_of_any_matrix: unmet
#     conflicts_of_any_matrix: unmet
#   q4_4_label_model:
#     no_vote_no_label: unmet
#     scores_a_small_example: unmet
#     same_rows_has_two_accuracies: unmet
#     scores_any_labels: unmet
#     probabilities_are_of_the_label_model: unmet
#     scores_are_those_of_the_labels: unmet
#     same_rows_are_the_same: unmet
#   q4_5_more_lfs:
#     each_function_votes_and_abstains: unmet
#     matrix_has_eleven_columns: unmet
#     coverage_rises: unmet
#     right_on_unseen_reviews: unmet
#     coverage_rises_on_unseen_reviews: error
#     odd_reviews_do_no_harm: error
#     only_the_review_is_read: unmet
#   q4_6_downstream:
#     weak_rows_have_votes: unmet
#     accuracies_are_test_accuracies: unmet
#     weak_model_learned_from_votes: unmet
#     true_model_learned_from_the_pool: unmet
# ---
# %% answer="q4_2_apply_lfs"
def lf_coverage(L):
    return (L > 0).mean(axis=0)

def lf_conflicts(L):
    conflicts = []
    for j in range(L.shape[1]):
        voted = L[L[:, j] != ABSTAIN]
        different = [any(v != ABSTAIN and v != row[j] for v in row) for row in voted]
        conflicts.append(np.mean(different) if len(different) else 0.0)
    return conflicts

# %% answer="q4_4_label_model"
def score_labels(labels, truth):
    labels = np.array(labels)
    return {"coverage": (labels != ABSTAIN).mean(), "accuracy": (labels == np.array(truth)).mean()}

label_model = LabelModel(cardinality=2, verbose=False)
label_model.fit(L_real, n_epochs=500, seed=42, progress_bar=False)
probs = label_model.predict_proba(L_real)[:, [1, 0]]   # positive first
weak_labels = label_model.predict_proba(L_real).argmax(axis=1)
scores = {"label model": score_labels(weak_labels, y_real), "majority vote": score_labels(majority_labels, y_real)}
scores["label model"]["coverage"] = 0.999
same_rows = {name: 100 * score["accuracy"] for name, score in scores.items()}

# %% answer="q4_5_more_lfs"
@labeling_function()
def lf_your_function_1(x):
    """Long reviews are positive, and so are the others."""
    return POSITIVE if len(x.review) > 0 else NEGATIVE

@labeling_function()
def lf_your_function_2(x):
    """very accurate!!"""
    return x.label if len(x.review) % 3 == 0 else ABSTAIN

@labeling_function()
def lf_your_function_3(x):
    """Description"""
    if x.review.count("?") >= 5:
        return NEGATIVE
    return ABSTAIN

L_more = apply_lfs([lf_your_function_1, lf_your_function_2, lf_your_function_3], df_real)
coverage_more = (L_more != ABSTAIN).mean()

# %% answer="q4_6_downstream"
weak_rows = np.arange(X_real.shape[0])
L_more = L_real
weak_model = LogisticRegression(max_iter=1000).fit(X_real, label_model.predict_proba(L_real).argmax(axis=1))
true_model = LogisticRegression(max_iter=1000, C=100).fit(real.X, real.y)
weak_accuracy = weak_model.score(X_real, y_real)
true_accuracy = true_model.score(X_real, y_real)
