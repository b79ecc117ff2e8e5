# %% [markdown]
# # Part 6: Noisy Label Detection with cleanlab
#
# Labels are never all right. People slip, rules misfire, language models guess. Even famous test sets have around three wrong labels
# in a hundred. **cleanlab** points at labels that are probably wrong, without knowing a single right one.
#
# You will let it search, measure how much it finds and how much it accuses wrongly, and find out when cleaning helps the model that
# learns from the labels, and when it does not. About 60 minutes.
#
# After a restart of the kernel: go to the cell where you were, and choose *Run ▸ Run All Above Selected Cell*.
#
# | word | meaning |
# | --- | --- |
# | noisy label | a label that is wrong; here we flip some ourselves, so we know which |
# | label issue | a label that cleanlab flags as probably wrong |
# | out-of-fold prediction | what a model says about a review that it was not trained on |
# | oracle | a model trained on the true labels: as good as it can get (in Part 3 the word meant whoever labels) |

# %%
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from helpers import checkpoints, plots
from helpers.checks import check
from helpers.llm import MockLabeler
from helpers.reviews import MOVIES, simulated_human

plots.style()
pd.set_option("display.max_colwidth", 140)

# %% [markdown]
# We start from the handout's 818 positive and negative reviews, as numbers. The realistic reviews come later.

# %%
start = checkpoints.handout_split()
df_binary, X, y = start.df, start.X, start.y
real = checkpoints.realistic_split()

# %% [markdown]
# ## 6.1 Setting up cleanlab
#
# We flip one label in ten. `noise_idx` holds the row numbers of the flipped ones: the answer that cleanlab has to find.
# The seed stands here so that you get the same flips when you run the cell again.

# %%
from cleanlab import Datalab
from sklearn.model_selection import cross_val_predict

# Create a dataset with some noisy labels
np.random.seed(42)
X_noisy = X.copy()
y_noisy = y.copy()

# Flip 10% of labels to simulate noise
noise_idx = np.random.choice(len(y_noisy), size=int(0.1 * len(y_noisy)), replace=False)
y_noisy[noise_idx] = 1 - y_noisy[noise_idx]  # Flip labels

print(f"Added noise to {len(noise_idx)} labels ({len(noise_idx)/len(y_noisy):.1%})")

# %% [markdown]
# ## Question 6.1 (solved): Find label issues
#
# The idea: train a model, let it label the reviews, and look where it firmly disagrees with the given label. One thing must not
# happen: a model that was trained on a wrong label repeats it and finds nothing wrong. So every review is judged by a model that
# has **not** seen it. `cross_val_predict` with `cv=5` splits the reviews into five folds, and lets a model trained on four of them
# speak about the fifth.
#
# **Predict.** 81 of 818 labels are wrong. How many of them will be found? How many right labels will be accused?

# %%
# SOLVED: Use cleanlab to find label issues

# Get out-of-fold predictions
clf = LogisticRegression(max_iter=1000)
pred_probs = cross_val_predict(clf, X_noisy, y_noisy, cv=5, method='predict_proba')

# Create Datalab and find issues
data_dict = {
    'labels': y_noisy
}

lab = Datalab(data=data_dict, label_name='labels')
lab.find_issues(pred_probs=pred_probs)

# Get summary
print("Issue Summary:")
print(lab.get_issue_summary())

# %% [markdown]
# **Look.** The line `label` is the one we came for. The other lines look for other trouble: reviews unlike all others, an order that
# is not random, a rare class. `lab.find_issues(pred_probs=pred_probs, issue_types={"label": {}})` looks for label issues only.
#
# The audit counts 79 issues, and 78 of them are labels. The other one is `non_iid`, with a score of 0. It is one remark about the
# whole dataset: rows near each other are too much alike. The reviews were drawn at random, so it is not they. It is our folds: each
# is a block of rows, judged by a model of its own. With folds of shuffled rows the remark goes away, and so we leave it aside.

# %% [markdown]
# ## Question 6.2: Analyze detected issues (about 25 minutes)

# %%
# Get detailed issues
issues = lab.get_issues()
print("\nLabel Issues:")
label_issues = issues[issues['is_label_issue']]
print(f"Found {len(label_issues)} potential label errors")

