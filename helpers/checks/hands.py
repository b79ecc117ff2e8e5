"""Hands and eyes for items that look at a user interface made of widgets."""

from __future__ import annotations

import html
import io
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout, suppress
from functools import partial
from typing import Any
from unittest.mock import patch

# Marks within a line: they part no words.
_WITHIN_A_LINE = (
    "a|abbr|b|big|cite|code|del|em|font|i|ins|kbd|mark|s|small|span|strike|strong|sub|sup|tt|u|var"
)
_MARK = re.compile(rf"</?(?:{_WITHIN_A_LINE})(?=[\s/>])[^>]*>", re.IGNORECASE)
_WIDGET = "application/vnd.jupyter.widget-view+json"


class Hands:
    """Sees, clicks and types what a person would.

    An instance is patched into the student's process, and its methods are called there: they return
    plain values only. The interface is what the method `view` of the name `_tool` returns; labels
    are in a file of JSON lines.
    """

    def __init__(self) -> None:
        self.view: Any = None
        self.printed: list[tuple[str, str]] = []
        self.displayed: list[Any] = []

    def path(self) -> str:
        """Return the path of a file that is not there yet, in a folder of its own."""
        # It goes when this object goes.
        self.folder = tempfile.TemporaryDirectory(prefix="labels-")
        self.file = os.path.join(self.folder.name, "labels.jsonl")
        return self.file

    def entries(self, path: str) -> list:
        """Return the lines of a file that are JSON."""
        found = []
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                for line in file.read().split("\n"):
                    with suppress(ValueError):
                        found.append(json.loads(line))
        return found

    def open(self) -> str:
        """Open the view; return "widget", or what it is instead."""
        self.view = self._watched(_names()["_tool"].view)
        return "widget" if hasattr(self.view, "comm") else type(self.view).__name__

    def press(self, word: str) -> bool:
        """Click the button with this word on it; return whether there is one."""
        for trait in ("description", "tooltip"):
            for widget in self._widgets():
                said = str(getattr(widget, trait, None) or "")
                if hasattr(widget, "click") and word.lower() in said.lower():
                    self._watched(widget.click)
                    return True
        return False

    def type(self, key: str) -> bool:
        """Type a key, and Enter, into a text box; return whether there is one.

        Where there are several, one after another, until the tool has done something: nothing says
        which of them is for keys.
        """
        boxes = [w for w in self._widgets() if _is_a("Text", w) and not w.disabled]
        before = self._state() if len(boxes) > 1 else None
        for box in boxes:
            self._watched(partial(_enter, box, key))
            if len(boxes) > 1 and self._state() != before:
                break
        return bool(boxes)

    def text(self) -> str:
        """Return what can be read in the view, and what the last action printed."""
        parts = list(self.printed)
        for widget in self._widgets():
            kind = "html" if _is_a("HTML", widget) or _is_a("HTMLMath", widget) else ""
            parts.append((kind, getattr(widget, "value", "")))
            for output in getattr(widget, "outputs", ()):
                parts += [("", output.get("text", "")), *_text_in(output.get("data", {}))]
        return " ".join(" ".join(_readable(kind, str(text)) for kind, text in parts).split())

    def attempt(self, method: str, *args: Any) -> None:
        """Call a method of the tool, which may or may not let an error of the disk through."""
        # It may say in an error of its own that nothing was saved. What counts is how the tool
        # stands afterwards, and that is looked at.
        with suppress(Exception):
            getattr(_names()["_tool"], method)(*args)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)

    def _widgets(self) -> list:
        """Return the view's widgets, those within them, and those that were displayed."""
        found, waiting = [], [self.view, *self.displayed]
        while waiting:
            widget = waiting.pop(0)
            if not any(widget is other for other in found):
                found.append(widget)
                waiting += getattr(widget, "children", ())
                outputs = getattr(widget, "outputs", ())
                waiting += _widgets_in(output.get("data", {}) for output in outputs)
        return found

    def _state(self) -> Any:
        """Return what is another when the tool has done something."""
        return repr(_names()["_tool"].current()), self.entries(self.file)

    def _watched(self, action: Callable[[], Any]) -> Any:
        """Do something; keep what it prints and displays, and raise what a handler raised."""
        from IPython import get_ipython

        shell, raised, text = get_ipython(), [], io.StringIO()
        with (
            redirect_stdout(text),
            # ipywidgets catches what a button's handler raises, and shows it where nobody looks.
            patch.object(shell, "showtraceback", lambda *_, **__: raised.append(sys.exc_info()[1])),
            # The publisher itself stays: in a live kernel, Output widgets need its other methods.
            patch.object(shell.display_pub, "publish") as publish,
            patch.object(shell.display_pub, "clear_output") as clear,
        ):
            result = action()
        if raised:
            raise raised[0]
        shown = [call.kwargs.get("data") or call.args[0] for call in publish.call_args_list]
        # What an action does not replace stays on the screen.
        if shown or text.getvalue() or clear.called:
            self.printed = [
                ("", text.getvalue()),
                *(part for data in shown for part in _text_in(data)),
            ]
        widgets = _widgets_in(shown)
        self.displayed = widgets if widgets and clear.called else [*self.displayed, *widgets]
        return result


def _names() -> dict[str, Any]:
    from IPython import get_ipython

    return get_ipython().user_ns


def _is_a(name: str, widget: Any) -> bool:
    """Tell whether a widget is of this kind, or of one that was made from it."""
    return any(kind.__name__ == name for kind in type(widget).__mro__)


def _enter(box: Any, key: str) -> None:
    box.value += key
    box._handle_custom_msg({"event": "submit"}, [])


def _widgets_in(shown: Iterable[dict[str, Any]]) -> list:
    """Return the widgets among what is displayed, which says of each only its number."""
    from ipywidgets.widgets import widget

    numbers = [data[_WIDGET]["model_id"] for data in shown if _WIDGET in data]
    # The second is what it was called before ipywidgets 8.
    known = getattr(widget, "_instances", None) or widget.Widget.widgets
    return [known[number] for number in numbers if number in known]


def _text_in(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what can be read in something displayed; a widget is looked at itself."""
    return [] if _WIDGET in data else list(data.items())


def _readable(kind: str, text: str) -> str:
    """Return what a reader sees of HTML, or of Markdown with HTML in it."""
    if "html" in kind or "markdown" in kind:
        return html.unescape(re.sub(r"<[^>]*>", " ", _MARK.sub("", text)))
    return text
