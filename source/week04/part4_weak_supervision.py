# %% [markdown]
# # Part 4: Weak Supervision with Snorkel
#
# Instead of labeling reviews, write **rules** that label them: "whoever writes *terrible* did not like it". A rule costs you a
# minute and labels 100,000 reviews. It is also wrong now and then, and mostly silent. **Weak supervision** makes the most of many
# such rules: it collects their votes, weighs them, and trains a model on the result.
#
# You will read votes off a table, let a label model weigh them and find out when this is worth it, write rules of your own,
# and see what the result is worth in human labels. About 80 minutes.
#
# After a restart of the kernel: go to the cell where you were, and choose *Run ▸ Run All Above Selected Cell*.
#
# | word | meaning |
# | --- | --- |
# | labeling function (LF) | a rule: it looks at one review and votes, or abstains |
# | abstain | say nothing, written as -1 |
# | label matrix | a table of all votes: one row a review, one column a function |
# | coverage | the share of reviews on which a function votes |
# | conflict | two functions vote on the same review, and differently |
# | label model | turns the votes on a review into one probability for each class |
# | epoch | one step of the label model's training |

# %%
import re
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from helpers import checkpoints, plots
from helpers.checks import check
from helpers.weak_supervision import PLAIN_LFS, apply_lfs, keyword_lf, majority_vote

plots.style()
pd.set_option("display.max_colwidth", None)
np.random.seed(42)

# Snorkel calls SciPy in a way that SciPy means to change, and SciPy says so at every label
# model. We know.
warnings.filterwarnings("ignore", message="Input has data type int64", category=FutureWarning)

# %% [markdown]
# We start with the handout's positive and negative reviews of Part 2. The realistic reviews come later.

# %%
df_binary = checkpoints.handout_split().df
real = checkpoints.realistic_split()

# %% [markdown]
# ## 4.1 Understanding labeling functions

# %%
from snorkel.labeling import labeling_function, PandasLFApplier, LFAnalysis
from snorkel.labeling.model import LabelModel

# Constants for labels
POSITIVE = 1
NEGATIVE = 0
ABSTAIN = -1

# Prepare DataFrame for Snorkel
df_snorkel = df_binary.copy().reset_index(drop=True)
print(f"Dataset size: {len(df_snorkel)}")
df_snorkel.head()

# %%
# The first label model loads torch, which takes a few seconds. Better now than in the middle.
_ = checkpoints.label_probabilities(np.eye(3, dtype=int), n_epochs=1)

# %% [markdown]
# ## Question 4.1 (solved): Write labeling functions
#
# A labeling function takes one row `x` of the table, looks at `x.review`, and returns `POSITIVE`, `NEGATIVE` or `ABSTAIN`.
# Here are eight. Read them as you would read a colleague's.
#
# **Predict.** One of the eight will never vote on the handout's reviews. Which one? And one would vote on texts where it should not: which?

# %%
# SOLVED: Labeling Functions for Sentiment Analysis

@labeling_function()
def lf_contains_amazing(x):
    """If review contains 'amazing', label as positive."""
    return POSITIVE if 'amazing' in x.review.lower() else ABSTAIN

@labeling_function()
def lf_contains_terrible(x):
    """If review contains 'terrible', label as negative."""
    return NEGATIVE if 'terrible' in x.review.lower() else ABSTAIN

# %%
@labeling_function()
def lf_contains_loved(x):
    """If review contains 'loved', label as positive."""
    return POSITIVE if 'loved' in x.review.lower() else ABSTAIN

@labeling_function()
def lf_contains_awful(x):
    """If review contains 'awful', label as negative."""
    return NEGATIVE if 'awful' in x.review.lower() else ABSTAIN

# %%
@labeling_function()
def lf_contains_masterpiece(x):
    """If review contains 'masterpiece', label as positive."""
    return POSITIVE if 'masterpiece' in x.review.lower() else ABSTAIN

