# ---
# student: hugo
# story: Cells that stop with an exception. Divides by zero, asks Datalab for a column that is not there, trains on rows and labels that
#   do not fit.
# deserves:
#   q6_2_analyze_issues:
#     realistic_rows_are_flagged: not attempted
#     scores_of_any_rows: error
#     real_scores_are_right: not attempted
#     realistic_rows_are_found_out_of_fold: not attempted
#   q6_3_clean_training:
#     three_accuracies: not attempted
#     all_are_tested_on_the_same_reviews: not attempted
#     oracle_learned_the_true_labels: not attempted
#     clean_model_learned_the_kept_rows: not attempted
# ---
# %% answer="q6_2_analyze_issues"
def detection_scores(flagged, flipped):
    tp = sum(1 for i in flagged if i in set(flipped))
    fp = len(flagged) - tp
    return {"precision": tp / len(flagged), "recall": tp / len(flipped), "false_positives": fp}

handout_scores = detection_scores(label_issues.index, noise_idx)
flagged_real = ...
real_scores = ...
p = cross_val_predict(clf, X_real, y_real_noisy, cv=5, method='predict_proba')
lab_real = Datalab(data={'labels': y_real_noisy}, label_name='labels')
lab_real.find_issues(pred_probs=p)
flagged_real = lab_real.get_issues()['is_issue']

# %% answer="q6_3_clean_training"
flagged_real = flagged_rows(X_real, y_real_noisy)
kept_rows = np.setdiff1d(np.arange(len(y_real)), flagged_real)
noisy_model = LogisticRegression(max_iter=1000).fit(X_real, y_real_noisy)
clean_model = ...
oracle_model = ...
accuracies = ...
clean_model = LogisticRegression(max_iter=1000).fit(X_real[kept_rows], y_real_noisy)
oracle_model = LogisticRegression(max_iter=1000).fit(X_real, y_real)
accuracies = {"noisy": noisy_model.score(X_real_test, y_real_test)}
