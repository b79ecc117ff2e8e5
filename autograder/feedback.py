"""Keep a page of feedback small enough to open, whatever a notebook shows."""

from __future__ import annotations

import html
import re
from typing import Any

from nbconvert.preprocessors import Preprocessor

from .outputs import notice

# In characters of the page, as far as a notebook decides: 2 MB with what is always there.
_ROOM = 1_200_000
_SHOWN = 1_000
_TOKEN = re.compile(r"\w+|[^\w\s]")
# What becomes of one: `<span class="n">…</span>`, an anchor at a heading, a coloured span.
_TOKEN_CHARS, _MARKDOWN_CHARS, _COLOUR_CHARS = 27, 20, 100


class FitFeedback(Preprocessor):
    """Shortens a notebook until its page is small: the longest code and outputs first.

    A part of every conversion to HTML (`c.HTMLExporter.preprocessors`). What is in submitted/ and
    autograded/ stays whole.
    """

    def preprocess(self, nb: Any, resources: dict) -> tuple[Any, dict]:
        pieces = [piece for cell in nb.cells for piece in _pieces(cell)]
        length = sum(size for size, _, _ in pieces)
        for size, cell, what in sorted(pieces, key=lambda piece: -piece[0]):
            if length <= _ROOM:
                break
            length -= size
            if what == "source":
                rest = "[the rest of this cell is not shown here: it is too long]"
                cell.source = cell.source[:_SHOWN] + f"\n# {rest}"
            else:
                cell.outputs = [notice("[not shown here: this cell's output is too long]")]
        return nb, resources


def _pieces(cell: Any) -> list[tuple[int, Any, str]]:
    """Return what can be shortened in a cell, with its length on the page."""
    tags = cell.metadata.get("nbgrader", {})
    pieces = []
    if "own" in cell.metadata or tags.get("solution", False):
        long = _code_length if cell.cell_type == "code" else _markdown_length
        pieces.append((long(cell.source), cell, "source"))
    is_check = tags.get("grade", False) and not tags.get("solution", False)
    if cell.cell_type == "code" and cell.outputs and not is_check:
        pieces.append((sum(map(_output_length, cell.outputs)), cell, "outputs"))
    return pieces


def _code_length(source: str) -> int:
    return len(html.escape(source)) + _TOKEN_CHARS * len(_TOKEN.findall(source))


def _markdown_length(source: str) -> int:
    return _MARKDOWN_CHARS * len(source)


def _output_length(output: Any) -> int:
    if output.output_type == "stream":
        return _text_length(output.text)
    if output.output_type == "error":
        return sum(map(_text_length, [output.ename, output.evalue, *output.traceback]))
    long = {"text/markdown": _markdown_length, "text/plain": _text_length}
    return max((long.get(kind, len)(text) for kind, text in output.data.items()), default=0)


def _text_length(text: str) -> int:
    return len(html.escape(text)) + _COLOUR_CHARS * text.count("\x1b")
