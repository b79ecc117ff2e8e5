# %% [markdown]
# # Challenge 1: Batch active learning
#
# In Part 3 the model asked for 25 reviews at a time, and you labeled the 25 it was least sure of. There is a catch. If one
# review puzzles the model, then so does every review *like* it: ask for the most uncertain ones, and you may pay ten times for
# one answer.
#
# Here you write a strategy that asks for ten reviews at once which are uncertain **and** different from each other. About 60
# minutes. Challenges give extra points; everything you need from Part 3 is repeated here.
#
# After a restart of the kernel: go to the cell where you were, and choose *Run ▸ Run All Above Selected Cell*.
#
# | word | meaning |
# | --- | --- |
# | batch | the reviews that are labeled together, before the model learns again |
# | top-k | the strategy that takes the k most uncertain reviews |
# | diversity | how different the reviews of a batch are from each other |
# | cluster | a group of reviews that are alike; `KMeans` finds as many as you ask for |
# | repost | a copy of a review, with small changes |

# %%
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from modAL.models import ActiveLearner
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from helpers import plots
from helpers.checks import check
from helpers.reviews import realistic

plots.style()
pd.set_option("display.max_colwidth", None)
np.random.seed(42)

# modAL calls a scikit-learn option by its old name; and KMeans says so when copies leave it
# with fewer groups than it was asked for. We know the first, and come to the second.
warnings.filterwarnings("ignore", message="'force_all_finite'", category=FutureWarning)
warnings.filterwarnings("ignore", category=ConvergenceWarning)

# %% [markdown]
# ## Reviews that are posted again
#
# Our realistic reviews are all different. Real collections are not: people post a review at three shops, campaigns post
# one text under a hundred films. So we add 2,000 reposts: another title here, a few words at the end there, and
# a few texts that are posted again and again.

# %%
ENDINGS = [
    "", " My two cents.", " Sent from my phone.", " Sorry for my English.",
    " First review here!",
]

def with_reposts(df, n_reposts, seed):
    """The reviews and copies of them, shuffled; `original` says what a row is a copy of."""
    rng = np.random.default_rng(seed)
    popularity = 1 / np.arange(1, len(df) + 1)
    source = rng.choice(len(df), size=n_reposts, p=popularity / popularity.sum())
    copies = df.iloc[source].copy()
    titles = rng.choice(df["movie"].unique(), size=n_reposts)
    endings = rng.choice(ENDINGS, size=n_reposts)
    copies["review"] = [
        review.replace(movie, title) + ending
        for review, movie, title, ending in zip(
            copies["review"], copies["movie"], titles, endings, strict=True
        )
    ]
    both = pd.concat([df.assign(original=df.index), copies.assign(original=source)])
    return both.sample(frac=1, random_state=seed).reset_index(drop=True)

# %%
df = realistic(3500)
df_test = df.iloc[:2000]
df_pool = with_reposts(df.iloc[2000:].reset_index(drop=True), n_reposts=2000, seed=0)
print(f"{len(df_pool)} reviews in the pool, {df_pool['original'].nunique()} of them different")

# %% [markdown]
# **Look.** This is the most popular one, four times.

# %%
most_popular = df_pool["original"].value_counts().index[0]
df_pool.loc[df_pool["original"] == most_popular, ["review", "label"]].head(4)

# %% [markdown]
# The test set has no reposts: its 2,000 reviews are all different, and none has a copy in the pool. The vectorizer sees the
# pool only.

# %%
vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2)
X_pool = vectorizer.fit_transform(df_pool["review"])
X_test = vectorizer.transform(df_test["review"])
y_pool, y_test = df_pool["label"].to_numpy(), df_test["label"].to_numpy()
print("pool:", X_pool.shape, " test:", X_test.shape)

# %% [markdown]
# ## The loop, ten reviews at a time
#
# Two strategies to compare with. Both return what modAL wants, the pair `(idx, metric)`; Part 3 says why.

