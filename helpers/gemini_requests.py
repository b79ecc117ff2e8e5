"""Send requests to Gemini until a reply comes or there is a reason to stop."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from helpers.gemini_errors import Trouble, trouble_of
from helpers.gemini_protocol import INSTRUCTIONS, SCHEMA, Batch, tokens_of
from helpers.llm_budget import Budget, BudgetSpent


class Stopped(Exception):
    """No further request is to be sent; the message says why."""


@dataclass(frozen=True)
class Patience:
    """How long, and how often, to try.

    Attributes
    ----------
    tries : int
        Requests for the same reviews, as long as none brings a reply.
    asks : int
        Requests for a single review whose reply cannot be used.
    first_wait, longest_wait : float
        Seconds between tries: doubled each time, up to the longest. If the service asks for more,
        it gets it.
    silence : float
        Seconds without a byte after which a connection is given up. Gemini refuses less than 10.
    request_seconds : float
        Seconds a reply may take to arrive in full.
    deadline : float
        Seconds one call of `GeminiLabeler.label` may take.
    """

    tries: int = 5
    asks: int = 2
    first_wait: float = 1.0
    longest_wait: float = 60.0
    silence: float = 30.0
    request_seconds: float = 60.0
    deadline: float = 1800.0


@dataclass(frozen=True)
class Call:
    """One call of `GeminiLabeler.label`: its threads may outlive it, but send nothing more.

    Attributes
    ----------
    deadline : float
        By the clock of `Requests`.
    over : threading.Event
        Set when there is nothing to wait for any more.
    """

    deadline: float
    over: threading.Event = field(default_factory=threading.Event)

    def end(self) -> None:
        """Send nothing more for this call."""
        self.over.set()


class Requests:
    """Sends requests, from any number of threads, and decides when to try again.

    Parameters
    ----------
    client : google.genai.Client
    model : str
    budget : Budget
    patience : Patience
    hide : callable
        Takes the key out of a text.
    clock, sleep : callable
        As in `time`; `sleep` may be None.

    Attributes
    ----------
    stopped : str
        Why no further request will be sent, ever; empty while there is no such reason.
    """

    def __init__(
        self,
        client: Any,
        model: str,
        budget: Budget,
        patience: Patience,
        hide: Callable[[str], str],
        clock: Callable[[], float],
        sleep: Callable[[float], Any] | None,
    ) -> None:
        self._client, self._model, self._budget = client, model, budget
        self._patience, self._hide, self._clock = patience, hide, clock
        self._sleep = sleep
        self._call = Call(0.0)
        self._random = random.Random()
        self.stopped = ""

    def begin(self) -> Call:
        """Start the time that one call of `label` has; calls follow one another."""
        self._call = Call(self._clock() + self._patience.deadline)
        return self._call

    def stop(self, why: str) -> None:
        """Send nothing more, ever."""
        self.stopped = self.stopped or why
        self._call.end()

    def seconds_left(self, call: Call) -> float:
        return max(0.0, call.deadline - self._clock())

    def send(self, call: Call, batch: Batch) -> tuple[Any, str]:
        """Send a request until a reply comes.

        Parameters
        ----------
        call : Call
            For which it is sent.
        batch : Batch

        Returns
        -------
        response : google.genai.types.GenerateContentResponse or None
        why : str
            Why there is none.

        Raises
        ------
        Stopped
            If there is no money, time or use in asking.
        """
        trouble = Trouble("not asked")
        for attempt in range(self._patience.tries):
            if attempt:
                self._pause(call, trouble, attempt - 1)
            response, trouble = self._try(call, batch)
            if trouble is None:
                return response, ""
            if trouble.stop:
                self.stop(trouble.text)
            if not trouble.retry:
                break
        return None, trouble.text

    def _try(self, call: Call, batch: Batch) -> tuple[Any, Trouble | None]:
        """Send one request; what it costs is counted whatever comes of it."""
        self._check(call)
        # Before money is set aside: what fails in here is our fault, and was not sent.
        contents, config = batch.contents, _config(batch)
        try:
            reserved = self._budget.reserve(batch.most_input_tokens, batch.most_output_tokens)
        except BudgetSpent as spent:
            self.stop(str(spent))
            raise Stopped(self.stopped) from None
        tokens, billed = None, True  # as long as nobody says better
        try:
            response = self._client.models.generate_content(
                model=self._model, contents=contents, config=config
            )
        except Exception as error:  # noqa: BLE001 - trouble_of raises what is not theirs
            trouble = trouble_of(error, self._hide)
            billed = trouble.billed
            return None, trouble
        else:
            tokens = tokens_of(response)
            return response, None
        finally:
            if tokens is None:
                self._budget.release(reserved, billed=billed)
            else:
                self._budget.settle(reserved, *tokens)

    def _pause(self, call: Call, trouble: Trouble, attempt: int) -> None:
        """Wait before the next try: at least as long as the service asks."""
        backoff = min(self._patience.longest_wait, self._patience.first_wait * 2**attempt)
        # A little more or less, so that not all threads come back at the same moment.
        seconds = max(trouble.wait, backoff) * (1 + 0.1 * self._random.random())
        if seconds > self.seconds_left(call):
            raise Stopped(f"{trouble.text}; there is no time left to wait {seconds:.0f} s")
        (self._sleep or call.over.wait)(seconds)

    def _check(self, call: Call) -> None:
        if self.stopped:
            raise Stopped(self.stopped)
        if call.over.is_set():
            raise Stopped("interrupted")
        if self.seconds_left(call) <= 0:
            raise Stopped(f"not done within {self._patience.deadline:g} s")


def _config(batch: Batch) -> Any:
    from google.genai import types

    # No temperature, top_p or top_k: new models ignore them, or refuse the request.
    return types.GenerateContentConfig(
        system_instruction=INSTRUCTIONS,
        response_mime_type="application/json",
        response_schema=SCHEMA,
        max_output_tokens=batch.most_output_tokens,
        thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel.MINIMAL),
    )