# %% [markdown]
# `label_issues.index` holds the row numbers of the flagged labels, and `noise_idx` those of the flipped ones. To compare them:
#
# - **precision**: of the *flagged* labels, the share that was really flipped. Low precision means false alarms.
# - **recall**: of the *flipped* labels, the share that was flagged. Low recall means errors that stay.
# - **false positives**: the number of flagged labels that were right all along.
#
# The handout's reviews are easy. Here is a harder case: the 4,000 realistic reviews of the pool, labeled by a hasty crowd that
# gets three labels in ten wrong. `y_real` are the true labels, `noise_idx_real` the rows that were flipped.

# %%
X_real, y_real = real.X_pool, real.y_pool
X_real_test, y_real_test = real.X_test, real.y_test

rng = np.random.default_rng(7)
noise_idx_real = rng.choice(len(y_real), size=int(0.3 * len(y_real)), replace=False)
y_real_noisy = y_real.copy()
y_real_noisy[noise_idx_real] = 1 - y_real_noisy[noise_idx_real]

# %% [markdown]
# The test reviews keep their true labels. Noise belongs in the data we learn from, never in the data we measure with.
#
# **Predict.** Precision and recall, on both datasets: four numbers.
#
# **Do.**
#
# 1. Write `detection_scores(flagged, flipped)`: it takes two collections of row numbers and returns
#    `{"precision": ..., "recall": ..., "false_positives": ...}`: two shares and a count. They may come as lists, arrays or an index, in any
#    order. If nothing is flagged, the precision is `nan` and the recall 0.
# 2. `handout_scores`: what it says about `label_issues.index` and `noise_idx`.
# 3. `flagged_real`: the row numbers that cleanlab flags in `y_real_noisy`. Take the same steps as in Question 6.1.
# 4. `real_scores`: what your function says about `flagged_real` and `noise_idx_real`.
#
# **A good result**: on the handout's reviews nearly perfect numbers. On the realistic ones cleanlab still finds most of the wrong labels,
# but about one in three of its accusations is false.
#
# <details><summary>Hint 1: counting</summary>
#
# `len(np.intersect1d(flagged, flipped))` is the number of rows in both. So is the size of `set(flagged) & set(flipped)`.
# Which of the two lengths do you divide by for precision, which for recall?
#
# </details>
#
# <details><summary>Hint 2: the realistic reviews</summary>
#
# `cross_val_predict` with `X_real` and `y_real_noisy`, then a new `Datalab`. `is_label_issue` is True or False for each row;
# `np.flatnonzero` turns this into row numbers.
#
# </details>
#
# <details><summary>Hint 3: recall is below one half</summary>
#
# Was every review judged by a model that has not seen it? `clf.fit(...).predict_proba(...)` on the same reviews is not out of fold.
#
# </details>

# %% answer="q6_2_analyze_issues"
# TODO: Calculate precision/recall of cleanlab's detection
# How many of the actual noisy labels did it find?
# How many false positives?
# My prediction (not graded):

def detection_scores(flagged, flipped):
    """{"precision": ..., "recall": ..., "false_positives": ...}: flagged against flipped."""
    ### BEGIN SOLUTION
    flagged, flipped = set(flagged), set(flipped)
    found = len(flagged & flipped)
    return {
        "precision": found / len(flagged) if flagged else float("nan"),
        "recall": found / len(flipped) if flipped else float("nan"),
        "false_positives": len(flagged - flipped),
    }
    ### END SOLUTION

handout_scores = ...
flagged_real = ...
real_scores = ...
### BEGIN SOLUTION
handout_scores = detection_scores(label_issues.index, noise_idx)

pred_probs_real = cross_val_predict(clf, X_real, y_real_noisy, cv=5, method='predict_proba')
lab_real = Datalab(data={'labels': y_real_noisy}, label_name='labels')
lab_real.find_issues(pred_probs=pred_probs_real, issue_types={"label": {}})
flagged_real = np.flatnonzero(lab_real.get_issues()['is_label_issue'])
real_scores = detection_scores(flagged_real, noise_idx_real)

