# ---
# student: ema
# story: Handed in as released.
# deserves:
#   q6_2_analyze_issues: not attempted
#   q6_3_clean_training: not attempted
# ---