@labeling_function()
def lf_contains_waste(x):
    """If review contains 'waste', label as negative."""
    return NEGATIVE if 'waste' in x.review.lower() else ABSTAIN

# %%
@labeling_function()
def lf_exclamation_positive(x):
    """Multiple exclamations with positive words."""
    positive_words = ['great', 'amazing', 'love', 'best', 'fantastic']
    if x.review.count('!') >= 2:
        if any(word in x.review.lower() for word in positive_words):
            return POSITIVE
    return ABSTAIN

# %%
@labeling_function()
def lf_rating_positive(x):
    """If mentions high rating (9/10, 10/10), positive."""
    import re
    match = re.search(r'(9|10)/10', x.review)
    return POSITIVE if match else ABSTAIN

# %%
# Collect all LFs
lfs = [
    lf_contains_amazing, lf_contains_terrible, lf_contains_loved,
    lf_contains_awful, lf_contains_masterpiece, lf_contains_waste,
    lf_exclamation_positive, lf_rating_positive
]

print(f"Created {len(lfs)} labeling functions")

# %% [markdown]
# **Predict, then look.** `lf_rating_positive` looks for `(9|10)/10`. For which of these five texts does it vote POSITIVE?

# %%
texts = ["10/10", "a solid 9/10", "3.9/10", "19/10 people left", "10/100"]
{text: bool(re.search(r'(9|10)/10', text)) for text in texts}

# %% [markdown]
# All five: a search finds its pattern *anywhere*, also inside of a longer number. The handout's reviews hold no rating like the
# last three, so nobody noticed. The cure is to say what may not stand before and behind: no digit and no point before, no digit behind.

# %%
{text: bool(re.search(r'(?<![\d.])(9|10)/10(?!\d)', text)) for text in texts}

# %% [markdown]
# ## Question 4.2: Apply labeling functions (about 10 minutes)
#
# The applier runs every function on every review. The result is the label matrix.

# %%
# Apply LFs to data
applier = PandasLFApplier(lfs=lfs)
L_train = applier.apply(df_snorkel, progress_bar=False)

print(f"Label matrix shape: {L_train.shape}")
print(f"Labels: {L_train[:5]}")

# %% [markdown]
# Mostly -1. Before a library tells us what this matrix is like, work it out by hand. Here is a small one: four reviews, three
# functions.

# %%
L_small = np.array([
    [ 1, -1, -1],
    [ 1,  0, -1],
    [-1, -1, -1],
    [ 1,  1, -1],
])

# %% [markdown]
# **Predict.** What is the coverage of each of the three functions, and on what share of the four reviews does each
# conflict with another one? Write the six numbers down.
#
# **Do.** Write two functions that take a label matrix, one row a review and one column a labeling function, and return one
# number for each column:
#
# - `lf_coverage(L)`: the share of *all* reviews on which this function votes;
# - `lf_conflicts(L)`: the share of *all* reviews on which this function votes and at least one other function
#   votes differently. Who abstains contradicts nobody.
#
# They should work for any label matrix: any size, and with more than two classes. Then look at `lf_coverage(L_train)` and
# `lf_conflicts(L_train)`.
#
# **A good result** agrees with the six numbers you wrote down. For `L_train` you get eight numbers each; one of the
# coverages is 0, and all of the conflicts are. Is that good news?
#
# <details><summary>Hint 1</summary>
#
# `L != ABSTAIN` is a table of True and False, and the mean of True and False is a share. Over which axis?
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# For conflicts take one column at a time. `own = L[:, [j]]` (mind the double brackets) can be compared with the whole
# matrix: `L != own`. A conflict is where this is True *and* the other one does not abstain; then ask for each row whether
# there is `any`.
#
# </details>

# %% answer="q4_2_apply_lfs"
# My prediction (not graded):