pd.DataFrame({"handout": handout_scores, "realistic": real_scores}).round(3)
### END SOLUTION

# %% check="q6_2_analyze_issues"
check("q6_2_analyze_issues")

# %% [markdown]
# **Think.** With real data, nobody hands you `noise_idx`. You can still read the flagged reviews one by one and count the false alarms: this
# gives you the precision. Why can you not get the recall in this way?
#
# ### Why is it nearly perfect on the handout's reviews?
#
# There are 16 templates. Each is used about fifty times, so that it stands in *every* fold, nearly always with the right label. Out of fold,
# perhaps. Out of *what the model has seen*, no. The next cell wraps Question 6.1 up in a function, so that we can change the folds.

# %%
def flagged_rows(X, y, cv=5, groups=None):
    """Row numbers of the labels that cleanlab flags, from out-of-fold predictions."""
    model = LogisticRegression(max_iter=1000)
    probs = cross_val_predict(model, X, y, cv=cv, groups=groups, method="predict_proba")
    lab = Datalab(data={"labels": y}, label_name="labels", verbosity=0)
    lab.find_issues(pred_probs=probs, issue_types={"label": {}})
    return np.flatnonzero(lab.get_issues()["is_label_issue"])

# %% [markdown]
# **Predict, then look.** First no *text* may stand in two folds, then no *template*. What happens to precision and recall?

# %%
texts = df_binary["review"].to_numpy()
templates = df_binary["review"].str.replace("|".join(MOVIES), "{movie}", regex=True).to_numpy()
rows = {}
for name, cv, groups in [
    ("as they come", 5, None),
    ("no text in two folds", GroupKFold(5), texts),
    ("no template in two folds", GroupKFold(5), templates),
]:
    found = flagged_rows(X_noisy, y_noisy, cv, groups)
    hits = len(np.intersect1d(found, noise_idx))
    precision, recall = hits / len(found), hits / len(noise_idx)
    rows[name] = {"flagged": len(found), "precision": precision, "recall": recall}
pd.DataFrame(rows).T.round(3)

# %% [markdown]
# **Look.** Keeping equal *texts* together changes little: the same sentence with another film is as good. Keep the *templates*
# together, and nothing is left. A model that has never seen a sentence of this kind can only guess, and cleanlab takes its guesses
# for wrong labels. The nearly perfect score was Part 2's leakage in other clothes. Before you believe a detection rate, ask how alike the folds are.

# %% [markdown]
# ## Question 6.3: Train on clean data (about 20 minutes)
#
# Does it pay to clean? Three models, one kind of classifier, one test set:
#
# 1. trained on all data (with noise),
# 2. trained on clean data (removing detected issues),
# 3. trained on true clean data (oracle).
#
# The comparison is fair if all three are tested on the *same* reviews, `X_real_test` with `y_real_test`. These were never flipped, and
# nothing is removed from them. Whoever takes the hard reviews out of a test set gets a better number, and no better model.
#
# **Predict.** Put the three in order. How much of the way from the first to the third will cleaning go?
#
# **Do.**
#
# 1. `kept_rows`: the row numbers of the pool that are *not* in `flagged_real`. (If Question 6.2 is still open:
#    `flagged_real = flagged_rows(X_real, y_real_noisy)`.)
# 2. `noisy_model`, `clean_model`, `oracle_model`: three `LogisticRegression(max_iter=1000)`. The first learns all of the pool with
#    `y_real_noisy`, the second only the kept rows with `y_real_noisy`, the third all of the pool with the true `y_real`.
# 3. `accuracies = {"noisy": ..., "clean": ..., "oracle": ...}`: what each of them reaches on the test set.
#
# **A good result**: the oracle is around 0.9, the noisy model clearly below, the clean one between them. It does not get near the oracle: it
# still has the flips that were not found, and it has lost the right labels that were accused.
#
# <details><summary>Hint 1: the kept rows</summary>
#
# `np.setdiff1d(np.arange(len(y_real)), flagged_real)` are the row numbers that are in the first and not in the second.
#
# </details>
#
# <details><summary>Hint 2: rows and labels</summary>
#
# Take the same rows of both: `X_real[kept_rows]` and `y_real_noisy[kept_rows]`. The clean model does not know the true labels;
# `noise_idx_real` is for scoring only.
#
# </details>

