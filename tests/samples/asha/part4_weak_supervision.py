# ---
# student: asha
# story: Complete and idiomatic.
# ---
# %% answer="q4_2_apply_lfs"
# My prediction (not graded): coverage 3/4, 2/4, 0; conflicts 1/4, 1/4, 0

def lf_coverage(L):
    """Share of the reviews on which each labeling function votes."""
    return np.mean(L != ABSTAIN, axis=0)

def lf_conflicts(L):
    """Share of the reviews on which each labeling function votes and another one votes differently."""
    voted = L != ABSTAIN
    # [review, function, other function]
    different = voted[:, :, None] & voted[:, None, :] & (L[:, :, None] != L[:, None, :])
    return different.any(axis=2).mean(axis=0)

lf_coverage(L_train), lf_conflicts(L_train)

# %% answer="q4_4_label_model"
# My prediction (not graded): the label model wins by 5 points.

def score_labels(labels, truth):
    """{"coverage": share of rows with a label, "accuracy": share of right ones among these}."""
    labels, truth = np.asarray(labels), np.asarray(truth)
    labeled = labels != ABSTAIN
    right = (labels == truth)[labeled]
    return {"coverage": labeled.mean(), "accuracy": right.mean() if len(right) else np.nan}

label_model = LabelModel(cardinality=2, verbose=False)
label_model.fit(L_real, n_epochs=500, seed=42, progress_bar=False)

weak_labels, probs = label_model.predict(L_real, return_probs=True)

labels_of = {"label model": weak_labels, "majority vote": majority_labels}
scores = {name: score_labels(labels, y_real) for name, labels in labels_of.items()}
both = (weak_labels != ABSTAIN) & (majority_labels != ABSTAIN)
same_rows = {name: np.mean(labels[both] == y_real[both]) for name, labels in labels_of.items()}
scores, same_rows

# %%
# which reviews does only the label model label?
df_real[(weak_labels != ABSTAIN) & (majority_labels == ABSTAIN)].head(3)

# %% answer="q4_5_more_lfs"
# My prediction (not graded): "boring", 200 reviews, 85 %

GOOD = r"\b(great|brilliant|wonderful|excellent|enjoyed|adored|funny|gripping|recommend|best|well worth|gem|joy)\b"
BAD = r"\b(bad|boring|dull|hated|disliked|horrible|stupid|mess|failure|avoid|skip|worst|bore|predictable)\b"

@labeling_function()
def lf_your_function_1(x):
    """Words of praise in what comes after the last but."""
    return POSITIVE if re.search(GOOD, x.review.lower().split(" but ")[-1]) else ABSTAIN

@labeling_function()
def lf_your_function_2(x):
    """Words of scorn in what comes after the last but."""
    return NEGATIVE if re.search(BAD, x.review.lower().split(" but ")[-1]) else ABSTAIN

@labeling_function()
def lf_your_function_3(x):
    """Advice: stay away, do not miss."""
    text = x.review.lower()
    if re.search(r"stay away|money back|never again|waste your money|skip it|not worth", text):
        return NEGATIVE
    if re.search(r"do not miss|must-watch|well worth|go and see", text):
        return POSITIVE
    return ABSTAIN

new_lfs = [lf_your_function_1, lf_your_function_2, lf_your_function_3]
L_more = np.hstack([L_real, PandasLFApplier(lfs=new_lfs).apply(df_real, progress_bar=False)])
coverage_more = (L_more != ABSTAIN).any(axis=1).mean()
LFAnalysis(L=L_more, lfs=lfs + new_lfs).lf_summary(Y=y_real)

# %% answer="q4_6_downstream"
# My prediction (not graded): 10 points
weak_rows = np.flatnonzero((L_more != ABSTAIN).any(axis=1))
downstream_labels = LabelModel(cardinality=2, verbose=False)
downstream_labels.fit(L_more, n_epochs=500, seed=42, progress_bar=False)
p = downstream_labels.predict_proba(L_more)[weak_rows]

weak_model = LogisticRegression(max_iter=1000)
weak_model.fit(
    sp.vstack([X_real[weak_rows], X_real[weak_rows]]),
    np.repeat([0, 1], len(weak_rows)),
    sample_weight=p.T.ravel(),
)
true_model = LogisticRegression(max_iter=1000).fit(X_real, y_real)
weak_accuracy = weak_model.score(X_real_test, y_real_test)
true_accuracy = true_model.score(X_real_test, y_real_test)
weak_accuracy, true_accuracy
