"""Make what student code showed safe to store and to show."""

from __future__ import annotations

import re
from typing import Any

import nh3

MAX_TEXT = 200_000
MAX_IMAGE = 4 * 2**20
_RENDERED = frozenset({"text/markdown", "text/latex"})
_IMAGES = frozenset({"image/png", "image/jpeg"})
_ATTRIBUTES = nh3.ALLOWED_ATTRIBUTES | {
    "*": {"class", "title", "role", "aria-label", "aria-hidden", "scope"},
    "table": {"border", "class"},
}

# What keys of the services this lab and its like use look like.
_KEY = re.compile(r"AIza[\w-]{30,}|sk-[\w-]{20,}|gh[pousr]_\w{30,}|AKIA[A-Z0-9]{16}|hf_\w{30,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
_TAG = re.compile(r"</?\w+ ?/?>|<(?=[A-Za-z/!?])")
_PLAIN_TAG = re.compile(
    r"</?(b|i|u|em|strong|sub|sup|br|code|pre|p|ul|ol|li|details|summary|kbd|s|blockquote) ?/?>",
    re.IGNORECASE,
)


def clean_outputs(outputs: Any) -> list[dict[str, Any]]:
    """Return the well-formed, harmless part of a cell's outputs.

    Parameters
    ----------
    outputs : object
        Untrusted; should be a list of nbformat output dictionaries.

    Returns
    -------
    list of dict
        nbformat 4 outputs: texts capped, HTML sanitized, images only as PNG or JPEG.
    """
    if not isinstance(outputs, list):
        return []
    return [clean for output in outputs if (clean := _clean(output)) is not None]


def notice(text: str) -> dict[str, Any]:
    """Return an output that says something to the student."""
    return {"output_type": "stream", "name": "stderr", "text": text + "\n"}


def _clean(output: Any) -> dict[str, Any] | None:
    match output:
        case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
            return {"output_type": "stream", "name": name, "text": _cap(text)}
        case {
            "output_type": "error",
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
        case {"output_type": "display_data" | "execute_result" as kind, "data": dict(data)}:
            metadata = _alt_text(output.get("metadata"))
            clean = {"output_type": kind, "data": _clean_data(data), "metadata": metadata}
            count = output.get("execution_count")
            if kind == "execute_result":
                clean["execution_count"] = count if type(count) is int else None
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
        if mime in _IMAGES and len(value) <= MAX_IMAGE and _BASE64.fullmatch(value):
            clean[mime] = value
        elif mime == "text/html":
            clean[mime] = nh3.clean(_cap(value), attributes=_ATTRIBUTES)
        elif mime == "text/plain":
            clean[mime] = _cap(value)
        elif mime in _RENDERED:
            clean[mime] = safe_markdown(_cap(value))
    return clean or {"text/plain": "[output of a kind that is not shown here]"}


def _cap(text: str) -> str:
    text = _KEY.sub("[a key, masked]", text)
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "\n[shortened]"


def safe_markdown(text: str) -> str:
    """Return a student's markdown with all HTML but plain marks shown as text.

    Feedback and formgrader render markdown, HTML in it included, in somebody's browser.
    """
    return _TAG.sub(
        lambda tag: tag[0] if _PLAIN_TAG.fullmatch(tag[0]) else "&lt;" + tag[0][1:], text
    )
