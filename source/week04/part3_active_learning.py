# %% [markdown]
# # Part 3: Active Learning with modAL
#
# Labels cost money; reviews are free. **Active learning** spends the money where it helps most: the model itself says
# which review it would like to have labeled next.
#
# You will watch the loop run, build the baseline it has to beat, draw the two against each other, and compare three ways
# of choosing. About 75 minutes.
#
# After a restart of the kernel: go to the cell where you were, and choose *Run ▸ Run All Above Selected Cell*.
#
# | word | meaning |
# | --- | --- |
# | pool | reviews without a label; we may buy labels for some of them |
# | query | the choice of the next reviews to label |
# | query strategy | the rule that makes this choice |
# | oracle | whoever gives the label; here we look it up, in practice it is a person |

# %%
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from helpers import checkpoints, plots
from helpers.checks import check

plots.style()
np.random.seed(42)

# modAL calls a scikit-learn option by its old name, and scikit-learn says so at every
# step. We know.
warnings.filterwarnings("ignore", message="'force_all_finite'", category=FutureWarning)

# %% [markdown]
# ## 3.1 The active learning loop
#
# We start from the end of Part 2: the handout's 818 reviews, as numbers, and split.

# %%
start = checkpoints.handout_split()
X_pool, y_pool = start.X_pool, start.y_pool
X_test, y_test = start.X_test, start.y_test

# %% [markdown]
# Twenty reviews get a label at random, so that there is something to train on.

# %%
from modAL.models import ActiveLearner
from modAL.uncertainty import uncertainty_sampling, margin_sampling, entropy_sampling

# Start with a small seed set (simulating initial labeled data)
n_initial = 20
initial_idx = np.random.choice(range(len(X_pool)), size=n_initial, replace=False)

X_initial = X_pool[initial_idx]
y_initial = y_pool[initial_idx]

# %%
# Remove initial samples from pool
mask = np.ones(len(X_pool), dtype=bool)
mask[initial_idx] = False
X_pool_remaining = X_pool[mask]
y_pool_remaining = y_pool[mask]

print(f"Initial labeled set: {len(X_initial)}")
print(f"Remaining pool: {len(X_pool_remaining)}")

# %% [markdown]
# ## Question 3.1 (solved): Create active learner with uncertainty sampling
#
# An `ActiveLearner` is a classifier together with a query strategy and the labeled reviews it has so far.
#
# **Predict.** Twenty labels, two classes. What accuracy do you expect on the test set?

# %%
# SOLVED: Create and train Active Learner

# Initialize the learner
learner = ActiveLearner(
    estimator=RandomForestClassifier(n_estimators=100, random_state=42),
    query_strategy=uncertainty_sampling,
    X_training=X_initial,
    y_training=y_initial
)

# Check initial performance
initial_accuracy = learner.score(X_test, y_test)
print(f"Initial accuracy with {n_initial} samples: {initial_accuracy:.2%}")

# %% [markdown]
# **Think.** With twenty other reviews it could be anything from 65 % to 95 %. One start is luck; remember this when you
# compare methods.

# %% [markdown]
# ## Question 3.2 (solved): Run active learning loop
#
# Query, label, teach, remove, score, and again. The loop takes one review a round, but it is written so that it works
# for several: `query_idx` is a list of row numbers, and `keep` marks the rows that stay in the pool.
#
# **Predict.** After how many of the 50 queries will the accuracy stop rising?

# %%
# SOLVED: Active Learning Loop

n_queries = 50  # Number of samples to query
performance_history = [initial_accuracy]

# Copy pool to work with
X_pool_al = X_pool_remaining.copy()
y_pool_al = y_pool_remaining.copy()

for i in tqdm(range(n_queries), desc="Querying"):
    # Query for the most uncertain sample
    query_idx, query_instance = learner.query(X_pool_al)

    # Get the label (in practice, this would be a human annotator)
    y_new = y_pool_al[query_idx]

    # Teach the model
    learner.teach(X_pool_al[query_idx], y_new)

    # Remove queried sample from pool
    keep = np.ones(X_pool_al.shape[0], dtype=bool)
    keep[query_idx] = False
    X_pool_al = X_pool_al[keep]
    y_pool_al = y_pool_al[keep]

    # Track performance
    accuracy = learner.score(X_test, y_test)
    performance_history.append(accuracy)

    if (i + 1) % 10 == 0:
        print(f"Query {i+1}: Accuracy = {accuracy:.2%}")

