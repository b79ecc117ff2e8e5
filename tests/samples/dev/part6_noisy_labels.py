# ---
# student: dev
# story: Swaps precision and recall; judges reviews by a model that has seen them; removes the true flips instead of the flagged rows;
#   tests the clean model without the hard test reviews, and trains the oracle on the test set.
# deserves:
#   q6_2_analyze_issues:
#     scores_of_a_small_example: unmet
#     handout_scores_are_right: unmet
#     scores_of_any_rows: unmet
#     real_scores_are_right: unmet
#     realistic_rows_are_found_out_of_fold: unmet
#   q6_3_clean_training:
#     kept_rows_are_the_others: unmet
#     all_are_tested_on_the_same_reviews: unmet
#     oracle_learned_the_true_labels: unmet
#     noisy_model_learned_the_noise: unmet
#     clean_model_learned_the_kept_rows: unmet
# ---
# %% answer="q6_2_analyze_issues"
def detection_scores(flagged, flipped):
    found = len(set(flagged) & set(flipped))
    return {
        "precision": found / len(flipped),
        "recall": found / max(1, len(flagged)),
        "false_positives": len(flagged) - found,
    }

handout_scores = detection_scores(label_issues.index, noise_idx)

probs = clf.fit(X_real, y_real_noisy).predict_proba(X_real)
lab_r = Datalab(data={'labels': y_real_noisy}, label_name='labels')
lab_r.find_issues(pred_probs=probs)
flagged_real = np.flatnonzero(lab_r.get_issues()['is_label_issue'])
real_scores = detection_scores(flagged_real, noise_idx_real)

# %% answer="q6_3_clean_training"
kept_rows = np.setdiff1d(np.arange(X_real.shape[0]), noise_idx_real)
noisy_model = LogisticRegression(max_iter=1000).fit(X_real[kept_rows], y_real_noisy[kept_rows])
clean_model = LogisticRegression(max_iter=1000).fit(X_real[kept_rows], y_real[kept_rows])
oracle_model = LogisticRegression(max_iter=1000, C=100).fit(real.X, real.y)

# cleanlab also found issues in the test set
p_test = cross_val_predict(clf, X_real_test, y_real_test, cv=5, method='predict_proba')
ok = p_test.argmax(axis=1) == y_real_test
accuracies = {
    "noisy": noisy_model.score(X_real_test, y_real_test),
    "clean": clean_model.score(X_real_test[ok], y_real_test[ok]),
    "oracle": oracle_model.score(X_real_test, y_real_test),
}