def lf_coverage(L):
    """Share of the reviews on which each labeling function votes."""
    ### BEGIN SOLUTION
    return (L != ABSTAIN).mean(axis=0)
    ### END SOLUTION

def lf_conflicts(L):
    """Share of the reviews on which each function votes and another one votes differently."""
    ### BEGIN SOLUTION
    conflicts = []
    for j in range(L.shape[1]):
        own = L[:, [j]]
        contradicted = ((L != ABSTAIN) & (L != own)).any(axis=1)
        conflicts.append((contradicted & (L[:, j] != ABSTAIN)).mean())
    return np.array(conflicts)
    ### END SOLUTION

### BEGIN SOLUTION
print("small:", lf_coverage(L_small), lf_conflicts(L_small))
pd.DataFrame(
    {"coverage": lf_coverage(L_train), "conflicts": lf_conflicts(L_train)},
    index=[lf.name for lf in lfs],
).round(3)
### END SOLUTION

# %% check="q4_2_apply_lfs"
check("q4_2_apply_lfs")

# %% [markdown]
# ## Question 4.3 (solved): Analyze labeling functions
#
# Snorkel makes the same table, and more: *polarity* is what a function votes for, *overlaps* is the share of reviews where
# another function votes too, and *Emp. Acc.* is the share of its votes that are right.

# %%
# SOLVED: Analyze LF performance

# One function never votes, so its accuracy is 0 / 0: NumPy need not warn us.
with np.errstate(divide="ignore", invalid="ignore"):
    analysis = LFAnalysis(L=L_train, lfs=lfs).lf_summary(Y=df_snorkel['label'].values)
print("Labeling Function Analysis:")
analysis

# %% [markdown]
# **Look.** Are your numbers in the columns *Coverage* and *Conflicts*? Two things deserve a second look.
#
# - `lf_exclamation_positive` has no polarity and coverage 0: it never votes. Its accuracy of 0.0 does not mean that it is wrong.
#   There is nothing to judge it by. It waits for two exclamation marks, and no review of the handout has more than one:

# %%
print("most exclamation marks in one review:", df_snorkel['review'].str.count('!').max())

# %% [markdown]
# - All others are right every time. That sounds better than it is. Coverage is the other half of the story:

# %%
votes_on_review = (L_train != ABSTAIN).sum(axis=1)
print("reviews with 0, 1, 2 votes:", np.bincount(votes_on_review))
print(f"share of reviews with a vote: {(votes_on_review > 0).mean():.1%}")

# %% [markdown]
# **Think.** Half of the reviews get no label at all. And no two functions ever disagree, because each was written with the
# templates in mind: every template has words of its own. Remember this; it will trip up the label model below.

# %% [markdown]
# ## 4.2 A fairer test
#
# From here on we use the realistic reviews: 4,000 in the pool to label, 2,000 for the test. Two classes.
# `y_real` are the true labels of the pool. In practice nobody has them; we use them to *score* weak labels, never to make them.

# %%
df_real = real.df_pool.reset_index(drop=True)
X_real, y_real = real.X_pool, real.y_pool
X_real_test, y_real_test = real.X_test, real.y_test

# %% [markdown]
# **Predict, then look.** The same eight functions, on realistic reviews. Which lines of the table will change most?

# %%
L_real = applier.apply(df_real, progress_bar=False)
LFAnalysis(L=L_real, lfs=lfs).lf_summary(Y=y_real).round(3)

# %% [markdown]
# **Look.** Now there are conflicts, and nobody is always right: "not *terrible* at all", "looks for an *amazing* gift".
# The exclamation function works. The rating function pays for its regular expression (a pattern such as `(9|10)/10`): here are three
# of its votes that are wrong.

# %%
wrong = (L_real[:, 7] == POSITIVE) & (y_real == NEGATIVE)
print(*df_real["review"][wrong].head(3), sep="\n")

