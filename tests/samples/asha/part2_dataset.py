# ---
# student: asha
# story: Complete and idiomatic.
# ---
# %% answer="q2_1_leakage"
# My prediction (not graded): at most 160 different texts. Maybe half of the test reviews leak?

def exact_leakage(train_texts, test_texts):
    """Share of the test texts that also stand, word for word, among the training texts."""
    train = set(train_texts)
    return np.mean([text in train for text in test_texts])

n_distinct = df_binary["review"].nunique()
leak_share = exact_leakage(train_texts, test_texts)
print(n_distinct, leak_share)
