# ---
# student: bina
# story: Complete, in another style. Entropy, a tree of clusters instead of KMeans, plain lists, bare row numbers, pandas for
#   the plot, in percent.
# ---
# %% answer="c1_batch_active_learning"
from scipy.stats import entropy
from sklearn.cluster import AgglomerativeClustering

def diversity_uncertainty_sampling(classifier, X_pool, n_instances=10):
    scores = entropy(classifier.predict_proba(X_pool), axis=1)
    by_score = sorted(range(len(scores)), key=lambda row: scores[row], reverse=True)
    if len(by_score) <= n_instances:
        return by_score
    if n_instances == 1:
        return by_score[:1]
    shortlist = by_score[: n_instances * 6]
    features = X_pool[shortlist]
    if hasattr(features, "toarray"):
        features = features.toarray()   # 60 rows only
    groups = AgglomerativeClustering(n_instances).fit_predict(features)
    best = {}
    for row, group in zip(shortlist, groups):
        best.setdefault(group, row)     # the first one of a group is its most uncertain one
    picked = list(best.values())
    picked += [row for row in shortlist if row not in picked][: n_instances - len(picked)]
    return picked

batch_runs = {}
for label, strategy in [("Diverse", diversity_uncertainty_sampling), ("Top_k", top_k), ("Random", at_random)]:
    batch_runs[label] = pd.DataFrame(repeated(strategy), columns=range(50, 251, 10))

curves = pd.DataFrame({label: 100 * runs.mean() for label, runs in batch_runs.items()})
ax = curves.plot(xlabel="number of labels", ylabel="accuracy on the test set (%)", style=["-o", "-^", "--s"])
plt.show()
