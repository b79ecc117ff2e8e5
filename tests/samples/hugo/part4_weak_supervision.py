# ---
# student: hugo
# story: Cells and functions that stop with an exception. A table's method on an array, a typing slip, the first word of an empty
#   review, a return that is missing, rows that do not fit the labels.
# deserves:
#   q4_2_apply_lfs:
#     coverage_of_a_small_matrix: error
#     coverage_of_any_matrix: error
#     conflicts_of_any_matrix: unmet
#   q4_4_label_model:
#     both_methods_are_scored: not attempted
#     same_rows_has_two_accuracies: not attempted
#     scores_any_labels: error
#     scores_are_those_of_the_labels: not attempted
#     same_rows_are_the_same: not attempted
#   q4_5_more_lfs:
#     each_function_votes_and_abstains: unmet
#     matrix_has_eleven_columns: not attempted
#     coverage_rises: not attempted
#     right_on_unseen_reviews: unmet
#     coverage_rises_on_unseen_reviews: unmet
#     odd_reviews_do_no_harm: error
#     only_the_review_is_read: unmet
#   q4_6_downstream:
#     accuracies_are_test_accuracies: not attempted
#     weak_model_learned_from_votes: not attempted
#     true_model_learned_from_the_pool: not attempted
# ---
# %% answer="q4_2_apply_lfs"
def lf_coverage(L):
    """Share of the reviews on which each labeling function votes."""
    return L.ne(ABSTAIN).mean()

def lf_conflicts(L):
    """Share of the reviews on which each labeling function votes and another one votes differently."""
    conflict = np.zeros(L.shape[1])
    for i in range(L.shape[0]):
        # conflict if there is a 0 and a 1
        if POSITIVE in L[i] and NEGATIVE in L[i]:
            conflict += L[i] != ABSTAIN
    return conflict / L.shape[0]

lf_coverage(L_train)

# %% answer="q4_4_label_model"
def score_labels(labels, truth):
    right = [labels[i] == truth[i] for i in range(len(labels)) if labels[i] != ABSTAIN]
    return {"coverage": len(right) / len(labels), "accuracy": sum(right) / len(right)}

label_model = LabelModel(cardinality=2, verbose=False)
label_model.fit(L_real, n_epochs=500, seed=42, progress_bar=False)
probs = label_model.predict_proba(L_real)
weak_labels = label_model.predict(L_real)
scores = ...
same_rows = ...
scores = {"label model": score_labels(weak_label, y_real), "majority vote": score_labels(majority_labels, y_real)}

# %% answer="q4_5_more_lfs"
@labeling_function()
def lf_your_function_1(x):
    """Begins with a word of praise."""
    if x.review.split()[0].lower() in ("brilliant", "great", "amazing", "wonderful", "excellent", "superb"):
        return POSITIVE
    return ABSTAIN

@labeling_function()
def lf_your_function_2(x):
    """bad words"""
    if re.search(r"\b(bad|boring|dull)\b", x.review.lower()):
        return NEGATIVE

@labeling_function()
def lf_your_function_3(x):
    """recommend"""
    if "recommend" in x.review.lower():
        return POSITIVE
    return ABSTAIN

L_more = ...
coverage_more = ...
L_more = PandasLFApplier(lfs=lfs + [lf_your_function_1, lf_your_function_2, lf_your_function_3]).apply(df_real)
coverage_more = (L_more != ABSTAIN).any(axis=1).mean()

# %% answer="q4_6_downstream"
weak_rows = np.flatnonzero((L_real != ABSTAIN).any(axis=1))
weak_model = ...
true_model = ...
weak_accuracy = ...
true_accuracy = ...
weak_model = LogisticRegression(max_iter=1000).fit(X_real[weak_rows], weak_labels)
