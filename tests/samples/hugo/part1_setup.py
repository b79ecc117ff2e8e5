# ---
# student: hugo
# story: The loop stops at the old Gemini package with an exception; what was done before it counts.
# deserves:
#   q1_1_environment:
#     the_gemini_package_has_its_real_name: unmet
# ---
# %% answer="q1_1_environment"
from importlib.metadata import version
versions = {}
for p in ["modAL-python", "scikit-learn", "pandas", "numpy", "matplotlib", "seaborn", "snorkel", "cleanlab",
          "google-generativeai"]:
    versions[p] = version(p)
