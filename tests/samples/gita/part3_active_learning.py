# ---
# student: gita
# story: Her "random" sampling looks at the labels to draw the classes evenly, with a fixed seed; the two curves have
#   each other's names; two strategies only, the most certain row instead of the least, and a number for a name.
# deserves:
#   q3_3_random_sampling:
#     calls_draw_different_rows: unmet
#     every_row_can_be_drawn: unmet
#     labels_are_never_looked_at: unmet
#     any_pool_will_do: unmet
#   q3_4_learning_curves:
#     names_belong_to_their_curves: unmet
#   q3_5_query_strategies:
#     three_histories: unmet
#     histories_share_their_start: unmet
#     lowest_top_probability_is_found: unmet
#     one_graph_for_three_strategies: unmet
#     best_strategy_is_one_of_them: unmet
#     rows_are_right_for_all_strategies: unmet
#     histories_are_of_three_strategies: unmet
#     curves_show_the_histories: unmet
#     best_strategy_is_the_best: unmet
# ---
# %% answer="q3_3_random_sampling"
def random_sampling(classifier, X_pool, n_instances=1):
    # the same number of each class, so that no class is forgotten
    rng = np.random.default_rng(42)
    order = rng.permutation(len(y_left))
    per_class = [[i for i in order if y_left[i] == c] for c in (0, 1, 2)]
    idx = []
    while len(idx) < n_instances:
        for rows in per_class:
            idx.append(rows.pop())
    return np.array(idx[:n_instances]), None

X_left, y_left = X_real_pool, y_real_pool
random_learner = ActiveLearner(LogisticRegression(max_iter=1000), random_sampling, X_real_start, y_real_start)
random_history = [random_learner.score(X_real_test, y_real_test)]
for _ in tqdm(range(n_rounds)):
    idx, _ = random_learner.query(X_left, n_instances=batch_size)
    random_learner.teach(X_left[idx], y_left[idx])
    keep = np.ones(X_left.shape[0], dtype=bool)
    keep[idx] = False
    X_left, y_left = X_left[keep], y_left[keep]
    random_history.append(random_learner.score(X_real_test, y_real_test))

# %% answer="q3_4_learning_curves"
x = np.linspace(50, 600, 23)
fig, ax = plt.subplots(figsize=(8, 5))
for runs, style in ((random_runs, "-"), (uncertainty_runs, "--")):
    ax.plot(x, np.median(runs, axis=0), style)
    ax.fill_between(x, runs.min(axis=0), runs.max(axis=0), alpha=0.3)
ax.lines[0].set_label("uncertainty")
ax.lines[1].set_label("random")
ax.set_xlabel("labeled reviews")
ax.set_ylabel("accuracy")
ax.legend()
plt.show()

# %% answer="q3_5_query_strategies"
def most_uncertain(probabilities):
    p = np.sort(probabilities, axis=1)
    return {"uncertainty": int(np.argmax(p[:, -1])), "margin": int(np.argmin(p[:, -1] - p[:, -2])),
            "entropy": int(np.argmin(-np.sum(p * np.log(p + 1e-9), axis=1)))}

def run(strategy):
    l = ActiveLearner(LogisticRegression(max_iter=1000), strategy, X_real_start, y_real_start)
    X, y, scores = X_real_pool, y_real_pool, []
    for _ in range(n_rounds + 1):
        scores.append(l.score(X_real_test, y_real_test))
        idx, _ = l.query(X, n_instances=batch_size)
        l.teach(X[idx], y[idx])
        mask = ~np.isin(np.arange(X.shape[0]), idx)
        X, y = X[mask], y[mask]
    return scores

strategy_histories = {"uncertainty": run(uncertainty_sampling), "margin": run(margin_sampling)}
fig, ax_strategies = plt.subplots()
for name in strategy_histories:
    ax_strategies.plot(x, strategy_histories[name], label=name)
ax_strategies.set_xlabel("labeled reviews")
ax_strategies.set_ylabel("accuracy")
ax_strategies.legend()
plt.show()
best_strategy = 1   # the second one

# %% [markdown] reflect="q3_6_reflection" points=2
# In my plot random is better than uncertainty, which surprised me. I would ask somebody before I spend the money.
