# ---
# student: chen
# story: Half done. Conflicts are missing; one column of probabilities, scores in percent, nothing on the same rows; three functions
#   that only repeat what the handout's functions find already; the weak model learns from the first 300 rows.
# deserves:
#   q4_2_apply_lfs:
#     conflicts_of_a_small_matrix: not attempted
#     conflicts_of_any_matrix: not attempted
#   q4_4_label_model:
#     probabilities_add_up: unmet
#     both_methods_are_scored: unmet
#     same_rows_has_two_accuracies: not attempted
#     scores_any_labels: error
#     probabilities_are_of_the_label_model: unmet
#     scores_are_those_of_the_labels: unmet
#     same_rows_are_the_same: not attempted
#   q4_5_more_lfs:
#     coverage_rises: unmet
#     coverage_rises_on_unseen_reviews: unmet
#   q4_6_downstream:
#     every_covered_row_is_used: unmet
# ---
# %% answer="q4_2_apply_lfs"
def lf_coverage(L):
    """Share of the reviews on which each labeling function votes."""
    return (L != ABSTAIN).sum(axis=0) / len(L)

def lf_conflicts(L):
    """Share of the reviews on which each labeling function votes and another one votes differently."""
    # Your code here
    pass

lf_coverage(L_train)

# %% answer="q4_4_label_model"
def score_labels(labels, truth):
    n = 0
    right = 0
    for i in range(len(labels)):
        if labels[i] != ABSTAIN:
            n = n + 1
            if labels[i] == truth[i]:
                right = right + 1
    return {"coverage": n / len(labels), "accuracy": right / n}

label_model = LabelModel(cardinality=2, verbose=False)

# Train the model
label_model.fit(L_real, n_epochs=500, seed=42, progress_bar=False)

# Get predictions
probs = label_model.predict_proba(L_real)[:, 1]
weak_labels = label_model.predict(L_real)
scores = {}
for name, l in [("label model", weak_labels), ("majority vote", majority_labels)]:
    scores[name] = {k: 100 * v for k, v in score_labels(l, y_real).items()}
same_rows = ...
print(scores)

# %% answer="q4_5_more_lfs"
@labeling_function()
def lf_your_function_1(x):
    """Description"""
    if 'amazing' in x.review.lower() and '!' in x.review:
        return POSITIVE
    return ABSTAIN

@labeling_function()
def lf_your_function_2(x):
    """Description"""
    if re.search('terrible|awful', x.review.lower()) and 'not' not in x.review:
        return NEGATIVE
    return ABSTAIN

@labeling_function()
def lf_your_function_3(x):
    """Description"""
    if 'waste of' in x.review.lower() or "waste your" in x.review.lower():
        return NEGATIVE
    return ABSTAIN

L_more = apply_lfs(lfs + [lf_your_function_1, lf_your_function_2, lf_your_function_3], df_real)
coverage_more = (L_more != ABSTAIN).any(axis=1).mean()
coverage_more   # the same as before??

# %% answer="q4_6_downstream"
lm = LabelModel(cardinality=2, verbose=False)
lm.fit(L_more, n_epochs=500, seed=42, progress_bar=False)
labels = lm.predict(L_more)
weak_rows = np.where(labels != ABSTAIN)[0][:300]
weak_model = LogisticRegression(max_iter=1000).fit(X_real[weak_rows], labels[weak_rows])
true_model = LogisticRegression(max_iter=1000).fit(X_real, y_real)
weak_accuracy = weak_model.score(X_real_test, y_real_test)
true_accuracy = true_model.score(X_real_test, y_real_test)