print(f"\nFinal accuracy: {performance_history[-1]:.2%}")

# %% [markdown]
# **Look.** The accuracy reaches 100 % after a dozen queries or so, and stays there. You know from Part 2 why: there are only
# 160 different texts, and nearly every test review is among the pool's.
#
# **Careful.** If you run this cell twice, the second run goes on with a learner that already knows 70 reviews. A fair
# second run starts with a new learner.

# %% [markdown]
# ## A fairer test: realistic reviews
#
# On the handout's reviews every method looks perfect. From here on we use realistic reviews with **three** classes
# (positive, negative and neutral), a **logistic regression**, and **batches of 25**, as a team of annotators would work.
# All names have `real` in them, so that the two experiments do not mix.

# %%
real = checkpoints.realistic_split(classes=3)
n_start, batch_size, n_rounds = 50, 25, 22
print(f"{len(real.pool)} reviews in the pool, {len(real.test)} in the test set")

# %% [markdown]
# The first 50 reviews of the pool are the labeled start. The rest is the pool to query from. Nobody trains on the test set.

# %%
X_real_start, y_real_start = real.X_pool[:n_start], real.y_pool[:n_start]
X_real_pool, y_real_pool = real.X_pool[n_start:], real.y_pool[n_start:]
X_real_test, y_real_test = real.X_test, real.y_test

# %% [markdown]
# These matrices are *sparse*: only the numbers that are not zero are stored. Slicing and masks (arrays of True and False,
# such as `keep`) work as usual, but `len()` does not; use `.shape[0]`.

# %%
X_real_pool

# %% [markdown]
# The next cell runs uncertainty sampling for you: `uncertainty_history` holds the test accuracy before the first query,
# and after each of the 22 rounds.

# %%
uncertainty_history = checkpoints.uncertainty_history(real, n_start, batch_size, n_rounds)
print(f"{uncertainty_history[0]:.1%} with {n_start} labels")
print(f"{uncertainty_history[-1]:.1%} with {n_start + n_rounds * batch_size} labels")

# %% [markdown]
# One run proves little, so we also run the whole experiment from five other starts. You will need this in Question 3.4.

# %%
uncertainty_runs, random_runs = checkpoints.repeated_runs(real, n_start, batch_size, n_rounds)
print("runs and accuracies:", uncertainty_runs.shape)

# %% [markdown]
# ### How modAL calls a query strategy
#
# A query strategy is a function. modAL calls it with the learner, the pool, and how many rows it wants, and expects two
# things back: `(idx, metric)`, the numbers of the chosen rows, and a number for each that says how much it is wanted.
#
# Many examples on the web return the row numbers only. modAL copes with this, by a trick: it tries
# `idx, metric = strategy(...)`, and if that fails, it calls the strategy *a second time* and takes what comes as `idx`.
#
# **Predict, then look.** The strategy below returns bare row numbers. How many rows do we get when we ask for 1, 2, 3?

# %%
def first_rows(classifier, X_pool, n_instances=1):
    return np.arange(n_instances)

demo = ActiveLearner(
    LogisticRegression(), first_rows, X_training=X_initial, y_training=y_initial
)
for n in (1, 2, 3):
    rows, _ = demo.query(X_pool_remaining, n_instances=n)
    print(f"asked for {n}, got {np.size(rows)}")

# %% [markdown]
# An array of *two* row numbers can be taken apart as `idx, metric`: so the second row number was taken for the metric, and
# nobody was told. Returning a pair avoids this. Where there is nothing to measure, the metric may be `None`.

# %% [markdown]
# ## Question 3.3: Compare with random sampling (about 20 minutes)
#
# Is active learning any good? Only a comparison tells. The baseline is the simplest strategy there is: choose at random.
#
# **Predict.** You saw what uncertainty sampling reaches with 600 labels. What will random sampling reach with as many?
#
# **Do.**
#
# 1. Write `random_sampling`: it returns the numbers of `n_instances` *different* rows of `X_pool`, each row as likely as any
#    other. Return `(idx, None)`, or only `idx` if you like; both count. It must work for a pool of any size, dense or sparse.
#    Do not set a seed inside the function: every call would draw the same rows.
# 2. Run the loop of Question 3.2 with it, on the realistic reviews: a new learner with `LogisticRegression(max_iter=1000)`,
#    started on `X_real_start`, then `n_rounds` rounds of `batch_size` reviews from the pool.
# 3. Collect the test accuracies in `random_history`: first the one before any query, then one after each round.
#
# **A good result** has as many numbers as `uncertainty_history` and begins with the same one, because both start from the
# same 50 labels and are scored on the same untouched test set. It rises, with a few steps back. The loop takes a second or two.
#
# <details><summary>Hint 1: the strategy</summary>
#
# `np.random.choice` can draw from the numbers 0 to n - 1. One of its arguments forbids repeats.
# The classifier is not needed: random sampling asks nobody.
#
# </details>
#
# <details><summary>Hint 2: the loop</summary>
#
# Copy the cells of Questions 3.1 and 3.2 into your answer and change: the estimator, the strategy, the start, the pool, the
# test set, the number of rounds, and `learner.query(..., n_instances=batch_size)`. Give your learner a name of its own.
#
# </details>
#
# <details><summary>Hint 3: "X has 65 features, but ..."</summary>
#
# Then handout reviews and realistic reviews met in one learner. Look for a name without `real`.
#
# </details>

