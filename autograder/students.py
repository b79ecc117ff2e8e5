"""What became of one student's submission."""

from __future__ import annotations

from dataclasses import dataclass, field

from .tasks import Done


@dataclass
class StudentReport:
    """What became of one student's submission.

    Attributes
    ----------
    student : str
    done : dict
        Graded notebooks by part.
    recorded : bool
        Whether the gradebook was written, or held these marks already.
    error : str
        Why it could not be graded or recorded; if there is a reason, the gradebook is as it was.
    misplaced : str
        Which notebooks lie where they are not graded; what lies in its place is.
    passed_over : list of str
        Which notebooks are not graded because another one stands for their part.
    """

    student: str
    done: dict[str, Done] = field(default_factory=dict)
    recorded: bool = False
    error: str = ""
    misplaced: str = ""
    passed_over: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """Why not everything was graded and recorded, and what to do, a line each."""
        # The student reads a notebook's problem too: what to do is said to those who grade.
        again = "ask for the right file, then run this again"
        return [line for line in (self.error, self.misplaced) if line] + [
            f"{part}: {done.result.problem}: {again}"
            for part, done in sorted(self.done.items())
            if done.result.problem
        ]

    @property
    def remarks(self) -> list[str]:
        """Limits, repairs, and what else is to be known of what was graded, a line each."""
        lines = [*self.passed_over]
        for part, done in sorted(self.done.items()):
            found = [*done.result.limits, *(f"repaired: {r}" for r in done.result.repairs)]
            lines += [f"{part}: {text}" for text in found]
        return lines

    @property
    def notes(self) -> list[str]:
        """All of this."""
        return self.problems + self.remarks

    def points(self, part: str) -> float | None:
        """Return the points of a part's items; None if there is nothing that could be graded."""
        done = self.done.get(part)
        return None if done is None or done.result.problem else done.result.points

    @property
    def gradable(self) -> bool:
        """Whether every submitted notebook could be read and was recorded."""
        problems = [done.result.problem for done in self.done.values()]
        return self.recorded and not self.misplaced and not any(problems)

    @property
    def stumbled(self) -> dict[tuple[str, str], str]:
        """What items stumbled over, by question and item: no fault of the student's."""
        verdicts = [verdict for done in self.done.values() for verdict in done.result.verdicts]
        return {
            (verdict.question, item.name): item.fault
            for verdict in verdicts
            for item in verdict.items
            if item.fault
        }

    @property
    def settled(self) -> bool:
        """Whether these marks can stand: everything was graded, and no item stumbled."""
        return self.gradable and not self.stumbled
