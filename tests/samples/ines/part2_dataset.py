# ---
# student: ines
# story: Finds texts that merely contain each other, which other texts give away.
# deserves:
#   q2_1_leakage:
#     any_texts_will_do: unmet
# ---
# %% answer="q2_1_leakage"
def exact_leakage(train_texts, test_texts):
    everything = "\n".join(train_texts)
    found = [text for text in test_texts if text in everything]
    return len(found) / len(test_texts)

n_distinct = len(df_binary.groupby('review'))
leak_share = exact_leakage(train_texts, test_texts)
