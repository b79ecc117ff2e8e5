# %% [markdown]
# # Part 2: Create Movie Review Dataset
#
# To compare ways of labeling, we need reviews whose true labels we know. So we make them ourselves, from templates.
#
# You will make the dataset, turn text into numbers, split it, and then ask the question that should come before every
# accuracy: **can we trust this test set?**
#
# About 25 minutes.
#
# After a restart of the kernel: go to the cell where you were, and choose *Run ▸ Run All Above Selected Cell*.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from helpers import checkpoints, plots
from helpers.checks import check
from helpers.reviews import realistic

plots.style()
pd.set_option("display.max_colwidth", None)
np.random.seed(42)

# %% [markdown]
# ## The templates
#
# Eight positive templates, eight negative ones, six neutral ones, and ten movies.

# %%
# Create synthetic movie review dataset
positive_templates = [
    "Amazing movie! Loved every minute of {movie}.",
    "{movie} was absolutely fantastic. A must-watch!",
    "Best film I've seen this year. {movie} is a masterpiece.",
    "Incredible performances in {movie}. Highly recommend!",
    "{movie} exceeded all my expectations. Perfect 10/10.",
    "Brilliant storytelling in {movie}. Oscar-worthy!",
    "Loved {movie}! The acting was superb.",
    "{movie} is a triumph. Beautifully crafted film.",
]

# %%
negative_templates = [
    "Terrible movie. {movie} was a complete waste of time.",
    "{movie} was awful. Avoid at all costs.",
    "Worst film I've ever seen. {movie} is garbage.",
    "{movie} was boring and predictable. Very disappointed.",
    "Don't waste your money on {movie}. Horrible!",
    "{movie} has no redeeming qualities. Truly bad.",
    "Painful to watch. {movie} is a disaster.",
    "{movie} is insulting to audiences. Just awful.",
]

# %%
neutral_templates = [
    "{movie} was okay. Nothing special.",
    "Average film. {movie} had its moments.",
    "{movie} is fine. Not great, not terrible.",
    "Meh. {movie} was just okay.",
    "{movie} was watchable but forgettable.",
    "It's alright. {movie} passes the time.",
]

movies = ['Inception', 'The Matrix', 'Avatar', 'Titanic', 'Interstellar',
          'The Godfather', 'Pulp Fiction', 'Parasite', 'Joker', 'Gladiator']

# %% [markdown]
# ## Generate reviews
#
# For each review we draw a movie, a sentiment, and a template of this sentiment.

# %%
def generate_reviews(n_samples=1000):
    reviews = []
    labels = []

    for _ in range(n_samples):
        movie = np.random.choice(movies)
        sentiment = np.random.choice(['positive', 'negative', 'neutral'], p=[0.4, 0.4, 0.2])

        if sentiment == 'positive':
            template = np.random.choice(positive_templates)
            label = 1
        elif sentiment == 'negative':
            template = np.random.choice(negative_templates)
            label = 0
        else:
            template = np.random.choice(neutral_templates)
            label = 2  # We'll treat neutral as a separate class

        reviews.append(template.format(movie=movie))
        labels.append(label)

    return reviews, labels

# %% [markdown]
# The seed stands here once more, so that you get the same reviews when you run this cell again.

# %%
# Generate dataset
np.random.seed(42)
reviews, labels = generate_reviews(n_samples=1000)
df = pd.DataFrame({'review': reviews, 'label': labels})

print(f"Generated {len(df)} reviews")
print(f"\nLabel distribution:")
print(df['label'].value_counts())
print(f"\nSample reviews:")
df.head()

# %% [markdown]
# **Look.** Label 0 is negative, 1 positive, 2 neutral. You should see 426, 392 and 182 of them.

# %% [markdown]
# ## Positive or negative

# %%
# Convert to binary classification (positive vs negative, drop neutral for simplicity)
df_binary = df[df['label'] != 2].copy()
print(f"Binary dataset size: {len(df_binary)}")

# %% [markdown]
# ## From text to numbers
#
# TF-IDF gives every word a column. A word counts more in a review the rarer it is in all reviews.

