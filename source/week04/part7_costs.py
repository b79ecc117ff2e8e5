# %% [markdown]
# # Part 7: Cost Comparison
#
# You have seen five ways to get labels. Which one should label the 100,000 reviews? There is no best method, only a best method *for a
# budget*. In this part you put a price on each, draw quality against cost, and decide.
#
# About 45 minutes.
#
# After a restart of the kernel: go to the cell where you were, and choose *Run ▸ Run All Above Selected Cell*.
#
# | word | meaning |
# | --- | --- |
# | gold set | reviews labeled by people, to find out how good a method is |
# | dominated | a method is dominated if another one is at least as good and costs no more |
# | frontier | the methods that are not dominated |

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import checkpoints, llm_prices, plots
from helpers.checks import check
from helpers.costs import HUMAN_PRICE, HYBRID_STORY_PRICE, LLM_STORY_PRICE, SETUP_PRICE
from helpers.costs import METHODS, llm_price, measured_cost, pareto_frontier

plots.style()

# %% [markdown]
# ## Question 7.1 (solved): Calculate labeling costs
#
# The handout's function, and its story: what each approach costs, how long it takes, and how good it is. The prices stand in
# `helpers/costs.py`, each in one place.
#
# **Predict.** How many times cheaper than manual labeling is a language model, in this story? And active learning?

# %%
# Calculate and compare costs of different approaches

def story_costs(n_items):
    """What the story says about each method."""
    return {
        'manual': {
            'cost_per_item': HUMAN_PRICE,  # USD
            'time_per_item': 0.1,  # minutes
            'quality': 0.95,  # accuracy
            'items_needed': n_items
        },
        'active_learning': {
            'cost_per_item': HUMAN_PRICE,
            'time_per_item': 0.1,
            'quality': 0.90,
            'items_needed': n_items // 3  # 3x reduction
        },
        'weak_supervision': {
            'cost_per_item': 0.0,  # Just engineer time
            'setup_cost': SETUP_PRICE,  # Writing LFs
            'time_per_item': 0.0,
            'quality': 0.80,
            'items_needed': 0
        },
        'llm': {
            'cost_per_item': LLM_STORY_PRICE,  # API cost
            'time_per_item': 0.01,  # minutes
            'quality': 0.85,
            'items_needed': n_items
        },
        'hybrid': {
            'cost_per_item': HYBRID_STORY_PRICE,  # Average
            'time_per_item': 0.02,
            'quality': 0.90,
            'items_needed': n_items
        }
    }

# %%
def calculate_costs(n_items, method):
    """
    Calculate estimated cost for different labeling methods.

    Args:
        n_items: Number of items to label
        method: 'manual', 'active_learning', 'weak_supervision', 'llm', 'hybrid'

    Returns:
        dict with cost, time, quality estimates
    """
    method_info = story_costs(n_items)[method]
    total_cost = method_info['cost_per_item'] * method_info['items_needed']
    if 'setup_cost' in method_info:
        total_cost += method_info['setup_cost']

    total_time = method_info['time_per_item'] * method_info['items_needed']

    return {
        'method': method,
        'total_cost': total_cost,
        'total_time_hours': total_time / 60,
        'expected_quality': method_info['quality']
    }

# %%
# Compare all methods for 100,000 items
n_items = 100000
methods = ['manual', 'active_learning', 'weak_supervision', 'llm', 'hybrid']

print(f"Cost comparison for {n_items:,} items:\n")
print(f"{'Method':<20} {'Cost ($)':<12} {'Time (hrs)':<12} {'Quality':<10}")
print("-" * 54)

for method in methods:
    result = calculate_costs(n_items, method)
    print(f"{result['method']:<20} ${result['total_cost']:>10,.2f} ", end="")
    print(f"{result['total_time_hours']:>10,.1f} {result['expected_quality']:>8.0%}")

# %% [markdown]
# ### Reading the table with a pencil
#
# A table with two decimals looks as if somebody had measured. **Predict, then look:** how long is "months", and what does this annotator earn?

