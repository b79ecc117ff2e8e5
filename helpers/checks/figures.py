"""Describe a Matplotlib figure as plain data, so that items can check what it shows."""

from __future__ import annotations

from typing import Any

import numpy as np


def describe(value: Any) -> dict:
    """Describe an axes, a figure, or a collection of axes.

    Parameters
    ----------
    value : Axes, Figure, array of Axes, or an object with `figure` (as seaborn's grids)

    Returns
    -------
    dict
        See `Student.figure`; and under "is" what `value` is: "figure", "lines" or "other".

    Raises
    ------
    TypeError
        If there is no axes to be found in `value`.
    """
    return {"is": _kind_of(value), "axes": [_describe_axes(ax) for ax in _axes_of(value)]}


def _kind_of(value: Any) -> str:
    """Tell apart what is often taken for axes."""
    from matplotlib.figure import FigureBase
    from matplotlib.lines import Line2D

    if isinstance(value, FigureBase):
        return "figure"
    lines = isinstance(value, list) and value and all(isinstance(x, Line2D) for x in value)
    return "lines" if lines else "other"


def _axes_of(value: Any) -> list:
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

    if isinstance(value, Axes):
        return [value]
    if isinstance(value, FigureBase):
        return list(value.axes)
    if isinstance(value, (list, tuple, np.ndarray)):
        return [ax for ax in np.ravel(np.asarray(value, dtype=object)) if isinstance(ax, Axes)]
    if isinstance(getattr(value, "figure", None), FigureBase):
        return list(value.figure.axes)
    raise TypeError(f"expected a Matplotlib axes, got a {type(value).__name__}")


def _describe_axes(ax: Any) -> dict:
    legends = [ax.get_legend(), *ax.figure.legends]
    return {
        "xlabel": ax.get_xlabel(),
        "ylabel": ax.get_ylabel(),
        "legend": [t.get_text() for legend in legends if legend for t in legend.get_texts()],
        "lines": [_describe_line(line) for line in ax.get_lines()],
        "bands": len(ax.collections),
        "points": [np.asarray(c.get_offsets(), dtype=float) for c in ax.collections],
        "texts": [text.get_text() for text in ax.texts],
    }


def _describe_line(line: Any) -> dict:
    return {
        "label": str(line.get_label()),
        "x": np.asarray(line.get_xdata(orig=False), dtype=float),
        "y": np.asarray(line.get_ydata(orig=False), dtype=float),
    }
