"""Show a verdict: a small table in HTML and in plain text.

Four statuses, told apart by a word and a shape; colour only repeats them.
"""

from __future__ import annotations

from html import escape

from .verdict import ERROR, MET, NOT_ATTEMPTED, UNMET, ItemVerdict, Verdict

SHAPES = {MET: "✔", UNMET: "✘", ERROR: "⚠", NOT_ATTEMPTED: "○"}
# Text colours with a contrast of at least 4.5 : 1 on white.
_COLOURS = {MET: "#00664f", UNMET: "#8f3b00", ERROR: "#5b2a86", NOT_ATTEMPTED: "#4a4a4a"}


class Table:
    """A verdict that Jupyter shows as HTML, and everything else as text.

    Parameters
    ----------
    verdict : Verdict
    waiting : int
        Number of hidden items that will run only when the submission is graded.
    waiting_points : float
        What those are worth.
    """

    def __init__(self, verdict: Verdict, waiting: int = 0, waiting_points: float = 0.0) -> None:
        self.verdict = verdict
        self.waiting = waiting
        self.waiting_points = waiting_points

    def __repr__(self) -> str:
        lines = [self._title()]
        for item in self.verdict.items:
            shape = SHAPES[item.status]
            lines.append(f"  {shape} {item.status}: {item.statement} [{_points(item)}]")
            lines.extend(f"      {name}: {text}" for name, text in _details(item))
        lines.extend(f"  {line}" for line in self._footer())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(_row(item) for item in self.verdict.items)
        footer = "".join(f"<p style='margin:4px 0'>{escape(line)}</p>" for line in self._footer())
        head = "".join(
            f"<th scope='col' style='text-align:left'>{name}</th>"
            for name in ("Result", "Statement", "Points")
        )
        return (
            "<div class='lab-check' role='region' aria-label='Check result'>"
            "<table style='border-collapse:collapse'>"
            f"<caption style='text-align:left;font-weight:bold'>{escape(self._title())}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{footer}</div>"
        )

    def _title(self) -> str:
        verdict = self.verdict
        return f"{verdict.question}: {verdict.points:g} of {verdict.max_points:g} points"

    def _footer(self) -> list[str]:
        lines = [self.verdict.note] if self.verdict.note else []
        if self.waiting:
            lines.append(
                f"{self.waiting} more hidden statement{'s' * (self.waiting > 1)} "
                f"({self.waiting_points:g} points) will be checked when your work is graded."
            )
        return lines


def _points(item: ItemVerdict) -> str:
    return f"{item.earned:g} of {item.points:g}"


def _details(item: ItemVerdict) -> list[tuple[str, str]]:
    details = [("expected", item.expected), ("got", item.got), ("next step", item.next_step)]
    return [(name, text) for name, text in details if text]


def _row(item: ItemVerdict) -> str:
    details = "".join(
        f"<br><small><b>{name}:</b> {_code(text)}</small>" for name, text in _details(item)
    )
    status = (
        f"<td style='color:{_COLOURS[item.status]};white-space:nowrap;vertical-align:top'>"
        f"<span aria-hidden='true'>{SHAPES[item.status]}</span> <b>{item.status}</b></td>"
    )
    return (
        f"<tr>{status}<td style='text-align:left'>{_code(item.statement)}{details}</td>"
        f"<td style='white-space:nowrap;vertical-align:top'>{_points(item)}</td></tr>"
    )


def _code(text: str) -> str:
    """Escape text, and set what stands between backticks as code."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:
        return "`".join(parts)
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))
