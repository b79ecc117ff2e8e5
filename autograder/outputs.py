"""Make what student code showed safe to store and to show."""

from __future__ import annotations

from typing import Any

import nh3

MAX_TEXT = 200_000
MAX_IMAGE = 4 * 2**20
_TEXTS = frozenset({"text/plain", "text/html", "text/markdown", "text/latex"})
_IMAGES = frozenset({"image/png", "image/jpeg"})
_ATTRIBUTES = nh3.ALLOWED_ATTRIBUTES | {
    "*": {"class", "style", "title", "role", "aria-label", "aria-hidden", "scope"},
    "table": {"border", "class"},
}


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
        if mime in _IMAGES and len(value) <= MAX_IMAGE:
            clean[mime] = value
        elif mime == "text/html":
            clean[mime] = nh3.clean(_cap(value), attributes=_ATTRIBUTES)
        elif mime in _TEXTS:
            clean[mime] = _cap(value)
    return clean or {"text/plain": "[output of a kind that is not shown here]"}


def _cap(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "\n[shortened]"