# %%
def top_k(classifier, X_pool, n_instances=10):
    """The most uncertain rows, however alike they are."""
    uncertainty = 1 - classifier.predict_proba(X_pool).max(axis=1)
    idx = np.argsort(-uncertainty, kind="stable")[:n_instances]
    return idx, uncertainty[idx]

def at_random(classifier, X_pool, n_instances=10):
    """Any rows."""
    return np.random.choice(X_pool.shape[0], size=n_instances, replace=False), None

# %% [markdown]
# The loop is that of Part 3. `run_batches` makes one run: 50 labels at random, then 20 rounds of 10. `repeated` makes five
# runs, from five starts: one row a run, one column a test accuracy, the first before any query.

# %%
n_start, batch_size, n_rounds = 50, 10, 20

def run_batches(strategy, seed):
    np.random.seed(seed)
    rows = np.random.permutation(X_pool.shape[0])
    start, left = rows[:n_start], rows[n_start:]
    model = LogisticRegression(max_iter=1000)
    learner = ActiveLearner(model, strategy, X_pool[start], y_pool[start])
    history = [learner.score(X_test, y_test)]
    for _ in range(n_rounds):
        idx, _ = learner.query(X_pool[left], n_instances=batch_size)
        learner.teach(X_pool[left[idx]], y_pool[left[idx]])
        left = np.delete(left, idx)
        history.append(learner.score(X_test, y_test))
    return history

def repeated(strategy, seeds=(1, 2, 3, 4, 5)):
    return np.array([run_batches(strategy, seed) for seed in seeds])

# %% [markdown]
# ### What top-k asks for
#
# A model that knows the first 50 reviews of the pool is about to choose its next ten.
#
# **Predict.** How many of the ten will be copies of one another?

# %%
known, unknown = np.arange(50), np.arange(50, X_pool.shape[0])
model = LogisticRegression(max_iter=1000).fit(X_pool[known], y_pool[known])
idx, _ = top_k(model, X_pool[unknown])
df_pool.iloc[unknown[idx]].sort_values("original")[["original", "review"]]

# %% [markdown]
# **Look.** The same number in `original` means: a copy of the same review. Whoever labels this batch reads the same thing over
# and over, and the model learns next to nothing from the second copy.

# %% [markdown]
# ## Challenge 1: Query reviews that are uncertain and diverse (about 45 minutes)
#
# The plan has three steps.
#
# 1. Get uncertainty scores for all samples.
# 2. Cluster samples into `n_instances` clusters.
# 3. Pick the most uncertain sample from each cluster.
#
# **One trap.** Taken by the letter, step 2 clusters the *whole* pool. Once the model has learned something, most of the
# pool is reviews that it is sure of. They get most of the clusters, and step 3 has to take the least certain of the certain.
# So put a step between 1 and 2: keep only the uncertain reviews, several times as many as you need, and cluster those.
#
# **Predict.** Three curves of test accuracy, from 50 to 250 labels: random, top-k, diverse. In which order do they end? By
# how much?
#
# **Do.**
#
# 1. Write `diversity_uncertainty_sampling`. It returns the numbers of `n_instances` *different* rows of `X_pool`, as
#    `(idx, metric)`, or only `idx`. It has to work
#    - for any classifier with `predict_proba`, with two classes or more;
#    - for any `n_instances`, 1 as well; from a pool that is smaller than that, it takes all rows;
#    - for sparse and for dense pools, also large ones: 10,000 reviews with 60,000 words fit in memory only while they are sparse;
#    - for a pool full of copies, where KMeans finds fewer groups than you asked for. Ten rows are still ten rows.
# 2. Make `batch_runs`: a dict from `"random"`, `"top-k"` and `"diverse"` to what `repeated` gives for `at_random`, `top_k` and your
#    function. It takes a few seconds.
# 3. Plot the mean of each on axes called `ax`, against the number of labeled reviews. Name both axes, and the curves in a legend.
#
# **A good result**: three curves that start at the same point. Yours ends at about 79 %, clearly above
# top-k, which ends at about 76 %. What counts is the mean over the whole curve: more than a point above top-k.
#
# <details><summary>Hint 1: the uncertain ones</summary>
#
# `np.argsort(-uncertainty)` puts the most uncertain row first. Its first `10 * n_instances` entries are the row numbers of your
# candidates, and `X_pool[candidates]` works for dense and sparse pools alike.
#
# </details>
#
# <details><summary>Hint 2: one of each cluster</summary>
#
# `KMeans(n_instances).fit_predict(X_pool[candidates])` gives a cluster number for each *candidate*. Mind the difference between
# the place of a row among the candidates and its number in the pool. `np.unique(clusters, return_index=True)` tells where each
# cluster occurs first.
#
# </details>
#
# <details><summary>Hint 3: fewer groups than rows</summary>
#
# Count what you have. If rows are missing, go down the list of the most uncertain ones and take those that are not
# chosen yet.
#
# </details>

