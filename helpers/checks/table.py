"""Show a verdict: a small table in HTML and in plain text.

Four statuses, told apart by a word and a shape; colour only repeats them.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from .question import counted
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
    mark_hidden : bool
        Say of a hidden item that it is one: staff would take it for what students see.
    so_far : str
        How the notebook's other questions stand.
    """

    def __init__(
        self,
        verdict: Verdict,
        waiting: int = 0,
        waiting_points: float = 0.0,
        *,
        mark_hidden: bool = False,
        so_far: str = "",
    ) -> None:
        self.verdict = verdict
        self.waiting = waiting
        self.waiting_points = waiting_points
        self.mark_hidden = mark_hidden
        self.so_far = so_far

    def __repr__(self) -> str:
        lines = [self._title()]
        for item, details in self._entries():
            shape = SHAPES[item.status]
            lines.append(f"  {shape} {item.status}: {self._statement(item)} [{_points(item)}]")
            lines.extend(f"      {': '.join(filter(None, detail))}" for detail in details)
        lines.extend(f"  {line}" for line in self._footer())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            _row(item, self._statement(item), details) for item, details in self._entries()
        )
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

    def _statement(self, item: ItemVerdict) -> str:
        return f"{item.statement} (hidden)" if self.mark_hidden and item.hidden else item.statement

    def _entries(self) -> Iterator[tuple[ItemVerdict, list[tuple[str, str]]]]:
        """Yield each item with its details; what one has in common with the last is said once."""
        last: list[tuple[str, str]] = []
        for item in self.verdict.items:
            details = _details(item)
            if details and details == last:
                yield item, [("", "the same as above")]
            else:
                yield item, details
                # An item with nothing to say leaves no doubt which one is "above".
                last = details or last

    def _footer(self) -> list[str]:
        lines = []
        if self.waiting:
            lines.append(
                f"{counted(self.waiting, 'more hidden statement')} "
                f"({counted(self.waiting_points, 'point')}) will be checked when your work is "
                "graded."
            )
        return [*lines, self.so_far] if self.so_far else lines


def _points(item: ItemVerdict) -> str:
    return f"{item.earned:g} of {item.points:g}"


def _details(item: ItemVerdict) -> list[tuple[str, str]]:
    details = [("expected", item.expected), ("got", item.got), ("next step", item.next_step)]
    return [(name, text) for name, text in details if text]


def _row(item: ItemVerdict, statement: str, details: list[tuple[str, str]]) -> str:
    shown = "".join(
        f"<br><small>{f'<b>{name}:</b> ' if name else ''}{_code(text)}</small>"
        for name, text in details
    )
    status = (
        f"<td style='color:{_COLOURS[item.status]};white-space:nowrap;vertical-align:top'>"
        f"<span aria-hidden='true'>{SHAPES[item.status]}</span> <b>{item.status}</b></td>"
    )
    return (
        f"<tr>{status}<td style='text-align:left'>{_code(statement)}{shown}</td>"
        f"<td style='white-space:nowrap;vertical-align:top'>{_points(item)}</td></tr>"
    )


def _code(text: str) -> str:
    """Escape text, and set what stands between backticks as code."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:
        return "`".join(parts)
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))
