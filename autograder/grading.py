"""Grade one notebook: run its cells in the sandbox, judge its answers from outside.

A function of its inputs. It knows no database and no other submission.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

from helpers.checks.question import Question
from helpers.checks.student import StudentGone
from helpers.checks.verdict import MET, UNMET, ItemVerdict, Verdict, failed

from .items import load_items
from .limits import Limits
from .outputs import clean_outputs, notice, size_of
from .preloading import GradingError, Preloaded, Sandboxes, SandboxGone
from .rebuilding import Rebuilt
from .release import CHECK, Release
from .results import Result, Results, key_of
from .sandbox.client import CellTimeout, KernelHandle, Stuck
from .snapshot import Process, Snapshot, WarySnapshot, stumbled

_SANDBOXES = 3


class NotebookError(Exception):
    """A notebook cannot be graded, through no fault of its student's that is known."""


def graded(
    release: Release, rebuilt: Rebuilt, limits: Limits, results: Results, sandboxes: Sandboxes
) -> tuple[str, Result]:
    """Return a notebook's result and its key; grade it only if there is no result yet."""
    key = key_of(release, rebuilt, limits)
    result = results.load(key)
    if result is None:
        result = _graded_anew(release, rebuilt, limits, sandboxes)
        results.save(key, result)
    return key, result


def _graded_anew(
    release: Release,
    rebuilt: Rebuilt,
    limits: Limits,
    sandboxes: Sandboxes,
    tries: int = _SANDBOXES,
) -> Result:
    if rebuilt.problem:
        return grade(release, rebuilt, None, limits)
    sandbox = None
    try:
        sandbox = sandboxes.get(release, limits)
        return grade(release, rebuilt, sandbox, limits)
    except SandboxGone as gone:
        sandboxes.close()
        if tries == 1 and sandbox is None:  # one that does not even start is no notebook's fault
            raise
        if tries == 1:
            raise NotebookError(f"{gone}, {_SANDBOXES} times") from None
    return _graded_anew(release, rebuilt, limits, sandboxes, tries - 1)


def grade(release: Release, rebuilt: Rebuilt, sandbox: Preloaded | None, limits: Limits) -> Result:
    """Grade one rebuilt notebook.

    Parameters
    ----------
    release : Release
    rebuilt : Rebuilt
        From `autograder.rebuilding`.
    sandbox : Preloaded or None
        None will do for a notebook that could not be read: nothing of it is run.
    limits : Limits

    Returns
    -------
    Result
        With a verdict for every question, whatever the student's code does.
    """
    questions = questions_of(release)
    if rebuilt.problem or sandbox is None:
        verdicts = [failed(question, rebuilt.problem) for question in questions.values()]
        return Result(release.name, verdicts, problem=rebuilt.problem)
    run = _Run(rebuilt, questions, sandbox, limits)
    verdicts = run.until_done()
    if run.lost:
        # Did the student's code end its process, or did somebody kill it (short of memory, say)?
        # What happens a second time is believed.
        sandbox.demand_alive()
        run = _Run(rebuilt, questions, sandbox, limits)
        verdicts = run.until_done()
        sandbox.demand_alive()
    return Result(
        release.name,
        [verdicts[id] for id in questions],
        run.outputs,
        rebuilt.repairs,
        run.limited,
    )


def questions_of(release: Release) -> dict[str, Question]:
    """Return a part's questions with all their items, in the notebook's order.

    Raises
    ------
    GradingError
        If a released question has no items, or its points are not theirs.
    """
    known = load_items(release.short_name)
    for cell in release.cells:
        if cell.role != CHECK:
            continue
        if cell.question not in known or not known[cell.question].items:
            raise GradingError(f"{release.name}: question {cell.question!r} has no items")
        if abs(known[cell.question].points - cell.points) > 1e-9:
            raise GradingError(
                f"{release.name}: {cell.question!r} is released with {cell.points:g} points, but "
                f"its items are worth {known[cell.question].points:g}: run `autograder build`"
            )
    return {id: known[id] for id in release.questions}


def untold(verdict: ItemVerdict) -> ItemVerdict:
    """Return a verdict without what the student's code may have put into it."""
    if verdict.status == MET:
        return verdict
    why = "not shown: an earlier cell had ended the notebook's process"
    words = verdict.next_step if verdict.status == UNMET else ""
    return replace(verdict, expected="", got=why, next_step=words)


