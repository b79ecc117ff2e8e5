"""Public items of part 1: the environment."""

from __future__ import annotations

from typing import Any

from .question import Question, expect
from .values import as_mapping

environment = Question("q1_1_environment")

PACKAGES = (
    "modal-python",
    "scikit-learn",
    "pandas",
    "numpy",
    "matplotlib",
    "seaborn",
    "snorkel",
    "cleanlab",
)
GEMINI = "google-genai"
_OTHER_NAMES = {"sklearn": "scikit-learn", "modal": "modal-python", "cleanlab[datalab]": "cleanlab"}


def versions_of(student: Any) -> dict[str, str]:
    """Return `versions` with names as the package index writes them, and versions as text."""
    versions = {}
    for name, version in as_mapping(student.get("versions"), "`versions`").items():
        plain = str(name).strip().lower().replace("_", "-")
        versions[_OTHER_NAMES.get(plain, plain)] = version if isinstance(version, str) else ""
    return versions


@environment.item(points=0.5)
def every_package_has_a_version(student):
    """`versions` has a version, as text, for each package but Google's."""
    versions = versions_of(student)
    missing = [name for name in PACKAGES if name not in versions]
    expect(
        not missing,
        expected=", ".join(PACKAGES),
        got=f"nothing for {', '.join(missing)}",
        next_step="compare your names with the install lines at the top",
    )
    odd = [name for name in PACKAGES if not versions[name][:1].isdigit()]
    expect(
        not odd,
        expected="versions as text, such as '1.2.3'",
        got=f"something else for {', '.join(odd)}",
        next_step="look at what `version(name)` gives for one package",
    )


@environment.item(points=0.5)
def the_gemini_package_has_its_real_name(student):
    """`versions` names the package that `from google import genai` comes from."""
    versions = versions_of(student)
    google = sorted(name for name in versions if "google" in name or "genai" in name)
    expect(
        GEMINI in versions,
        expected="the name of the package in the last install line",
        got=", ".join(google) or "no package of Google's",
        next_step="of the two names in the text above, one belongs to a retired package",
    )