# %% answer="q3_3_random_sampling"
# TODO: Implement random sampling baseline and compare with active learning
# Create a learning curve comparing both approaches
# My prediction (not graded):

def random_sampling(classifier, X_pool, n_instances=1):
    """Random query strategy for baseline comparison."""
    ### BEGIN SOLUTION
    idx = np.random.choice(X_pool.shape[0], size=n_instances, replace=False)
    return idx, None
    ### END SOLUTION

# Run random sampling loop and collect performance
random_history = ...
### BEGIN SOLUTION
random_learner = ActiveLearner(
    estimator=LogisticRegression(max_iter=1000),
    query_strategy=random_sampling,
    X_training=X_real_start,
    y_training=y_real_start,
)
random_history = [random_learner.score(X_real_test, y_real_test)]
X_left, y_left = X_real_pool, y_real_pool

for _ in tqdm(range(n_rounds), desc="Querying at random"):
    query_idx, _ = random_learner.query(X_left, n_instances=batch_size)
    random_learner.teach(X_left[query_idx], y_left[query_idx])
    keep = np.ones(X_left.shape[0], dtype=bool)
    keep[query_idx] = False
    X_left, y_left = X_left[keep], y_left[keep]
    random_history.append(random_learner.score(X_real_test, y_real_test))

print(f"random {random_history[-1]:.1%}, uncertainty {uncertainty_history[-1]:.1%}")
### END SOLUTION

# %% check="q3_3_random_sampling"
check("q3_3_random_sampling")

# %% [markdown]
# **Think.** Run your cell again: how much does the last number change from run to run? Is this less than the difference to
# uncertainty sampling?

# %% [markdown]
# ## Question 3.4: Plot learning curves (about 15 minutes)
#
# A **learning curve** shows accuracy against the number of labels. Where one curve lies above the other, its labels are
# worth more. The space between the curves, read *sideways*, is the number of labels you save.
#
# You have five runs of each strategy: `uncertainty_runs` and `random_runs` have one row a run and one column a score, the first
# column before any query. Draw the mean of the five, and a band around it that shows how far the runs lie apart.
#
# **Predict.** Will the two bands touch? At the start, at the end, or nowhere?
#
# **Do.** Make one plot, on axes called `ax`:
#
# - across: the number of labeled reviews, from `n_start` on, `batch_size` more each round;
# - up: the test accuracy;
# - two curves, the mean over the runs of each strategy, each named in the legend by its strategy (the word *random* in one
#   name only);
# - around each curve a band, such as one standard deviation up and down, or lowest to highest;
# - both axes named, in words.
#
# **A good result** can be read by somebody who has not seen your code, also in black and white. Two curves that begin at the
# same point, at 50 labels.
#
# <details><summary>Hint 1</summary>
#
# `random_runs.mean(axis=0)` is the mean over the runs. `ax.fill_between(x, low, high, alpha=0.2)` draws a band.
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# There are 23 scores and the first belongs to 50 labels. `np.arange` makes the other numbers, or a list with
# `n_start + batch_size * i`.
#
# </details>
#
# <details><summary>Hint 3: a look for each strategy</summary>
#
# `ax.plot(x, y, label="random", **plots.STYLES["random"])` draws a dashed black line with squares; `"uncertainty"`,
# `"margin"` and `"entropy"` have looks of their own. End with `plots.show(fig, alt="...")`: it shows the plot, and `alt` says
# in words what is to be seen, for readers who cannot see it.
#
# </details>

