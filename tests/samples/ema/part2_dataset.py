# ---
# student: ema
# story: Handed in as released.
# deserves:
#   q2_1_leakage: not attempted
# ---
# %% answer="q2_1_leakage"
# My prediction (not graded):

def exact_leakage(train_texts, test_texts):
    """Share of the test texts that also stand, word for word, among the training texts."""
    # Your code here
    pass

n_distinct = ...
leak_share = ...
# Your code here
pass