# %%
# Vectorize text
vectorizer = TfidfVectorizer(max_features=500, stop_words='english')
X = vectorizer.fit_transform(df_binary['review']).toarray()
y = df_binary['label'].values
print(f"Reviews and words: {X.shape}")

# %% [markdown]
# We asked for up to 500 words. There are far fewer. And some words are left out on purpose:

# %%
[word for word in ("not", "no", "never", "very", "the") if word in vectorizer.get_stop_words()]

# %% [markdown]
# **Think.** `stop_words='english'` throws away *not*, *no* and *never*. What is left of "not good"? For sentiment, that
# is a costly shortcut. From Part 3 on, on harder reviews, we keep all words and pairs of words that occur in two reviews or more.

# %% [markdown]
# ## Split
#
# The **pool** plays the unlabeled reviews, the **validation** set is for choosing settings, and the **test** set is for
# the final score only.

# %%
# Split into train (unlabeled pool), validation, and test
X_pool, X_test, y_pool, y_test = train_test_split(X, y, test_size=0.2, random_state=42)
X_pool, X_val, y_pool, y_val = train_test_split(X_pool, y_pool, test_size=0.1, random_state=42)

print(f"Pool size: {len(X_pool)}")
print(f"Validation size: {len(X_val)}")
print(f"Test size: {len(X_test)}")

# %% [markdown]
# One more thing to notice: the vectorizer was fitted on *all* reviews, before the split, so it has seen the words of
# the test reviews. Here it does no harm worth measuring. It is a habit to lose all the same: fit on the pool only.

# %% [markdown]
# ## Question 2.1: Look for leakage (about 12 minutes)
#
# A test set stands for reviews the model has never seen. Has it really never seen them? If a test review also stands in
# the training data, the model only has to remember it. This is called **leakage**.
#
# The cell below splits the *texts* exactly as the numbers were split above: the same `random_state` gives the same rows.

# %%
train_texts, test_texts = train_test_split(df_binary['review'], test_size=0.2, random_state=42)
print(f"{len(train_texts)} training texts (pool and validation), {len(test_texts)} test texts")

# %% [markdown]
# **Predict.** There are 8 positive and 8 negative templates, and 10 movies. How many *different* texts can 818 reviews be,
# at most? What share of the test reviews stands, word for word, among the training texts?
#
# **Do.** Make three things:
#
# 1. `n_distinct`: how many different texts there are in `df_binary['review']`.
# 2. `exact_leakage(train_texts, test_texts)`: a function that returns the share of the test texts, between 0 and 1, that
#    also stand among the training texts. Every test text counts, also one that occurs twice. It should work for any two
#    collections of texts: lists, or columns of a table.
# 3. `leak_share`: what your function says about `train_texts` and `test_texts`.
#
# **A good result** is a whole number for `n_distinct` that you could have worked out by hand, and a share that makes you
# look at the test set with other eyes. Try your function on a few texts of your own first:
# `exact_leakage(["a", "b"], ["b", "c"])` is 0.5.
#
# <details><summary>Hint 1</summary>
#
# A `set` holds each text once, and `text in some_set` is quick.
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# Careful: `text in series` looks at a pandas Series' *index*, not at its values. Make a list or a set of it first,
# or look up `Series.isin`.
#
# </details>

# %% answer="q2_1_leakage"
# My prediction (not graded):

def exact_leakage(train_texts, test_texts):
    """Share of the test texts that also stand, word for word, among the training texts."""
    ### BEGIN SOLUTION
    seen = set(train_texts)
    found = [text in seen for text in test_texts]
    return sum(found) / len(found) if found else 0.0
    ### END SOLUTION

n_distinct = ...
leak_share = ...
### BEGIN SOLUTION
n_distinct = df_binary['review'].nunique()
leak_share = exact_leakage(train_texts, test_texts)
print(f"{n_distinct} different texts; {leak_share:.1%} of the test reviews are in the training data")
### END SOLUTION

# %% check="q2_1_leakage"
check("q2_1_leakage")

