# ---
# student: farid
# story: Prints and scratch cells everywhere. Medians, with caps on their error bars; 0 * log 0 is nan; the third loop
#   is a copy of the second with the strategy not changed.
# mess: [moved_cells, edited_given_cell, renamed_file]
# deserves:
#   q3_5_query_strategies:
#     rows_are_right_for_all_strategies: unmet
#     histories_are_of_three_strategies: unmet
# ---
# %%
from collections import Counter
print(Counter(y_real_pool.tolist()) if "y_real_pool" in globals() else "later")

# %% answer="q3_3_random_sampling"
# My prediction (not graded): 70%
def random_sampling(classifier, X_pool, n_instances=1):
    """Random query strategy for baseline comparison."""
    idx = list(range(X_pool.shape[0]))
    np.random.shuffle(idx)
    return np.array(idx[:n_instances]), np.zeros(n_instances)

# Run random sampling loop and collect performance
learner = ActiveLearner(estimator=LogisticRegression(max_iter=1000), query_strategy=random_sampling,
                        X_training=X_real_start, y_training=y_real_start)
random_history = []
random_history.append(learner.score(X_real_test, y_real_test))
XX = X_real_pool.copy()
yy = y_real_pool.copy()
for i in range(n_rounds):
    q, _ = learner.query(XX, n_instances=batch_size)
    learner.teach(XX[q], yy[q])
    rest = [j for j in range(XX.shape[0]) if j not in set(q.tolist())]
    XX = XX[rest]
    yy = yy[rest]
    random_history.append(learner.score(X_real_test, y_real_test))
    print(i, XX.shape, random_history[-1])

# %%
print(len(random_history), len(uncertainty_history))
random_history[:3], uncertainty_history[:3]

# %% answer="q3_4_learning_curves"
xs = [n_start + batch_size*i for i in range(len(random_history))]
plt.figure()
plt.errorbar(xs, np.median(random_runs, axis=0), yerr=random_runs.std(axis=0), capsize=3, label="random sampling", marker="s", linestyle="--")
plt.errorbar(xs, np.median(uncertainty_runs, axis=0), yerr=uncertainty_runs.std(axis=0), capsize=3, label="active learning", marker="o")
plt.xlabel("Number of labeled samples")
plt.ylabel("Test accuracy")
plt.legend()
ax = plt.gca()
plt.show()

# %% answer="q3_5_query_strategies"
def most_uncertain(probabilities):
    a = np.sort(probabilities, axis=1)
    with np.errstate(all="ignore"):
        ent = -(probabilities * np.log(probabilities)).sum(axis=1)
    return {"uncertainty": np.argmin(a[:, -1]), "margin": np.argmin(a[:, -1] - a[:, -2]), "entropy": np.argmax(ent)}

# uncertainty: same as given
unc = uncertainty_history

# margin
learner = ActiveLearner(LogisticRegression(max_iter=1000), margin_sampling, X_real_start, y_real_start)
XX, yy = X_real_pool.copy(), y_real_pool.copy()
mar = [learner.score(X_real_test, y_real_test)]
for i in range(n_rounds):
    q, _ = learner.query(XX, n_instances=batch_size)
    learner.teach(XX[q], yy[q])
    keep = np.ones(XX.shape[0], dtype=bool); keep[q] = False
    XX, yy = XX[keep], yy[keep]
    mar.append(learner.score(X_real_test, y_real_test))

# entropy
learner = ActiveLearner(LogisticRegression(max_iter=1000), margin_sampling, X_real_start, y_real_start)
XX, yy = X_real_pool.copy(), y_real_pool.copy()
ent = [learner.score(X_real_test, y_real_test)]
for i in range(n_rounds):
    q, _ = learner.query(XX, n_instances=batch_size)
    learner.teach(XX[q], yy[q])
    keep = np.ones(XX.shape[0], dtype=bool); keep[q] = False
    XX, yy = XX[keep], yy[keep]
    ent.append(learner.score(X_real_test, y_real_test))

strategy_histories = {"uncertainty": unc, "margin": mar, "entropy": ent}
print(strategy_histories)
plt.figure()
for k, v in strategy_histories.items():
    plt.plot(xs, v, label=k)
plt.legend(); plt.xlabel("labels"); plt.ylabel("accuracy")
ax_strategies = plt.gca()
plt.show()
best_strategy = max(strategy_histories, key=lambda k: sum(strategy_histories[k]))
print("BEST", best_strategy)

# %% [markdown] reflect="q3_6_reflection" points=2
# margin and entropy gave exactly the same, strange. Uncertainty reached random's 600-label accuracy at ~ 375 labels.