# %% answer="c1_batch_active_learning"
# Challenge: Implement batch active learning with diversity
# Query 10 samples at a time, ensuring diversity using clustering
# My prediction (not graded):

def diversity_uncertainty_sampling(classifier, X_pool, n_instances=10):
    """
    Select n_instances that are both uncertain AND diverse.

    Strategy:
    1. Get uncertainty scores for all samples
    2. Cluster samples into n_instances clusters
    3. Pick most uncertain sample from each cluster
    """
    ### BEGIN SOLUTION
    uncertainty = 1 - classifier.predict_proba(X_pool).max(axis=1)
    ranked = np.argsort(-uncertainty, kind="stable")
    if n_instances >= len(ranked):
        return ranked, uncertainty[ranked]

    candidates = ranked[: 10 * n_instances]
    clusters = KMeans(n_instances, n_init=1, random_state=0).fit_predict(X_pool[candidates])
    # The candidates are in order: the first of each cluster is its most uncertain one.
    _, first = np.unique(clusters, return_index=True)
    chosen = candidates[first]

    # Copies can leave clusters empty: fill up with the most uncertain of the rest.
    rest = ranked[~np.isin(ranked, chosen)]
    idx = np.concatenate([chosen, rest[: n_instances - len(chosen)]])
    return idx, uncertainty[idx]
    ### END SOLUTION

batch_runs = ...
ax = ...
### BEGIN SOLUTION
strategies = {"random": at_random, "top-k": top_k, "diverse": diversity_uncertainty_sampling}
batch_runs = {name: repeated(strategy) for name, strategy in strategies.items()}

looks = {
    "random": plots.STYLES["random"],
    "top-k": plots.STYLES["uncertainty"],
    "diverse": {"color": plots.PALETTE["vermilion"], "linestyle": "-", "marker": "^"},
}
n_labels = n_start + batch_size * np.arange(n_rounds + 1)
fig, ax = plt.subplots()
for name, runs in batch_runs.items():
    mean, spread = runs.mean(axis=0), runs.std(axis=0)
    ax.plot(n_labels, mean, label=name, **looks[name])
    ax.fill_between(n_labels, mean - spread, mean + spread, alpha=0.15, color=looks[name]["color"])
    print(f"{name:8} {mean[-1]:.1%} with {n_labels[-1]} labels")
ax.set_xlabel("Number of labeled reviews")
ax.set_ylabel("Test accuracy")
ax.set_title("Batches of ten from a pool with reposts, mean of five runs")
ax.legend()
plots.show(
    fig,
    alt="Test accuracy against the number of labeled reviews, from 50 to 250. The three curves rise from the same point. "
    "Diverse batches lie above top-k, and top-k above random sampling.",
)
### END SOLUTION

# %% check="c1_batch_active_learning"
check("c1_batch_active_learning")

# %% [markdown]
# **Think.**
#
# - Leave out the step between 1 and 2, and run `repeated` again: your strategy falls behind top-k. Which clusters do the ten
#   rows come from now?
# - On a pool without reposts, 3,000 different reviews, top-k and diverse batches both reached 80 % with 250 labels, and so
#   close together that ten runs could not tell them apart. What would you look at in a new pool, before you choose a strategy?
# - What is the cheaper way to deal with copies that are *exact*? And why does it not help here?
