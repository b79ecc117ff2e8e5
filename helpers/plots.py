"""Plots that everyone can read: colours for colour-blind eyes, marks besides colours, alt text."""

from __future__ import annotations

import base64
import html
import io

import matplotlib.pyplot as plt
from cycler import cycler
from IPython.display import display
from matplotlib.figure import Figure

# Okabe and Ito (2008): apart for every common kind of colour blindness. Their yellow is too
# pale for lines on white.
PALETTE = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "black": "#000000",
    "yellow": "#F0E442",
}

# One look for each query strategy, in every plot: `ax.plot(x, y, **STYLES["random"])`.
STYLES = {
    "random": {"color": PALETTE["black"], "linestyle": "--", "marker": "s"},
    "uncertainty": {"color": PALETTE["blue"], "linestyle": "-", "marker": "o"},
    "margin": {"color": PALETTE["orange"], "linestyle": "-.", "marker": "^"},
    "entropy": {"color": PALETTE["green"], "linestyle": ":", "marker": "D"},
}


def style() -> None:
    """Set Matplotlib's defaults for the lab.

    Curves that are drawn without a style of their own differ in colour, line and marker.
    """
    names = ["blue", "orange", "green", "vermilion", "purple", "sky", "black"]
    curves = (
        cycler(color=[PALETTE[name] for name in names])
        + cycler(linestyle=["-", "-.", ":", "--", "-", "-.", "--"])
        + cycler(marker=["o", "^", "D", "v", "P", "X", "s"])
    )
    plt.rcParams.update(
        {
            "axes.prop_cycle": curves,
            "figure.figsize": (7, 4.2),
            "figure.dpi": 100,
            "font.size": 11,
            "lines.markersize": 5,
            "axes.grid": True,
            "grid.alpha": 0.35,
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    )


def show(fig: Figure, alt: str) -> None:
    """Show a figure, with words for those who cannot see it.

    Parameters
    ----------
    fig : Figure
    alt : str
        What the figure shows and what can be read off it, in a sentence or two.

    Raises
    ------
    ValueError
        If there is no such text.
    """
    if not alt.strip():
        raise ValueError("say in `alt` what the figure shows, for readers who cannot see it")
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", bbox_inches="tight", metadata={"Software": None})
    plt.close(fig)  # or Jupyter would show it a second time, without the words
    image = base64.b64encode(buffer.getvalue()).decode()
    display(
        {"image/png": image, "text/plain": alt},
        metadata={"image/png": {"alt": alt}},
        raw=True,
    )
    # JupyterLab shows pictures without their `alt`: these words it does show, folded.
    words = f"<details><summary>This plot in words</summary>{html.escape(alt)}</details>"
    display({"text/html": words, "text/plain": alt}, raw=True)
