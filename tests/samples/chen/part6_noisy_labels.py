# ---
# student: chen
# story: Half done. Takes the whole table of issues for the flagged ones, so that everything is removed; the accuracies are in percent.
# deserves:
#   q6_2_analyze_issues:
#     realistic_rows_are_flagged: unmet
#     scores_of_any_rows: error
#     realistic_rows_are_found_out_of_fold: unmet
#   q6_3_clean_training:
#     kept_rows_are_the_others: unmet
#     three_accuracies: unmet
#     all_are_tested_on_the_same_reviews: unmet
#     noisy_model_learned_the_noise: unmet
#     clean_model_learned_the_kept_rows: unmet
# ---
# %% answer="q6_2_analyze_issues"
def detection_scores(flagged, flipped):
    tp = 0
    fp = 0
    for i in flagged:
        if i in flipped:
            tp = tp + 1
        else:
            fp = fp + 1
    return {"precision": tp / (tp + fp), "recall": tp / len(flipped), "false_positives": fp}

handout_scores = detection_scores(label_issues.index, noise_idx)

pred_probs_r = cross_val_predict(clf, X_real, y_real_noisy, cv=5, method='predict_proba')
lab2 = Datalab(data={'labels': y_real_noisy}, label_name='labels')
lab2.find_issues(pred_probs=pred_probs_r)
flagged_real = lab2.get_issues().index
real_scores = detection_scores(flagged_real, noise_idx_real)

# %% answer="q6_3_clean_training"
# first half of the pool, because there is nothing left?
kept_rows = np.arange(2000)
noisy_model = LogisticRegression(max_iter=1000).fit(X_real, y_real_noisy)
clean_model = LogisticRegression(max_iter=1000).fit(X_real[kept_rows], y_real_noisy[kept_rows])
oracle_model = LogisticRegression(max_iter=1000).fit(X_real, y_real)
accuracies = {}
for name, m in [("noisy", noisy_model), ("clean", clean_model), ("oracle", oracle_model)]:
    accuracies[name] = round(100 * m.score(X_real_test, y_real_test), 1)