# %%
manual = calculate_costs(n_items, 'manual')
llm = calculate_costs(n_items, 'llm')
hours = manual['total_time_hours']
print(f"{hours:.1f} hours are {hours / 40:.0f} weeks of one person")
print(f"${HUMAN_PRICE:.2f} for six seconds are ${HUMAN_PRICE / 6 * 3600:.0f} an hour")
print(f"a language model is {manual['total_cost'] / llm['total_cost']:.0f} times cheaper")

# %% [markdown]
# What the pencil finds:
#
# 1. The story at the beginning says that manual labeling takes **months**. The table says 167 hours, that is four weeks of one person. With 30 seconds
#    a review it would be five months.
# 2. 0.30 dollars for a label of six seconds are **180 dollars an hour**. One of the two numbers is wrong. At 30 seconds, it is 36.
# 3. The handout's takeaways (at the end of this notebook) say that a language model saves a factor of **10 to 50**. The table says **150**.
# 4. The qualities are given. **Nobody measured** them, and nobody could with this budget: checking a method needs a gold set, and the table has no
#    line for it.
# 5. Weak supervision takes **no time** at all. Who wrote the labeling functions, then?
# 6. Active learning needs a third of the labels *for any number of reviews*. You saw a curve in Part 3: it depends on how good you want to be.
# 7. 0.002 dollars a label was a fair guess once. And today?

# %%
measured = checkpoints.measured_qualities()
llm_label = llm_price(measured.input_tokens, measured.output_tokens)
print(f"{llm_prices.DEFAULT_MODEL}, {llm_prices.model().as_of}: ${llm_label:.6f} a label")
print(f"the story's price is {LLM_STORY_PRICE / llm_label:.0f} times as much")

# %% [markdown]
# **Think.** None of this makes the function useless. It makes it an *estimate*. So now: the same table, measured.

# %% [markdown]
# ## 7.1 What you measured
#
# `measured` has the five methods on the *same* 2,000 test reviews (realistic, two classes). It is measured anew, as in Parts 3 to 5, with fourteen
# functions and a stand-in that always answers: expect your own numbers to differ by a few points.
#
# | method | what is measured |
# | --- | --- |
# | `manual` | a person labels everything, and slips now and then |
# | `active_learning` | 600 labels chosen by uncertainty sampling and taken as right (a little too kind), then the model labels the rest (Part 3, here with two classes) |
# | `weak_supervision` | fourteen labeling functions, a label model, a classifier (Part 4) |
# | `llm` | the stand-in for a language model labels everything (Part 5) |
# | `hybrid` | the same, but below a confidence of 0.8 a person labels (Part 5) |

# %%
print(pd.Series(measured.qualities).round(3).to_string())
print(f"\nactive learning bought {measured.n_labels} labels")
print(f"hybrid labeling asked a person about {measured.human_share:.1%} of the reviews")

# %% [markdown]
# The costs follow from what you know. `measured_cost` reckons like this, with $n$ reviews:
#
# | method | cost |
# | --- | --- |
# | `manual` | $n$ labels by a person |
# | `active_learning` | 600 labels by a person, and the gold set |
# | `weak_supervision` | the work on the functions (500 dollars), and the gold set |
# | `llm` | $n$ labels by a language model, at today's price, and the gold set |
# | `hybrid` | as `llm`, and a person's labels for a share of the $n$ reviews |
#
# The gold set is 500 labels by a person. Manual labeling is what the others are measured with: it needs none.

# %%
facts = {
    "n_labels": measured.n_labels,
    "human_share": measured.human_share,
    "llm_label_price": llm_label,
}
print(f"hybrid labeling: ${measured_cost('hybrid', 100_000, **facts):,.0f}")

