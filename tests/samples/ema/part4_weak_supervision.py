# ---
# student: ema
# story: Handed in as released.
# deserves:
#   q4_2_apply_lfs: not attempted
#   q4_4_label_model: not attempted
#   q4_5_more_lfs: not attempted
#   q4_6_downstream: not attempted
# ---
