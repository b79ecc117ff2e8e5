# ---
# student: chen
# story: Has the table, with qualities in percent, and no gold set in it; no plot and no function.
# deserves:
#   q7_2_cost_quality:
#     five_methods_with_cost_and_quality: unmet
#     every_method_is_on_the_plot: not attempted
#     budgets_are_kept: not attempted
#     numbers_are_measured_ones: unmet
#     the_line_is_the_frontier: not attempted
#     best_at_every_budget: not attempted
# ---
# %% answer="q7_2_cost_quality"
rows = []
for m in METHODS:
    rows.append({"method": m, "cost": measured_cost(m, 100_000, **facts, gold_labels=0), "quality": 100 * measured.qualities[m]})
cost_table = pd.DataFrame(rows)
ax_frontier = ...

def best_method(budget):
    pass