# %% [markdown]
# ## Question 7.2: Your own cost-quality table (about 20 minutes)
#
# **Predict.** Which of the five methods is dominated by another one? Which one would you take for 1,000 dollars, and which for 10,000?
#
# **Do.**
#
# 1. `cost_table`: a table of the five methods, for 100,000 reviews, with the columns `'method'`, `'cost'` (in dollars) and `'quality'` (accuracy, from 0
#    to 1). Where you have numbers of your own, put them in: the accuracy of the model and of hybrid labeling from Part 5, its human share, the weak model's
#    accuracy from Part 4. Elsewhere take those of `measured`. (The accuracy of Part 3 was for three classes, another task: take the one in `measured`.)
# 2. A plot on axes called `ax_frontier`: cost across, quality up, one point for each method, with its name beside it or in the legend. Join the methods
#    of the frontier, and only those, by a line, from the cheapest to the best. Both axes named.
# 3. `best_method(budget)`: the name of the method with the highest quality in your table that costs at most `budget` dollars; `None` if there
#    is none.
#
# **A good result**: a frontier that rises from the left, and methods below it. Between 150 and 30,000 dollars there is room for a logarithmic
# axis. And `best_method(10)` is `None`: not even finding out is free.
#
# <details><summary>Hint 1: the table</summary>
#
# A loop over `METHODS` that makes one dict for each, and `pd.DataFrame` of the list. Start with
# `qualities = measured.qualities | {"llm": 0.87}`, with your own numbers behind the bar; and with `facts`, where your own human
# share goes in.
#
# </details>
#
# <details><summary>Hint 2: the frontier</summary>
#
# Sort by cost and go through: a method is on the frontier if it is better than all that are cheaper. Or let
# `pareto_frontier(costs, qualities)` find the rows. `ax_frontier.set_xscale("log")` makes the axis logarithmic, and
# `ax_frontier.annotate(name, (x, y))` writes a name.
#
# </details>
#
# <details><summary>Hint 3: the best method</summary>
#
# Two steps: which rows can you afford? Of those, which has the highest quality? Mind the case that there are none.
#
# </details>

# %% answer="q7_2_cost_quality"
# My prediction (not graded):

cost_table = ...
ax_frontier = ...

def best_method(budget):
    """The best method for a budget in dollars, by your cost_table; None if there is none."""
    ### BEGIN SOLUTION
    affordable = cost_table[cost_table["cost"] <= budget]
    if affordable.empty:
        return None
    return affordable.loc[affordable["quality"].idxmax(), "method"]
    ### END SOLUTION

### BEGIN SOLUTION
cost_table = pd.DataFrame([
    {
        "method": method,
        "cost": measured_cost(method, 100_000, **facts),
        "quality": measured.qualities[method],
    }
    for method in METHODS
])
print(cost_table.round({"cost": 0, "quality": 3}).to_string(index=False))

frontier = cost_table.iloc[pareto_frontier(cost_table["cost"], cost_table["quality"])]

fig, ax_frontier = plt.subplots()
ax_frontier.plot(frontier["cost"], frontier["quality"], marker="", label="frontier")
ax_frontier.scatter(cost_table["cost"], cost_table["quality"], color=plots.PALETTE["black"], zorder=3)
for row in cost_table.itertuples():
    ax_frontier.annotate(
        row.method.replace("_", " "), (row.cost, row.quality), xytext=(6, -14), textcoords="offset points"
    )
ax_frontier.set_xscale("log")
ax_frontier.set_xlim(right=150_000)
ax_frontier.margins(y=0.12)
ax_frontier.set_xlabel("Cost of 100,000 labels, in US dollars (logarithmic)")
ax_frontier.set_ylabel("Quality: share of right labels")
ax_frontier.legend(loc="upper left")
plots.show(
    fig,
    alt="Quality of five labeling methods against their cost, on a logarithmic axis from 100 to 100,000 dollars. A line, the frontier, "
    "joins the language model, hybrid labeling and manual labeling. Active learning and weak supervision lie below it.",
)

for budget in (10, 200, 1_000, 10_000, 30_000):
    print(f"${budget:>6,}: {best_method(budget)}")
### END SOLUTION

# %% check="q7_2_cost_quality"
check("q7_2_cost_quality")

# %% [markdown]
# **Think.**
#
# - Active learning and weak supervision lie below the line. Does it follow that they are useless? What would move them: more labels, more functions,
#   another kind of review, a language where no language model is good?
# - For 2,000 reviews instead of 100,000, the order changes. Try it: what does manual labeling cost then, and what the gold set?
# - Each point has an interval around it, as in Question 5.3. Which two methods can your test set not tell apart?

# %% [markdown]
# ## Question 7.3: Recommend a plan (about 15 minutes)
#
# Your team has to label 100,000 reviews. Write to the person who pays, in eight to twelve sentences, with numbers from this lab:
#
# - Which method, or which mix of methods, do you recommend? What will it cost, and how good will the labels be?
# - How sure are you of this quality, and how will you check it? Who labels the gold set?
# - Name the second-best plan, and say under which circumstances you would take it instead.
# - What can go wrong with your plan that your table does not show?
#
# 1 point for each of the four.

