# ---
# student: hugo
# story: Three cells that stop with an exception. len() of a sparse pool, a name that is not there, an import that is missing.
# deserves:
#   q3_3_random_sampling:
#     history_has_every_round: unmet
#     any_pool_will_do: error
#     history_is_one_of_random_sampling: unmet
#   q3_4_learning_curves:
#     everything_is_named: unmet
#     one_curve_for_each_strategy: unmet
#     there_is_a_band_around_each_curve: unmet
#     x_counts_labeled_reviews: unmet
#     curves_are_the_middle_of_the_runs: unmet
#     names_belong_to_their_curves: unmet
#   q3_5_query_strategies:
#     three_histories: unmet
#     histories_share_their_start: unmet
#     lowest_top_probability_is_found: error
#     one_graph_for_three_strategies: not attempted
#     best_strategy_is_one_of_them: not attempted
#     rows_are_right_for_all_strategies: error
#     histories_are_of_three_strategies: unmet
#     curves_show_the_histories: not attempted
#     best_strategy_is_the_best: not attempted
# ---
# %% answer="q3_3_random_sampling"
def random_sampling(classifier, X_pool, n_instances=1):
    """Random query strategy for baseline comparison."""
    return np.random.choice(len(X_pool), n_instances, replace=False)

random_learner = ActiveLearner(LogisticRegression(max_iter=1000), random_sampling, X_real_start, y_real_start)
random_history = [random_learner.score(X_real_test, y_real_test)]
for i in range(n_rounds):
    idx, _ = random_learner.query(X_real_pool, n_instances=batch_size)
    random_learner.teach(X_real_pool[idx], y_real_pool[idx])
    random_history.append(random_learner.score(X_real_test, y_real_test))

# %% answer="q3_4_learning_curves"
fig, ax = plt.subplots()
x = range(n_start, 601, batch_size)
ax.plot(x, random_runs.mean(axis=1), label="random")
ax.plot(x, uncertainty_runs.mean(axis=1), label="uncertainty")
ax.legend()

# %% answer="q3_5_query_strategies"
def most_uncertain(probabilities):
    return {
        "uncertainty": np.argmin(probabilities.max(axis=1)),
        "margin": np.argmin(probabilities.max(axis=1) - second_largest(probabilities)),
        "entropy": np.argmax(entropy(probabilities, axis=1)),
    }

strategy_histories = {}
ax_strategies = ...
best_strategy = ...
most_uncertain(three_classes)
for strategy in (uncertainty_sampling, margin_sampling, entropy_sampling):
    strategy_histories[strategy] = run_loop(strategy)
