"""Hands and eyes for items that look at a user interface made of widgets."""

from __future__ import annotations

import html
import io
import json
import os
import re
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from typing import Any
from unittest.mock import patch

from .namespace import is_stub


class Hands:
    """Sees, clicks and types what a person would.

    An instance is patched into the student's process, and its methods are called there: they return
    plain values only. The interface is what the method `view` of the name `_tool` returns; labels
    are in a file of JSON lines.
    """

    def __init__(self) -> None:
        self.view: Any = None
        self.printed: list[tuple[str, str]] = []

    def path(self) -> str:
        """Return the path of a file that is not there yet, in a folder of its own."""
        # It goes when this object goes.
        self.folder = tempfile.TemporaryDirectory(prefix="labels-")
        return os.path.join(self.folder.name, "labels.jsonl")

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
        """Open the view; return "widget", "stub", or what it is instead."""
        view = _names()["_tool"].view
        if is_stub(view):
            return "stub"
        self.view = self._watched(view)
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
        """Type a key, and Enter, into the first text box; return whether there is one."""
        boxes = [w for w in self._widgets() if type(w).__name__ == "Text" and not w.disabled]

        def act() -> None:
            boxes[0].value += key
            boxes[0]._handle_custom_msg({"event": "submit"}, [])

        if boxes:
            self._watched(act)
        return bool(boxes)

    def text(self) -> str:
        """Return what can be read in the view, and what the last action printed."""
        parts = list(self.printed)
        for widget in self._widgets():
            name = type(widget).__name__
            parts.append(("html" if name.startswith("HTML") else "", getattr(widget, "value", "")))
            for output in getattr(widget, "outputs", ()):
                parts += [("", output.get("text", "")), *output.get("data", {}).items()]
        return " ".join(" ".join(_readable(kind, str(text)) for kind, text in parts).split())

    def attempt(self, method: str, *args: Any) -> None:
        """Call a method of the tool, which may or may not let an error of the disk through."""
        with suppress(OSError):
            getattr(_names()["_tool"], method)(*args)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)

    def _widgets(self) -> list:
        found, waiting = [], [self.view]
        while waiting:
            found.append(waiting.pop(0))
            waiting += getattr(found[-1], "children", ())
        return found

    def _watched(self, action: Callable[[], Any]) -> Any:
        """Do something; keep what it prints and displays, and raise what a handler raised."""
        from IPython import get_ipython

        shell, raised, text = get_ipython(), [], io.StringIO()
        with (
            redirect_stdout(text),
            # ipywidgets catches what a button's handler raises, and shows it where nobody looks.
            patch.object(shell, "_showtraceback", lambda _, error, __: raised.append(error)),
            # The publisher itself stays: in a live kernel, Output widgets need its other methods.
            patch.object(shell.display_pub, "publish") as publish,
            patch.object(shell.display_pub, "clear_output"),
        ):
            result = action()
        if raised:
            raise raised[0]
        shown = [call.kwargs.get("data") or call.args[0] for call in publish.call_args_list]
        self.printed = [("", text.getvalue()), *(part for data in shown for part in data.items())]
        return result


def _names() -> dict[str, Any]:
    from IPython import get_ipython

    return get_ipython().user_ns


def _readable(kind: str, text: str) -> str:
    """Return what a reader sees of HTML, or of Markdown with HTML in it."""
    if "html" in kind or "markdown" in kind:
        return html.unescape(re.sub(r"<[^>]*>", " ", text))
    return text
