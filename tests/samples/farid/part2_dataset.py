# ---
# student: farid
# story: Right, but the answer cell was pasted twice and the check cell deleted.
# mess: [copied_answer_cell, deleted_check_cell]
# ---
# %% answer="q2_1_leakage"
# My prediction (not graded): no idea
def exact_leakage(train_texts, test_texts):
    train_texts = list(train_texts)
    a = 0
    b = 0
    for t in list(test_texts):
        b += 1
        if train_texts.count(t) > 0:
            a += 1
    return a/b

n_distinct = len(np.unique(df_binary.review.values.astype(str)))
leak_share = exact_leakage(train_texts, test_texts)
print("LEAK", leak_share)

# %%
df_binary.review.value_counts().head(20)

# %% [markdown]
# note to self: read about Series.isin
