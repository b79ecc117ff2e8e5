"""Hidden items of part 1."""

from __future__ import annotations

from importlib.metadata import version

from helpers.checks import expect
from helpers.checks.part1 import GEMINI, PACKAGES, environment, versions_of


@environment.item(points=1, hidden=True)
def versions_are_the_installed_ones(student):
    """Each version is the one that is installed where the notebook runs."""
    versions = versions_of(student)
    # A missing name costs its own item; here only what was reported is looked at.
    reported = [name for name in (*PACKAGES, GEMINI) if name in versions]
    expect(
        len(reported) >= 5,
        expected="versions of most of the packages",
        got=f"{len(reported)} of them",
        next_step="report the packages first, then their versions",
    )
    wrong = [name for name in reported if versions[name] != version(name)]
    expect(
        not wrong,
        expected=[version(name) for name in wrong],
        got=[versions[name] for name in wrong],
        next_step="let Python ask the environment for each version, instead of typing it",
    )
