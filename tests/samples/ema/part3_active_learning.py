# ---
# student: ema
# story: Handed in as released.
# deserves:
#   q3_3_random_sampling: not attempted
#   q3_4_learning_curves: not attempted
#   q3_5_query_strategies: not attempted
# ---
# %% answer="q3_4_learning_curves"
# TODO: Plot learning curves for Active Learning vs Random Sampling
# X-axis: Number of labeled samples
# Y-axis: Test accuracy
# My prediction (not graded):

ax = ...
# Your code here
pass