# %% answer="q3_4_learning_curves"
# TODO: Plot learning curves for Active Learning vs Random Sampling
# X-axis: Number of labeled samples
# Y-axis: Test accuracy
# My prediction (not graded):

ax = ...
### BEGIN SOLUTION
n_labels = n_start + batch_size * np.arange(n_rounds + 1)

fig, ax = plt.subplots()
for name, runs in {"uncertainty": uncertainty_runs, "random": random_runs}.items():
    mean, spread = runs.mean(axis=0), runs.std(axis=0)
    ax.plot(n_labels, mean, label=f"{name} sampling", **plots.STYLES[name])
    ax.fill_between(n_labels, mean - spread, mean + spread, alpha=0.2, color=plots.STYLES[name]["color"])

ax.set_xlabel("Number of labeled reviews")
ax.set_ylabel("Test accuracy")
ax.set_title("Active learning against random sampling, mean of five runs")
ax.legend()
plots.show(
    fig,
    alt="Test accuracy against the number of labeled reviews, from 50 to 600. Both curves rise from the same point. "
    "Uncertainty sampling lies above random sampling from about 100 labels on; from about 150 the bands no longer touch.",
)
### END SOLUTION

# %% check="q3_4_learning_curves"
check("q3_4_learning_curves")

# %% [markdown]
# **Think.** Go up to the accuracy that random sampling has at 600 labels, then left to the other curve: how many labels did
# uncertainty sampling need for it? Published comparisons typically find 2 to 5 times fewer, sometimes
# none fewer at all, and ten times only where one class is rare.

# %% [markdown]
# ## Question 3.5: Try different query strategies (about 25 minutes)
#
# Compare uncertainty sampling, margin sampling, and entropy sampling.
#
# All three look at the probabilities that the model gives to the classes of a review, and ask for the review with
#
# | strategy | rule |
# | --- | --- |
# | uncertainty | the lowest top probability |
# | margin | the smallest gap between the top two probabilities |
# | entropy | the highest entropy, $-\sum_k p_k \log p_k$: the most evenly spread probabilities |
#
# Here are the probabilities of four reviews, once with two classes, once with three.

# %%
two_classes = np.array([[0.90, 0.10], [0.55, 0.45], [0.30, 0.70], [0.48, 0.52]])
three_classes = np.array([
    [0.90, 0.06, 0.04],
    [0.50, 0.49, 0.01],
    [0.44, 0.41, 0.15],
    [0.47, 0.27, 0.26],
])

# %% [markdown]
# **Predict.** Which row does each strategy choose in `two_classes`? And in `three_classes`? Work it out by eye first.
# Then: which strategy will win on the realistic reviews?
#
# **Do.**
#
# 1. Write `most_uncertain(probabilities)`: it returns a dict from `"uncertainty"`, `"margin"` and `"entropy"` to the number of
#    the row that this strategy chooses. Run it on both tables. It should work for any number of rows and classes, and a
#    probability may be 0.
# 2. Run the loop with each of modAL's `uncertainty_sampling`, `margin_sampling` and `entropy_sampling`, as in Question 3.3: the same
#    start, the same rounds, the same test set, a new learner each time. Collect the three histories in `strategy_histories`, a
#    dict from `"uncertainty"`, `"margin"` and `"entropy"` to a list of accuracies.
# 3. Plot all three on the same graph, on axes called `ax_strategies`, like the learning curves above (no bands: one run each).
# 4. Set `best_strategy` to the name of the one that did best in your histories: at the end, or on average over the curve.
#
# **A good result**: three histories that begin with the same number; the one for uncertainty looks familiar. And an
# answer to the question why we use data with three classes here: on which of the two tables do the strategies agree, and
# would they agree on every table of this kind?
#
# <details><summary>Hint 1: the three rules</summary>
#
# `np.sort(probabilities, axis=1)` puts the largest of each row into the last column, and the second largest before it.
#
# </details>
#
# <details><summary>Hint 2: 0 times log 0</summary>
#
# For entropy it counts as 0, but NumPy says nan. Look only at the probabilities above 0, or add a tiny number inside the
# logarithm, or use `scipy.stats.entropy(probabilities, axis=1)`.
#
# </details>
#
# <details><summary>Hint 3: three loops, or one</summary>
#
# Put your loop of Question 3.3 into a function that takes the strategy and returns the history. Then call it three times.
#
# </details>

# %% answer="q3_5_query_strategies"
# TODO: Compare different query strategies
# Run active learning with:
# 1. uncertainty_sampling
# 2. margin_sampling
# 3. entropy_sampling
# Plot all three on the same graph
# My prediction (not graded):

