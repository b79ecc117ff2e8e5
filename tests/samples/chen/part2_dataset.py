# ---
# student: chen
# story: Complete; a plain double loop.
# ---
# %% answer="q2_1_leakage"
def exact_leakage(train_texts, test_texts):
    count = 0
    for test in test_texts:
        for train in train_texts:
            if test == train:
                count = count + 1
                break
    return count / len(test_texts)

n_distinct = len(set(df_binary['review']))
leak_share = exact_leakage(train_texts, test_texts)
leak_share