# %% [markdown]
# ## Question 4.4: Train label model (about 25 minutes)
#
# When functions disagree, who is right? The simplest answer is **majority vote**: most votes win. `majority_vote` does it for you;
# it abstains where nobody votes, and also at a tie.
#
# Snorkel's **label model** wants to do better. Without seeing a single true label, it estimates how reliable each function is,
# from how often the functions agree, and weighs their votes accordingly. For every review it gives two probabilities.

# %%
majority_labels = majority_vote(L_real)
n_abstained = (majority_labels == ABSTAIN).sum()
print("majority vote abstains on", n_abstained, "of", len(majority_labels), "reviews")

# %% [markdown]
# How good are weak labels? Two numbers belong together. **Coverage** is the share of reviews that have a label. **Accuracy** is the
# share of right labels *among those that have one*. A -1 is not a wrong label; it is no label.
#
# **Predict.** Which of the two will have the higher accuracy here, label model or majority vote? By how much?
#
# **Do.**
#
# 1. Write `score_labels(labels, truth)`: it takes weak labels (with -1 for none) and the true ones, and returns
#    `{"coverage": ..., "accuracy": ...}`. It should work for any two lists, arrays or columns. If there is no label at all,
#    the coverage is 0 and the accuracy `nan`.
# 2. Train the label model on `L_real`: `label_model.fit(L_real, n_epochs=500, seed=42, progress_bar=False)`.
# 3. Get its probabilities as `probs`, one row a review and one column a class (0 and 1), and from them the hard
#    labels `weak_labels`: -1 where no function votes.
# 4. Score both: `scores = {"label model": ..., "majority vote": ...}`, with what `score_labels` returns for each.
# 5. Majority vote leaves the ties out, and ties are hard. So compare the two once more, on the reviews that *both* of them label:
#    `same_rows = {"label model": accuracy, "majority vote": accuracy}`.
#
# **A good result**: the two probabilities of each row add up to 1. Both methods label about four reviews in ten, and clearly more
# of these labels are right than wrong. The gap in `same_rows` is smaller than the gap in `scores`.
#
# <details><summary>Hint 1: probabilities and labels</summary>
#
# `label_model.predict_proba` and `label_model.predict` both take a label matrix. `predict` abstains where the two
# probabilities are equal. `probs.argmax(axis=1)` does not: what does it say for a row with 0.5 and 0.5?
#
# </details>
#
# <details><summary>Hint 2: accuracy of what has a label</summary>
#
# Make `labels` and `truth` NumPy arrays first: `np.asarray(labels)`. Then `has_label = labels != ABSTAIN` picks the rows that count,
# in both.
#
# </details>
#
# <details><summary>Hint 3: the same rows</summary>
#
# `both = (weak_labels != ABSTAIN) & (majority_labels != ABSTAIN)`, and then `score_labels` on those rows of all three.
#
# </details>

# %% answer="q4_4_label_model"
# TODO: Train the Label Model and get probabilistic labels
# My prediction (not graded):

def score_labels(labels, truth):
    """{"coverage": share of rows with a label, "accuracy": share of right ones of these}."""
    ### BEGIN SOLUTION
    labels, truth = np.asarray(labels), np.asarray(truth)
    has_label = labels != ABSTAIN
    if not has_label.any():
        return {"coverage": 0.0, "accuracy": float("nan")}
    right = labels[has_label] == truth[has_label]
    return {"coverage": float(has_label.mean()), "accuracy": float(right.mean())}
    ### END SOLUTION

# With verbose=True, as in the handout, it also writes a log of its training.
label_model = LabelModel(cardinality=2, verbose=False)

# Train the model
### BEGIN SOLUTION
label_model.fit(L_real, n_epochs=500, seed=42, progress_bar=False)
### END SOLUTION

# Get predictions
probs = ...
weak_labels = ...
scores = ...
same_rows = ...
### BEGIN SOLUTION
probs = label_model.predict_proba(L_real)
weak_labels = label_model.predict(L_real)

