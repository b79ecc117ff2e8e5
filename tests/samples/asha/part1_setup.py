# ---
# student: asha
# story: Complete and idiomatic.
# ---
# %% answer="q1_1_environment"
# My prediction (not graded): scikit-learn 1.7.something; modAL and snorkel are probably below 1.
from importlib.metadata import version

names = ["modAL-python", "scikit-learn", "pandas", "numpy", "matplotlib", "seaborn", "snorkel",
         "cleanlab", "google-genai"]
versions = {name: version(name) for name in names}
versions