@dataclass
class _Run:
    """One submission on its way through the sandbox, with what is known so far.

    At a check cell the student's process is forked and the fork put aside. Only when the last
    cell has run are the items judged, by those forks (and, in doubt, by forks of the process as the
    last cell left it): public items first. So nothing that an item calls the student's code with
    can find its way into an output, nor a hidden item's inputs into what a public one got.

    If a cell takes its process (and the forks in it) down, the notebook is run again without that
    cell; if items are left without a verdict, it is run again as it is. Then items are judged
    where they stand, and what comes after a hidden one is not told: neither outputs that are not
    known yet, nor what a public item got.
    """

    rebuilt: Rebuilt
    questions: dict[str, Question]
    sandbox: Preloaded
    limits: Limits
    judged: dict[str, dict[str, ItemVerdict]] = field(default_factory=dict)
    outputs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    limited: list[str] = field(default_factory=list)
    fatal: set[str] = field(default_factory=set)
    lost: bool = False
    seconds_left: float = 0.0
    room: int = 0

    def __post_init__(self) -> None:
        self.room = self.limits.notebook_output_chars
        self.outputs |= self.sandbox.outputs
        self.judged |= {id: {} for id in self.questions}

    def until_done(self) -> dict[str, Verdict]:
        """Run the notebook, again if need be, until all questions are judged."""
        for attempt in range(1 + self.limits.replays):
            self.seconds_left = self.limits.notebook_seconds
            with self.sandbox.submission(self.limits) as kernel:
                if self._through(kernel, replayed=attempt > 0):
                    break
        return {id: self._verdict(question) for id, question in self.questions.items()}

    def _verdict(self, question: Question) -> Verdict:
        why = "this was not reached: see the limits that were met above"
        judged = self.judged[question.id]
        return Verdict(
            question.id, tuple(judged.get(i.name) or stumbled(i, why) for i in question.items)
        )

    def _through(self, kernel: KernelHandle, *, replayed: bool) -> bool:
        """Run all cells in one process; False if not everything could be judged."""
        aside: list[tuple[Question, Snapshot]] = []
        told = True
        for node in self.rebuilt.notebook.cells:
            if node.cell_type != "code" or node.id in self.sandbox.done | self.fatal:
                continue
            question = self._question_checked_by(node)
            if question is None:
                if not self._run_cell(kernel, node, replayed):
                    return False
                continue
            if self._all_judged(question):
                continue
            try:
                fork = kernel.fork()
            except StudentGone as gone:
                # The answer just run has left a process that cannot even be looked at.
                self.lost = True
                self._limit(question.id, f"left a process that cannot be graded: {gone}")
                self.judged[question.id] = {i.name: stumbled(i, str(gone)) for i in question.items}
                self.fatal.add(question.id)
                return False
            kind = WarySnapshot if replayed else Snapshot
            aside.append((question, kind(Process(fork), self.limits.item_seconds)))
            if replayed:
                judged = self.judged[question.id]
                told_now, told = (
                    told,
                    told and all(item.name in judged for item in question.items if item.hidden),
                )
                self._judge(aside, told=told_now)
                fork.end()
                aside.clear()
        self._judge(aside)
        last = Process(kernel)
        for question, snapshot in aside:
            self.judged[question.id] |= snapshot.judge_doubtful(last)
            self.lost |= snapshot.lost
        return all(map(self._all_judged, self.questions.values()))

    def _all_judged(self, question: Question) -> bool:
        return len(self.judged[question.id]) == len(question.items)

    def _question_checked_by(self, node: Any) -> Question | None:
        id = node.id.removesuffix("_check")
        return None if id == node.id else self.questions.get(id)

    def _judge(self, aside: list[tuple[Question, Snapshot]], *, told: bool = True) -> None:
        """Judge what is not judged yet, public items first."""
        for hidden in (False, True):
            for question, snapshot in aside:
                judged = self.judged[question.id]
                items = [i for i in question.items if i.hidden == hidden and i.name not in judged]
                verdicts = snapshot.judge(items)
                self.lost |= snapshot.lost
                judged |= {n: v if told else untold(v) for n, v in verdicts.items()}

    def _run_cell(self, kernel: KernelHandle, node: Any, replayed: bool) -> bool:
        seconds, began = min(self.limits.cell_seconds, self.seconds_left), time.monotonic()
        if seconds <= 0:
            self._limit(node.id, "was not run: the notebook's time was used up")
            return True
        try:
            _, outputs = kernel.run(node.source, seconds)
        except CellTimeout:
            whole = f": the notebook's {self.limits.notebook_seconds:g} s were used up"
            last = seconds < self.limits.cell_seconds
            self._limit(node.id, "was stopped" + (whole if last else f" after {seconds:g} s"))
        except StudentGone as gone:
            self._limit(node.id, f"ended the notebook's process: {gone}")
            self.lost |= not isinstance(gone, Stuck)
            self.fatal.add(node.id)
            return False
        else:
            if node.id not in self.outputs:
                hide = [notice("[not shown: an earlier cell had ended the notebook's process]")]
                self.outputs[node.id] = hide if replayed else self._kept(outputs)
        finally:
            self.seconds_left -= time.monotonic() - began
        return True

    def _kept(self, outputs: list[Any]) -> list[dict[str, Any]]:
        shown = clean_outputs(outputs, self.limits.outputs)
        size = size_of(shown)
        if size > self.room:
            return [notice("[not kept: the cells of this notebook have shown too much by now]")]
        self.room -= size
        return shown

    def _limit(self, cell_id: str, what: str) -> None:
        line = f"{cell_id} {what}"
        if line not in self.limited:
            self.limited.append(line)
        # What it has shown once it has shown, however a replay went.
        self.outputs.setdefault(cell_id, [notice(f"This cell {what}.")])
