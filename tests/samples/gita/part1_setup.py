# ---
# student: gita
# story: Right.
# ---
# %% answer="q1_1_environment"
from importlib.metadata import version
pkgs = ['modAL-python', 'scikit-learn', 'pandas', 'numpy', 'matplotlib', 'seaborn', 'snorkel', 'cleanlab', 'google-genai']
versions = pd.Series([version(p) for p in pkgs], index=pkgs)
