# ---
# student: dev
# story: Takes the handout's table for measured numbers, joins all five points, and finds the cheapest method instead of the best.
# deserves:
#   q7_2_cost_quality:
#     every_method_is_on_the_plot: unmet
#     budgets_are_kept: unmet
#     numbers_are_measured_ones: unmet
#     the_line_is_the_frontier: unmet
#     best_at_every_budget: unmet
# ---
# %% answer="q7_2_cost_quality"
cost_table = pd.DataFrame([calculate_costs(100000, m) for m in methods])
cost_table = cost_table.rename(columns={"total_cost": "cost", "expected_quality": "quality"})

fig, ax_frontier = plt.subplots()
t = cost_table.sort_values("cost")
ax_frontier.plot(t["cost"], t["quality"])
plt.show()

def best_method(budget):
    t = cost_table[cost_table["cost"] <= budget].sort_values("cost")
    return t["method"].iloc[0] if len(t) else "none"

# %% [markdown] reflect="q7_3_reflection" points=4
# Weak supervision because it is cheapest.
