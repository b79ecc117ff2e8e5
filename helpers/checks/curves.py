"""What items look for on a graph of learning curves."""

from __future__ import annotations

from typing import Any

from .question import counted, expect

_NAMES = {"xlabel": "Number of labels", "ylabel": "Test accuracy"}


def axes_of(student: Any, name: str) -> list[dict]:
    """Return what a student has drawn on: at least one axes, each with what `name` itself is."""
    figure = student.figure(name)
    lines = "`plot` returns lines: " if figure["is"] == "lines" else ""
    expect(
        figure["axes"],
        expected=f"axes with curves in `{name}`",
        got="no axes",
        next_step=f"{lines}start with `fig, {name} = plt.subplots()` and draw with `{name}.plot`",
    )
    return [ax | {"is": figure["is"]} for ax in figure["axes"]]


def advice_on(ax: dict, name: str, next_step: str) -> str:
    """Return what to do about an axes: `next_step`, which would not work on a Figure."""
    if ax["is"] == "figure":
        return f"`{name}` is a Figure: write `fig, {name} = plt.subplots()`, in this order"
    return next_step


def axes_with_curves(student: Any, name: str, least: int) -> tuple[dict, list[dict]]:
    """Return an axes and its curves: lines with at least three points."""
    axes = axes_of(student, name)
    curves = [ax for ax in axes if _curves(ax)] or axes
    lines = _curves(curves[0])
    expect(
        len(lines) >= least,
        expected=f"at least {counted(least, 'curve')} on `{name}`",
        got=f"{len(lines)}",
        next_step=advice_on(
            curves[0],
            name,
            f"draw with `{name}.plot(...)`; `plt.gca()` after `plt.show()` is empty",
        ),
    )
    return curves[0], lines


def _curves(ax: dict) -> list[dict]:
    return [line for line in ax["lines"] if len(line["y"]) >= 3]


def expect_readable(ax: dict, name: str, curves: int) -> None:
    """Expect both axes named, and a legend with as many names as there are curves."""
    for label in ("xlabel", "ylabel"):
        given = ax[label].strip()
        expect(
            len(given) > 1,
            expected=f"a name for both axes of `{name}`",
            got=f"{repr(given) if given else 'no name'} for the {label[0]}-axis",
            next_step=f"name it in words, such as '{_NAMES[label]}'"
            if given
            else advice_on(ax, name, f"see `{name}.set_{label}`"),
        )
    names = {text.strip().lower() for text in ax["legend"] if text.strip()}
    expect(
        len(names) >= curves,
        expected=f"a legend that names {curves} curves",
        got=f"a legend with {counted(len(names), 'name')}" if ax["legend"] else "no legend",
        next_step="give each curve a `label`, then make the legend",
    )