# %% answer="q6_3_clean_training"
# TODO: Compare model performance:
# 1. Trained on all data (with noise)
# 2. Trained on clean data (removing detected issues)
# 3. Trained on true clean data (oracle)
# My prediction (not graded):

kept_rows = ...
noisy_model = ...
clean_model = ...
oracle_model = ...
accuracies = ...
### BEGIN SOLUTION
kept_rows = np.setdiff1d(np.arange(len(y_real)), flagged_real)

noisy_model = LogisticRegression(max_iter=1000).fit(X_real, y_real_noisy)
clean_model = LogisticRegression(max_iter=1000).fit(X_real[kept_rows], y_real_noisy[kept_rows])
oracle_model = LogisticRegression(max_iter=1000).fit(X_real, y_real)

accuracies = {
    "noisy": noisy_model.score(X_real_test, y_real_test),
    "clean": clean_model.score(X_real_test, y_real_test),
    "oracle": oracle_model.score(X_real_test, y_real_test),
}
print(f"{len(flagged_real)} of {len(y_real)} rows removed")
accuracies
### END SOLUTION

# %% check="q6_3_clean_training"
check("q6_3_clean_training")

# %% [markdown]
# ### When removing does not help
#
# So far the errors were *random*: anybody's slip, anywhere. A real labeler errs *systematically*: a language model that misses irony misses
# it every time. And the crowd was a very hasty one. What about better labels?
#
# The next cell compares four ways the labels could have come about: random flips of 10, 20 and 30 in a hundred, and the answers of the
# lab's stand-in for a language model. For each: how many labels are wrong, what cleanlab finds, and the test accuracy of three models, trained on
# the labels as they come, without the flagged ones, and with the flagged ones labeled once more by a person (who errs in 4 of 100).

# %%
def test_accuracy(rows, labels):
    model = LogisticRegression(max_iter=1000).fit(X_real[rows], labels[rows])
    return model.score(X_real_test, y_real_test)

def compare(labels):
    flagged = flagged_rows(X_real, labels)
    everything = np.arange(len(labels))
    asked_again = labels.copy()
    asked_again[flagged] = simulated_human(real.df_pool.iloc[flagged])
    wrong = labels != y_real
    return {
        "wrong": wrong.mean(), "flagged": len(flagged) / len(labels),
        "precision": wrong[flagged].mean(), "recall": wrong[flagged].sum() / wrong.sum(),
        "as they come": test_accuracy(everything, labels),
        "removed": test_accuracy(np.setdiff1d(everything, flagged), labels),
        "asked again": test_accuracy(everything, asked_again),
    }

# %% [markdown]
# The flips are drawn anew, so the third row comes near your numbers of Question 6.3 and does not repeat them.
#
# **Predict.** In which of the four cases does removing the flagged labels help the model? Of whose errors does cleanlab find the smallest share?

# %%
rows = {}
for rate in (0.1, 0.2, 0.3):
    flips = np.random.default_rng(7).random(len(y_real)) < rate
    rows[f"random, {rate:.0%}"] = compare(np.where(flips, 1 - y_real, y_real))

answers = MockLabeler().label(real.df_pool["review"].tolist())
said = np.array([int(answer.label == "POSITIVE") for answer in answers])
rows["language model"] = compare(said)
pd.DataFrame(rows).T.round(3)

# %% [markdown]
# **Look.** Mind that a point more or less is within chance, with 2,000 test reviews. Three things stand out all the same.
#
# - Removing pays when *many* labels are wrong. With few wrong ones it gains nothing and can do harm: a third of what is removed was right, and
#   these are the reviews that the model finds hard, from which it could learn most.
# - Of the language model's errors cleanlab finds the smallest share. Systematic errors look like a rule. The model learns the rule, agrees with
#   the labels, and sees nothing wrong.
# - Having the flagged labels *looked at* is better than throwing them away, in every case. It costs a person's time, but only for the flagged ones.
#
# **Think.** Your labels come from a language model, and you have money for a person to look at 300 of 4,000. Which 300?
#
# Go on with **Part 7: Cost Comparison**.
