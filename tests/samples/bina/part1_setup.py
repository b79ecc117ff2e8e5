# ---
# student: bina
# story: Complete, in other styles; here a pandas table, import names, and __version__.
# ---
# %% answer="q1_1_environment"
# My prediction (not graded): 1.7
import importlib.metadata as metadata
import sklearn
import matplotlib

rows = [["sklearn", sklearn.__version__], ["pandas", pd.__version__], ["numpy", np.__version__],
        ["matplotlib", matplotlib.__version__], ["seaborn", sns.__version__]]
for package in ("modAL-python", "snorkel", "cleanlab", "google-genai"):
    rows.append([package, metadata.version(package)])
versions = pd.DataFrame(rows, columns=["package", "version"])
versions
