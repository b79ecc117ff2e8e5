"""What items look for on a graph of learning curves."""

from __future__ import annotations

from typing import Any

from .question import expect


def axes_with_curves(student: Any, name: str, least: int) -> tuple[dict, list[dict]]:
    """Return an axes and its curves: lines with at least three points."""
    axes = student.figure(name)["axes"]
    curves = [ax for ax in axes if _curves(ax)] or axes
    expect(curves, expected=f"axes with curves in `{name}`", got="no axes")
    lines = _curves(curves[0])
    expect(
        len(lines) >= least,
        expected=f"at least {least} curves on `{name}`",
        got=f"{len(lines)}",
        next_step=f"draw with `{name}.plot(...)`; `plt.gca()` after `plt.show()` is empty",
    )
    return curves[0], lines


def _curves(ax: dict) -> list[dict]:
    return [line for line in ax["lines"] if len(line["y"]) >= 3]


def expect_readable(ax: dict, name: str, curves: int) -> None:
    """Expect both axes named, and a legend with as many names as there are curves."""
    for label in ("xlabel", "ylabel"):
        expect(
            len(ax[label].strip()) > 1,
            expected=f"a name for both axes of `{name}`",
            got=f"{'nothing' if not ax[label].strip() else ax[label]!r} as the {label[0]}-axis's",
            next_step=f"see `{name}.set_{label}`",
        )
    names = {text.strip().lower() for text in ax["legend"] if text.strip()}
    expect(
        len(names) >= curves,
        expected=f"a legend that names {curves} curves",
        got=f"a legend with {len(names)} names" if ax["legend"] else "no legend",
        next_step="give each curve a `label`, then make the legend",
    )
