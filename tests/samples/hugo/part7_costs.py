# ---
# student: hugo
# story: The cell stops at the plot; best_method asks an empty table for its best row.
# deserves:
#   q7_2_cost_quality:
#     every_method_is_on_the_plot: unmet
#     budgets_are_kept: error
#     the_line_is_the_frontier: unmet
#     best_at_every_budget: error
# ---
# %% answer="q7_2_cost_quality"
def best_method(budget):
    affordable = cost_table[cost_table["cost"] <= budget]
    return affordable.index[affordable["quality"].argmax()]

cost_table = pd.DataFrame(
    {m: {"cost": measured_cost(m, 100_000, **facts), "quality": measured.qualities[m]} for m in METHODS}
).T
fig, ax_frontier = plt.subplots()
ax_frontier.scatter(cost_table["costs"], cost_table["quality"])