def most_uncertain(probabilities):
    """Row that each strategy queries: {"uncertainty": row, "margin": row, "entropy": row}."""
    ### BEGIN SOLUTION
    ordered = np.sort(probabilities, axis=1)
    logs = np.log(probabilities, out=np.zeros_like(ordered), where=probabilities > 0)
    return {
        "uncertainty": int(np.argmin(ordered[:, -1])),
        "margin": int(np.argmin(ordered[:, -1] - ordered[:, -2])),
        "entropy": int(np.argmin((probabilities * logs).sum(axis=1))),
    }
    ### END SOLUTION

strategy_histories = ...
ax_strategies = ...
best_strategy = ...
### BEGIN SOLUTION
print("two classes:  ", most_uncertain(two_classes))
print("three classes:", most_uncertain(three_classes))

def run_loop(strategy):
    learner = ActiveLearner(LogisticRegression(max_iter=1000), strategy, X_real_start, y_real_start)
    history = [learner.score(X_real_test, y_real_test)]
    X_left, y_left = X_real_pool, y_real_pool
    for _ in range(n_rounds):
        query_idx, _ = learner.query(X_left, n_instances=batch_size)
        learner.teach(X_left[query_idx], y_left[query_idx])
        keep = np.ones(X_left.shape[0], dtype=bool)
        keep[query_idx] = False
        X_left, y_left = X_left[keep], y_left[keep]
        history.append(learner.score(X_real_test, y_real_test))
    return history

strategies = {
    "uncertainty": uncertainty_sampling,
    "margin": margin_sampling,
    "entropy": entropy_sampling,
}
strategy_histories = {name: run_loop(strategy) for name, strategy in tqdm(strategies.items())}

n_labels = n_start + batch_size * np.arange(n_rounds + 1)
fig, ax_strategies = plt.subplots()
for name, history in strategy_histories.items():
    ax_strategies.plot(n_labels, history, label=name, **plots.STYLES[name])
ax_strategies.set_xlabel("Number of labeled reviews")
ax_strategies.set_ylabel("Test accuracy")
ax_strategies.set_title("Three query strategies on three classes, one run each")
ax_strategies.legend()
plots.show(
    fig,
    alt="Test accuracy of uncertainty, margin and entropy sampling against the number of labeled reviews, from 50 to 600. "
    "The three curves rise together from the same point and cross each other several times.",
)

best_strategy = max(strategy_histories, key=lambda name: np.mean(strategy_histories[name]))
print("best on average over the curve:", best_strategy)
### END SOLUTION

# %% check="q3_5_query_strategies"
check("q3_5_query_strategies")

# %% [markdown]
# **Think.** You have one run of each strategy. Look back at the bands of Question 3.4: would you bet on your winner for
# another start?

# %% [markdown]
# ## Question 3.6: What would you tell your team? (about 5 minutes)
#
# Your team has money for 600 labels. Answer in five or six sentences, with numbers from your plots:
#
# - How many labels does active learning save, at which accuracy? How sure are you, given the spread between runs?
# - Which query strategy would you take? Why could data with only two classes not have helped you to decide?
# - Name one cost of active learning that does not show in a learning curve.
#
# 1 point: a number of labels, read off your plot, and how sure of it you are. 1 point: why two classes would not do, and a cost.

# %% [markdown] reflect="q3_6_reflection" points=2
# **Your answer:**
#
# ### BEGIN SOLUTION
# Random sampling needs all 600 labels for about 78 %. Uncertainty sampling is there with about 400: it saves a third of
# the labels at this accuracy. From about 150 labels on the bands of five runs do not touch, so I am fairly sure that
# there is a saving, and less sure how large it is.
#
# Between the three strategies I cannot decide: one run each, and the curves cross and end within three points. I would
# take any of them and not claim that it is the best. With two classes the probabilities are p and 1 - p; the lowest
# top probability, the smallest gap and the highest entropy are then all the p nearest to one half, so the three would
# choose the same reviews and draw the same curve.
#
# A cost that the curve does not show: the annotators wait while the model is trained after every batch. Another: the
# labeled reviews are no random sample any more, so they cannot serve as a test set.
#
# *Marking guide.* One point for a number of labels saved, read sideways off the plot, with a word on the spread. One point
# for the argument about two classes together with one sensible cost.
# ### END SOLUTION

# %% [markdown]
# Go on with **Part 4: Weak Supervision with Snorkel**.
