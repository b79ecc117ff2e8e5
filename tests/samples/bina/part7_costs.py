# ---
# student: bina
# story: Complete, in other styles. A dict of dicts, her own frontier as a staircase, thousands of dollars and percent on the axes.
# ---
# %% answer="q7_2_cost_quality"
cost_table = {}
for m in METHODS:
    cost_table[m] = {"cost": round(measured_cost(m, 100000, **facts), 2), "quality": round(measured.qualities[m], 4)}
measured = measured.qualities

def best_method(budget):
    name, top = None, 0
    for m, row in cost_table.items():
        if row["cost"] <= budget and row["quality"] > top:
            name, top = m, row["quality"]
    return name

# go through by rising cost, keep what is better than everything before
xs, ys, top = [], [], 0
for row in sorted(cost_table.values(), key=lambda r: (r["cost"], -r["quality"])):
    if row["quality"] > top:
        if xs:
            xs.append(row["cost"] / 1000)
            ys.append(100 * top)
        top = row["quality"]
        xs.append(row["cost"] / 1000)
        ys.append(100 * top)

ax_frontier = plt.figure().add_subplot()
ax_frontier.semilogx(xs, ys, marker=None, linestyle="--")
for m, row in cost_table.items():
    ax_frontier.plot(row["cost"] / 1000, 100 * row["quality"], "o")
    ax_frontier.text(row["cost"] / 1000, 100 * row["quality"] + 0.3, m.replace("_", " ").title())
ax_frontier.set_xlabel("thousand dollars")
ax_frontier.set_ylabel("accuracy (%)")
plt.show()

# %% [markdown] reflect="q7_3_reflection" points=4
# Hybrid. See the table: nearly as good as people for less than a third of the money.