# %% [markdown] reflect="q7_3_reflection" points=4
# **Your answer:**
#
# ### BEGIN SOLUTION
# I recommend hybrid labeling: a language model labels all 100,000 reviews, and people label those of which it is less sure than 0.8, three of ten.
# This costs about 9,000 dollars instead of 30,000, nearly all of it for people, and about 95 % of the labels will be right. People alone reach about 96 %, so we pay
# a third and lose about one label in a hundred. The model alone would cost less than 200 dollars, but about one label in eight would be wrong.
#
# I am sure of the 95 % to about one point, since we measured on 2,000 reviews. But those were the lab's reviews. So first we draw 500 of ours at random, let two people label
# them independently, and settle where they differ: 300 dollars. With 500 reviews we will know the accuracy to about two points. If the model is worse on our reviews, or
# its confidence says nothing, we find out before we spend the rest. We keep the 500 for every later check, and never train on them.
#
# The second-best plan is the language model alone, with the saved money spent on checking. I would take it if the labels only train a classifier: a classifier averages out
# some errors. If the reviews must not leave our machines, or are in a language that the model reads badly, I would take active learning instead.
#
# What can go wrong: the model's errors are not random. It stumbles over sarcasm and negation, so whole kinds of reviews would be labeled wrong with high confidence, and no threshold
# sends them to people. The provider can switch the model off or change its price; a run can stop at a quota; some reviews get no answer. And people who only see hard
# reviews tire, and err more often than the 4 % we assumed.
#
# *Marking guide.* One point for a method with what it costs and how good its labels are, in numbers of the writer's own table. One point for how
# sure that is, as a range or a number of reviews, with people who label a gold set. One point for another plan and when to take it. One point for
# a risk that neither cost nor quality shows.
# ### END SOLUTION

# %% [markdown]
# ## Summary
#
# In this lab, you learned:
#
# - **Active Learning**: Query strategies (uncertainty, margin, entropy) to label smarter
# - **Weak Supervision**: Writing labeling functions to generate noisy but cheap labels
# - **LLM Labeling**: Using GPT/Gemini as automated annotators
# - **Noisy Label Detection**: Using cleanlab to find and fix label errors
# - **Cost Comparison**: Trade-offs between different labeling approaches
#
# ## Key takeaways
#
# | Method | Best When | Typical Savings |
# | --- | --- | --- |
# | Active Learning | Limited budget | 2-10x |
# | Weak Supervision | Patterns exist | 10-100x |
# | LLM Labeling | Well-defined task | 10-50x |
# | Hybrid | Large scale projects | 5-20x |
#
# These are the handout's. And this is what we measured:

# %%
rows = []
names = {
    "active_learning": "Active Learning",
    "weak_supervision": "Weak Supervision",
    "llm": "LLM Labeling",
    "hybrid": "Hybrid",
}
for method, label in names.items():
    cost = measured_cost(method, 100_000, **facts)
    loss = measured.qualities["manual"] - measured.qualities[method]
    rows.append((label, f"{100_000 * HUMAN_PRICE / cost:.1f}x", f"{100 * loss:.1f} points"))

columns = ["Method", "Cheaper than manual", "Accuracy lost"]
print(pd.DataFrame(rows, columns=columns).to_string(index=False))

# %% [markdown]
# **Think.** Without the last column, the one before it says nothing: whoever labels everything POSITIVE saves infinitely much. A factor means something only
# *at the same quality*. That is how studies reckon: for active learning, two to five times fewer labels in good cases and ten only where one
# class is rare; for weak supervision, a tenth of the effort at a few points less; for language models, about thirty times cheaper than crowd workers.
#
# **All together.** Challenge 2 combines the methods. At 100,000 simulated reviews the lab's own pipeline labels better than one person, for less
# than a seventeenth of the money; at 10,000 reviews plain active learning is better. The course's `docs/benchmarks.md` has the numbers, their
# spread, and the command that measures them.
#
# ## Next week
#
# **Week 5: Data Augmentation** - Create more training data without any labeling!
#
# If you want more of *this* week: the three challenges are waiting.
