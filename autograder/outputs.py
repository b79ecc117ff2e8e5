"""Make what student code showed safe to store and to show."""

from __future__ import annotations

import re
from typing import Any

import nh3

MAX_TEXT = 200_000
MAX_TOTAL = 3_000_000
MAX_MARKDOWN = 20_000
_RENDERED = frozenset({"text/markdown", "text/latex"})
_IMAGES = frozenset({"image/png", "image/jpeg"})
_ATTRIBUTES = nh3.ALLOWED_ATTRIBUTES | {
    "*": {"class", "title", "role", "aria-label", "aria-hidden", "scope"},
    "table": {"border", "class"},
}

# What keys of the services this lab and its like use look like.
_KEY = re.compile(r"AIza[\w-]{30,}|sk-[\w-]{20,}|gh[pousr]_\w{30,}|AKIA[A-Z0-9]{16}|hf_\w{30,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
# What HTML's parser opens again by itself: see `_clean_html`.
_MARK = re.compile(
    r"<(/?)(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", re.IGNORECASE
)
_LONG_HTML = 5_000
# A link in markdown goes to the web, or to a place in the same page or folder.
_LINK = re.compile(
    r"\](?=[(:])(?![(:]\s*+<?(?:https?://|mailto:|[\w./%~#-]*+(?:[\s)>?\"']|$)))", re.IGNORECASE
)
_TAG = re.compile(r"</?\w+ ?/?>|<(?=[A-Za-z/!?])")
_PLAIN_TAG = re.compile(
    r"</?(b|i|u|em|strong|sub|sup|br|code|pre|p|ul|ol|li|details|summary|kbd|s|blockquote) ?/?>",
    re.IGNORECASE,
)


def clean_outputs(outputs: Any, most: int | None = None) -> list[dict[str, Any]]:
    """Return the well-formed, harmless part of a cell's outputs.

    Parameters
    ----------
    outputs : object
        Untrusted; should be a list of nbformat output dictionaries.
    most : int, optional
        How many there may be, and one more that says that there were more.

    Returns
    -------
    list of dict
        nbformat 4 outputs: texts capped, HTML sanitized, images only as PNG or JPEG.
    """
    if not isinstance(outputs, list):
        return []
    kept: list[dict[str, Any]] = []
    room = MAX_TOTAL
    # The shell has limits too, but it is in the student's process.
    for output in outputs[: None if most is None else most + 1]:
        room -= size_of(output)
        if room < 0:
            return [*kept, notice("[the rest of this cell's output was dropped: it is too long]")]
        if (clean := _clean(output)) is not None:
            kept.append(clean)
    return kept


def size_of(value: Any) -> int:
    """Return how many characters outputs have, in all their texts."""
    if isinstance(value, (list, dict)):
        return sum(map(size_of, value.values() if isinstance(value, dict) else value))
    return len(value) if isinstance(value, str) else 0


def notice(text: str) -> dict[str, Any]:
    """Return an output that says something to the student."""
    return {"output_type": "stream", "name": "stderr", "text": text + "\n"}


def _clean(output: Any) -> dict[str, Any] | None:
    match output:
        # `str(...)` first: an array compared with a text is no truth.
        case {
            "output_type": str("stream"),
            "name": str("stdout" | "stderr") as name,
            "text": str(text),
        }:
            return {"output_type": "stream", "name": name, "text": _cap(text)}
        case {
            "output_type": str("error"),
            "ename": str(name),
            "evalue": str(value),
            "traceback": list(lines),
        }:
            kept = [_cap(line) for line in lines if isinstance(line, str)][-200:]
            return {
                "output_type": "error",
                "ename": _cap(name),
                "evalue": _cap(value),
                "traceback": kept,
            }
        case {
            "output_type": str("display_data" | "execute_result") as kind,
            "data": dict(data),
        }:
            metadata = _alt_text(output.get("metadata"))
            clean = {"output_type": kind, "data": _clean_data(data), "metadata": metadata}
            count = output.get("execution_count")
            if kind == "execute_result":
                well = type(count) is int and 0 <= count < 2**31
                clean["execution_count"] = count if well else None
            return clean
    return None


def _alt_text(metadata: Any) -> dict[str, Any]:
    """Keep what says in words what an image shows, and nothing else."""
    if not isinstance(metadata, dict):
        return {}
    notes = {mime: metadata[mime] for mime in _IMAGES if isinstance(metadata.get(mime), dict)}
    return {
        mime: {"alt": _cap(note["alt"])}
        for mime, note in notes.items()
        if isinstance(note.get("alt"), str)
    }


def _clean_data(data: dict) -> dict[str, str]:
    clean = {}
    for mime, value in data.items():
        if not isinstance(value, str):
            continue
        if mime in _IMAGES and _BASE64.fullmatch(value):
            clean[mime] = value
        elif mime == "text/html":
            clean[mime] = _clean_html(_cap(value))
        elif mime == "text/plain":
            clean[mime] = _cap(value)
        elif mime in _RENDERED:
            clean[mime] = safe_markdown(_cap(value))
    return clean or {"text/plain": "[output of a kind that is not shown here]"}


def _clean_html(html: str) -> str:
    """Return HTML that cannot run anything, and is not much longer than it was.

    A mark that is left open (``<b>``) is opened again in every paragraph after it, as browsers do:
    a thousand marks and a thousand paragraphs make a million elements. Long texts do without.
    """
    if len(html) > _LONG_HTML:
        html = _MARK.sub(r"<\1span", html)
    clean = nh3.clean(html, attributes=_ATTRIBUTES)
    return clean if len(clean) <= 2 * MAX_TEXT else "[too long to be shown]"


def _cap(text: str) -> str:
    text = _KEY.sub("[a key, masked]", text)
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "\n[shortened]"


def safe_markdown(text: str) -> str:
    """Return a student's markdown with HTML but plain marks, and odd links, shown as text.

    Feedback and formgrader render markdown, HTML in it included, in somebody's browser.
    """
    if len(text) > MAX_MARKDOWN:
        text = text[:MAX_MARKDOWN] + "\n\n[shortened]"
    text = _LINK.sub(r"]\\", text)
    return _TAG.sub(
        lambda tag: tag[0] if _PLAIN_TAG.fullmatch(tag[0]) else "&lt;" + tag[0][1:], text
    )
