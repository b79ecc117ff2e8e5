# %% [markdown]
# # Week 4 Lab: Optimizing the Labeling Process
#
# **CS 203: Software Tools and Techniques for AI**
#
# IIT Gandhinagar

# %% [markdown]
# ## Learning objectives
#
# By the end of this lab, you will be able to:
#
# - Implement Active Learning with uncertainty sampling using modAL
# - Write and apply labeling functions for Weak Supervision with Snorkel
# - Use LLMs (like Gemini) to generate labels programmatically
# - Detect and handle noisy labels with cleanlab
# - Compare the cost and quality trade-offs of different labeling approaches

# %% [markdown]
# ## Netflix movie theme
#
# We need to label **100,000 movie reviews** for sentiment analysis. Manual labeling would cost **30,000 dollars** and take
# months. Let's use smarter approaches!
#
# In the last part you come back to this number with a table of your own: what each approach costs, how good it is,
# and which one you would choose.

# %% [markdown]
# ## How this lab works
#
# | notebook | what you do |
# | --- | --- |
# | Part 1: Environment Setup | make sure that everything runs |
# | Part 2: Create Movie Review Dataset | make the data, and find out what is wrong with it |
# | Part 3: Active Learning with modAL | let the model choose which reviews to label |
# | Part 4: Weak Supervision with Snorkel | write rules instead of labels |
# | Part 5: LLM-Based Labeling | let a language model label |
# | Part 6: Noisy Label Detection with cleanlab | find labels that are wrong |
# | Part 7: Cost Comparison | put a price on all of it |
# | Challenges 1 to 3 | for those who want more |
#
# Every part stands alone. If you are stuck in one, go on with the next and come back later.
#
# The texts speak of **the handout**. That is the first version of this lab, on which these notebooks are built. Its code is kept,
# with some lines mended, where you see `# SOLVED` or `# TODO`.
#
# **Every question with code has the same four steps.**
#
# 1. **Predict.** Say what you expect before you run anything. A wrong guess is worth more than none: it shows you
#    what you did not know. Predictions are not graded.
# 2. **Do.** Write your code where it says `# Your code here`, and in place of the dots in lines like `versions = ...`.
#    The other cells are given, and locked.
# 3. **Look.** Run the check below your answer. Compare the result with your prediction.
# 4. **Think.** A sentence or two on what it means.
#
# **What a check tells you.** `check("q1_1_environment")` lists statements about your answer. Each one is
# *met*, *unmet*, an *error* (your code raised one, or left something that the check cannot read) or *not attempted*. Run it as often as
# you like. Does it say that `check`, or another name you did not make, is not defined? Then the kernel was restarted: choose
# *Run ▸ Run All Above Selected Cell*.
#
# Some statements are hidden until your work is graded. They try your code on other inputs (none at all, a single one, a column whose
# index does not begin at 0, another alphabet), and look whether your numbers and curves are what you say they are.
#
# **Names matter.** Where a question asks for `versions`, the check looks for a name spelled exactly so.
#
# **Round when you print, not what you keep.** Of a share, checks want at least three decimals.
#
# **Before you hand in**, choose *Kernel ▸ Restart Kernel and Run All Cells*, and see whether your checks are still met: when your
# work is graded, it is run again from the top.
#
# You may see *Validate* and *Create Assignment* in JupyterLab's toolbar. You need neither.

# %% [markdown]
# ## Part 1: Environment setup
#
# If you made the course environment as README.md says, all of this is installed and you need not run it:
#
# ```
# # Install required packages
# pip install modAL-python "scikit-learn<1.8" pandas numpy matplotlib seaborn
# pip install snorkel
# pip install "cleanlab[datalab]"
# pip install google-genai  # For Gemini API
# ```
#
# Three names may look odd. They are a lesson in themselves: an install line that once worked does not work for ever.
#
# - `"scikit-learn<1.8"`: modAL calls a scikit-learn option by a name that scikit-learn 1.8 removed.
# - `"cleanlab[datalab]"`: plain `cleanlab` comes without what `Datalab` needs. The part in brackets asks for the extras.
# - `google-genai`: older guides say `google-generativeai`. That is another, retired package. It does not
#   bring what our code imports.

# %% [markdown]
# Run the next cell. It can take half a minute the first time.

# %%
# Import libraries
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
import seaborn as sns
from sklearn.datasets import fetch_20newsgroups
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import train_test_split
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, classification_report

np.random.seed(42)
print("All imports successful!")

# %% [markdown]
# Two remarks on this cell.
#
# - `fetch_20newsgroups` loads a classic text dataset. The lab does not need it; it is there if you want to try a
#   method on text that nobody made up.
# - `np.random.seed(42)` makes NumPy's random numbers the same in every run, as long as the cells run in the same
#   order.
#
# Three more packages work in the background: `jupyterlab` shows this notebook, `nbgrader` knows which cells are graded
# and carries your marks, and `ipywidgets` draws the buttons of Challenge 3.

# %%
import ipywidgets
import jupyterlab
import nbgrader

print("JupyterLab, nbgrader and ipywidgets are there.")

# %% [markdown]
# The lab also has tools of its own, in the folder `helpers`: starting points for each part, plots, and the checks.

# %%
from helpers import checkpoints, plots
from helpers.checks import check

plots.style()

# %% [markdown]
# ## Question 1.1: Check your environment (about 5 minutes)
#
# When something breaks, the first question is always: *which versions do you have?* Let the environment answer,
# not your memory.
#
# **Predict.** scikit-learn has to be below 1.8. Which version do you have? Which of the nine packages do you expect to
# be still below version 1?
#
# **Do.** Make `versions`: a dict, or a small table, from the name of each package to its installed version.
# Take the nine packages of the install lines above, under the names you install them by (for cleanlab, the name without
# the brackets). Read each version from the environment; do not type it.
#
# **A good result** looks like `{'modAL-python': '0.4.2.1', ...}`: nine names, and nine versions as text.
#
# <details><summary>Hint 1</summary>
#
# Python's standard library knows what is installed: `from importlib.metadata import version`.
# Then `version("numpy")` is a text.
#
# </details>
#
# <details><summary>Hint 2</summary>
#
# Put the names in a list, and loop over it. `PackageNotFoundError` means that there is no package of this name:
# compare with the install lines, letter by letter.
#
# </details>

# %% answer="q1_1_environment"
# My prediction (not graded):

versions = ...
### BEGIN SOLUTION
from importlib.metadata import version

packages = [
    "modAL-python", "scikit-learn", "pandas", "numpy", "matplotlib",
    "seaborn", "snorkel", "cleanlab", "google-genai",
]
versions = {name: version(name) for name in packages}
versions
### END SOLUTION

# %% check="q1_1_environment"
check("q1_1_environment")

# %% [markdown]
# **Think.** Somebody sends you a notebook that "worked last year". Which line would you ask for first, and why is
# `pip install scikit-learn`, without a version, not enough?
#
# Go on with **Part 2: Create Movie Review Dataset**.
