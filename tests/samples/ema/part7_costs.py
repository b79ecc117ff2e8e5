# ---
# student: ema
# story: Handed in as released.
# deserves:
#   q7_2_cost_quality: not attempted
# ---
