# ---
# student: farid
# story: Right, in an untidy notebook that went through Colab.
# mess: [colab_metadata]
# ---
# %%
# scratch
!python --version
import sys
print(sys.executable)

# %% answer="q1_1_environment"
import importlib.metadata, warnings
warnings.warn("just testing warnings")
versions = dict()
for x in ["modAL-python","scikit-learn","pandas","numpy","matplotlib","seaborn","snorkel","cleanlab","google-genai"]:
    print("now", x)
    versions.update({x: importlib.metadata.version(x)})
print(versions)

# %%
versions["numpy"]
# TODO ask TA if i need the challenge
