# ---
# student: ema
# story: Handed in as released.
# deserves:
#   q5_2_batch_label: not attempted
#   q5_3_evaluate: not attempted
#   q5_4_hybrid: not attempted
# ---
