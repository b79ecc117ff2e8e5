"""A cap on what may be spent, that holds also when several requests are under way at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from helpers.llm_prices import Model


class BudgetSpent(Exception):
    """One more request could pass the spending cap."""


@dataclass
class Usage:
    """What has been asked for and paid so far.

    Attributes
    ----------
    requests : int
        Requests sent, failed ones too.
    input_tokens, output_tokens : int
        As the service counted them.
    usd : float
        What these tokens cost.
    usd_unknown : float
        At most so much more: of requests that were sent, and whose bill never came.
    cached : int
        Reviews that an earlier request had answered already.
    failed : int
        Reviews without an answer.
    """

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    usd_unknown: float = 0.0
    cached: int = 0
    failed: int = 0


class Budget:
    """Counts money before it is spent.

    Every request first reserves the most it can cost. When its bill comes, the reservation becomes
    that bill; when no bill can come, it is given back; when nobody knows, it stays.

    Parameters
    ----------
    model : Model
        Whose prices count.
    max_usd : float
        The cap.
    """

    def __init__(self, model: Model, max_usd: float) -> None:
        if not max_usd > 0:
            raise ValueError(f"the spending cap must be above 0, not {max_usd}")
        self.model = model
        self.max_usd = max_usd
        self.usage = Usage()
        self._reserved = 0.0
        self._lock = threading.Lock()

    def reserve(self, input_tokens: int, output_tokens: int) -> float:
        """Set aside the most a request can cost; return it.

        Raises
        ------
        BudgetSpent
            If that much is not left.
        """
        most = self.model.cost(input_tokens, output_tokens)
        with self._lock:
            committed = self.usage.usd + self.usage.usd_unknown + self._reserved
            if committed + most > self.max_usd:
                raise BudgetSpent(
                    f"the spending cap of ${self.max_usd:g} is reached: ${self.usage.usd:.4f} spent"
                )
            self._reserved += most
            self.usage.requests += 1
        return most

    def settle(self, reserved: float, input_tokens: int, output_tokens: int) -> None:
        """Turn a reservation into the bill that came."""
        with self._lock:
            self._reserved -= reserved
            self.usage.input_tokens += input_tokens
            self.usage.output_tokens += output_tokens
            self.usage.usd += self.model.cost(input_tokens, output_tokens)

    def release(self, reserved: float, *, billed: bool) -> None:
        """Give a reservation back, or, if the request may be billed after all, keep it."""
        with self._lock:
            self._reserved -= reserved
            self.usage.usd_unknown += reserved if billed else 0.0

    def count(self, *, cached: int = 0, failed: int = 0) -> None:
        """Count reviews that cost nothing, and reviews without an answer."""
        with self._lock:
            self.usage.cached += cached
            self.usage.failed += failed