scores = {
    "label model": score_labels(weak_labels, y_real),
    "majority vote": score_labels(majority_labels, y_real),
}
both = (weak_labels != ABSTAIN) & (majority_labels != ABSTAIN)
same_rows = {
    "label model": score_labels(weak_labels[both], y_real[both])["accuracy"],
    "majority vote": score_labels(majority_labels[both], y_real[both])["accuracy"],
}
print(pd.DataFrame(scores).round(4))
print("same rows:", same_rows)
### END SOLUTION

# %% check="q4_4_label_model"
check("q4_4_label_model")

# %% [markdown]
# **Think.** Did you expect the label model to win? On the same reviews the two are level: all the weighing gains nothing here. In
# published comparisons, too, majority vote is hard to beat. Keep it as your baseline. Now see why, and when the label model does win.
#
# ### When more training makes it worse
#
# Back to the handout's reviews, where every single vote is right. Majority vote is right on all covered reviews.
#
# **Predict, then look.** How does the label model do, the longer it trains?

# %%
truth = df_snorkel['label'].values
covered = (L_train != ABSTAIN).any(axis=1)
epochs = [10, 25, 50, 100, 150, 200, 300, 400, 500]
accuracy_after = []
for n_epochs in epochs:
    labels = checkpoints.label_probabilities(L_train, n_epochs).argmax(axis=1)
    accuracy_after.append((labels == truth)[covered].mean())

# %%
fig, ax = plt.subplots()
ax.plot(epochs, np.ones(len(epochs)), label="majority vote")
ax.plot(epochs, accuracy_after, label="label model")
ax.set_xlabel("Epochs of training")
ax.set_ylabel("Accuracy on covered reviews")
ax.set_ylim(0.5, 1.03)
ax.legend(loc="lower left")
plots.show(
    fig,
    alt="Accuracy on the covered handout reviews against the epochs the label model is "
    "trained. Majority vote stays at 1. The label model begins at 1 as well, falls at some "
    "point between 200 and 500 epochs, and ends below 0.8.",
)

# %% [markdown]
# The label model assumes that functions find their reviews independently of each other. Two functions for positive reviews should
# then meet now and then. The handout's hardly ever meet, because each template has words of its own. The label model draws
# the only conclusion it can: functions that avoid each other must be for *different* classes. Here it ends up taking every *masterpiece*
# and every *10/10* for a sign of a negative review, and the longer it trains, the surer it gets. No library warns you of a broken assumption.
#
# ### When the label model wins
#
# It can win where functions are *unevenly* good. The lab has fourteen plain keyword functions, all of them decent. To these
# we add six that somebody wrote in a hurry: they fire on words that say nothing about the film.

# %%
junk_lfs = [
    keyword_lf("junk_film", "film", POSITIVE), keyword_lf("junk_movie", "movie", NEGATIVE),
    keyword_lf("junk_it", "it", POSITIVE), keyword_lf("junk_was", "was", NEGATIVE),
    keyword_lf("junk_who", "who", POSITIVE), keyword_lf("junk_my", "my", NEGATIVE),
]
L_plain = apply_lfs(PLAIN_LFS, df_real)
L_junk = np.hstack([L_plain, apply_lfs(junk_lfs, df_real)])

# %% [markdown]
# **Predict, then look.** Which method suffers more from the junk?

# %%
rows = []
matrices = {"the handout's 8": L_real, "14 plain": L_plain, "14 plain + 6 junk": L_junk}
for name, L in matrices.items():
    by_model = checkpoints.label_probabilities(L)
    by_majority = majority_vote(L)
    both = (by_majority != ABSTAIN) & (by_model[:, 0] != by_model[:, 1])
    by_model_right = (by_model.argmax(axis=1) == y_real)[both].mean()
    by_majority_right = (by_majority == y_real)[both].mean()
    coverage = (L != ABSTAIN).any(axis=1).mean()
    rows.append((name, coverage, by_model_right, by_majority_right))