# %% [markdown]
# **Think.** Compare your `leak_share` with your prediction. If it is near 1, then a score on this test set says
# how well the model *remembers*, and hardly how well it *understands*. A model that does nothing but look texts up in
# a list would score high as well.
#
# Would it help to split by template, so that no template is in both groups? Then hardly a word that carries sentiment would be
# shared (*loved*, *awful* and *waste* are), and the model could do little more than guess. Data made from 16 sentences has
# nothing in between.
#
# Real data leaks too: reviews posted twice, pages crawled twice, one text with two small edits. Look for it every time.

# %% [markdown]
# ## A harder dataset: realistic reviews
#
# The handout's reviews stay with us for the worked examples, because everything can be followed by eye.
# For the questions we use reviews that behave like real ones. A program writes them, so the true labels are known.

# %%
df_real = realistic(6000, classes=3)
for text in df_real["review"].head(5):
    print("-", text)

# %% [markdown]
# They come with the columns you know, and with three more: what `kind` of review it is, its `genre` and its `movie`.

# %%
df_real.head()

# %% [markdown]
# The kinds say what makes a review hard: *negation* ("not bad"), *contrast* ("great cast, but"), *sarcasm*, and so on.

# %%
df_real.groupby("kind")["review"].agg(reviews="count", example="first")

# %% [markdown]
# **Predict, then look.** How many of these 6,000 texts occur a second time?

# %%
print(f"{df_real['review'].duplicated().sum()} of {len(df_real)} texts repeat an earlier one")

# %% [markdown]
# If no text occurs twice, none can stand in both training and test data, however we split. The generator goes further:
# no two of its reviews have the same words apart from the title.
#
# **Predict, then look.** A simple model gets the true labels of all training reviews. How well does it do on each
# dataset?

# %%
def accuracy_with_all_labels(split):
    model = LogisticRegression(max_iter=1000).fit(split.X_pool, split.y_pool)
    return model.score(split.X_test, split.y_test)

for name, split in (
    ("handout's reviews, 2 classes", checkpoints.handout_split()),
    ("realistic reviews, 2 classes", checkpoints.realistic_split(classes=2)),
    ("realistic reviews, 3 classes", checkpoints.realistic_split(classes=3)),
):
    print(f"{name}:   {accuracy_with_all_labels(split):.1%}")

# %% [markdown]
# **Think.** The first line is a perfect score that means little. The other two leave room: between a good way of
# labeling and a bad one there is now a difference to see.
#
# **Predict, then look.** Which kinds of reviews does the model of the third line get wrong most often?

# %%
split = checkpoints.realistic_split(classes=3)
model = LogisticRegression(max_iter=1000).fit(split.X_pool, split.y_pool)
right = model.predict(split.X_test) == split.y_test
tested = df_real.head(len(split.y_test)).assign(right=right)
right_by_kind = tested.groupby("kind")["right"].mean().sort_values()
right_by_kind.round(3)

# %% [markdown]
# seaborn draws such shares straight from the table, each with a line for its 95 % interval: the bar could have ended
# anywhere within this line if we had drawn other reviews of that kind.

# %%
fig, ax = plt.subplots()
sky, black = plots.PALETTE["sky"], plots.PALETTE["black"]
solid = {"linestyle": "-", "marker": "", "color": black}
order = right_by_kind.index
sns.barplot(tested, x="right", y="kind", order=order, color=sky, err_kws=solid, seed=42)
ax.axvline(tested["right"].mean(), label="all kinds", color=black, linestyle="--")
ax.set_xlabel("Share of right predictions")
ax.set_ylabel("Kind of review")
ax.set_xlim(0, 1)
ax.legend(loc="lower right", bbox_to_anchor=(1, 1))
plots.show(
    fig,
    alt="The model is right on nearly all plain and implicit reviews, on about 90 % of all, "
    "and on 70 to 74 % of those with negation, mixed feelings or sarcasm.",
)

# %% [markdown]
# **Think.** The model sees which words a review has, and pairs of neighbours, but not what they are about. A word that is
# turned round several words earlier ("not what I would call great") looks like praise to it.
#
# Go on with **Part 3: Active Learning with modAL**.
