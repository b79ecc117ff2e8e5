# ---
# student: ines
# story: Handed in parts 1 and 2 only.
# ---
# %% answer="q1_1_environment"
# My prediction (not graded): 1.7.2
from importlib.metadata import version
versions = {p: version(p) for p in ("modAL-python", "scikit-learn", "pandas", "numpy", "matplotlib", "seaborn",
                                    "snorkel", "cleanlab", "google-genai")}
