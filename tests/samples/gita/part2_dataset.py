# ---
# student: gita
# story: Counts each test text once, so that repeated ones do not count; gives percent.
# deserves:
#   q2_1_leakage:
#     leak_share_is_right: unmet
#     any_texts_will_do: unmet
# ---
# %% answer="q2_1_leakage"
def exact_leakage(train_texts, test_texts):
    test = set(test_texts)
    return len(test & set(train_texts)) / len(test)

n_distinct = df_binary['review'].unique().size
leak_share = 100 * exact_leakage(train_texts, test_texts)
