# ---
# student: bina
# story: Complete, in other styles. Lists and loops, tables for scores, plain functions instead of Snorkel's, naive Bayes on
#   hard labels, rounded numbers, and a mask instead of row numbers.
# ---
# %% answer="q4_2_apply_lfs"
def lf_coverage(L):
    L = pd.DataFrame(L)
    return [round(1 - (L[j] == -1).sum() / len(L), 3) for j in L.columns]

def lf_conflicts(L):
    counts = [0] * L.shape[1]
    for row in L:
        votes = {v for v in row if v != ABSTAIN}
        for j, v in enumerate(row):
            if v != ABSTAIN and len(votes) > 1:
                counts[j] += 1
    return pd.Series(counts) / len(L)

# %% answer="q4_4_label_model"
def score_labels(labels, truth):
    pairs = [(a, b) for a, b in zip(list(labels), list(truth)) if a != -1]
    coverage = len(pairs) / len(labels)
    if not pairs:
        return pd.Series({"coverage": 0, "accuracy": float("nan")})
    return pd.Series({"coverage": coverage, "accuracy": sum(a == b for a, b in pairs) / len(pairs)})

label_model = LabelModel(cardinality=2, verbose=False)
label_model.fit(L_train=L_real, n_epochs=100, lr=0.01, seed=7, progress_bar=False)

probs = pd.DataFrame(label_model.predict_proba(L_real), columns=["negative", "positive"]).round(4)
weak_labels = []
for negative, positive in probs.values:
    if abs(positive - negative) < 0.001:
        weak_labels.append(-1)
    elif positive > negative:
        weak_labels.append(1)
    else:
        weak_labels.append(0)

scores = pd.DataFrame({
    "label model": score_labels(weak_labels, y_real),
    "majority vote": score_labels(majority_labels, y_real),
}).T.round(4)

lm = pd.Series(weak_labels)
mv = pd.Series(majority_labels)
y_ = pd.Series(y_real)
keep = lm.ne(-1) & mv.ne(-1)
same_rows = pd.Series({
    "majority vote": mv[keep].eq(y_[keep]).mean(),
    "label model": lm[keep].eq(y_[keep]).mean(),
})

# %%
scores

# %% answer="q4_5_more_lfs"
# plain functions: they are easier to try out
def has(text, words):
    return any(re.search(r"\b" + w + r"\b", text) for w in words.split("|"))

def lf_your_function_1(x):
    """loud words, without a not"""
    text = x["review"].lower()
    if has(text, "great|brilliant|funny|excellent|wonderful") and "not" not in text and "n't" not in text:
        return POSITIVE
    return ABSTAIN

def lf_your_function_2(x):
    text = str(x.review).lower()
    negated = "not" in text or "n't" in text or "never" in text
    return np.int64(0) if has(text, "bad|boring|dull|horrible|messy|hated") and not negated else np.int64(-1)

def lf_your_function_3(x):
    """ratings"""
    m = re.search(r"(\d+(\.\d)?)/10", x.review)
    if m is None:
        return ABSTAIN
    return POSITIVE if float(m.group(1)) > 6 else NEGATIVE

mine = [lf_your_function_1, lf_your_function_2, lf_your_function_3]
votes = np.array([[f(row) for f in mine] for _, row in df_real.iterrows()])
L_more = pd.DataFrame(np.concatenate([votes, L_real], axis=1), columns=["a", "b", "c", *[lf.name for lf in lfs]])
coverage_more = round(float((L_more.max(axis=1) > -1).mean()), 3)

# %% answer="q4_6_downstream"
from sklearn.naive_bayes import MultinomialNB

model = LabelModel(cardinality=2, verbose=False)
model.fit(L_more.values, n_epochs=300, seed=1, progress_bar=False)
hard = model.predict(L_more.values)

weak_rows = hard != -1
weak_model = MultinomialNB().fit(X_real[weak_rows], hard[weak_rows])
true_model = MultinomialNB().fit(X_real, y_real)
weak_accuracy = round((weak_model.predict(X_real_test) == y_real_test).mean(), 3)
true_accuracy = round((true_model.predict(X_real_test) == y_real_test).mean(), 3)
