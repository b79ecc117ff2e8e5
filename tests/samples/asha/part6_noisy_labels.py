# ---
# student: asha
# story: Complete and idiomatic.
# ---
# %% answer="q6_2_analyze_issues"
# My prediction (not graded): 0.9 and 0.9 for the handout, 0.7 and 0.7 for the realistic ones

def detection_scores(flagged, flipped):
    """{"precision": ..., "recall": ..., "false_positives": ...} of flagged rows against flipped ones."""
    found = len(np.intersect1d(flagged, flipped))
    return {
        "precision": found / len(flagged) if len(flagged) else np.nan,
        "recall": found / len(flipped),
        "false_positives": len(flagged) - found,
    }

handout_scores = detection_scores(label_issues.index, noise_idx)

real_probs = cross_val_predict(
    LogisticRegression(max_iter=1000), X_real, y_real_noisy, cv=5, method="predict_proba"
)
real_lab = Datalab(data={"labels": y_real_noisy}, label_name="labels")
real_lab.find_issues(pred_probs=real_probs, issue_types={"label": {}})
real_issues = real_lab.get_issues()
flagged_real = real_issues.index[real_issues["is_label_issue"]].to_numpy()
real_scores = detection_scores(flagged_real, noise_idx_real)
handout_scores, real_scores

# %%
# the ones it is most sure about
worst = real_issues["label_score"].nsmallest(5).index
real.df_pool.iloc[worst].assign(given=y_real_noisy[worst])[["review", "label", "given"]]

# %% answer="q6_3_clean_training"
# My prediction (not graded): halfway
kept_rows = np.setdiff1d(np.arange(len(y_real_noisy)), flagged_real)

def train(rows, labels):
    return LogisticRegression(max_iter=1000).fit(X_real[rows], labels[rows])

all_rows = np.arange(len(y_real))
noisy_model = train(all_rows, y_real_noisy)
clean_model = train(kept_rows, y_real_noisy)
oracle_model = train(all_rows, y_real)
models = {"noisy": noisy_model, "clean": clean_model, "oracle": oracle_model}
accuracies = {name: model.score(X_real_test, y_real_test) for name, model in models.items()}
accuracies