pd.DataFrame(rows, columns=["functions", "coverage", "label model", "majority vote"]).round(3)

# %% [markdown]
# **Think.** With functions of about the same quality the two are level, and majority vote is simpler. With junk among them the
# label model notices whose votes agree with nobody's, and listens to the others. Which of the two cases is your own project?
#
# ### A side effect to know
#
# **Predict, then look.** We train a tiny label model three times, and draw a random number after each.

# %%
for _ in range(3):
    tiny = LabelModel(cardinality=2, verbose=False)
    tiny.fit(L_train, n_epochs=1, seed=42, progress_bar=False)
    print(np.random.random())

# %% [markdown]
# `fit` sets the seed of NumPy, of Python's `random` and of torch, for the *whole notebook*. Whatever is random afterwards
# is the same every time: three "random" starts are one start. Use generators of your own, such as `rng = np.random.default_rng(7)`:
# nobody else reaches those. (`checkpoints.label_probabilities` above puts everything back as it was.)

# %% [markdown]
# ## Question 4.5: Write more labeling functions (about 20 minutes)
#
# Create 3 additional labeling functions to improve coverage. Six of ten realistic reviews have no vote yet. Read a few of them:

# %%
uncovered = (L_real == ABSTAIN).all(axis=1)
df_real.loc[uncovered, ["review"]].head(8)

# %% [markdown]
# Suppose a colleague labeled 200 reviews, so that you can try your functions before you trust them.

# %%
df_dev = df_real.head(200)
df_dev[["review", "label"]].head()

# %% [markdown]
# **Predict.** Choose one word you would bet on. On how many of 4,000 reviews will it vote, and how often will it be right?
#
# **Do.**
#
# 1. Write the three functions, under the names they have: `lf_your_function_1`, `lf_your_function_2` and `lf_your_function_3`. Each one
#    looks at `x.review` only, votes on at least 1 % of the first 500 reviews, `df_real.head(500)`, abstains on at least 20 % of them, and
#    is right clearly more often than wrong: not only on these reviews but on ones nobody has seen yet.
# 2. `L_more`: the label matrix of all eleven functions, the handout's eight and your three, on `df_real`.
# 3. `coverage_more`: the share of reviews that have at least one vote now.
#
# Go for more than single words: *word patterns* ("well worth"), *punctuation*, *sentence structure* (what comes after "but"? a "not" before
# the word?).
#
# **A good result** covers at least two reviews in a hundred more than before; with good patterns it can be thirty more. A function that
# is right 75 % of the time is useful. Look at its mistakes before you add words to it.
#
# <details><summary>Hint 1: trying a function</summary>
#
# `L_dev = apply_lfs([lf_your_function_1], df_dev)`, then `LFAnalysis(L=L_dev, lfs=[lf_your_function_1]).lf_summary(Y=df_dev["label"].values)`.
#
# </details>
#
# <details><summary>Hint 2: words and patterns</summary>
#
# `re.search(r"\b(great|brilliant)\b", x.review.lower())` finds whole words only: not the "bad" in "badge".
# `x.review.lower().split(" but ")[-1]` is what comes after the last "but".
#
# </details>
#
# <details><summary>Hint 3: one review breaks my function</summary>
#
# Reviews can be empty, or in another script. `x.review[0]` fails on an empty text, and `x.review.split("!")[1]` where there is no "!".
#
# </details>

# %% answer="q4_5_more_lfs"
# TODO: Write 3 more labeling functions
# Consider: word patterns, punctuation, sentence structure
# My prediction (not graded):

# Word lists for your functions, if you like
### BEGIN SOLUTION
PRAISE = r"\b(great|brilliant|wonderful|excellent|superb|beautiful|gripping|funny|charming|enjoyed|adored|recommend)\b"
SCORN = r"\b(bad|boring|dull|horrible|dreadful|predictable|lazy|messy|stupid|hated|disliked|avoid|worst)\b"
NEGATION = r"\b(not|never|nothing|hardly|isn't|wasn't|didn't)\b"
### END SOLUTION

