# ---
# student: asha
# story: Complete and idiomatic; keeps candidates, clusters them, fills up.
# ---
# %% answer="c1_batch_active_learning"
# Challenge: Implement batch active learning with diversity
# Query 10 samples at a time, ensuring diversity using clustering
# My prediction (not graded): random 72 %, top-k 78 %, diverse 80 %.

def diversity_uncertainty_sampling(classifier, X_pool, n_instances=10):
    """
    Select n_instances that are both uncertain AND diverse.

    Strategy:
    1. Get uncertainty scores for all samples
    2. Cluster samples into n_instances clusters
    3. Pick most uncertain sample from each cluster
    """
    n = min(n_instances, X_pool.shape[0])
    proba = classifier.predict_proba(X_pool)
    uncertainty = 1 - proba.max(axis=1)

    candidates = np.argsort(uncertainty)[::-1][: 8 * n]
    kmeans = KMeans(n_clusters=n, random_state=42, n_init=3)
    labels = kmeans.fit_predict(X_pool[candidates])

    chosen = []
    for cluster in range(n):
        members = candidates[labels == cluster]
        if len(members):
            chosen.append(members[uncertainty[members].argmax()])
    for row in candidates:
        if len(chosen) == n:
            break
        if row not in chosen:
            chosen.append(row)
    chosen = np.array(chosen)
    return chosen, uncertainty[chosen]

batch_runs = {
    "random": repeated(at_random),
    "top-k": repeated(top_k),
    "diverse": repeated(diversity_uncertainty_sampling),
}

n_labels = np.arange(50, 251, 10)
fig, ax = plt.subplots()
for (name, runs), linestyle in zip(batch_runs.items(), ["--", "-.", "-"]):
    ax.plot(n_labels, runs.mean(axis=0), linestyle, label=name)
ax.set(xlabel="labeled reviews", ylabel="test accuracy")
ax.legend()
plots.show(fig, alt="Three learning curves; diverse ends highest, random lowest.")
