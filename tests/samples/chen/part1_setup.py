# ---
# student: chen
# story: Forgot one package.
# deserves:
#   q1_1_environment:
#     every_package_has_a_version: unmet
# ---
# %% answer="q1_1_environment"
# My prediction (not graded):
from importlib.metadata import version
versions = {}
for name in "modAL-python scikit-learn pandas numpy matplotlib snorkel cleanlab google-genai".split():
    versions[name] = version(name)
