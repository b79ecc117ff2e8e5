# ---
# student: hugo
# story: Looks texts up in a Series, that is in its index; a misspelt method stops the cell.
# deserves:
#   q2_1_leakage:
#     distinct_texts_are_counted: not attempted
#     leak_share_is_right: not attempted
#     any_texts_will_do: unmet
# ---
# %% answer="q2_1_leakage"
def exact_leakage(train_texts, test_texts):
    return sum(text in train_texts for text in test_texts) / len(test_texts)

n_distinct = ...
leak_share = ...
n_distinct = df_binary['review'].nuniqe()
leak_share = exact_leakage(train_texts, test_texts)
