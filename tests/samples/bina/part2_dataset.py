# ---
# student: bina
# story: Complete, in other styles; here pandas all the way.
# ---
# %% answer="q2_1_leakage"
# My prediction (not graded): 160, and 80 %

def exact_leakage(train_texts, test_texts):
    return pd.Series(list(test_texts)).isin(list(train_texts)).mean()

n_distinct = len(df_binary.drop_duplicates("review"))
leak_share = round(exact_leakage(train_texts, test_texts), 4)

# %%
# the ones that are NOT in train:
test_texts[~test_texts.isin(train_texts)]
