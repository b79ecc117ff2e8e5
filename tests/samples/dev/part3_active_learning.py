# ---
# student: dev
# story: Samples with replacement, scores on the pool instead of the test set, names nothing on the plots, and goes on
#   with the same learner from strategy to strategy.
# deserves:
#   q3_3_random_sampling:
#     rows_are_all_different: unmet
#     both_start_at_the_same_place: unmet
#     history_is_one_of_random_sampling: unmet
#   q3_4_learning_curves:
#     everything_is_named: unmet
#     there_is_a_band_around_each_curve: unmet
#     x_counts_labeled_reviews: unmet
#     names_belong_to_their_curves: unmet
#   q3_5_query_strategies:
#     histories_share_their_start: unmet
#     one_graph_for_three_strategies: unmet
#     curves_show_the_histories: unmet
#     best_strategy_is_the_best: unmet
# ---
# %% answer="q3_3_random_sampling"
def random_sampling(classifier, X_pool, n_instances=1):
    return np.random.randint(0, X_pool.shape[0], size=n_instances), None

learner2 = ActiveLearner(LogisticRegression(max_iter=1000), random_sampling, X_real_start, y_real_start)
random_history = [learner2.score(X_real_pool, y_real_pool)]
X_al = X_real_pool.copy()
y_al = y_real_pool.copy()
for i in range(n_rounds):
    idx, inst = learner2.query(X_al, n_instances=batch_size)
    learner2.teach(X_al[idx], y_al[idx])
    random_history.append(learner2.score(X_real_pool, y_real_pool))

# %% answer="q3_4_learning_curves"
fig, ax = plt.subplots()
ax.plot(uncertainty_runs.mean(0))
ax.plot(random_runs.mean(0))
plt.show()

# %% answer="q3_5_query_strategies"
def most_uncertain(probabilities):
    p = np.sort(probabilities, axis=1)
    e = -(probabilities * np.log(probabilities + 1e-12)).sum(axis=1)
    return {"uncertainty": p[:, -1].argmin(), "margin": (p[:, -1] - p[:, -2]).argmin(), "entropy": e.argmax()}

learner3 = ActiveLearner(LogisticRegression(max_iter=1000), X_training=X_real_start, y_training=y_real_start)
strategy_histories = {}
fig, ax_strategies = plt.subplots()
for name, s in [("uncertainty", uncertainty_sampling), ("margin", margin_sampling), ("entropy", entropy_sampling)]:
    learner3.query_strategy = s
    X_al, y_al = X_real_pool, y_real_pool
    h = [learner3.score(X_real_test, y_real_test)]
    for i in range(n_rounds):
        idx, inst = learner3.query(X_al, n_instances=batch_size)
        learner3.teach(X_al[idx], y_al[idx])
        m = np.ones(X_al.shape[0], bool)
        m[idx] = False
        X_al, y_al = X_al[m], y_al[m]
        h.append(learner3.score(X_real_test, y_real_test))
    strategy_histories[name] = h
    ax_strategies.plot(h)
plt.show()
best_strategy = "uncertainty"   # it is the best known one

# %% [markdown] reflect="q3_6_reflection" points=2
# Active learning is better.
