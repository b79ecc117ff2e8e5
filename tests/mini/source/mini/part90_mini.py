# %% [markdown]
# # A small part

# %%
import numpy as np
from helpers.checks import check

START = 10

# %% [markdown]
# ## Question 90.1: Double (about 1 minute)


# %% answer="q90_1_double"
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %% check="q90_1_double"
check("q90_1_double")

# %% [markdown]
# ## Question 90.2: Total

# %% answer="q90_2_total"
total = ...
### BEGIN SOLUTION
total = sum([START, 2, 3])
### END SOLUTION

# %% check="q90_2_total"
check("q90_2_total")

# %% [markdown]
# ## Question 90.3: Why

# %% [markdown] reflect="q90_3_why" points=2
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
