# ---
# student: ema
# story: Handed in as released.
# deserves:
#   q1_1_environment: not attempted
# ---
# %% answer="q1_1_environment"
# My prediction (not graded):

versions = ...
# Your code here
pass
