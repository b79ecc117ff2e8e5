# ---
# student: chen
# story: Stops after Question 3.3, whose strategy forgets n_instances, so that every round labels one review.
# deserves:
#   q3_3_random_sampling:
#     as_many_rows_as_asked: unmet
#     history_is_one_of_random_sampling: unmet
#   q3_4_learning_curves: not attempted
#   q3_5_query_strategies: not attempted
# ---
# %% answer="q3_3_random_sampling"
def random_sampling(classifier, X_pool, n_instances=1):
    """Random query strategy for baseline comparison."""
    return np.random.choice(X_pool.shape[0], 1)

# Run random sampling loop and collect performance
learner_r = ActiveLearner(estimator=LogisticRegression(max_iter=1000), query_strategy=random_sampling,
                          X_training=X_real_start, y_training=y_real_start)
random_history = [learner_r.score(X_real_test, y_real_test)]
X_r = X_real_pool.copy()
y_r = y_real_pool.copy()
for i in range(n_rounds):
    query_idx, query_instance = learner_r.query(X_r, n_instances=batch_size)
    learner_r.teach(X_r[query_idx], y_r[query_idx])
    keep = np.ones(X_r.shape[0], dtype=bool)
    keep[query_idx] = False
    X_r = X_r[keep]
    y_r = y_r[keep]
    random_history.append(learner_r.score(X_real_test, y_real_test))
print(random_history)   # hardly goes up?? ask in office hours
