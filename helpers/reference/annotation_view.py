"""What the annotation tool looks like: a review, buttons, keys, progress."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

if TYPE_CHECKING:
    from .annotation import AnnotationTool

SKIP, UNDO = "Skip", "Undo"


def make_view(tool: AnnotationTool) -> widgets.VBox:
    """Put widgets around a tool.

    Parameters
    ----------
    tool : AnnotationTool

    Returns
    -------
    VBox
        Review, buttons, a box for keys, a line that says how things stand, and a bar.

    Notes
    -----
    ipywidgets has no key events. A text box reports every change, so it serves as a keyboard: it
    keeps what is typed, and a key counts when the text has grown. Emptying the box from Python
    would race with a quick typist; this does not. Of keys that arrive together only the first
    counts: the others were typed before the next review was shown.
    """
    review, status = widgets.HTML(), widgets.HTML()
    bar = widgets.IntProgress(max=max(1, len(tool.reviews)), layout={"width": "100%"})
    actions: dict[str, Callable[[], Any]] = {
        name: lambda value=value: tool.label(value) for name, value in tool.names.items()
    }
    actions |= {SKIP: tool.skip, UNDO: tool.undo}
    keys = keys_for([*actions])
    box = widgets.Text(
        description="Keys",
        placeholder="click here and type " + ", ".join(keys),
        layout={"width": "24em"},
    )

    def show(problem: str = "") -> None:
        row = tool.current()
        text = "All reviews are labeled. Thank you!" if row is None else tool.reviews[row]
        review.value = (
            "<div style='font-size: 130%; line-height: 1.5; min-height: 5em; max-width: 45em; "
            f"white-space: pre-wrap' dir='auto'>{html.escape(text)}</div>"
        )
        done, total = tool.progress()
        said = html.escape(problem) or f"{done} of {total} labeled{_pace(tool)}"
        status.value = f"<div role='status'>{said}</div>"
        bar.value = done

    def act(name: str) -> None:
        problem = ""
        try:
            actions[name]()
        except OSError as error:
            problem = f"NOT SAVED: {error}. The review stays here; try again."
        finally:
            # Whatever happened: never show another review than the one that a click would label.
            show(problem)

    def press(name: str) -> None:
        act(name)
        box.focus()  # so that keys work after a click, too

    def on_text(change: dict[str, str]) -> None:
        new, old = change["new"], change["old"]
        name = keys.get(new[len(old) : len(old) + 1].lower())
        if name is not None:
            act(name)

    box.observe(on_text, "value")
    buttons = [_button(name, key, press) for key, name in keys.items()]
    show()
    return widgets.VBox([review, widgets.HBox(buttons), box, status, bar])


def keys_for(names: list[str]) -> dict[str, str]:
    """Give every name a key: its first letter that is free, or else a digit.

    >>> keys_for(["Positive", "Negative", "Neutral", "Skip", "Undo"])
    {'p': 'Positive', 'n': 'Negative', 'e': 'Neutral', 's': 'Skip', 'u': 'Undo'}
    """
    keys: dict[str, str] = {}
    # Skip and undo are the same everywhere, so they choose first.
    for name in sorted(names, key=lambda name: name not in (SKIP, UNDO)):
        letters = [c for c in name.lower() if c.isalnum()] + list("1234567890")
        keys[next(c for c in letters if c not in keys)] = name
    return {key: name for name in names for key, own in keys.items() if own == name}


def _button(name: str, key: str, press: Callable[[str], None]) -> widgets.Button:
    button = widgets.Button(description=f"{name} ({key})", tooltip=f"{name}: key {key}")
    button.on_click(lambda _: press(name))
    return button


def _pace(tool: AnnotationTool) -> str:
    seconds = tool.seconds()
    return f", {sum(seconds) / len(seconds):.1f} s each" if seconds else ""
