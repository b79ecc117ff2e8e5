# ---
# student: dev
# story: Typed the versions from memory, and the old Gemini package with them.
# deserves:
#   q1_1_environment:
#     the_gemini_package_has_its_real_name: unmet
#     versions_are_the_installed_ones: unmet
# ---
# %% answer="q1_1_environment"
versions = {
    "modAL-python": "0.4.1", "scikit-learn": "1.5", "pandas": "2.2", "numpy": "1.26", "matplotlib": "3.9",
    "seaborn": "0.12", "snorkel": "0.9.9", "cleanlab": "2.6", "google-generativeai": "0.8",
}
