# ---
# student: bina
# story: Complete, in other styles. Sets, masks and tables; cleanlab's `find_label_issues` instead of Datalab; naive Bayes in a
#   pipeline; rounded numbers.
# ---
# %% answer="q6_2_analyze_issues"
def detection_scores(flagged, flipped):
    rows = pd.DataFrame({"flagged": False, "flipped": False}, index=sorted({*flagged, *flipped}))
    rows.loc[list(flagged), "flagged"] = True
    rows.loc[list(flipped), "flipped"] = True
    hits = (rows["flagged"] & rows["flipped"]).sum()
    return pd.Series({
        "false_positives": (rows["flagged"] & ~rows["flipped"]).sum(),
        "recall": round(hits / rows["flipped"].sum(), 4),
        "precision": round(hits / rows["flagged"].sum(), 4) if rows["flagged"].any() else None,
    })

handout_scores = detection_scores(list(label_issues.index), list(noise_idx))

from cleanlab.filter import find_label_issues
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import MultinomialNB

oof = np.zeros((X_real.shape[0], 2))
for train, held_out in StratifiedKFold(10, shuffle=True, random_state=0).split(X_real, y_real_noisy):
    oof[held_out] = MultinomialNB().fit(X_real[train], y_real_noisy[train]).predict_proba(X_real[held_out])
flagged_real = find_label_issues(y_real_noisy, oof)   # a mask
real_scores = detection_scores(np.where(flagged_real)[0].tolist(), noise_idx_real.tolist())

# %% answer="q6_3_clean_training"
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

kept_rows = ~flagged_real
noisy_model = make_pipeline(MaxAbsScaler(), MultinomialNB())
noisy_model.fit(X_real, y_real_noisy)
clean_model = make_pipeline(MaxAbsScaler(), MultinomialNB())
clean_model.fit(X_real[kept_rows], y_real_noisy[kept_rows])
oracle_model = make_pipeline(MaxAbsScaler(), MultinomialNB())
oracle_model.fit(X_real, y_real)

accuracies = pd.DataFrame(
    {"accuracy": [round((m.predict(X_real_test) == y_real_test).mean(), 3) for m in (oracle_model, noisy_model, clean_model)]},
    index=["true clean (oracle)", "noisy", "clean"],
)