@labeling_function()
def lf_your_function_1(x):
    """Description"""
    ### BEGIN SOLUTION
    # Words of praise, and nothing that could turn them round
    text = x.review.lower()
    if re.search(PRAISE, text) and not re.search(SCORN, text) and not re.search(NEGATION, text):
        return POSITIVE
    ### END SOLUTION
    return ABSTAIN

@labeling_function()
def lf_your_function_2(x):
    """Description"""
    ### BEGIN SOLUTION
    # Words of scorn, and nothing that could turn them round
    text = x.review.lower()
    if re.search(SCORN, text) and not re.search(PRAISE, text) and not re.search(NEGATION, text):
        return NEGATIVE
    ### END SOLUTION
    return ABSTAIN

@labeling_function()
def lf_your_function_3(x):
    """Description"""
    ### BEGIN SOLUTION
    # Sentence structure: what is denied counts the other way round ("isn't at all boring")
    text = x.review.lower()
    if re.search(NEGATION + r"( \w+){0,2} " + SCORN, text):
        return POSITIVE
    if re.search(NEGATION + r"( \w+){0,2} " + PRAISE, text):
        return NEGATIVE
    ### END SOLUTION
    return ABSTAIN

L_more = ...
coverage_more = ...
### BEGIN SOLUTION
all_lfs = [*lfs, lf_your_function_1, lf_your_function_2, lf_your_function_3]
L_more = apply_lfs(all_lfs, df_real)
coverage_more = (L_more != ABSTAIN).any(axis=1).mean()

print(f"coverage {1 - uncovered.mean():.1%} -> {coverage_more:.1%}")
LFAnalysis(L=L_more, lfs=all_lfs).lf_summary(Y=y_real).round(3).tail(3)
### END SOLUTION

# %% check="q4_5_more_lfs"
check("q4_5_more_lfs")

# %% [markdown]
# **Think.** How long did the three functions take you? In that time, how many reviews could you have labeled by hand? And which of the
# two would still be of use for the next 100,000 reviews?

# %% [markdown]
# ## Question 4.6: Train downstream model with weak labels (about 20 minutes)
#
# Weak labels are not the product. They are the training data of a model that sees *all* the words, and that labels *every* review,
# also those on which no function votes.
#
# The features are ready: `X_real` for the pool, `X_real_test` for the test set. The test set keeps its true labels, `y_real_test`,
# and is used for nothing but the final score.
#
# **Predict.** The same classifier, once trained on weak labels, once on true labels. How many points of accuracy lie between them?
#
# **Do.**
#
# 1. Train a label model on `L_more` and get its probabilities. (If Question 4.5 is still open, take `L_real`.)
# 2. `weak_rows`: the row numbers of the pool that the weak model learns from. Take all rows with a vote (ties may be left out), and no
#    others: elsewhere there is nothing to learn.
# 3. `weak_model`: a classifier trained on these rows with the label model's probabilities, or with the hard labels made from them.
#    A `LogisticRegression(max_iter=1000)` does well.
# 4. `true_model`: the same kind of classifier, trained on the true labels of the pool.
# 5. `weak_accuracy` and `true_accuracy`: the accuracy of each on the test set.
#
# **A good result**: two models, one test set. The true labels win. How much they win by depends on how many reviews your
# functions cover, more than on anything else.
#
# <details><summary>Hint 1: learning from probabilities</summary>
#
# scikit-learn's classifiers want classes. So let every row occur twice, once as NEGATIVE with the weight `probs[row, 0]`, once as POSITIVE
# with the weight `probs[row, 1]`: `sp.vstack([X, X])` stacks a sparse matrix on itself, and `fit(..., sample_weight=weights)` takes the
# weights. A review that the label model is not sure of then counts for little.
#
# </details>
#
# <details><summary>Hint 2: learning from hard labels</summary>
#
# Simpler, and sometimes better: `label_model.predict`, and leave out the rows with -1. If your model knows three classes, or says
# NEGATIVE to nearly everything, rows without a vote have slipped in.
#
# </details>

