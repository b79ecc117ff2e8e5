# ---
# student: dev
# story: Counts with the neutral reviews, and divides by the wrong number.
# deserves:
#   q2_1_leakage:
#     distinct_texts_are_counted: unmet
#     share_of_a_small_example: unmet
#     leak_share_is_right: unmet
#     any_texts_will_do: unmet
# ---
# %% answer="q2_1_leakage"
def exact_leakage(train_texts, test_texts):
    both = set(train_texts) & set(test_texts)
    return len(both) / len(train_texts)

n_distinct = df['review'].nunique()
leak_share = exact_leakage(train_texts, test_texts)
