"""Fuzz `autograder.outputs`; how to run it is said in common.py.

Whatever student code showed or wrote: what is kept is a valid notebook that can be stored, and
the page which nbgrader makes of it for the student, and for whoever marks, runs no script.
"""

from __future__ import annotations

import contextlib
import json
import os
import warnings
from functools import cache
from typing import Any

from common import Memory, atheris, fuzz

with atheris().instrument_imports(include=["autograder.outputs", "helpers.checks", "mistune"]):
    from nbconvert.exporters import HTMLExporter

    from autograder.outputs import clean_outputs, safe_markdown
    from helpers.checks import wire

import nbformat
import nbgrader
import nh3
from traitlets.config import Config

FEW_BYTES = 32 * 2**20
MIMES = ["text/html", "text/markdown", "text/latex", "text/plain", "image/png", "image/svg+xml"]
# Parts of what could run something, for a fuzzer to put together.
PIECES = [
    "<", ">", "</", "/>", "'", '"', "=", " ", "\n", "\t", "\0", "&", ";", "&#", "\\", "`", "```",
    "~~~", "[", "](", ")", "]:", "![", "$", "$$", "\\begin{a}", "\\end{a}", "\\(", "|", "-|-",
    "script", "img src=x ", "onerror=", "onload=", "svg", "math", "style", "iframe", "srcdoc=",
    "a href=", "javascript:", "java&#115;cript&colon;", "vbscript:", "data:text/html,", "alert(1)",
    "attachment:x", "http://a.b", "<!--", "-->", "<![CDATA[", "<?", "noscript", "template",
    "textarea", "title", "table", "td", "p", "b", "# ", "> ", "- ", "1. ", "[^1]", "mermaid",
    "\x1b[31m", "\x1b]8;;javascript:x\x1b\\",
]  # fmt: skip
FINE = {
    "a", "abbr", "b", "blockquote", "body", "br", "center", "cite", "code", "dd", "del", "details",
    "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "input", "kbd",
    "li", "main", "ol", "p", "pre", "q", "s", "section", "small", "span", "strong", "sub",
    "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
BAD = {
    "script", "iframe", "object", "embed", "form", "button", "textarea", "select", "meta", "link",
    "base", "style", "svg", "math", "frame", "frameset", "applet", "template", "noscript", "audio",
    "video", "source", "portal", "dialog", "marquee", "isindex", "title", "xmp", "plaintext",
}  # fmt: skip
FINE_WORDS = {"href", "src", "alt", "title", "class", "id", "name", "align", "type", "disabled"}
BAD_WORDS = {"style", "srcdoc", "action", "formaction", "xlink:href", "background", "ping"}
URLS = {"http", "https", "mailto"}
BAD_URLS = {"javascript", "vbscript", "data", "file", "blob", "filesystem", "ftp"}


def try_out(data: bytes) -> None:
    """Try one input; its first byte says how it is read."""
    warnings.simplefilter("ignore")
    how, rest = data[:1], data[1:]
    if how == b"w":
        with contextlib.suppress(wire.WireError):
            kept(wire.decode(rest))
    elif how == b"t":
        shown(rest.decode("utf-8", "replace"))
    else:
        read = atheris().FuzzedDataProvider(rest)
        count = read.ConsumeIntInRange(1, 24)
        shown("".join(piece(read) for _ in range(count)))


def piece(read: Any) -> str:
    """Choose a piece of text: one that is known, or any."""
    if read.ConsumeIntInRange(0, 7):
        return read.PickValueInList(PIECES)
    return read.ConsumeUnicodeNoSurrogates(3)


def shown(text: str) -> None:
    """Show a text in every way there is."""
    data = dict.fromkeys(MIMES, text)
    outputs = [{"output_type": "display_data", "data": {mime: text}, "metadata": {}}
               for mime in MIMES]  # fmt: skip
    outputs += [
        {"output_type": "display_data", "data": data, "metadata": {"image/png": {"alt": text}}},
        {"output_type": "display_data", "data": {"image/png": "aGk="},
         "metadata": {"image/png": {"alt": text}}},
        {"output_type": "stream", "name": "stdout", "text": text},
        {"output_type": "error", "ename": text, "evalue": text, "traceback": [text]},
    ]  # fmt: skip
    kept(outputs, text)


def kept(outputs: Any, text: str = "") -> None:
    """Clean outputs, and look at the page they are in."""
    with Memory(FEW_BYTES, pause=True):
        cleaned = clean_outputs(outputs)
        own_text = safe_markdown(text)
    json.dumps(cleaned)
    code = nbformat.v4.new_code_cell("1")
    code.outputs = [nbformat.from_dict(output) for output in cleaned]
    own = nbformat.v4.new_markdown_cell(own_text, id="own")
    reflection = nbformat.v4.new_markdown_cell(own_text, id="why")
    reflection.metadata["nbgrader"] = {"solution": True, "grade": True, "grade_id": "why",
                                       "score": 0, "points": 1}  # fmt: skip
    notebook = nbformat.v4.new_notebook(cells=[own, reflection, code])
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode()
    page, _ = exporter().from_notebook_node(
        notebook,
        resources={"nbgrader": {"notebook": "n", "score": 0, "max_score": 1, "late_penalty": 0},
                   "inlining": {"css": []}},
    )  # fmt: skip
    body = page[page.index("<body>") :]
    # PNG and JPEG are shown as what they are; everything else must not be data.
    demand_harmless(body.replace('src="data:image/png;base64,', 'src="'))


def demand_harmless(html: str) -> None:
    """Raise if a browser would find anything in it that can run.

    A parser that follows the standard reads it twice: what is harmful is what makes a difference.
    """
    options = {"clean_content_tags": set(), "link_rel": None, "strip_comments": False}
    words = FINE_WORDS | BAD_WORDS
    plain = nh3.clean(html, tags=FINE, attributes={"*": FINE_WORDS}, url_schemes=URLS, **options)
    all_of_it = nh3.clean(
        html,
        tags=FINE | BAD,
        attributes={"*": words},
        generic_attribute_prefixes={"on"},
        url_schemes=URLS | BAD_URLS,
        **options,
    )
    if plain != all_of_it:
        at = next((i for i, (a, b) in enumerate(zip(plain, all_of_it, strict=False)) if a != b), 0)
        raise AssertionError(f"harmful: …{all_of_it[max(0, at - 80) : at + 120]!r}")


@cache
def exporter() -> HTMLExporter:
    """Return the exporter that nbgrader writes feedback with."""
    folder = os.path.join(os.path.dirname(nbgrader.__file__), "server_extensions/formgrader")
    config = Config()
    config.HTMLExporter.template_name = "feedback"
    config.HTMLExporter.extra_template_basedirs = [f"{folder}/templates"]
    config.HTMLExporter.extra_template_paths = [f"{folder}/static/node_modules/bootstrap/dist/css"]
    return HTMLExporter(config=config)


def seeds() -> list[bytes]:
    """What the attacks of tests/attacks show, and what honest students do."""
    texts = [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
        "[x](javascript:alert(1))", "[x]( \n javascript:alert(1))", "[x]:\n javascript:a\n\n[x]",
        "[x](<https://a.b> 'title')", "[x][1] and [^1]\n\n[1]: part2.ipynb\n[^1]: a note",
        "![x](attachment:image.png)", "<b>bold</b> *and* `code`",
        "$a < b$ and $$x$$", "| a | b |\n|---|---|\n| 1 | 2 |", "# A title\n\n- one\n- two",
        '<table border="1" class="dataframe"><tr><th scope="col">a</th></tr></table>',
        "```python\nx < y\n```", "\x1b[31mred\x1b[0m", "<details><summary>s</summary>t</details>",
    ]  # fmt: skip
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "hi\n"},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["a"]},
        {"output_type": "execute_result", "data": {"text/plain": "1", "text/html": "<b>1</b>"},
         "metadata": {}, "execution_count": 3},
    ]  # fmt: skip
    return [
        *(b"t" + text.encode() for text in texts),
        *(b"w" + wire.encode([output]) for output in outputs),
        b"p" + bytes(range(64)),
    ]


if __name__ == "__main__":
    fuzz("outputs", try_out, seeds(), PIECES, longest=2048)