# %% answer="q4_6_downstream"
# TODO: Train a classifier using the probabilistic labels from the Label Model
# Compare performance with a model trained on true labels
# My prediction (not graded):

weak_rows = ...
weak_model = ...
true_model = ...
weak_accuracy = ...
true_accuracy = ...
### BEGIN SOLUTION
label_model_more = LabelModel(cardinality=2, verbose=False)
label_model_more.fit(L_more, n_epochs=500, seed=42, progress_bar=False)
probs_more = label_model_more.predict_proba(L_more)

weak_rows = np.flatnonzero((L_more != ABSTAIN).any(axis=1))

# Every row twice: once as each class, weighted by the probability of this class
X_twice = sp.vstack([X_real[weak_rows], X_real[weak_rows]])
y_twice = np.repeat([NEGATIVE, POSITIVE], len(weak_rows))
weights = np.concatenate([probs_more[weak_rows, 0], probs_more[weak_rows, 1]])

weak_model = LogisticRegression(max_iter=1000).fit(X_twice, y_twice, sample_weight=weights)
true_model = LogisticRegression(max_iter=1000).fit(X_real, y_real)

weak_accuracy = weak_model.score(X_real_test, y_real_test)
true_accuracy = true_model.score(X_real_test, y_real_test)
print(f"weak labels {weak_accuracy:.1%}, true labels {true_accuracy:.1%}")
### END SOLUTION

# %% check="q4_6_downstream"
check("q4_6_downstream")

# %% [markdown]
# Write down your `weak_accuracy`: Part 7 asks for it.
#
# ### What are weak labels worth?
#
# The fair question is not "weak or all true labels?" but: how many labels would you have to *buy* for the same accuracy?
#
# **Predict, then look.** The lab's fourteen plain functions, a label model, a classifier: how many true labels, bought one
# by one, reach the same accuracy?

# %%
probs_plain = checkpoints.label_probabilities(L_plain)
has_vote = (L_plain != ABSTAIN).any(axis=1)
y_rules = probs_plain[has_vote].argmax(axis=1)
from_rules = LogisticRegression(max_iter=1000).fit(X_real[has_vote], y_rules)
rules_accuracy = from_rules.score(X_real_test, y_real_test)

n_bought = [100, 200, 400, 800, 1600, 4000]
bought_accuracy = []
for n in n_bought:
    from_labels = LogisticRegression(max_iter=1000).fit(X_real[:n], y_real[:n])
    bought_accuracy.append(from_labels.score(X_real_test, y_real_test))

# %%
fig, ax = plt.subplots()
ax.plot(n_bought, bought_accuracy, label="true labels, bought one by one")
level = [rules_accuracy] * len(n_bought)
ax.plot(n_bought, level, label="weak labels of fourteen functions", marker="")
ax.set_xscale("log")
ax.set_xticks(n_bought, n_bought)
ax.minorticks_off()
ax.set_xlabel("Number of true labels")
ax.set_ylabel("Test accuracy")
ax.legend(loc="lower right")
plots.show(
    fig,
    alt="Test accuracy against the number of true labels, from 100 to 4,000, on a logarithmic "
    "axis. The curve rises, and crosses the horizontal line of the weak labels between 400 "
    "and 1,600 true labels.",
)

# %% [markdown]
# **Think.** Where the curve crosses the line, one is worth the other. At 0.30 dollars a label, what are fourteen functions worth? To the right of the
# crossing, true labels go on helping. Would it help as much to let the same fourteen functions label ten times as many reviews?
#
# Go on with **Part 5: LLM-Based Labeling**.
